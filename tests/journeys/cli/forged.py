#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever may add to the requests shelf forges approvals and clicks. Nothing that Leeway does by itself
creates an exemption for that: neither starting, nor syncing, nor opening it, nor finishing what was begun.
What Leeway asked of Azure is read from the tenant's own record."""

import json
import pathlib

from leeway_cli import DATA, REFUSED, Case, day, load, run


class Forged(Case):
    @classmethod
    def tenant_arguments(cls):
        return ("--record", cls.dir.name + "/record.jsonl")

    def setUp(self):
        self.ledger = None
        self.profile = self.tenant.profile
        self.before = 0
        self.before = len(self.puts())

    def use_folder(self):
        self.ledger = pathlib.Path(self.path(f"ledger-{self._testMethodName}"))
        self.profile = self.tenant.write_profile(f"{self._testMethodName}.json", ledger=str(self.ledger))
        rules = self.write("rules.json", json.dumps(load(f"{DATA}/demo/rules.json")))
        self.ctl("rules", "set", rules, "--first", who="ingrid")

    def ctl(self, *args, **kwargs):
        return self.run_ctl(*args, profile=self.profile, **kwargs)

    def show(self, id, who="priya"):
        return json.loads(self.ctl("show", id, who=who).stdout)

    def puts(self):
        lines = pathlib.Path(self.path("record.jsonl")).read_text(encoding="utf-8").splitlines()
        calls = [json.loads(line)["liveRequest"] for line in lines]
        return [c["url"] for c in calls if c["method"] == "PUT" and "policyExemptions" in c["url"]][self.before:]

    def submitted(self, title, approved):
        path = self.write("request.json", json.dumps(self.request(title=title)))
        id = json.loads(self.ctl("submit", path, who="priya").stdout)["id"]
        if approved:
            self.ctl("approve", id, who="tomas")
        return id

    def forge(self, id, kind, **body):
        """An entry in Tomás's name that follows from the last one."""
        shown = self.show(id)
        seq = len(shown["events"]) + 1
        event = {"version": 1, "request": id, "seq": seq, "kind": kind, "at": f"{day(0)}T00:00:00Z",
                 "by": dict(self.tenant.person("tomas"), tenant=self.tenant.line["tenant"]),
                 "prev": shown["events"][-1]["sha256"], "body": dict(body, digest=shown["digest"])}
        text = json.dumps(event)
        if not self.ledger:
            self.tenant.put_blob(f"requests/{id}/{seq:06}.json", text, who="priya")
            return
        (self.ledger / f"requests/{id}/{seq:06}.json").write_text(text)
        hour = f"log/{day(0)}/00"
        (self.ledger / hour).mkdir(parents=True, exist_ok=True)
        (self.ledger / hour / f"{id}-{seq:06}").write_text("")

    def look_around(self, id):
        for command in (("ledger", "sync"), ("requests",), ("show", id), ("exemptions", "--format", "json"),
                        ("apply", "--resume"), ("rules", "show")):
            self.ctl(*command, who="tomas")
        self.assertEqual(json.loads(self.ctl("apply", "--resume", who="tomas").stdout), [])
        self.assertEqual(self.puts(), [])

    def forged_approval(self):
        id = self.submitted("Access from the runners, approval forged", approved=False)
        self.forge(id, "approved", terms=None)
        self.forge(id, "applying", grants=[{"n": 1, "before": None}])
        self.look_around(id)
        shown = self.show(id)
        self.assertEqual(shown["phase"], "pending")
        self.assertEqual([flag["id"] for flag in shown["flags"]], ["ledger.unsealed", "ledger.not-allowed"])
        self.ctl("apply", id, who="tomas", expect=REFUSED)
        self.assertEqual(self.puts(), [])

    def forged_click(self):
        """The approval is real, and nobody clicked."""
        id = self.submitted("Access from the runners, click forged", approved=True)
        self.forge(id, "applying", grants=[{"n": 1, "before": None}])
        self.assertEqual(self.show(id)["phase"], "applying")
        self.look_around(id)

    def stolen_seal(self):
        """A seal of another request, put under this one's name by somebody who may not seal."""
        id = self.submitted("Access from the runners, seal copied", approved=False)
        other = self.submitted("Access from the runners, approved", approved=True)
        digest = self.show(id)["digest"]
        oid = self.tenant.person("tomas")["id"]
        seal = next((self.ledger / f"seals/{other}").iterdir())
        target = self.ledger / f"seals/{id}/{digest}-{oid}.json"
        target.parent.mkdir()
        target.write_bytes(seal.read_bytes())
        self.forge(id, "approved", terms=None)
        self.forge(id, "applying", grants=[{"n": 1, "before": None}])
        self.look_around(id)
        self.assertEqual(self.show(id)["phase"], "pending")

    def test_approval_in_container(self):
        self.forged_approval()

    def test_click_in_container(self):
        self.forged_click()

    def test_approval_in_folder(self):
        self.use_folder()
        self.forged_approval()

    def test_click_in_folder(self):
        self.use_folder()
        self.forged_click()

    def test_seal_in_folder(self):
        self.use_folder()
        self.stolen_seal()

    def test_the_record_shows_a_put(self):
        """Else the rest would prove nothing."""
        id = self.submitted("Access from the runners, really applied", approved=True)
        self.ctl("apply", id, who="tomas")
        self.assertEqual(len(self.puts()), 1)
        self.assertIn(id.replace("-", "")[-16:], self.puts()[0])


if __name__ == "__main__":
    run()
