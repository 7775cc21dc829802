#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong around leewayctl ends with its exit code and a sentence, and loses nothing."""

import http.server
import json
import os
import socket
import tempfile
import threading

from leeway_cli import DATA, FAILED, INPUT, REFUSED, Case, Tenant, load, run


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


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the client hung up


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


class Hidden(Case):
    """Resource Graph is closed to this account, and so are two of the scopes that are asked instead."""

    @classmethod
    def tenant_arguments(cls):
        faults = [{"do": "forbidden", "path": "*/Microsoft.ResourceGraph/resources", "times": 0}]
        faults += [{"do": "forbidden", "path": f"*/managementGroups/{name}/*/policyExemptions", "times": 0}
                   for name in ("platform", "ai-workloads")]
        path = os.path.join(cls.dir.name, "faults.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"faults": faults}, file)
        return "--faults", path

    def test_what_is_missing_is_said(self):
        done = self.run_ctl("exemptions", "--format", "json", who="ingrid")
        self.assertTrue(json.loads(done.stdout))
        notes = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
        self.assertEqual(len(notes), 1, done.stderr)
        self.assertRegex(notes[0], "^note: 2 scopes did not show their objects .*ai-workloads")


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
                server = QuietServer(("127.0.0.1", 0), handler)
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
    run()
