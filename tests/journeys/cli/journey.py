#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request travels by leewayctl alone, from a file to a live exemption in the simulated tenant,
by way of its Blob ledger; and what goes wrong ends with its exit code and a sentence.

Usage: journey.py LEEWAYCTL LEEWAY_DEMO_TENANT DATA_DIR FIXTURES_DIR
"""

import csv
import datetime
import http.server
import io
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

CTL, TENANT, DATA, FIXTURES = (os.path.abspath(arg) for arg in sys.argv[1:5])
DONE, REFUSED, INPUT, FAILED = range(4)


def day(ahead):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=ahead)).strftime("%Y-%m-%d")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Tenant:
    """A running leeway-demo-tenant with profiles and tokens on disk."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = subprocess.Popen([TENANT, "--tenant", f"{DATA}/demo/tenant.json"],
                                        stdout=subprocess.PIPE, text=True)
        self.line = json.loads(self.process.stdout.readline())
        self.people = {p["upn"].split("@")[0]: p for p in self.line["personas"]}
        for name, person in self.people.items():
            (self.folder / f"{name}.token").write_text(person["token"] + "\n")
        self.profile = self.write_profile("profile.json")

    def write_profile(self, name, **changes):
        profile = {
            "cloud": "custom",
            "endpoints": {key: self.line[key] for key in ("arm", "login", "graph", "blob")},
            "tenant": self.line["tenant"],
            "clientId": self.line["clientId"],
            "ledger": f'{self.line["blob"]}/{self.line["ledger"]}',
            "signIn": "token",
        }
        profile.update(changes)
        path = self.folder / name
        path.write_text(json.dumps(profile))
        return str(path)

    def get(self, path, who="tomas"):
        call = urllib.request.Request(f'{self.line["arm"]}{path}?api-version=2022-07-01-preview',
                                      headers={"Authorization": f'Bearer {self.people[who]["token"]}'})
        with urllib.request.urlopen(call) as answer:
            return json.load(answer)

    def person(self, name):
        person = self.people[name]
        return {"id": person["oid"], "name": person["name"], "upn": person["upn"]}

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory(prefix="leeway-cli-")
        cls.tenant = Tenant(cls.dir.name)

    @classmethod
    def tearDownClass(cls):
        cls.tenant.stop()
        cls.dir.cleanup()

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def write(self, name, content):
        path = self.path(name)
        mode = "wb" if isinstance(content, bytes) else "w"
        with open(path, mode) as file:
            file.write(content)
        return path

    def run_ctl(self, *args, who=None, profile=None, expect=DONE, stdin=None):
        """Runs it, checks the exit code and that what it says is fit for people."""
        command = [CTL]
        if who:
            command += ["--profile", profile or self.tenant.profile,
                        "--access-token-file", self.path(f"{who}.token")]
        elif profile:
            command += ["--profile", profile]
        env = dict(os.environ, G_DEBUG="fatal-criticals", LC_ALL="C.UTF-8")
        done = subprocess.run(command + list(args), capture_output=True, text=True, timeout=60, env=env,
                              input=stdin)
        self.assertEqual(done.returncode, expect, f"{args}: {done.stdout}{done.stderr}")
        self.assertNotRegex(done.stderr, "CRITICAL|WARNING|GLib|assert")
        for person in self.tenant.people.values():
            self.assertNotIn(person["token"], done.stdout + done.stderr)
        return done

    def json(self, *args, **kwargs):
        return json.loads(self.run_ctl(*args, **kwargs).stdout)

    def refuse(self, *args, expect, says, **kwargs):
        """It ends with that code and one sentence on standard error."""
        done = self.run_ctl(*args, expect=expect, **kwargs)
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertRegex(lines[0], "^leewayctl: .*" + says)
        return done

    def request(self, **changes):
        """A good request of Priya's, as of today."""
        request = load(f"{FIXTURES}/request-ok.json")
        subscription = next(s for s in load(f"{DATA}/demo/subscriptions.json")["subscriptions"]
                            if s["name"] == "sub-evals-prod")["id"]
        group = f"/subscriptions/{subscription}/resourceGroups/rg-eval-weu"
        for key in ("id", "requester"):
            request.pop(key)
        request["grants"][0].update({
            "assignment": "/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"
                          "Microsoft.Authorization/policyAssignments/ai-security-baseline",
            "references": ["aiServicesNoPublicNetwork"],
            "scope": f"{group}/providers/Microsoft.CognitiveServices/accounts/aoai-eval-weu",
        })
        request["owner"] = self.tenant.person("daniel")
        request["expires"] = f"{day(60)}T22:59:59Z"
        request["reason"]["endStateBy"] = day(50)
        request["remediation"][0]["by"] = day(40)
        request["controls"][0]["checkedBy"] = self.tenant.person("mei")
        request["controls"][0]["nextCheck"] = day(20)
        request.update(changes)
        return request

    def submit(self, **changes):
        path = self.write("request.json", json.dumps(self.request(**changes)))
        return self.json("submit", path, who="priya")


class Journey(Case):
    def test_request_becomes_exemption(self):
        path = self.write("request.json", json.dumps(self.request()))

        found = self.json("check", path)
        self.assertTrue(found["submittable"], found)
        found = self.json("check", path, "--online", who="priya")
        self.assertTrue(found["submittable"], found)

        submitted = self.json("submit", path, who="priya")
        self.assertEqual(submitted["phase"], "pending")
        self.assertEqual(submitted["requester"]["upn"], "priya@contoso.example")
        self.assertFalse(submitted["waitsForMyReview"])
        id = submitted["id"]

        waiting = self.json("requests", who="tomas")
        self.assertEqual([r["id"] for r in waiting if r["waitsForMyReview"]], [id])

        self.refuse("approve", id, who="priya", expect=REFUSED, says="yourself")
        self.refuse("apply", id, who="tomas", expect=REFUSED, says="1 approval")
        approved = self.json("approve", id, "--digest", submitted["digest"], who="tomas")
        self.assertEqual(approved["phase"], "approved")
        self.assertTrue(approved["approvals"]["given"][0]["sealed"])
        # whoever looks with fewer rights sees the same
        self.assertEqual(self.json("show", id, who="priya")["phase"], "approved")

        applied = self.json("apply", id, who="tomas")
        self.assertEqual(applied["phase"], "applied")
        exemption = applied["grants"][0]["exemption"]
        self.assertRegex(exemption, f'policyExemptions/lw-{id.replace("-", "")[-16:]}-1$')

        # what the tenant itself answers
        live = self.tenant.get(exemption)
        properties = live["properties"]
        leeway = properties["metadata"]["leeway"]
        self.assertEqual(properties["policyDefinitionReferenceIds"], ["aiServicesNoPublicNetwork"])
        self.assertEqual(properties["metadata"]["approvedBy"], "tomas@contoso.example")
        self.assertEqual(leeway["request"], id)
        self.assertEqual(leeway["digest"], submitted["digest"])
        self.assertIn("daniel@contoso.example", json.dumps(leeway["owner"]))
        self.assertIn("network-boundary", json.dumps(leeway["controls"]))

        # applying twice is harmless
        modified = live["systemData"]["lastModifiedAt"]
        self.assertEqual(self.json("apply", id, who="tomas")["phase"], "applied")
        self.assertEqual(self.tenant.get(exemption)["systemData"]["lastModifiedAt"], modified)

        listed = [e for e in self.json("exemptions", "--format", "json", who="tomas")
                  if e["id"].lower() == exemption.lower()]
        self.assertEqual(len(listed), 1)
        self.assertEqual(listed[0]["request"], id)
        self.assertEqual(listed[0]["digest"], submitted["digest"])
        self.assertEqual(listed[0]["owner"], "daniel@contoso.example")
        self.assertNotIn("unreviewed", listed[0]["tiles"])
        self.assertIn("in-force", listed[0]["tiles"])

        rows = list(csv.DictReader(io.StringIO(
            self.run_ctl("exemptions", "--format", "csv", who="tomas").stdout)))
        self.assertIn(id, [row["request"] for row in rows])
        table = self.run_ctl("exemptions", "--format", "table", who="tomas").stdout
        self.assertEqual(len(table.splitlines()), len(rows) + 1)

        history = [e["kind"] for e in self.json("show", id, who="priya")["events"]]
        self.assertEqual(history, ["submitted", "approved", "applying", "applied"])

    def test_sent_back_and_again(self):
        first = self.submit(title="Public network for the second evaluation endpoint")
        id = first["id"]
        self.refuse("request-changes", id, who="tomas", expect=INPUT, says="--comment")
        back = self.json("request-changes", id, "--comment", "Name the runners’ addresses.", who="tomas")
        self.assertEqual(back["phase"], "changes-requested")
        self.refuse("approve", id, who="tomas", expect=REFUSED, says="sent back")

        content = self.json("show", id, who="priya")["content"]
        content["controls"][0]["definition"] += " They are 203.0.113.4 to 203.0.113.7."
        again = self.json("submit", self.write("again.json", json.dumps(content)), who="priya")
        self.assertEqual((again["phase"], again["revision"]), ("pending", 2))
        # what was read before no longer stands
        self.refuse("approve", id, "--digest", first["digest"], who="tomas", expect=REFUSED,
                    says="revision 2")
        # a file that is sent twice is no new revision
        self.assertEqual(self.json("submit", self.path("again.json"), who="priya")["revision"], 2)

        rejected = self.json("reject", id, "--comment", "Use the private endpoint.", who="tomas")
        self.assertEqual(rejected["phase"], "rejected")
        self.refuse("approve", id, who="tomas", expect=REFUSED, says="rejected")

    def test_somebody_elses_request(self):
        id = self.submit(title="Public network for the third evaluation endpoint")["id"]
        content = self.json("show", id, who="jonas")["content"]
        path = self.write("stolen.json", json.dumps(content))
        self.refuse("submit", path, who="jonas", expect=REFUSED, says="Only the requester")
        self.refuse("approve", id, who="mei", expect=REFUSED, says="Tomás Herrera")

    def test_blockers(self):
        path = self.write("bad.json", json.dumps(self.request(expires=None, owner=None, controls=[])))
        done = self.run_ctl("check", path, expect=REFUSED)
        found = json.loads(done.stdout)
        self.assertFalse(found["submittable"])
        self.assertIn("blocker", {f["severity"] for f in found["findings"]})
        self.assertEqual(len(done.stderr.strip().splitlines()), len(found["findings"]))
        refused = self.run_ctl("submit", path, who="priya", expect=REFUSED)
        self.assertEqual(refused.stdout, "")
        self.assertIn("cannot be submitted", refused.stderr)

        # the clock decides
        path = self.write("later.json", json.dumps(self.request()))
        self.run_ctl("check", path, "--now", f"{day(400)}T00:00:00Z", expect=REFUSED)

    def test_standard_input(self):
        found = json.loads(self.run_ctl("check", "-", stdin=json.dumps(self.request())).stdout)
        self.assertTrue(found["submittable"])


HOSTILE = {
    "empty": b"",
    "html": b"<!DOCTYPE html><html><body>Not found</body></html>",
    "truncated": b'{"version": 1, "title": "x',
    "nul": b'{"version": 1, "title": "a\\u0000b"}',
    "not-utf8": b'{"version": 1, "title": "\xff\xfe"}',
    "deep": b"[" * 100000,
    "duplicate": b'{"version": 1, "version": 1}',
    "no-object": b"[1, 2, 3]",
    "wrong-type": b'{"version": 1, "grants": "all of them"}',
    "wrong-element": b'{"version": 1, "grants": [null]}',
    "newer": b'{"version": 2}',
    "huge-number": b'{"version": 1, "evidence": [{"size": 1e400}]}',
    "binary": bytes(range(256)) * 16,
}


class BadInput(Case):
    def test_hostile_files(self):
        for name, content in HOSTILE.items():
            with self.subTest(name):
                path = self.write(f"{name}.json", content)
                self.refuse("check", path, expect=INPUT, says=f"{name}.json is no request: ")
                self.refuse("submit", path, who="priya", expect=INPUT, says=f"{name}.json is no request: ")

    def test_unreadable_files(self):
        self.refuse("check", self.path("missing.json"), expect=INPUT, says="missing.json cannot be read")
        self.refuse("check", self.dir.name, expect=INPUT, says="cannot be read")
        self.refuse("check", self.write("large.json", b" " * (5 << 20)), expect=INPUT, says="too large")

    def test_usage(self):
        profile = ("--profile", self.tenant.profile)
        for args, says in (
            ((), "Say what to do"),
            (("frobnicate",), "no command “frobnicate”"),
            (("check",), "exactly one FILE"),
            (("check", "a", "b"), "exactly one FILE"),
            (("requests",), "--profile"),
            ((*profile, "requests", "x"), "nothing but options"),
            ((*profile, "approve", "42"), "UUID"),
            ((*profile, "exemptions", "--format", "xml"), "table, json or csv"),
            (("check", "x", "--now", "yesterday"), "--now"),
            (("check", "x", "--comment", "y"), "--comment"),
            (("check", "x", "--no-such-option"), "no-such-option"),
            ((*profile, "requests"), "--access-token-file"),
        ):
            with self.subTest(args):
                self.refuse(*args, expect=INPUT, says=says)

    def test_help_and_version(self):
        self.assertIn("Exit status", self.run_ctl("--help").stdout)
        self.assertRegex(self.run_ctl("--version").stdout, r"^leewayctl \d")

    def test_bad_profiles(self):
        self.refuse("requests", who="priya", profile=self.path("none.json"), expect=INPUT, says="")
        self.refuse("requests", who="priya", profile=self.write("p1.json", "{"), expect=INPUT, says="")
        self.refuse("requests", who="priya", profile=self.write("p2.json", "{}"), expect=INPUT, says="")
        ledger = self.tenant.write_profile("p3.json", ledger="relative/folder")
        self.refuse("requests", who="priya", profile=ledger, expect=INPUT, says="")

    def test_bad_tokens(self):
        self.write("nobody.token", "")
        self.refuse("requests", who="nobody", expect=INPUT, says="no access token")
        self.write("wrong.token", "not-a-token")
        self.refuse("requests", who="wrong", expect=FAILED, says="")
        self.refuse("requests", who="missing", expect=INPUT, says="missing.token")

    def test_unknown_request(self):
        self.refuse("show", "01930000-0000-7000-8000-000000000000", who="priya", expect=INPUT,
                    says="no request 01930000")


class Answering(http.server.BaseHTTPRequestHandler):
    """A host that is no Azure: whatever is asked, the same comes back."""

    body = b""
    kind = "text/html"

    def answer(self):
        self.send_response(200)
        self.send_header("Content-Type", self.kind)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_GET = do_PUT = do_POST = answer

    def log_message(self, *args):
        pass


class Trouble(Case):
    def profile_at(self, name, base, **changes):
        endpoints = {"arm": base, "login": base, "graph": f"{base}/graph", "blob": f"{base}/acc"}
        return self.tenant.write_profile(name, endpoints=endpoints, ledger=f"{base}/acc/leeway", **changes)

    def test_nobody_listens(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        profile = self.profile_at("nobody.json", f"http://127.0.0.1:{port}")
        self.refuse("requests", who="priya", profile=profile, expect=FAILED, says="")
        self.refuse("exemptions", who="priya", profile=profile, expect=FAILED, says="")

    def test_no_azure(self):
        for name, kind, body in (
            ("html", "text/html", b"<!DOCTYPE html><html><body>Sign in to the network</body></html>"),
            ("nulls", "application/json", b"null"),
            ("nothing", "application/json", b""),
            ("types", "application/json", b'{"value": "none", "data": 7, "nextLink": 3}'),
        ):
            with self.subTest(name):
                handler = type("Handler", (Answering,), {"kind": kind, "body": body})
                server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
                threading.Thread(target=server.serve_forever, daemon=True).start()
                profile = self.profile_at("odd.json", f"http://127.0.0.1:{server.server_port}")
                self.refuse("exemptions", who="priya", profile=profile, expect=FAILED, says="")
                self.refuse("requests", who="priya", profile=profile, expect=FAILED, says="")
                server.shutdown()
                server.server_close()

    def test_ledger_not_there(self):
        folder = self.tenant.write_profile("folder.json", ledger=self.path("no/such/folder"))
        self.refuse("requests", who="priya", profile=folder, expect=FAILED, says="is not there")
        container = self.tenant.write_profile("container.json", ledger=f'{self.tenant.line["blob"]}/nowhere')
        self.refuse("requests", who="priya", profile=container, expect=FAILED, says="container nowhere-")

    def test_folder_ledger_without_rules(self):
        folder = self.tenant.write_profile("fresh.json", ledger=self.path("fresh"))
        self.assertEqual(self.json("requests", who="priya", profile=folder), [])
        # nobody may approve by the rules that Leeway ships with, so nothing can be submitted
        path = self.write("request.json", json.dumps(self.request()))
        self.run_ctl("submit", path, who="priya", profile=folder, expect=REFUSED)

    def test_tenant_goes_away(self):
        """It dies between approving and applying: the error is told, nothing is lost or half-done."""
        folder = self.path("lasting")
        rules = load(f"{DATA}/demo/rules.json")
        entry = {"version": 1, "seq": 1, "kind": "rules-changed", "at": "2026-01-01T00:00:00Z",
                 "by": self.tenant.person("ingrid"), "prev": "", "body": {"rules": rules}}
        os.makedirs(f"{folder}/rules")
        self.write("lasting/rules/000001.json", json.dumps(entry))

        other_dir = tempfile.TemporaryDirectory(prefix="leeway-cli-")
        other = Tenant(other_dir.name)
        profile = other.write_profile("profile.json", ledger=folder)
        for name, person in other.people.items():
            self.write(f"{name}.token", person["token"])
        path = self.write("request.json", json.dumps(self.request()))
        id = self.json("submit", path, who="priya", profile=profile)["id"]
        self.json("approve", id, who="tomas", profile=profile)
        other.stop()
        self.refuse("apply", id, who="tomas", profile=profile, expect=FAILED, says="")
        self.assertEqual(sorted(os.listdir(f"{folder}/requests/{id}")), ["000001.json", "000002.json"])
        other_dir.cleanup()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[5:], verbosity=2)
