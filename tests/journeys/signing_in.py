#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs in by each way through the real window, on the simulated tenant over TLS: first run, browser,
device code, secret, certificate, given token, and what goes wrong with each of them. Saves a picture of
every screen in --out and prints TAP."""

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "real-clients"))

from desk import BareBus, Desk, answer_device_code, dismiss_prompt, lock_keyring, tab_to  # noqa: E402
from driver import Broken, wait_for  # noqa: E402
from stand import Stand  # noqa: E402

PERSON = "priya@contoso.example"
OTHER = "tomas@contoso.example"
THIRD = "ingrid@contoso.example"
PASSPHRASE = "correct horse"
FIELDS = ("text", "entry", "password text")


def field(window, name):
    return window.expect(FIELDS, name)


def enter(window, name, text):
    """Types into a field that has that name, whatever it held."""
    window.click(field(window, name))
    window.key("ctrl+a", "Delete")
    window.type(text)


def account(window, pattern):
    window.expect(("button", "toggle button"), re.compile("^Account: " + pattern), deadline=30)


def pages(window):
    window.expect("list item", re.compile("^My Requests"), deadline=30)


class Journey:
    def __init__(self, desk, stand, short, key):
        self.desk = desk
        self.stand = stand
        self.short = short  # a tenant whose device codes are good for seconds
        self.key = key      # of the application: the certificate that is registered, and one that is not
        self.app = next(p for p in json.load(open(os.environ["LEEWAY_DEMO_DATA"].replace(
            "tenant.json", "people.json"), encoding="utf-8"))["people"] if p.get("appId"))

    def account_of(self, upn):
        persona = next(p for p in self.stand.line["personas"] if p["upn"] == upn)
        return {"id": persona["oid"], "upn": upn}

    def token(self, upn):
        return next(p["token"] for p in self.stand.line["personas"] if p["upn"] == upn)

    # First run

    def welcome(self):
        self.desk.administrator(
            '# the organisation\n[Connection "Contoso"]\nTenant=contoso.example\nLocked=true\n\nTennant=typo\n')
        w = self.desk.start()
        w.expect(None, "Connect to Your Organisation")
        w.expect(None, re.compile(r"leeway\.conf, line 6: .*Tennant"))
        self.desk.picture("01-first-run")

    def preset(self):
        w = self.desk.window
        w.press("list item", re.compile("^Connect to Contoso"))
        w.expect(FIELDS, "Tenant, its id or domain")
        self.desk.picture("02-preset-form")
        w.press("button", "Back")

    def wrong_answers(self):
        w = self.desk.window
        w.press("button", "Set Up a Connection")
        wait_for("the focus in the first field", lambda: tab_to(w, FIELDS, "Tenant, its id or domain", 3))
        w.type("nowhere.invalid")
        w.key("Tab")
        w.type("not-an-id")
        w.key("Tab", "Tab")
        w.expect(None, re.compile("^Enter the application"))
        self.desk.picture("03-setup-wrong")

    def cloud(self):
        """Another cloud by one address; the tenant tells where the rest is."""
        w = self.desk.window
        w.press("combo box", re.compile("^(Cloud|Azure)"))
        w.key("End", "Return")
        enter(w, "Resource Manager address", self.stand.line["arm"])
        enter(w, "Certificates to trust (file)", self.desk.certificates)
        enter(w, "Tenant, its id or domain", "nowhere.invalid")
        enter(w, "Application (client) id", self.stand.line["clientId"])
        enter(w, "Folder or Blob address", self.stand.line["blob"] + "/leeway")
        w.press("button", "Connect")
        w.expect(None, re.compile("no such tenant"), deadline=20)
        self.desk.picture("04-setup-no-such-tenant")

    def first_connection(self):
        w = self.desk.window
        enter(w, "Tenant, its id or domain", self.stand.line["tenant"])
        self.desk.browser("nothing")
        w.key("Return")
        w.expect(None, "Go On in Your Browser", deadline=20)
        w.expect("button", "Copy Address")
        self.desk.picture("05-browser-waiting")
        w.press("button", "Cancel")
        w.expect("button", "Sign In in the Browser")

    # Browser

    def declined(self):
        w = self.desk.window
        self.desk.browser("refuse", error="access_denied",
                          description="AADSTS65004: User declined to consent to access the app. "
                          "Trace ID: 3b1f Correlation ID: 6f0a7d3e-0000-4000-8000-000000000001 "
                          "Timestamp: 2026-11-22 12:00:00Z")
        w.press("button", "Sign In in the Browser")
        w.expect(None, "Signing In Did Not Work")
        self.desk.picture("06-browser-declined")
        w.press(("button", "toggle button", "list item"), "Details")
        w.expect(None, "Code")
        self.desk.picture("07-browser-declined-details")

    def no_consent(self):
        w = self.desk.window
        self.desk.browser("refuse", error="consent_required",
                          description="AADSTS90094: The grant requires admin permission. Trace ID: 3b1f")
        w.press("button", "Sign In Again")
        w.expect(None, re.compile("consent"))
        self.desk.picture("08-browser-no-consent")

    def browser(self):
        w = self.desk.window
        self.desk.browser("sign-in", persona=PERSON)
        w.press("button", "Sign In Again")
        account(w, "Priya Raman")
        pages(w)
        self.desk.picture("09-browser-signed-in")
        folder = os.path.join(self.desk.config, "leeway", "profiles")
        with open(os.path.join(folder, os.listdir(folder)[0]), encoding="utf-8") as file:
            kept = json.load(file)
        if kept["account"]["upn"] != PERSON or "login" not in kept["endpoints"]:
            raise Broken(f"the connection was not kept as it is: {kept}")

    def challenged(self):
        """In the middle of work the tenant asks for more than the sign-in had: the person signs in once
        more, with what was asked for, and goes on where they were."""
        w = self.desk.window
        wanted = {"access_token": {"acrs": {"essential": True, "value": "c1"}}}
        self.stand.faults(*({"do": "claims", "path": path, "times": 0, "claims": json.dumps(wanted)}
                            for path in ("*/Microsoft.*", "*leeway-*")))
        w.key("F5")
        w.expect("button", "Sign In…", deadline=30)
        self.stand.faults()
        self.desk.picture("09a-challenged")
        w.press("button", "Sign In…")
        w.expect(None, "Sign In Again")
        self.desk.picture("09b-challenged-sign-in")
        self.desk.browser("sign-in", persona=PERSON)
        w.press("button", "Sign In Again")
        wait_for("the dialog to close", lambda: w.find(None, "Sign In Again") is None, 20)
        wait_for("the banner to go", lambda: w.find("button", "Sign In…") is None, 20)
        asked = self.desk.claims().get("access_token", {})
        if asked.get("acrs") != wanted["access_token"]["acrs"]:
            raise Broken(f"the browser was not asked for what the tenant wanted, but for {asked}")

    def somebody_else(self):
        """A second account of the tenant: asked for, given up, and then there beside the first."""
        w = self.desk.window
        self.desk.browser("nothing")
        w.press("toggle button", re.compile("^Account: "))
        w.press("button", "Sign In as Somebody Else…")
        w.expect(None, "Go On in Your Browser")
        w.press("button", "Cancel")
        w.press("button", "Not Now")
        account(w, "Priya Raman")
        self.desk.browser("sign-in", persona=THIRD)
        w.press("toggle button", re.compile("^Account: "))
        w.press("button", "Sign In as Somebody Else…")
        account(w, "Ingrid Solberg")
        pages(w)
        if len(os.listdir(os.path.join(self.desk.config, "leeway", "profiles"))) != 2:
            raise Broken("two accounts of one tenant are not two connections")

    # The other ways, each a connection of its own beside the first

    def device_code(self):
        w = self.desk.window
        self.desk.open(self.desk.profile("device", self.stand.line, signIn="device-code",
                                         account=self.account_of(OTHER)))
        w.press("button", "Get a Code")
        code = self.code()
        self.desk.picture("10-device-code")
        answer_device_code(self.stand.line, self.desk.certificates, code, decline="1")
        w.expect(None, "Signing In Did Not Work", deadline=20)
        self.desk.picture("11-device-declined")
        w.press("button", "Get a New Code")
        again = wait_for("a new code", lambda: self.code() != code and self.code())
        answer_device_code(self.stand.line, self.desk.certificates, again, persona=OTHER)
        account(w, "Tomás Herrera")
        pages(w)
        self.desk.picture("12-device-signed-in")

    def code(self):
        w = self.desk.window
        return w.expect("label", re.compile("^[A-Z0-9]{8,9}$"), deadline=20).name

    def expired_code(self):
        w = self.desk.window
        self.desk.open(self.desk.profile("expired", self.short.line, signIn="device-code", caFile=self.short.ca))
        w.press("button", "Get a Code")
        w.expect(None, "The Code Has Expired", deadline=20)
        self.desk.picture("13-device-expired")

    def secret(self):
        w = self.desk.window
        self.desk.open(self.desk.profile("secret", self.stand.line, signIn="secret", clientId=self.app["appId"]))
        w.expect(None, "Sign In as an Application")
        w.press("button", "Sign In")
        w.expect(None, "Enter the client secret.")
        w.type("a-wrong-one")
        self.desk.picture("14-secret")
        w.key("Return")
        w.expect(None, "Signing In Did Not Work", deadline=20)
        w.expect(None, re.compile("secret is wrong"))
        self.desk.picture("15-secret-wrong")
        enter(w, "Client secret", self.app["secret"])
        w.key("Return")
        pages(w)
        self.desk.picture("16-secret-signed-in")

    def certificate(self):
        w = self.desk.window
        self.desk.open(self.desk.profile("foreign", self.stand.line, signIn="certificate",
                                         clientId=self.app["appId"], certificateFile=self.key("foreign")))
        w.expect(None, re.compile("^(Signing In Did Not Work|The Certificate Cannot Be Used)$"), deadline=20)
        self.desk.picture("17-certificate-not-registered")
        self.desk.open(self.desk.profile("certificate", self.stand.line, signIn="certificate",
                                         clientId=self.app["appId"], certificateFile=self.key("known")))
        wait_for("its file's name", lambda: w.find(None, re.compile(r"known\.pem")))
        self.desk.picture("18-certificate")
        enter(w, "Passphrase, if the key has one", "not this one")
        w.key("Return")
        w.expect(None, "A Passphrase Is Needed", deadline=20)
        self.desk.picture("19-certificate-wrong-passphrase")
        enter(w, "Passphrase, if the key has one", PASSPHRASE)
        w.key("Return")
        pages(w)
        self.desk.picture("20-certificate-signed-in")

    def given_token(self):
        w = self.desk.window
        self.desk.open(self.desk.profile("token", self.stand.line, signIn="token"))
        w.expect(None, "Give an Access Token")
        old = ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")
                       for part in ('{"alg":"none"}', '{"exp":1700000000}', "x"))
        enter(w, "Access token", old)
        w.expect(None, re.compile("^This token has expired"))
        self.desk.picture("21-token-expired")
        window_text = field(w, "Access token")
        window_text.queryEditableText().setTextContents(self.token(PERSON))
        w.expect(None, re.compile("^The token is good for"))
        self.desk.picture("22-token")
        w.press("button", "Use This Token")
        account(w, "Priya Raman")
        pages(w)
        self.desk.picture("23-token-signed-in")

    # All of them side by side

    def side_by_side(self):
        w = self.desk.window
        w.key("alt+1")
        pages(w)
        w.key("ctrl+shift+c")
        w.expect("list item", re.compile("shown now$"))
        self.desk.picture("24-switcher")
        w.key("Escape")
        took = []
        for key, who in (("alt+2", "Ingrid Solberg"), ("alt+1", "Priya Raman")) * 3:
            began = time.monotonic()
            w.key(key)
            account(w, who)
            took.append(time.monotonic() - began)
        print(f"# a switch was seen by AT-SPI after {min(took) * 1000:.0f} to {max(took) * 1000:.0f} ms",
              flush=True)
        w.press("toggle button", re.compile("^Account: "))
        w.press("button", "Manage Connections…")
        w.expect("dialog")
        self.desk.picture("25-connections")
        w.press("button", "Rename Priya Raman")
        enter(w, "Name", "Contoso, production")
        w.key("Return")
        w.expect(None, "Contoso, production")
        w.press("button", re.compile("^Remove (Expired|contoso)"))
        w.expect("button", "Remove")
        self.desk.picture("26-remove")
        w.press("button", "Cancel")
        w.key("Escape")
        wait_for("the dialog to close", lambda: w.find("dialog") is None)

    # The keyring

    def locked(self):
        """Its password is asked for and nobody gives it; then somebody says no."""
        self.desk.stop()
        lock_keyring()
        w = self.desk.start(LEEWAY_KEYRING_SECONDS="3")
        w.expect(None, "The Keyring Is Locked")
        dismiss_prompt()
        self.desk.picture("27-keyring-locked")
        w.focus_window()
        w.press("button", "Try Again")
        dismiss_prompt()
        w.expect(None, "The Keyring Refused")
        self.desk.picture("28-keyring-refused")
        self.desk.browser("sign-in", persona=PERSON)
        w.focus_window()
        w.press("button", "Continue for This Session Only")
        w.expect(None, "That Was Another Account", deadline=20)
        self.desk.picture("29-another-account")
        self.desk.browser("sign-in", persona=THIRD)
        w.press("button", "Sign In Again")
        pages(w)
        self.desk.picture("30-keyring-refused-session")

    def remembered(self):
        """Closed and started again: nothing has to be asked."""
        self.desk.stop()
        w = self.desk.start()
        account(w, "Ingrid Solberg")
        pages(w)

    def missing(self):
        self.desk.stop()
        with BareBus() as bus:
            w = self.desk.start(**bus.env())
            w.expect(None, "There Is No Keyring", deadline=40)
            self.desk.picture("29-keyring-missing")
            self.desk.browser("sign-in", persona=THIRD)
            w.press("button", "Continue for This Session Only")
            pages(w)
            self.desk.picture("30-keyring-missing-session")
            self.desk.stop()

    STEPS = ["welcome", "preset", "wrong_answers", "cloud", "first_connection", "declined", "no_consent", "browser",
             "challenged", "somebody_else", "device_code", "expired_code", "secret", "certificate", "given_token", "side_by_side",
             "remembered", "locked", "missing"]


def make_keys(folder):
    """Two certificates with their keys, one behind a passphrase; a function from name to file."""
    for name, lock in (("known", ["-passout", "pass:" + PASSPHRASE]), ("foreign", ["-nodes"])):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", *lock, "-days", "2", "-subj",
                        "/CN=" + name, "-keyout", name + ".key", "-out", name + ".crt"],
                       cwd=folder, check=True, capture_output=True)
        with open(os.path.join(folder, name + ".pem"), "wb") as out:
            for part in (".crt", ".key"):
                with open(os.path.join(folder, name + part), "rb") as file:
                    out.write(file.read())
    return lambda name: os.path.join(folder, name + ".pem")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--out", required=True, help="folder for the pictures")
    options.add_argument("--until", help="stop after this step")
    args = options.parse_args()
    os.makedirs(args.out, exist_ok=True)
    out = os.path.realpath(args.out)
    open(os.path.join(out, "leeway.log"), "w", encoding="utf-8").close()
    steps = Journey.STEPS[: Journey.STEPS.index(args.until) + 1] if args.until else Journey.STEPS
    print(f"1..{len(steps) + 1}", flush=True)
    desk = None
    done = 0
    with tempfile.TemporaryDirectory(prefix="lw-desk.") as folder:
        key = make_keys(folder)
        people = os.environ["LEEWAY_DEMO_DATA"].replace("tenant.json", "people.json")
        with open(people, encoding="utf-8") as file:
            app = next(p for p in json.load(file)["people"] if p.get("appId"))
        registered = f"{app['appId']}={os.path.join(folder, 'known.crt')}"
        with Stand("--app-certificate", registered, "--device-interval", "1", "--control") as stand, \
                Stand("--device-seconds", "3", "--device-interval", "1") as short:
            desk = Desk(folder, out, stand.ca)
            journey = Journey(desk, stand, short, key)
            try:
                for step in steps:
                    began = time.monotonic()
                    getattr(journey, step)()
                    done += 1
                    print(f"ok {done} - {step} # {time.monotonic() - began:.1f} s", flush=True)
                noise = desk.noise()
                if noise:
                    raise Broken("the program complained: " + noise[0])
                print(f"ok {done + 1} - quiet", flush=True)
                return 0
            except Broken as broken:
                print(f"not ok {done + 1} - {(steps + ['quiet'])[done]}", flush=True)
                print(f"the journey broke: {broken}", file=sys.stderr)
                if desk.window is not None and desk.program.running():
                    desk.window.screenshot(os.path.join(out, "broken.png"))
                    print(desk.window.tree(), file=sys.stderr)
                return 1
            finally:
                desk.stop()


if __name__ == "__main__":
    sys.exit(main())
