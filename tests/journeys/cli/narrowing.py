#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The narrowest exemptions, and what would serve better, from a file: no connection is needed."""

import json

from leeway_cli import INPUT, Case, run

TOP = "/providers/Microsoft.Management/managementGroups/top"
GROUP = "/subscriptions/s1/resourceGroups/rg1"
ACCOUNTS = f"{GROUP}/providers/Microsoft.Storage/storageAccounts"


def question(**changes):
    resources = [{"id": f"{ACCOUNTS}/{name}", "type": "Microsoft.Storage/storageAccounts",
                  "location": "westeurope", "references": ["one", "two"]} for name in "abc"]
    resources.append({"id": f"{GROUP}/providers/Microsoft.KeyVault/vaults/v", "type": "Microsoft.KeyVault/vaults",
                      "location": "westeurope", "references": ["one"]})
    whole = {"assignment": {"scope": TOP, "notScopes": []},
             "hierarchy": [{"id": TOP, "parent": None}, {"id": "/subscriptions/s1", "parent": TOP}],
             "resources": resources,
             "need": [{"resource": f"{ACCOUNTS}/{name}", "references": ["one"]} for name in "ab"]}
    whole.update(changes)
    return json.dumps(whole)


class Narrowing(Case):
    def narrow(self, text, command="narrow", expect=0):
        done = self.run_ctl(command, self.write("question.json", text), expect=expect)
        return (json.loads(done.stdout) if expect == 0 else None), done.stderr

    def test_options_from_narrow_to_few(self):
        answer, _ = self.narrow(question())
        self.assertEqual([(o["reach"], o["collateral"], o["resources"], o["count"]) for o in answer["options"]],
                         [(0, 0, 0, 2), (1, 1, 1, 1)])
        self.assertEqual([e["scope"] for e in answer["options"][0]["exemptions"]],
                         [f"{ACCOUNTS}/a", f"{ACCOUNTS}/b"])
        wider = answer["options"][1]["exemptions"]
        self.assertEqual(wider, [{"scope": GROUP, "references": ["one"], "selectors": [
            {"name": "storageAccounts-westeurope", "selectors": [
                {"kind": "resourceType", "in": ["Microsoft.Storage/storageAccounts"]},
                {"kind": "resourceLocation", "in": ["westeurope"]}]}]}])

    def test_says_what_it_noticed(self):
        answer, stderr = self.narrow(question(need=[{"resource": f"{ACCOUNTS}/new", "references": ["one"]}]))
        self.assertEqual([n["id"] for n in answer["notices"]], ["need.new"])
        self.assertIn("does not exist yet", stderr)
        self.assertEqual(answer["options"][0]["exemptions"][0]["scope"], GROUP)

    def test_bad_input_is_a_sentence(self):
        circle = [{"id": TOP, "parent": f"{TOP}2"}, {"id": f"{TOP}2", "parent": TOP}]
        for text, words in [("{", "Line 1"), ("{}", "assignment.scope"),
                            (question(hierarchy=circle), "circle"),
                            (question(need=[{"resource": "nowhere", "references": ["one"]}]), "need[0].resource"),
                            (question(need=[{"resource": f"{ACCOUNTS}/n{i}", "references": ["one"]}
                                            for i in range(2001)]), "at most 2000")]:
            _, stderr = self.narrow(text, expect=INPUT)
            self.assertIn(words, stderr)
            self.assertEqual(stderr.count("\n"), 1, stderr)

    def test_many_resources(self):
        resources = [{"id": f"/subscriptions/s{i // 200}/resourceGroups/g{i % 7}/providers/n.s/t{i % 5}/r{i}",
                      "type": f"n.s/t{i % 5}", "location": "here", "references": ["one"]} for i in range(20000)]
        hierarchy = [{"id": TOP}] + [{"id": f"/subscriptions/s{i}", "parent": TOP} for i in range(100)]
        need = [{"resource": r["id"], "references": ["one"]} for r in resources[::1000]]
        answer, _ = self.narrow(question(resources=resources, hierarchy=hierarchy, need=need))
        self.assertEqual((answer["options"][0]["collateral"], answer["options"][0]["count"]), (0, 20))
        self.assertEqual(answer["options"][-1]["count"], 1)

    def test_chooses(self):
        answer, _ = self.narrow(question(), "choose")
        self.assertEqual(answer["best"], "exemption")
        self.assertEqual(len(answer["choices"]), 8)
        answer, _ = self.narrow(question(facts={"effect": "deny", "fixKnown": True}), "choose")
        self.assertEqual(answer["best"], "fix")
        answer, _ = self.narrow(question(assignment={"scope": TOP, "enforcementMode": "DoNotEnforce"}), "choose")
        self.assertEqual(answer["best"], "nothing")
        self.narrow(question(facts={"renewals": -1}), "choose", expect=INPUT)


if __name__ == "__main__":
    run()
