#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request travels by leewayctl alone, from a file to a live exemption in the simulated tenant, by
way of its Blob ledger."""

import csv
import io
import json

from leeway_cli import INPUT, REFUSED, Case, day, run


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


if __name__ == "__main__":
    run()
