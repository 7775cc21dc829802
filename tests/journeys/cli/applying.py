#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying an approved request where Azure refuses, answers late or not at all, where the program is
killed half-way, and where somebody else was there first. A proxy between leewayctl and the simulated
tenant makes the trouble."""

import http.client
import http.server
import json
import os
import signal
import subprocess
import threading
import urllib.parse

from leeway_cli import CTL, FAILED, REFUSED, Case, day, run


class Forward(http.server.BaseHTTPRequestHandler):
    """Hands each call on, unless the proxy's rule has something else in mind."""

    def handle_call(self):
        proxy = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.unquote(self.path.split("?")[0])
        rule = proxy.rule(self.command, path) if proxy.rule else None
        proxy.calls.append((self.command, path))

        if isinstance(rule, tuple):
            return self.reply(rule[0], {"Content-Type": "application/json"}, json.dumps(rule[1]).encode())
        if rule == "hang":
            proxy.reached.set()
            proxy.release.wait(30)
            return None

        status, headers, answer = self.forward(body)
        if rule == "drop":
            self.close_connection = True
            return None
        if callable(rule):
            answer = json.dumps(rule(json.loads(answer))).encode()
        self.reply(status, headers, answer)
        if rule == "stop":
            proxy.reached.set()
        return None

    def forward(self, body):
        target = http.client.HTTPConnection("127.0.0.1", self.server.target)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "host")}
        headers["Host"] = f"127.0.0.1:{self.server.target}"
        target.request(self.command, self.path, body or None, headers)
        answer = target.getresponse()
        content = answer.read()
        target.close()
        here = f"127.0.0.1:{self.server.server_port}".encode()
        content = content.replace(f"127.0.0.1:{self.server.target}".encode(), here)
        keep = {k: v for k, v in answer.getheaders()
                if k.lower() not in ("content-length", "connection", "transfer-encoding", "content-encoding")}
        return answer.status, keep, content

    def reply(self, status, headers, content):
        self.send_response_only(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = handle_call

    def log_message(self, *args):
        pass


class Proxy(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target):
        super().__init__(("127.0.0.1", 0), Forward)
        self.target = target
        self.rule = None
        self.calls = []
        self.reached = threading.Event()
        self.release = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # the client hung up

    def puts(self):
        return [path for method, path in self.calls if method == "PUT" and "policyExemptions" in path]


class Applying(Case):
    def setUp(self):
        line = self.tenant.line
        port = urllib.parse.urlsplit(line["arm"]).port
        self.proxy = Proxy(port)
        here = f"127.0.0.1:{self.proxy.server_port}"
        ends = {key: line[key].replace(f"127.0.0.1:{port}", here) for key in ("arm", "login", "graph", "blob")}
        self.profile = self.tenant.write_profile("proxy.json", endpoints=ends,
                                                 ledger=f'{ends["blob"]}/{line["ledger"]}')

    def tearDown(self):
        self.proxy.release.set()
        self.proxy.shutdown()
        self.proxy.server_close()

    def approved(self, title, scopes=("aoai-eval-weu",)):
        """The id of a request that Tomás has approved, with a grant for each account."""
        request = self.request(title=title)
        grant = request["grants"][0]
        base = grant["scope"].rsplit("/", 1)[0]
        request["grants"] = [dict(grant, n=i + 1, scope=f"{base}/{name}") for i, name in enumerate(scopes)]
        path = self.write("request.json", json.dumps(request))
        id = self.json("submit", path, who="priya")["id"]
        self.json("approve", id, who="tomas")
        return id

    def exemption(self, id, n=1):
        scope = self.json("show", id, who="priya")["content"]["grants"][n - 1]["scope"]
        name = f'lw-{id.replace("-", "")[-16:]}-{n}'
        return f"{scope}/providers/Microsoft.Authorization/policyExemptions/{name}"

    def kinds(self, id):
        return [e["kind"] for e in self.json("show", id, who="priya")["events"]]

    def apply(self, id, who="tomas", **kwargs):
        return self.json("apply", id, who=who, profile=self.profile, **kwargs)

    def start(self, id):
        return subprocess.Popen([CTL, "--profile", self.profile, "--access-token-file",
                                 self.path("tomas.token"), "apply", id],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_when(self, id, rule):
        """Applies, and kills the program when the rule lets it hang."""
        self.proxy.rule = rule
        process = self.start(id)
        self.assertTrue(self.proxy.reached.wait(30))
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.proxy.rule = None
        self.proxy.reached.clear()
        self.proxy.release.set()

    def test_foreign_exemption_stays(self):
        id = self.approved("Access from the runners, foreign object in its place")
        there = self.exemption(id)
        body = {"properties": {
            "policyAssignmentId": self.request()["grants"][0]["assignment"],
            "policyDefinitionReferenceIds": ["aiServicesPrivateLink"],
            "exemptionCategory": "Mitigated", "displayName": "Somebody else’s",
            "metadata": {"leeway": {"request": "01930000-0000-7000-8000-00000000ffff"}}}}
        before = self.tenant.put(there, body, who="ingrid")
        self.refuse("apply", id, who="tomas", profile=self.profile, expect=REFUSED, says="another request")
        self.assertEqual(self.tenant.get(there), before)
        self.assertEqual(self.proxy.puts(), [])
        self.assertEqual(self.kinds(id), ["submitted", "approved"])

    def test_partly_applied_goes_on(self):
        id = self.approved("Access from the runners for both accounts", ("aoai-eval-weu", "aoai-judge-weu"))
        locked = {"error": {"code": "ScopeLocked", "message": "The scope is locked."}}
        self.proxy.rule = lambda method, path: (409, locked) if method == "PUT" and path.endswith("-2") else None
        first = json.loads(self.run_ctl("apply", id, who="tomas", profile=self.profile, expect=FAILED).stdout)
        self.assertEqual(first["phase"], "partly-applied")
        self.assertTrue(first["grants"][0]["exemption"])
        self.assertEqual(first["grants"][1]["error"]["code"], "ScopeLocked")
        self.assertTrue(first["waitsForApply"])
        self.assertIsNone(self.tenant.try_get(self.exemption(id, 2)))

        self.proxy.rule = None
        self.proxy.calls.clear()
        second = self.apply(id)
        self.assertEqual(second["phase"], "applied")
        self.assertEqual([p[-2:] for p in self.proxy.puts()], ["-2"])
        self.assertEqual(self.kinds(id)[2:], ["applying", "applied", "applying", "applied"])

    def test_refused_by_azure(self):
        id = self.approved("Access from the runners, refused by Azure")
        refusal = {"error": {"code": "LinkedAuthorizationFailed", "message": "No right at the assignment."}}
        self.proxy.rule = lambda method, path: (
            (403, refusal) if method == "PUT" and "policyExemptions" in path else None)
        self.refuse("apply", id, who="tomas", profile=self.profile, expect=FAILED,
                    says=".*LinkedAuthorizationFailed")
        shown = self.json("show", id, who="tomas")
        self.assertEqual(shown["phase"], "apply-failed")
        self.assertEqual(shown["grants"][0]["error"]["code"], "LinkedAuthorizationFailed")
        self.proxy.rule = None
        self.assertEqual(self.apply(id)["phase"], "applied")

    def test_policy_changed_between(self):
        id = self.approved("Access from the runners, policy assigned anew")

        def assigned_anew(assignment):
            assignment["properties"]["instanceId"] = "another-instance"
            return assignment

        self.proxy.rule = lambda method, path: (
            assigned_anew if method == "GET" and path.endswith("/policyAssignments/ai-security-baseline") else None)
        self.refuse("apply", id, who="tomas", profile=self.profile, expect=REFUSED, says=".*policy.changed")
        self.assertEqual(self.proxy.puts(), [])
        self.assertEqual(self.kinds(id), ["submitted", "approved"])

        other = self.submit(title="Access from the runners, policy changed before approval")["id"]
        self.refuse("approve", other, who="tomas", profile=self.profile, expect=REFUSED, says=".*policy.changed")
        self.assertEqual(self.json("show", other, who="tomas")["phase"], "pending")

    def test_expired_meanwhile(self):
        id = self.approved("Access from the runners, too late")
        self.refuse("apply", id, "--now", f"{day(200)}T00:00:00Z", who="tomas", profile=self.profile,
                    expect=REFUSED, says="expired")
        self.assertEqual(self.kinds(id), ["submitted", "approved"])

    def test_lost_answers(self):
        """Azure does what was asked, and the answer never comes."""
        id = self.approved("Access from the runners, answers lost")
        dropped = set()

        def rule(method, path):
            if method == "PUT" and path not in dropped:
                dropped.add(path)
                return "drop"
            return None

        self.proxy.rule = rule
        self.assertEqual(self.apply(id)["phase"], "applied")
        self.assertGreaterEqual(len(dropped), 3)
        self.assertEqual(self.kinds(id), ["submitted", "approved", "applying", "applied"])

    def test_killed_before_the_put(self):
        id = self.approved("Access from the runners, killed before the PUT")
        self.kill_when(id, lambda method, path: "hang" if method == "PUT" and "policyExemptions" in path else None)
        self.assertEqual(self.json("show", id, who="tomas")["phase"], "applying")
        self.assertIsNone(self.tenant.try_get(self.exemption(id)))

        # only who began it can finish it, and it is finished once
        self.refuse("apply", id, who="ingrid", profile=self.profile, expect=REFUSED, says="Tomás Herrera")
        self.assertEqual(self.apply(id)["phase"], "applied")
        self.assertEqual(self.kinds(id), ["submitted", "approved", "applying", "applied"])

    def test_killed_after_the_put(self):
        id = self.approved("Access from the runners, killed after the PUT")
        self.kill_when(id, lambda method, path: (
            "hang" if method == "PUT" and path.endswith(f"{id}/000004.json") else None))
        self.assertEqual(self.json("show", id, who="tomas")["phase"], "applying")
        modified = self.tenant.get(self.exemption(id))["systemData"]["lastModifiedAt"]

        self.proxy.calls.clear()
        self.assertEqual(self.apply(id)["phase"], "applied")
        self.assertEqual(self.proxy.puts(), [])
        self.assertEqual(self.tenant.get(self.exemption(id))["systemData"]["lastModifiedAt"], modified)

    def test_two_click_at_once(self):
        id = self.approved("Access from the runners, two click at once")
        rivals = [subprocess.Popen([CTL, "--profile", self.tenant.profile, "--access-token-file",
                                    self.path(f"{who}.token"), "apply", id],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                  for who in ("tomas", "ingrid")]
        ends = [(rival.communicate(timeout=60), rival.returncode) for rival in rivals]
        codes = sorted(code for _, code in ends)
        self.assertIn(codes, ([0, 0], [0, 1]), ends)
        self.assertEqual(self.kinds(id), ["submitted", "approved", "applying", "applied"])
        for (_, err), code in ends:
            if code == REFUSED:
                self.assertRegex(err, "Tomás Herrera|Ingrid Solberg")

    def test_shelf_refused(self):
        """What is said is what the storage said, not that one of two listings failed."""
        denied = {"error": {"code": "AuthorizationPermissionMismatch", "message": "No."}}
        self.proxy.rule = lambda method, path: (403, denied) if path.endswith("/leeway-seals") else None
        self.refuse("requests", who="tomas", profile=self.profile, expect=FAILED,
                    says=".*container leeway-seals")

    def test_nothing_is_applied_unasked(self):
        id = self.approved("Access from the runners, nobody clicks")
        for command in (("requests",), ("show", id), ("exemptions", "--format", "json")):
            self.run_ctl(*command, who="tomas", profile=self.profile)
        self.assertEqual(self.proxy.puts(), [])

    def test_forged_approval(self):
        """Whoever may only add to requests writes an approval in Tomás's name."""
        id = self.submit(title="Access from the runners, approval forged")["id"]
        shown = self.json("show", id, who="priya")
        forged = {"version": 1, "request": id, "seq": 2, "kind": "approved", "at": f"{day(0)}T00:00:00Z",
                  "by": self.tenant.person("tomas"), "prev": shown["events"][0]["sha256"],
                  "body": {"digest": shown["digest"], "terms": None}}
        self.tenant.put_blob(f"requests/{id}/000002.json", json.dumps(forged), who="priya")
        again = self.json("show", id, who="tomas")
        self.assertEqual(again["phase"], "pending")
        self.assertIn("ledger.unsealed", [flag["id"] for flag in again["flags"]])
        self.refuse("apply", id, who="tomas", profile=self.profile, expect=REFUSED, says="1 approval")
        self.assertEqual(self.proxy.puts(), [])


if __name__ == "__main__":
    run()
