#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as evidence, from a terminal: attached, named in a request, fetched and verified."""

import hashlib
import json
import os

from leeway_cli import FAILED, INPUT, REFUSED, Case, run


class Evidence(Case):
    def attach(self, name, content, who="priya"):
        return self.json("attach", self.write(name, content), who=who)

    def test_attached_and_fetched(self):
        content = b"\x00\x01 what the scanner found \xff"
        evidence = self.attach("scan.bin.pdf", content)
        self.assertEqual(evidence["sha256"], hashlib.sha256(content).hexdigest())
        self.assertEqual((evidence["name"], evidence["size"]), ("scan.bin.pdf", len(content)))
        self.assertEqual(evidence["mediaType"], "application/pdf")
        self.assertEqual(self.attach("scan.bin.pdf", content, who="tomas"), evidence, "twice is once")

        out = self.path("fetched")
        self.run_ctl("evidence", evidence["sha256"].upper(), "--output", out, who="ingrid")
        with open(out, "rb") as file:
            self.assertEqual(file.read(), content)
        self.assertEqual(os.stat(out).st_mode & 0o777, 0o600)
        self.refuse("evidence", evidence["sha256"], "--output", out, who="ingrid", expect=INPUT,
                    says="cannot be written")

    def test_request_that_names_it(self):
        evidence = self.attach("plan.txt", "The plan, step by step.")
        request = self.request()
        request["controls"][0]["evidence"] = [evidence]
        request["evidence"] = [evidence, {"link": "https://contoso.example/runbook"}]
        case = self.submit(controls=request["controls"], evidence=request["evidence"])
        shown = self.json("show", case["id"], who="tomas")
        self.assertEqual(shown["content"]["controls"][0]["evidence"], [evidence])

    def test_named_but_nowhere(self):
        missing = {"sha256": "0" * 64, "name": "gone.pdf", "size": 4, "mediaType": "application/pdf"}
        self.refuse("submit", self.write("missing.json", json.dumps(self.request(evidence=[missing]))),
                    who="priya", expect=INPUT, says="“gone.pdf” is attached, but is neither on this machine")
        self.assertFalse([case for case in self.json("requests", who="priya") if case["title"] == "gone"])

    def test_comment_and_check(self):
        case = self.submit(title="Evidence with a comment")
        log = self.write("check.log", "403 from outside, 200 from inside")
        self.run_ctl("comment", case["id"], "--comment", "See the log", "--attach", log, who="jonas")
        self.refuse("check-control", case["id"], "--control", "1", "--comment", "Looks fine", who="jonas",
                    expect=REFUSED, says="Control 1 is checked by Mei")
        self.refuse("check-control", case["id"], "--control", "9", "--comment", "Looks fine", who="mei",
                    expect=REFUSED, says="no control 9")
        self.run_ctl("check-control", case["id"], "--control", "1", "--comment", "403 from outside",
                     "--attach", log, who="mei")
        events = self.json("show", case["id"], who="tomas")["events"]
        self.assertEqual([event["kind"] for event in events], ["submitted", "commented", "control-checked"])
        self.assertEqual(events[1]["body"]["evidence"][0]["name"], "check.log")
        self.assertEqual(events[2]["body"]["control"], 1)
        self.assertEqual(events[2]["body"]["evidence"], events[1]["body"]["evidence"])

    def test_refused(self):
        self.refuse("attach", self.write("empty.txt", ""), who="priya", expect=FAILED, says="is empty")
        self.refuse("attach", self.write("large.bin", b"x" * (10 * 1024 * 1024 + 1)), who="priya",
                    expect=FAILED, says="larger than the 10.0.MiB that the rules allow")
        self.refuse("attach", self.path("nothing-here"), who="priya", expect=INPUT, says="cannot be read")
        self.refuse("attach", self.dir.name, who="priya", expect=INPUT, says="cannot be read")
        self.refuse("evidence", "0" * 64, who="priya", expect=INPUT, says="not on the ledger’s evidence shelf")
        self.refuse("evidence", "../../x", who="priya", expect=INPUT, says="is not the SHA-256")

    def test_altered_on_the_shelf(self):
        sha256 = hashlib.sha256(b"the real one").hexdigest()
        self.tenant.put_blob(f"evidence/{sha256}", "a forged one", "jonas")
        self.refuse("evidence", sha256, "--output", self.path("forged"), who="tomas", expect=FAILED,
                    says="is not the one that was attached")
        self.assertFalse(os.path.exists(self.path("forged")))

    def test_names_are_made_safe(self):
        self.assertEqual(self.attach("invoice-\u202efdp.exe", "x")["name"], "invoice-fdp.exe")
        self.assertEqual(self.attach("CON", "x")["name"], "_CON")


if __name__ == "__main__":
    run()
