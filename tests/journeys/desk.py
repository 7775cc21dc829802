# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's desk for journeys: configuration, browser, keyring, and the program on it."""

import json
import os
import shutil
import ssl
import stat
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

import pyatspi

from driver import Broken, Program, Window, wait_for, walk

HERE = os.path.dirname(os.path.abspath(__file__))
# What a person acts on; each must have a name for whoever cannot see it.
CONTROLS = {"button", "push button", "toggle button", "check box", "combo box", "switch", "entry", "text",
            "password text", "list item", "link", "radio button", "menu item"}


class Desk:
    """A folder with everything that the program finds of its person."""

    def __init__(self, folder, out, certificates):
        self.folder = folder
        self.out = out
        self.certificates = certificates
        self.orders_path = os.path.join(folder, "orders.json")
        self.config = os.environ["XDG_CONFIG_HOME"]
        self.system = os.path.join(folder, "xdg")
        self.pictures = []
        self.program = None
        self.window = None
        self._install_browser()

    def _install_browser(self):
        applications = os.path.join(os.environ["XDG_DATA_HOME"], "applications")
        os.makedirs(applications, exist_ok=True)
        script = os.path.join(self.folder, "browser")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nLEEWAY_BROWSER_ORDERS="{self.orders_path}" '
                       f'exec "{sys.executable}" "{HERE}/fake_browser.py" "$1" 2>>"{self.out}/browser.log"\n')
        os.chmod(script, stat.S_IRWXU)
        with open(os.path.join(applications, "fake-browser.desktop"), "w", encoding="utf-8") as file:
            file.write(f"[Desktop Entry]\nType=Application\nName=Browser\nExec={script} %u\n"
                       "MimeType=x-scheme-handler/http;x-scheme-handler/https;\n")
        with open(os.path.join(self.config, "mimeapps.list"), "w", encoding="utf-8") as file:
            file.write("[Default Applications]\nx-scheme-handler/http=fake-browser.desktop\n"
                       "x-scheme-handler/https=fake-browser.desktop\n")
        self.browser("nothing")

    def browser(self, do, **more):
        """What the browser does when it is opened next."""
        with open(self.orders_path, "w", encoding="utf-8") as file:
            json.dump({"do": do, "ca": self.certificates, **more}, file)

    def claims(self):
        """Those that the browser was last opened with."""
        with open(self.orders_path + ".claims", encoding="utf-8") as file:
            return json.load(file)

    def administrator(self, text):
        os.makedirs(os.path.join(self.system, "leeway"), exist_ok=True)
        with open(os.path.join(self.system, "leeway", "leeway.conf"), "w", encoding="utf-8") as file:
            file.write(text)

    def profile(self, name, line, **members):
        """Writes a profile for the tenant of that line; its path."""
        path = os.path.join(self.folder, name + ".json")
        profile = {
            "cloud": "custom",
            "endpoints": {key: line[key] for key in ("arm", "login", "graph", "blob")},
            "tenant": line["tenant"],
            "clientId": line["clientId"],
            "ledger": line["blob"] + "/leeway",
            "caFile": self.certificates,
            "name": name.capitalize(),
        }
        profile.update(members)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(profile, file)
        return path

    def start(self, *arguments, **env):
        self.program = Program(
            [find("LEEWAY", "leeway"), *arguments], os.path.join(self.out, "leeway.log"),
            {"G_DEBUG": "fatal-criticals", "LC_ALL": "C.UTF-8", "XDG_CONFIG_DIRS": self.system,
             "GIO_USE_PROXY_RESOLVER": "dummy", **env})
        self.window = Window(self.program.process.pid)
        self.window.focus_window()
        return self.window

    def open(self, path):
        """Another connection in the program that runs already."""
        subprocess.run([find("LEEWAY", "leeway"), "--profile", path], check=True, timeout=20,
                       env={**os.environ, "LC_ALL": "C.UTF-8", "XDG_CONFIG_DIRS": self.system})

    def stop(self):
        if self.program is not None:
            self.program.stop()
        self.program = self.window = None

    def picture(self, name):
        if not self.program.running():
            raise Broken("the program has ended")
        check_names(self.window)
        path = os.path.join(self.out, name + ".png")
        self.window.screenshot(path)
        self.pictures.append(path)

    def noise(self):
        with open(os.path.join(self.out, "leeway.log"), encoding="utf-8") as log:
            return [x for x in log.read().splitlines() if "WARNING" in x or "CRITICAL" in x]


def find(variable, name):
    found = os.environ.get(variable) or shutil.which(name)
    if not found:
        raise Broken(f"{name} is not to be found; name it in {variable}")
    return os.path.abspath(found)


def name_of(here):
    """What a screen reader calls it: its own name, else that of what labels it."""
    if here.name:
        return here.name
    for relation in here.getRelationSet():
        if relation.getRelationType() == pyatspi.RELATION_LABELLED_BY and relation.getNTargets() > 0:
            return relation.getTarget(0).name
    return ""


def check_names(window):
    """No control without a name, apart from what merely makes up a named one."""
    for here in walk(window.app):
        role = here.getRoleName()
        if role not in CONTROLS or not here.getState().contains(pyatspi.STATE_FOCUSABLE) or name_of(here):
            continue
        around = here.parent
        for _ in range(5):  # a combo box shows its choice in a list of its own
            if around is None or (around.getRoleName() in CONTROLS and name_of(around)):
                break
            around = around.parent
        if around is not None and around.getRoleName() in CONTROLS and name_of(around):
            continue
        raise Broken(f"a {role} has no name; below {chain(here)}")


def chain(here):
    names = []
    while here is not None and len(names) < 6:
        names.append(f"{here.getRoleName()} “{here.name}”")
        here = here.parent
    return " < ".join(names)


def focused(window):
    return next((h for h in window.all() if h.getState().contains(pyatspi.STATE_FOCUSED)), None)


def tab_to(window, role, name, most=30):
    """Moves the focus there by the Tab key alone."""
    def there():
        here = focused(window)
        return here is not None and here.getRoleName() in role and name_of(here) == name and here

    for _ in range(most):
        if there():
            return there()
        window.key("Tab")
    raise Broken(f"the Tab key does not lead to {role} “{name}”")


def answer_device_code(line, certificates, code, **how):
    """Does on the tenant's page what a person does with a device code."""
    query = urllib.parse.urlencode({"user_code": code, **how})
    context = ssl.create_default_context(cafile=certificates)
    with urllib.request.urlopen(f"{line['login']}/devicelogin?{query}", timeout=20, context=context) as answer:
        answer.read()


def lock_keyring():
    subprocess.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.secrets", "--object-path",
                    "/org/freedesktop/secrets", "--method", "org.freedesktop.Secret.Service.Lock",
                    "['/org/freedesktop/secrets/collection/login']"], check=True, capture_output=True, timeout=20)


def dismiss_prompt():
    """Says no to the keyring's question for its password."""
    def prompt():
        return subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "Unlock"], capture_output=True,
                              text=True).stdout.split()

    window = wait_for("the keyring's question", prompt)[0]
    subprocess.check_call(["xdotool", "windowfocus", "--sync", window, "key", "Escape"])
    wait_for("the keyring's question to close", lambda: not prompt())


class BareBus:
    """A session bus that starts nothing: no keyring. What drives the window stays within reach."""

    def __enter__(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
            file.write(
                '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" '
                '"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">'
                f'<busconfig><type>session</type><listen>unix:dir={os.environ["XDG_RUNTIME_DIR"]}</listen>'
                '<policy context="default"><allow send_destination="*" eavesdrop="true"/>'
                '<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>')
            file.flush()
            self.process = subprocess.Popen(
                ["dbus-daemon", "--nofork", "--print-address", "--config-file=" + file.name],
                stdout=subprocess.PIPE, text=True)
            self.address = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def env(self):
        accessibility = subprocess.run(
            ["gdbus", "call", "--session", "--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus",
             "--method", "org.a11y.Bus.GetAddress"], check=True, capture_output=True, text=True, timeout=20)
        return {"DBUS_SESSION_BUS_ADDRESS": self.address,
                "AT_SPI_BUS_ADDRESS": accessibility.stdout.split("'")[1]}


__all__ = ["Desk", "BareBus", "answer_device_code", "check_names", "dismiss_prompt", "focused", "lock_keyring",
           "name_of", "tab_to", "wait_for"]
