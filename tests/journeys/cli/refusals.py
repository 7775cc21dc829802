#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what Azure said to the beginning of a request, looked up in the simulated tenant."""

import json

from leeway_cli import DONE, INPUT, REFUSED, Case, run

SUBSCRIPTION = "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-eval-weu"
ACCOUNT = f"{GROUP}/providers/Microsoft.Search/searchServices/srch-eval-weu"
BASELINE = ("/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"
            "Microsoft.Authorization/policyAssignments/ai-security-baseline")
SET = ("/providers/Microsoft.Management/managementGroups/contoso/providers/"
       "Microsoft.Authorization/policySetDefinitions/ai-security-baseline")
STORAGE = "/providers/Microsoft.Authorization/policyDefinitions/c1333259-3332-5a2a-b536-8e7ba2bd55b4"
LOCATIONS = ("/providers/Microsoft.Management/managementGroups/contoso/providers/"
             "Microsoft.Authorization/policyAssignments/allowed-locations")


def said(name, *identifiers):
    return (f"(RequestDisallowedByPolicy) Resource '{name}' was disallowed by policy. "
            f"Policy identifiers: '{json.dumps(identifiers)}'.\nTarget: {name}\n")


def policy(assignment=BASELINE, definition=STORAGE, initiative=SET):
    found = {"policyAssignment": {"name": "x", "id": assignment},
             "policyDefinition": {"name": "y", "id": definition}}
    if initiative:
        found["policySetDefinition"] = {"name": "z", "id": initiative}
    return found


class Draft(Case):
    def draft(self, text, expect=DONE, who="tomas"):
        return self.run_ctl("draft", "--from-refusal", self.write("said.txt", text), who=who, expect=expect)

    def grants(self, text, who="tomas"):
        done = self.draft(text, who=who)
        request = json.loads(done.stdout)
        self.assertEqual(request["requester"]["upn"], f"{who}@contoso.example")
        return request["grants"], done.stderr

    def test_not_there_yet(self):
        grants, stderr = self.grants("az storage account create -g rg-eval-weu -l westeurope "
                                     f"--subscription {SUBSCRIPTION[15:]}\n" + said("stnew", policy()))
        self.assertEqual(len(grants), 1)
        self.assertEqual(grants[0]["assignment"], BASELINE)
        self.assertEqual(grants[0]["references"], ["storageNoPublicNetwork"])
        self.assertEqual(grants[0]["scope"], GROUP)
        self.assertEqual(grants[0]["selectors"], [{"name": "refused", "selectors": [
            {"kind": "resourceType", "in": ["Microsoft.Storage/storageAccounts"]},
            {"kind": "resourceLocation", "in": ["westeurope"]}]}])
        self.assertEqual(grants[0]["policyName"], "AI platform security baseline")
        self.assertIn("does not exist yet", stderr)

    def test_two_that_are_not_there_share_an_exemption(self):
        text = "".join(f"PUT {GROUP}/providers/Microsoft.Storage/storageAccounts/{name} location: {place}\n"
                       + said(name, policy()) for name, place in (("stone", "westeurope"), ("sttwo", "westeurope")))
        grants, _ = self.grants(text)
        self.assertEqual(len(grants), 1)

    def test_initiative_that_may_not_be_read(self):
        """Priya sees what was evaluated, not the initiative."""
        grants, stderr = self.grants(said("stevalweu01", policy(
            definition="/providers/Microsoft.Authorization/policyDefinitions/ed3e94d9-5412-5d98-be27-4dd14f790e99")),
            who="priya")
        self.assertEqual(grants[0]["references"], ["aiServicesPrivateLink"])
        grants, stderr = self.grants(said("stevalweu01", policy(definition=f"{SET}/none")), who="priya")
        self.assertEqual(grants[0]["references"], [])
        self.assertIn("which policy of the initiative", stderr)

    def test_there(self):
        grants, stderr = self.grants(f"PUT {GROUP}/providers/Microsoft.Storage/storageAccounts/STEVALWEU01\n"
                                     + said("stevalweu01", policy()))
        self.assertEqual(len(grants), 1)
        self.assertEqual(grants[0]["scope"], f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stevalweu01")
        self.assertEqual(grants[0]["selectors"], [])
        self.assertNotIn("does not exist", stderr)

    def test_found_by_its_name(self):
        grants, _ = self.grants(said("stevalweu02", policy()))
        self.assertEqual(grants[0]["scope"], f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stevalweu02")

    def test_no_initiative(self):
        grants, _ = self.grants(said("stevalweu01", policy(
            LOCATIONS, "/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c",
            None)))
        self.assertEqual(grants[0]["assignment"], LOCATIONS)
        self.assertEqual(grants[0]["references"], [])

    def test_assignment_by_what_it_assigns(self):
        """Two assign the baseline; only one of them holds the resource."""
        text = said("stevalweu01", {"policyDefinition": {"name": "y", "id": STORAGE},
                                    "policySetDefinition": {"name": "z", "id": SET}})
        grants, _ = self.grants(text)
        self.assertEqual(grants[0]["assignment"], BASELINE)

    def test_assignment_by_the_reason(self):
        """Terraform prints Azure's reasons alone: the assignment's own message."""
        grants, stderr = self.grants(
            f'Error: creating Workspace (Subscription: "{SUBSCRIPTION[15:]}"\nResource Group Name: "rg-eval-weu"\n'
            'Workspace Name: "mlw-new"): unexpected status 403 (403 Forbidden) with error: '
            "RequestDisallowedByPolicy: Resource 'mlw-new' was disallowed by policy. Reasons: 'This resource departs "
            "from the\nplatform guardrails.'. See error details for policy resource IDs.\n\n"
            "  with azurerm_machine_learning_workspace.this,\n")
        self.assertTrue(grants[0]["assignment"].endswith("/policyAssignments/platform-guardrails"))
        self.assertEqual(grants[0]["scope"], GROUP)
        self.assertEqual(grants[0]["selectors"][0]["selectors"],
                         [{"kind": "resourceType", "in": ["Microsoft.MachineLearningServices/workspaces"]}])
        self.assertIn("found by the reason", stderr)
        self.assertIn("which policy of the initiative", stderr)
        self.assertIn("does not say its location", stderr)

    def test_what_is_not_known_is_asked_for(self):
        grants, stderr = self.grants("Resource 'nowhere' was disallowed by policy.")
        self.assertEqual(len(grants), 1)
        self.assertIsNone(grants[0].get("assignment"))
        self.assertIsNone(grants[0].get("scope"))
        self.assertIn("which assignment", stderr)
        self.assertIn("where “nowhere” is", stderr)

    def test_resource_alone(self):
        grants, _ = self.grants(ACCOUNT)
        self.assertEqual(grants[0]["scope"], ACCOUNT)
        self.assertEqual(grants[0]["assignment"], BASELINE)
        self.assertEqual(grants[0]["references"], ["searchNoLocalAuth"])

    def test_nothing(self):
        done = self.draft("It does not work.", REFUSED)
        self.assertIn("Nothing in this text", done.stderr)

    def test_no_file(self):
        self.run_ctl("draft", "--from-refusal", "/does/not/exist", who="priya", expect=INPUT)


if __name__ == "__main__":
    run()
