#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in from a terminal, in every way; the keyring is a file of libsecret's."""

import json
import os
import pty
import re
import shutil
import subprocess
import termios
import time
import unittest
import urllib.request

from leeway_cli import CTL, DATA, FAILED, INPUT, Case, load, run

APP = "54af7088-cfad-57d1-b6bc-09e9c5031091"
OF_APP = next(p for p in load(f"{DATA}/demo/people.json")["people"] if p.get("appId") == APP)
SECRET, OLD_SECRET, PASSPHRASE = OF_APP["secret"], OF_APP["expiredSecret"], "open sesame"


def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)


class SigningIn(Case):
    @classmethod
    def tenant_arguments(cls):
        if not shutil.which("openssl"):
            raise unittest.SkipTest("The openssl command is not here")
        folder = cls.dir.name
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-keyout", "app.key", "-out", "app.crt",
                "-days", "2", "-subj", "/CN=leeway-test", "-passout", f"pass:{PASSPHRASE}")
        with open(f"{folder}/app.pem", "w", encoding="utf-8") as both:
            for name in ("app.crt", "app.key"):
                with open(f"{folder}/{name}", encoding="utf-8") as file:
                    both.write(file.read())
        return "--app-certificate", f"{APP}={folder}/app.crt"

    def setUp(self):
        self.keyring = self.path("keyring")
        os.environ.update(SECRET_BACKEND="file", SECRET_FILE_TEST_PATH=self.keyring,
                          SECRET_FILE_TEST_PASSWORD="pw")
        os.environ.pop("LEEWAY_CLIENT_SECRET", None)
        self.profiles = {
            how: self.tenant.write_profile(f"{how}.json", signIn=how,
                                           certificateFile=self.path("app.pem"))
            for how in ("browser", "device-code", "secret", "certificate", "token")
        }

    def tearDown(self):
        if os.path.exists(self.keyring):
            os.unlink(self.keyring)

    def begin(self, how, *args):
        env = dict(os.environ, G_DEBUG="fatal-criticals", LC_ALL="C.UTF-8")
        return subprocess.Popen([CTL, "--profile", self.profiles[how], *args], text=True, env=env,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def finish(self, process):
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, out + err)
        return json.loads(out)

    def visit(self, url):
        with urllib.request.urlopen(url) as answer:
            return answer.read().decode()

    def test_device_code(self):
        process = self.begin("device-code", "sign-in")
        line = process.stderr.readline()
        uri, code = re.match(r"To sign in, open (\S+) in a browser on any machine and enter the code (\w+)\.",
                             line).groups()
        self.assertIn("signed in", self.visit(f"{uri}?user_code={code}&persona=priya@contoso.example"))
        who = self.finish(process)
        self.assertEqual(who["upn"], "priya@contoso.example")
        self.assertEqual((who["tenant"], who["application"]), (self.tenant.line["tenant"], False))
        # It is kept, until she signs out.
        self.assertTrue(self.json("exemptions", "--format", "json", profile=self.profiles["device-code"]))
        self.run_ctl("sign-out", profile=self.profiles["device-code"])
        again = self.begin("device-code", "requests")
        self.assertIn("enter the code", again.stderr.readline())
        again.kill()
        again.communicate()

    def test_device_code_declined(self):
        process = self.begin("device-code", "sign-in")
        uri, code = re.search(r"open (\S+) .* code (\w+)\.", process.stderr.readline()).groups()
        self.visit(f"{uri}?user_code={code}&decline=1")
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, FAILED)
        self.assertRegex(err, "^leewayctl: The sign-in was cancelled or refused")

    def test_browser(self):
        process = self.begin("browser", "sign-in")
        self.assertIn("Sign in with your browser", process.stderr.readline())
        page = self.visit(f'{process.stderr.readline().strip()}&persona={self.tenant.people["tomas"]["oid"]}')
        self.assertIn("You can close this page", page)
        self.assertEqual(self.finish(process)["id"], self.tenant.people["tomas"]["oid"])
        self.run_ctl("requests", profile=self.profiles["browser"])

    def sign_in_as(self, name, how="browser"):
        process = self.begin(how, "sign-in")
        self.assertIn("Sign in with your browser", process.stderr.readline())
        self.visit(f'{process.stderr.readline().strip()}&persona={self.tenant.people[name]["oid"]}')
        self.assertEqual(self.finish(process)["id"], self.tenant.people[name]["oid"])

    def test_several_accounts(self):
        self.sign_in_as("priya")
        self.run_ctl("requests", profile=self.profiles["browser"])
        self.sign_in_as("tomas")
        # Nobody is chosen by themselves: it says why, and asks.
        process = self.begin("browser", "requests")
        self.assertRegex(process.stderr.readline(), "^leewayctl: Several accounts are signed in here")
        self.assertIn("Sign in with your browser", process.stderr.readline())
        process.kill()
        process.communicate()
        # Nor is anybody signed out.
        self.refuse("sign-out", profile=self.profiles["browser"], expect=FAILED,
                    says="Several accounts are signed in here")
        # Who says which one meets that one's own.
        for name in ("priya", "tomas"):
            person = self.tenant.people[name]
            profile = self.tenant.write_profile(f"{name}.json", signIn="browser",
                                                account={"id": person["oid"], "upn": person["upn"]})
            self.assertTrue(self.json("exemptions", "--format", "json", profile=profile))
            if name == "priya":
                self.run_ctl("sign-out", profile=profile)
        # One is left, who is nobody else.
        self.run_ctl("requests", profile=self.profiles["browser"])
        self.run_ctl("sign-out", profile=self.profiles["browser"])
        process = self.begin("browser", "requests")
        self.assertIn("Sign in with your browser", process.stderr.readline())
        process.kill()
        process.communicate()

    def test_secret_by_standard_input(self):
        profile = self.profiles["secret"]
        who = self.json("sign-in", "--secret-file", "-", profile=profile, stdin=f"{SECRET}\n")
        self.assertEqual((who["name"], who["upn"], who["application"]), ("Leeway", None, True))
        self.assertTrue(self.json("exemptions", "--format", "json", profile=profile))
        self.run_ctl("sign-out", profile=profile)
        self.refuse("exemptions", profile=profile, expect=FAILED, says="client secret is not in the keyring")

    def test_secret_in_the_environment(self):
        profile = self.profiles["secret"]
        os.environ["LEEWAY_CLIENT_SECRET"] = SECRET
        self.assertTrue(self.json("exemptions", "--format", "json", profile=profile))
        self.assertFalse(os.path.exists(self.keyring), "a pipeline's secret is kept nowhere")

    def test_bad_secrets(self):
        profile = self.profiles["secret"]
        for secret, says in ((OLD_SECRET, "has expired"), ("a wrong one", "secret is wrong")):
            done = self.refuse("sign-in", "--secret-file", "-", profile=profile, stdin=secret,
                               expect=FAILED, says=f"{says}.*AADSTS.*request ")
            self.assertNotIn(secret, done.stdout + done.stderr)
        self.refuse("sign-in", "--secret-file", self.write("empty", "\n"), profile=profile, expect=INPUT,
                    says="holds no secret")
        self.refuse("sign-in", "--secret-file", self.path("nowhere"), profile=profile, expect=INPUT,
                    says="cannot be read")
        self.refuse("sign-in", "--secret", SECRET, profile=profile, expect=INPUT, says="--secret")
        self.assertFalse(os.path.exists(self.keyring))

    def test_no_browser_inherits_a_secret(self):
        seen = self.path("env")
        browser = self.write("browser", f'#!/bin/sh\nenv > "{seen}.new"\nmv "{seen}.new" "{seen}"\n')
        os.chmod(browser, 0o755)
        os.makedirs(self.path("data/applications"))
        self.write("data/applications/test-browser.desktop",
                   f"[Desktop Entry]\nType=Application\nName=Test\nExec={browser} %u\n"
                   "MimeType=x-scheme-handler/http;\n")
        self.write("data/applications/mimeapps.list",
                   "[Default Applications]\nx-scheme-handler/http=test-browser.desktop\n")
        env = dict(os.environ, LC_ALL="C.UTF-8", XDG_DATA_HOME=self.path("data"), LEEWAY_CLIENT_SECRET=SECRET)
        process = subprocess.Popen([CTL, "--profile", self.profiles["browser"], "sign-in"], text=True, env=env,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stderr.readline()
        page = process.stderr.readline().strip()
        end = time.monotonic() + 20
        while not os.path.exists(seen) and time.monotonic() < end:
            time.sleep(0.05)
        self.visit(f'{page}&persona={self.tenant.people["tomas"]["oid"]}')
        self.finish(process)
        with open(seen, encoding="utf-8") as file:
            inherited = file.read()
        self.assertIn("LC_ALL=C.UTF-8", inherited)
        self.assertNotIn(SECRET, inherited)

    def test_interrupted_at_the_terminal(self):
        for how, signalled in (("interrupted", b"\x03"), ("stopped", b"\x1a")):
            with self.subTest(how):
                # The terminal's own shell stays, and says what is left of it.
                after = "stty -a" if how == "interrupted" else "stty -a; kill -KILL %1; wait"
                script = f'set -m; trap : INT; "$@"; {after}'
                pid, terminal = pty.fork()
                if pid == 0:
                    os.environ.update(G_DEBUG="fatal-criticals", LC_ALL="C.UTF-8")
                    os.execv("/bin/sh", ["sh", "-c", script, "sh", CTL, "--profile",
                                         self.profiles["secret"], "sign-in"])
                seen = b""
                while b"Client secret: " not in seen:
                    seen += os.read(terminal, 1024)
                self.assertFalse(termios.tcgetattr(terminal)[3] & termios.ECHO)
                os.write(terminal, signalled)
                try:
                    while chunk := os.read(terminal, 1024):
                        seen += chunk
                except OSError:
                    pass
                os.waitpid(pid, 0)
                os.close(terminal)
                self.assertRegex(seen.decode(), r"\becho\b.*\bechoe\b")
                self.assertNotRegex(seen.decode(), r"-echo\b")

    def test_secret_at_the_terminal(self):
        pid, terminal = pty.fork()  # a session of its own, whose terminal it is
        if pid == 0:
            os.environ.update(G_DEBUG="fatal-criticals", LC_ALL="C.UTF-8")
            os.execv(CTL, [CTL, "--profile", self.profiles["secret"], "sign-in"])
        seen = b""
        while b"Client secret: " not in seen:
            seen += os.read(terminal, 1024)
        os.write(terminal, SECRET.encode() + b"\n")
        try:
            while chunk := os.read(terminal, 1024):
                seen += chunk
        except OSError:
            pass
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        shown = seen.decode()
        self.assertEqual(os.waitstatus_to_exitcode(status), 0, shown)
        self.assertIn('"name": "Leeway"', shown)
        self.assertNotIn(SECRET, shown)

    def test_certificate(self):
        profile = self.profiles["certificate"]
        self.refuse("exemptions", profile=profile, expect=FAILED, says="has a passphrase")
        self.refuse("sign-in", "--secret-file", "-", profile=profile, stdin="close sesame", expect=FAILED,
                    says="passphrase does not fit")
        self.assertTrue(self.json("sign-in", "--secret-file", "-", profile=profile,
                                  stdin=PASSPHRASE)["application"])
        self.assertTrue(self.json("exemptions", "--format", "json", profile=profile))
        missing = self.tenant.write_profile("missing.json", signIn="certificate",
                                            certificateFile=self.path("nowhere.pem"))
        self.refuse("exemptions", profile=missing, expect=INPUT, says="cannot be read")

    def test_cloud_that_says_its_endpoints(self):
        arm = {"arm": self.tenant.line["arm"]}
        os.mkdir(self.path("ledger"))
        profile = self.tenant.write_profile("bare.json", signIn="secret", endpoints=arm,
                                            ledger=self.path("ledger"))
        os.environ["LEEWAY_CLIENT_SECRET"] = SECRET
        self.assertTrue(self.json("exemptions", "--format", "json", profile=profile))
        nobody = self.tenant.write_profile("nobody.json", signIn="secret",
                                           endpoints={"arm": "http://127.0.0.1:9"})
        self.refuse("exemptions", profile=nobody, expect=FAILED, says="refuses the connection")

    def test_no_keyring(self):
        os.environ.pop("SECRET_BACKEND")
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
        process = self.begin("device-code", "exemptions", "--format", "json")
        self.assertIn("There is no keyring", process.stderr.readline())
        uri, code = re.search(r"open (\S+) .* code (\w+)\.", process.stderr.readline()).groups()
        self.visit(f"{uri}?user_code={code}&persona=priya@contoso.example")
        self.assertTrue(self.finish(process))
        done = self.run_ctl("sign-in", "--secret-file", "-", profile=self.profiles["secret"], stdin=SECRET,
                            expect=FAILED)
        self.assertIn("There is no keyring to keep the sign-in in", done.stderr)


if __name__ == "__main__":
    run()
