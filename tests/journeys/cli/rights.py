#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each person can and cannot add to a ledger, shelf by shelf: in Blob Storage by the roles that the
simulated tenant checks, in a folder by groups, as ordinary users of this machine."""

import glob
import json
import os
import shutil
import stat
import subprocess
import unittest
import urllib.error

from leeway_cli import CTL, DATA, FAILED, REFUSED, Case, load, run

SHELVES = ("requests", "evidence", "seals", "rules", "log")
EVERYBODY = {"requests", "evidence", "log"}
MAY_ADD = {
    "priya": EVERYBODY,
    "tomas": EVERYBODY | {"seals"},
    "ingrid": EVERYBODY | {"seals", "rules"},
    "sven": set(),
}


class Blob(Case):
    def code(self, method, who, name, body=None, **headers):
        """The code of Azure's refusal; None where it was done."""
        url = f'{self.tenant.line["blob"]}/{self.tenant.line["ledger"]}-{name}'
        headers = {"x-ms-version": "2021-12-02", **headers}
        if method == "PUT":
            headers["x-ms-blob-type"] = "BlockBlob"
        try:
            self.tenant.call(method, url, who, body, **headers)
        except urllib.error.HTTPError as error:
            return error.headers["x-ms-error-code"]
        return None

    def test_matrix(self):
        for who, shelves in MAY_ADD.items():
            for shelf in SHELVES:
                with self.subTest(who=who, shelf=shelf):
                    name = f"{shelf}/test/{who}"
                    refused = self.code("PUT", who, name, b"x", **{"If-None-Match": "*"})
                    self.assertEqual(refused, None if shelf in shelves else "AuthorizationPermissionMismatch")
                    self.assertIsNone(self.code("GET", who, f"{shelf}?restype=container&comp=list"))

    def test_nobody_overwrites_or_deletes(self):
        for shelf in SHELVES:
            name = f"{shelf}/kept"
            self.assertIsNone(self.code("PUT", "ingrid", name, b"first", **{"If-None-Match": "*"}))
            for who in MAY_ADD:
                with self.subTest(who=who, shelf=shelf):
                    self.assertIn(self.code("PUT", who, name, b"second"),
                                  ("UnauthorizedBlobOverwrite", "AuthorizationPermissionMismatch"))
                    self.assertIn(self.code("PUT", who, name, b"second", **{"If-None-Match": "*"}),
                                  ("BlobAlreadyExists", "AuthorizationPermissionMismatch"))
                    self.assertEqual(self.code("DELETE", who, name), "AuthorizationPermissionMismatch")
                    self.assertEqual(self.code("DELETE", who, f"{shelf}?restype=container"),
                                     "AuthorizationPermissionMismatch")


class Sentence(Case):
    def test_said_in_a_sentence(self):
        """The rules name somebody whom the storage does not let seal: the sentence names the role."""
        shown = self.json("rules", "show", who="ingrid")["rules"]
        shown["approvers"][0]["people"].append(self.tenant.person("mei"))
        self.run_ctl("rules", "set", self.write("mei.json", json.dumps(shown)), who="ingrid")
        case = self.submit(title="Whose seal is missing")
        self.refuse("approve", case["id"], who="mei", expect=FAILED,
                    says="may not add to the ledger’s container leeway-seals .AuthorizationPermissionMismatch.. "
                         "Approvers have the role “Leeway Ledger Adder” there; ask whoever set up the ledger")
        self.assertEqual(self.json("show", case["id"], who="mei")["phase"], "pending")

        shown["administrators"].append(self.tenant.person("mei"))
        self.assertRegex(self.run_ctl("comment", case["id"], "--comment", "Seen", who="sven", expect=FAILED).stderr,
                         "container leeway-requests .AuthorizationPermissionMismatch.. Everybody who asks")
        self.run_ctl("rules", "set", self.write("admin.json", json.dumps(shown)), who="ingrid")
        shown["maxRenewals"] = 9
        done = self.run_ctl("rules", "set", self.write("more.json", json.dumps(shown)), who="mei", expect=FAILED)
        self.assertRegex(done.stderr.splitlines()[-1],
                         "container leeway-rules .AuthorizationPermissionMismatch.. Administrators of the rules")


GROUPS = {"everybody": 61000, "approvers": 61001, "administrators": 61002}
USERS = {"priya": (62001, ["everybody"]), "tomas": (62002, ["everybody", "approvers"]),
         "ingrid": (62003, ["everybody", "approvers", "administrators"]), "stranger": (62004, [])}


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "only root can act as several users")
class Folder(Case):
    """The script makes the folder; then each acts as a user of their own, with the strictest umask."""

    def setUp(self):
        self.ledger = self.path(f"ledger-{self._testMethodName}")
        subprocess.run([f"{DATA}/roles/set-up-folder", self.ledger, *map(str, GROUPS.values())], check=True)
        self.profile = self.tenant.write_profile(f"{self._testMethodName}.json", ledger=self.ledger)
        # Others may not reach where the program was built.
        self.program = shutil.copy(CTL, self.path("leewayctl"))
        os.chmod(self.program, 0o755)
        os.chmod(self.dir.name, 0o755)
        for path in glob.glob(f"{self.dir.name}/*.*"):
            os.chmod(path, 0o644)

    def act(self, who, *command, env=None):
        uid, groups = USERS[who]
        gids = ",".join(str(GROUPS[group]) for group in groups)
        rights = [f"--groups={gids}"] if gids else ["--clear-groups"]
        return subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={uid}", *rights, "--", "sh", "-c",
                               'umask 077; exec "$@"', "sh", *command],
                              capture_output=True, text=True, env=env, cwd="/", timeout=60)

    def ctl(self, who, *args, code=0):
        home = self.path(f"home-{who}")
        os.makedirs(home, exist_ok=True)
        os.chown(home, USERS[who][0], USERS[who][0])
        env = dict(os.environ, HOME=home, XDG_CACHE_HOME=f"{home}/cache", XDG_DATA_HOME=f"{home}/data",
                   G_DEBUG="fatal-criticals", LC_ALL="C.UTF-8")
        done = self.act(who, self.program, "--profile", self.profile, "--access-token-file", self.path(f"{who}.token"), *args,
                        env=env)
        self.assertEqual(done.returncode, code, f"{who} {args}: {done.stdout}{done.stderr}")
        return done

    def file(self, name, content):
        path = self.write(name, content)
        os.chmod(path, 0o644)
        return path

    def test_matrix(self):
        for who in ("priya", "tomas", "ingrid", "stranger"):
            for shelf in SHELVES:
                with self.subTest(who=who, shelf=shelf):
                    done = self.act(who, "sh", "-c", f'echo x >"{self.ledger}/{shelf}/{who}"')
                    allowed = shelf in MAY_ADD.get(who, ())
                    self.assertEqual(done.returncode == 0, allowed, done.stderr)
                    done = self.act(who, "ls", f"{self.ledger}/{shelf}")
                    self.assertEqual(done.returncode == 0, who != "stranger", done.stderr)

    def test_nobody_takes_away_what_another_added(self):
        self.act("ingrid", "sh", "-c", f'echo x >"{self.ledger}/requests/hers"')
        for command in (["rm", "-f"], ["mv", "-f"], ["truncate", "-s0"]):
            target = [f"{self.ledger}/requests/hers"] + ([f"{self.ledger}/requests/his"] if command[0] == "mv" else [])
            self.assertNotEqual(self.act("tomas", *command, *target).returncode, 0, command)
        self.assertTrue(os.path.exists(f"{self.ledger}/requests/hers"))

    def test_a_request_from_hand_to_hand(self):
        rules = self.file("rules.json", json.dumps(load(f"{DATA}/demo/rules.json")))
        self.ctl("priya", "rules", "set", rules, "--first", code=REFUSED)
        self.ctl("ingrid", "rules", "set", rules, "--first")
        request = self.file("request.json", json.dumps(self.request()))
        case = json.loads(self.ctl("priya", "submit", request).stdout)
        self.ctl("tomas", "comment", case["id"], "--comment", "I am looking at it")
        self.ctl("priya", "comment", case["id"], "--comment", "Thank you")
        done = self.ctl("tomas", "approve", case["id"])
        self.assertEqual(json.loads(done.stdout)["phase"], "approved")
        self.assertTrue(json.loads(self.ctl("priya", "ledger", "verify", "--json", "--ledger-only").stdout)["clean"])

        for folder, _, files in os.walk(self.ledger):
            self.assertTrue(os.stat(folder).st_mode & stat.S_ISGID, folder)
            for name in files:
                mode = os.stat(os.path.join(folder, name)).st_mode & 0o777
                self.assertEqual(mode, 0o444, f"{folder}/{name}")
        self.assertEqual(os.stat(f"{self.ledger}/seals/{case['id']}").st_gid, GROUPS["approvers"])

    def test_refused_in_a_sentence(self):
        """The rules let her approve, and the folder does not let her seal."""
        rules = load(f"{DATA}/demo/rules.json")
        rules["approvers"][0]["people"].append(self.tenant.person("priya"))
        self.ctl("ingrid", "rules", "set", self.file("rules.json", json.dumps(rules)), "--first")
        case = json.loads(self.ctl("tomas", "submit", self.file("request.json", json.dumps(self.request()))).stdout)
        done = self.ctl("priya", "approve", case["id"], code=FAILED)
        self.assertRegex(done.stderr, "Your account may not do this in the ledger’s folder: .*/seals")
        self.assertEqual(json.loads(self.ctl("priya", "show", case["id"]).stdout)["phase"], "pending")


if __name__ == "__main__":
    run()
