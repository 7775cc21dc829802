#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""leewayctl rules: a ledger gets its first rules, they change, and it stays on record who changed what."""

import json
import os

from leeway_cli import DATA, INPUT, REFUSED, Case, load, run


class Rules(Case):
    def setUp(self):
        self.folder = self.path(f"ledger-{self._testMethodName}")
        self.profile = self.tenant.write_profile(f"{self._testMethodName}.json", ledger=self.folder)

    def ctl(self, *args, **kwargs):
        return self.run_ctl("rules", *args, profile=self.profile, **kwargs)

    def no(self, *args, **kwargs):
        return self.refuse_all("rules", *args, profile=self.profile, **kwargs)

    def refuse_all(self, *args, expect, says, **kwargs):
        done = self.run_ctl(*args, expect=expect, **kwargs)
        self.assertRegex(done.stderr.splitlines()[-1], "^leewayctl: .*" + says)

    def rules(self, name="rules.json", **changes):
        return self.write(name, json.dumps({**load(f"{DATA}/demo/rules.json"), **changes}))

    def test_first_and_next(self):
        shown = self.ctl("show", who="jonas")
        self.assertEqual(json.loads(shown.stdout)["seq"], 0)
        self.assertIn("nobody has set any yet", shown.stderr)

        path = self.rules()
        self.no("set", path, who="ingrid", expect=REFUSED, says="say --first if that is meant")
        self.no("set", path, "--first", who="jonas", expect=REFUSED, says="Name yourself as an administrator")
        self.assertFalse(os.listdir(f"{self.folder}/rules"))
        done = self.ctl("set", path, "--first", who="ingrid")
        self.assertEqual(json.loads(done.stdout)["seq"], 1)
        self.assertIn("Administrators: Ingrid Solberg is added", done.stderr)

        self.no("set", path, "--first", who="ingrid", expect=REFUSED, says="has rules already")
        self.assertIn("in force already", self.ctl("set", path, who="ingrid").stderr)
        changed = self.rules("changed.json", pendingDays=14, ownerMayApprove=True)
        self.no("set", changed, who="tomas", expect=REFUSED, says="Only an administrator .* ask Ingrid Solberg")
        self.assertEqual(json.loads(self.ctl("set", changed, who="ingrid").stdout)["seq"], 2)

        history = json.loads(self.ctl("history", "--json", who="jonas").stdout)
        self.assertEqual([(entry["seq"], entry["by"]["name"], entry["counts"]) for entry in history],
                         [(1, "Ingrid Solberg", True), (2, "Ingrid Solberg", True)])
        self.assertEqual(history[1]["changes"], ["Days that a request may wait: 30, now 14",
                                                 "The owner of a request may now be among its approvers"])
        self.assertRegex(self.ctl("history", who="jonas").stdout,
                         "2  20.* UTC  Ingrid Solberg\n     Days that a request may wait: 30, now 14\n")
        result = self.json("ledger", "verify", "--json", "--ledger-only", who="jonas", profile=self.profile)
        self.assertEqual((result["clean"], result["verified"]["rules"]), (True, 2))

    def test_shown_rules_can_be_set(self):
        """What "show" prints is what "set" takes."""
        self.ctl("set", self.rules(), "--first", who="ingrid")
        shown = json.loads(self.ctl("show", who="ingrid").stdout)
        shown["rules"]["maxRenewals"] = 1
        done = self.ctl("set", self.write("shown.json", json.dumps(shown)), who="ingrid")
        self.assertEqual(json.loads(done.stdout)["rules"]["maxRenewals"], 1)

    def test_effects(self):
        """What a change means for who waits: honest, since they keep the rules they came under."""
        self.ctl("set", self.rules(), "--first", who="ingrid")
        path = self.write("later.json", json.dumps(self.request(title="Under rules")))
        self.run_ctl("submit", path, who="priya", profile=self.profile)
        approvals = {**load(f"{DATA}/demo/rules.json")["approvals"], "resource": 2}
        done = self.ctl("set", self.rules("two.json", approvals=approvals), who="ingrid")
        self.assertIn("1 request waits; it is decided by the rules it was submitted under", done.stderr)
        self.assertIn("1 pending request will need more approvals if it is submitted again", done.stderr)
        short = {"Waiver": {"resource": 10}}
        done = self.ctl("set", self.rules("short.json", maxDays=short, approvers=[]), who="ingrid")
        self.assertIn("warning: No approver is named", done.stderr)
        self.assertIn("1 pending request lasts longer than these rules allow", done.stderr)
        self.assertIn("1 pending request could not be decided under these rules", done.stderr)

    def test_check(self):
        result = self.json("rules", "check", self.rules())
        self.assertTrue(result["usable"])
        self.assertEqual([f["id"] for f in result["findings"] if f["severity"] == "blocker"], [])
        nobody = self.json("rules", "check", self.write("bare.json", '{"version": 1}'), expect=REFUSED)
        self.assertEqual(nobody["findings"][0]["id"], "rules.administrators.missing")
        for name, content, says in (
            ("wrong", '{"version": 1, "pendingDays": 0}', "“pendingDays” must be at least 1"),
            ("newer", '{"version": 9}', "newer than this Leeway"),
            ("broken", "{", "holds no rules"),
            ("none", "[]", "no rules of Leeway"),
        ):
            self.refuse("rules", "check", self.write(f"{name}.json", content), expect=INPUT, says=says)

    def test_in_blob_storage(self):
        """There the storage's own rights hold too."""
        shown = self.json("rules", "show", who="ingrid")
        shown["rules"]["maxRenewals"] = 2
        path = self.write("blob.json", json.dumps(shown))
        self.refuse_all("rules", "set", path, who="tomas", expect=REFUSED, says="Only an administrator")
        self.assertEqual(json.loads(self.run_ctl("rules", "set", path, who="ingrid").stdout)["seq"], 2)


if __name__ == "__main__":
    run()
