#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""leewayctl ledger: what was altered is found, by whoever looks; a record can be taken away and read."""

import hashlib
import html.parser
import json
import pathlib
import shutil

from leeway_cli import DATA, DONE, INPUT, REFUSED, Case, load, run

HOSTILE = "<script>alert(1)</script> & \"quoted\" \u202e </title>"


class Folder(Case):
    """On a folder, where a test can do what nobody should."""

    def setUp(self):
        self.ledger = pathlib.Path(self.path(f"ledger-{self._testMethodName}"))
        (self.ledger / "rules").mkdir(parents=True)
        rules = load(f"{DATA}/demo/rules.json")
        self.add_rules(1, "", rules, self.tenant.person("ingrid"))
        self.profile = self.tenant.write_profile(f"{self._testMethodName}.json", ledger=str(self.ledger))

    def add_rules(self, seq, prev, rules, by):
        text = json.dumps({"version": 1, "seq": seq, "kind": "rules-changed", "at": "2026-11-01T09:00:00Z",
                           "prev": prev, "by": by, "body": {"rules": rules}})
        (self.ledger / f"rules/{seq:06}.json").write_text(text)
        return hashlib.sha256(text.encode()).hexdigest()

    def ctl(self, *args, **kwargs):
        return self.run_ctl(*args, profile=self.profile, **kwargs)

    def decided(self, **changes):
        """A request with a file, approved."""
        file = self.write("proof.txt", "What the probe saw")
        evidence = json.loads(self.ctl("attach", file, who="priya").stdout)
        path = self.write("request.json", json.dumps(self.request(evidence=[evidence], **changes)))
        case = json.loads(self.ctl("submit", path, who="priya").stdout)
        self.ctl("comment", case["id"], "--comment", "Please look at the probe", who="priya")
        self.ctl("approve", case["id"], who="tomas")
        return case["id"], evidence["sha256"]

    def verify(self, expect=DONE, *args):
        result = json.loads(self.ctl("ledger", "verify", "--json", *args, who="jonas", expect=expect).stdout)
        self.assertEqual(result["clean"], expect == DONE)
        return result

    def found(self, *ids):
        result = self.verify(REFUSED, "--ledger-only")
        problems = [p for p in result["problems"] if not p["harmless"]]
        self.assertEqual(sorted({p["id"] for p in problems}), sorted(ids), problems)
        for problem in problems:
            self.assertRegex(problem["message"], "^\\S.* ")
        return problems

    def event(self, request, seq):
        return self.ledger / f"requests/{request}/{seq:06}.json"

    def test_clean(self):
        self.decided()
        result = self.verify()
        self.assertEqual(result["problems"], [])
        self.assertEqual(result["verified"], {"requests": 1, "events": 3, "seals": 1, "evidence": 1, "rules": 1,
                                              "exemptions": 0})
        text = self.ctl("ledger", "verify", who="jonas").stdout
        self.assertRegex(text, "Verified: 1 requests with 3 entries.*\nNothing is wrong")

    def test_edited_event(self):
        request, _ = self.decided()
        path = self.event(request, 2)
        path.write_text(path.read_text().replace("Please look", "Please skip"))
        problems = self.found("ledger.chain")
        self.assertEqual((problems[0]["request"], problems[0]["seq"]), (request, 3))

    def test_edited_content(self):
        """Whoever edits the first entry and mends the chain is given away by the digest."""
        request, _ = self.decided()
        first = json.loads(self.event(request, 1).read_text())
        first["body"]["content"]["expires"] = "2030-01-01T00:00:00Z"
        prev = ""
        for seq in (1, 2, 3):
            event = first if seq == 1 else json.loads(self.event(request, seq).read_text())
            event["prev"] = prev
            text = json.dumps(event)
            self.event(request, seq).write_text(text)
            prev = hashlib.sha256(text.encode()).hexdigest()
        self.found("ledger.not-allowed")

    def test_gap(self):
        request, _ = self.decided()
        self.event(request, 2).unlink()
        problems = self.found("ledger.gap")
        self.assertEqual(problems[0]["request"], request)

    def test_cut_off(self):
        """The chain cannot show that its end was taken away; the log can."""
        request, _ = self.decided()
        self.event(request, 3).unlink()
        problem, = self.found("log.lost")
        self.assertEqual((problem["request"], problem["seq"]), (request, 3))

    def test_seal_taken_away(self):
        request, _ = self.decided()
        shutil.rmtree(self.ledger / f"seals/{request}")
        self.found("ledger.unsealed")

    def test_seal_of_another(self):
        request, _ = self.decided()
        seal, = (self.ledger / f"seals/{request}").iterdir()
        oid = self.tenant.person("ingrid")["id"]
        shutil.copy(seal, seal.with_name(f"{seal.name[:64]}-{oid}.json"))
        problem, = self.found("seals.forged")
        self.assertIn(oid, problem["object"])

    def test_evidence(self):
        request, sha256 = self.decided()
        path = self.ledger / f"evidence/{sha256}"
        path.write_text("Something else")
        problem, = self.found("evidence.altered")
        self.assertEqual(problem["object"], f"evidence/{sha256}")
        path.unlink()
        problem, = self.found("evidence.missing")
        self.assertEqual((problem["request"], problem["seq"]), (request, 1))
        self.assertIn("proof.txt", problem["message"])

    def test_strays(self):
        request, _ = self.decided()
        (self.ledger / "requests/readme.txt").write_text("hello")
        (self.ledger / f"requests/{request}/000009.txt").write_text("hello")
        (self.ledger / "evidence/holiday.jpg").write_text("hello")
        self.assertEqual(len(self.found("ledger.stray", "evidence.stray")), 3)

    def test_unreadable(self):
        request, _ = self.decided()
        self.event(request, 2).write_text("{")
        self.found("ledger.unreadable", "ledger.gap")

    def test_rules(self):
        rules = load(f"{DATA}/demo/rules.json")
        self.decided()
        prev = hashlib.sha256((self.ledger / "rules/000001.json").read_bytes()).hexdigest()
        second = self.add_rules(2, prev, {**rules, "ownerMayApprove": True}, self.tenant.person("jonas"))
        problem, = self.found("rules.not-entitled")
        self.assertIn("jonas@contoso.example", problem["message"])
        self.add_rules(3, "0" * 64, rules, self.tenant.person("ingrid"))
        self.found("rules.chain", "rules.not-entitled")
        self.add_rules(5, second, rules, self.tenant.person("ingrid"))
        (self.ledger / "rules/000003.json").unlink()
        self.found("rules.gap", "rules.not-entitled")

    def test_what_is_explained(self):
        """Left behind by somebody who was interrupted: told, and no problem."""
        request, _ = self.decided()
        self.ctl("attach", self.write("unused.txt", "never sent"), who="priya")
        shutil.rmtree(self.ledger / "log")
        result = self.verify(DONE, "--ledger-only")
        self.assertEqual(sorted(p["id"] for p in result["problems"]), ["evidence.unused", "log.unmarked"])
        self.assertTrue(all(p["harmless"] for p in result["problems"]))

    def test_forged_approval(self):
        """Write access to the requests' shelf is not enough to approve."""
        path = self.write("request.json", json.dumps(self.request()))
        case = json.loads(self.ctl("submit", path, who="priya").stdout)
        first = self.event(case["id"], 1)
        event = {"version": 1, "request": case["id"], "seq": 2, "kind": "approved", "at": "2026-11-24T09:00:00Z",
                 "by": {**self.tenant.person("tomas"), "tenant": self.tenant.line["tenant"]},
                 "prev": hashlib.sha256(first.read_bytes()).hexdigest(),
                 "body": {"digest": case["digest"], "terms": None}}
        self.event(case["id"], 2).write_text(json.dumps(event))
        problem, = [p for p in self.verify(REFUSED, "--ledger-only")["problems"] if not p["harmless"]]
        self.assertEqual((problem["id"], problem["seq"]), ("ledger.unsealed", 2))


class Azure(Case):
    """The anchor: what Azure says against the record."""

    def applied(self, **changes):
        case = self.submit(**changes)
        self.run_ctl("approve", case["id"], who="tomas")
        self.run_ctl("apply", case["id"], who="tomas")
        return case["id"]

    def problems(self, expect=REFUSED):
        result = self.json("ledger", "verify", "--json", who="ingrid", expect=expect)
        return result, {p["id"]: p for p in result["problems"] if not p["harmless"]}

    def exemption_of(self, request):
        events = self.json("show", request, who="ingrid")["events"]
        return next(e for e in events if e["kind"] == "applied")["body"]["grants"][0]["exemption"]

    def test_anchor(self):
        request = self.applied()
        result, problems = self.problems(DONE)
        self.assertEqual((result["verified"]["exemptions"], problems), (1, {}))

        exemption = self.exemption_of(request)
        body = {"properties": dict(exemption["properties"], description="Changed behind the record's back")}
        self.tenant.put(exemption["id"], body, "ingrid")
        _, problems = self.problems()
        self.assertEqual(list(problems), ["azure.changed"])
        self.assertIn("ingrid@contoso.example changed this exemption", problems["azure.changed"]["message"])
        self.assertEqual((problems["azure.changed"]["request"], problems["azure.changed"]["object"]),
                         (request, exemption["id"]))

        self.tenant.call("DELETE", f'{self.tenant.line["arm"]}{exemption["id"]}?api-version=2022-07-01-preview',
                         "tomas")
        _, problems = self.problems()
        self.assertEqual(list(problems), ["azure.missing"])

        forged = exemption["id"].rsplit("/", 1)[0] + "/lw-forged-1"
        body["properties"]["metadata"]["leeway"]["request"] = "01930000-0000-7000-8000-00000000dead"
        self.tenant.put(forged, body, "tomas")
        _, problems = self.problems()
        self.assertEqual(sorted(problems), ["azure.missing", "azure.unrecorded"])
        self.assertEqual(problems["azure.unrecorded"]["object"].lower(), forged.lower())


class Reading(Case):
    def test_export(self):
        case = self.submit(title=HOSTILE)
        self.run_ctl("comment", case["id"], "--comment", HOSTILE, who="jonas")
        record = self.json("ledger", "export", case["id"], who="tomas")
        self.assertEqual(record["content"]["title"], HOSTILE)
        self.assertEqual([e["event"]["kind"] for e in record["events"]], ["submitted", "commented"])
        self.assertTrue(record["intact"])

        out = self.path("record.html")
        self.run_ctl("ledger", "export", case["id"], "--output", out, who="tomas")
        page = pathlib.Path(out).read_text(encoding="utf-8")
        self.assertNotIn("\u202e", page)
        self.refuse("ledger", "export", case["id"], "--output", out, who="tomas", expect=INPUT,
                    says="cannot be written")

    def test_export_is_safe(self):
        case = self.submit(title=HOSTILE)
        page = self.run_ctl("ledger", "export", case["id"], "--format", "html", who="tomas").stdout
        seen = []

        class Reader(html.parser.HTMLParser):
            text = ""

            def handle_starttag(self, tag, attrs):
                seen.append((tag, attrs))

            def handle_data(self, data):
                self.text += data

        reader = Reader()
        reader.feed(page)
        tags = {tag for tag, _ in seen}
        self.assertFalse(tags & {"script", "img", "link", "iframe", "object", "a", "form"}, tags)
        self.assertFalse([name for _, attrs in seen for name, _ in attrs if name.startswith("on") or name == "src"])
        self.assertIn("<script>alert(1)</script> & \"quoted\"", reader.text)
        self.assertIn("Content-Security-Policy", page)

    def test_log(self):
        case = self.submit(title="To be found in the log")
        self.run_ctl("comment", case["id"], "--comment", "One", who="jonas")
        self.run_ctl("approve", case["id"], who="tomas")
        request = ("--request", case["id"])

        def kinds(*args):
            lines = self.run_ctl("ledger", "log", "--json", *args, who="ingrid").stdout.splitlines()
            return [json.loads(line)["kind"] for line in lines]

        self.assertEqual(kinds(*request), ["submitted", "commented", "approved"])
        self.assertEqual(kinds(*request, "--person", "JONAS"), ["commented"])
        self.assertEqual(kinds(*request, "--kind", "approved"), ["approved"])
        self.assertEqual(kinds(*request, "--since", "2099-01-01"), [])
        self.assertEqual(len(kinds(*request, "--since", "2020-01-01")), 3)
        text = self.run_ctl("ledger", "log", *request, who="ingrid").stdout
        self.assertRegex(text, "^20.* UTC  " + case["id"] + " #1  Submitted, Priya Raman\n")
        self.refuse("ledger", "log", "--kind", "exploded", who="ingrid", expect=INPUT, says="“exploded”")
        self.refuse("ledger", "log", "--since", "yesterday", who="ingrid", expect=INPUT, says="--since")

    def test_sync(self):
        case = self.submit(title="To be synced")
        seen = self.json("ledger", "sync", "--json", who="ingrid")
        self.assertGreaterEqual(seen["requests"], 1)
        self.assertGreaterEqual(seen["events"], seen["requests"])
        self.assertGreaterEqual(seen["newRequests"] + seen["updatedRequests"], 1)
        self.assertGreater(seen["seconds"], 0)
        # of a simulated tenant nothing is kept
        self.assertEqual(seen["newRequests"], seen["requests"])
        self.assertEqual(seen["newEvents"], seen["events"])
        self.assertRegex(self.run_ctl("ledger", "sync", who="ingrid").stdout, "requests with")
        self.assertTrue(case["id"])


if __name__ == "__main__":
    run()
