#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The script that sets up a ledger in a storage account, against an az that only writes down."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

ROLES, FAKE = (os.path.abspath(arg) for arg in sys.argv[1:3])
SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
ROOT = (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-leeway/providers/Microsoft.Storage/storageAccounts/"
        "leewayledger/blobServices/default/containers/")
SHELVES = ("requests", "evidence", "seals", "rules", "log")
ADDER, READER, APPROVER = "Leeway Ledger Adder", "Leeway Ledger Reader", "Leeway Exemption Approver"
GROUP = "/providers/Microsoft.Management/managementGroups/platform"
ARGS = ("--subscription", SUBSCRIPTION, "--resource-group", "rg-leeway", "--account", "leewayledger",
        "--requesters", "req", "--approvers", "app", "--administrators", "adm")


class SetUp(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="leeway-roles-")
        self.addCleanup(self.dir.cleanup)
        os.symlink(FAKE, os.path.join(self.dir.name, "az"))
        self.state_path = os.path.join(self.dir.name, "state.json")

    def run_script(self, *args, code=0, **env):
        env = dict(os.environ, PATH=f"{self.dir.name}:{os.environ['PATH']}", FAKE_AZ_STATE=self.state_path,
                   LC_ALL="C.UTF-8", **env)
        done = subprocess.run([f"{ROLES}/set-up-ledger", *args], capture_output=True, text=True, env=env)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def state(self):
        with open(self.state_path, encoding="utf-8") as file:
            return json.load(file)

    def rights(self):
        """What each group has on each shelf."""
        return {(who, scope.removeprefix(ROOT + "leeway-")): role for who, role, scope in self.state()["assignments"]}

    def test_everything(self):
        self.run_script(*ARGS, "--readers", "aud", "--create", "westeurope", "--retention", "2555",
                        "--exemptions", GROUP)
        state = self.state()
        containers = [f"leeway-{shelf}" for shelf in SHELVES]
        self.assertEqual(state["containers"], containers)
        self.assertEqual(state["policies"], {name: 2555 for name in containers})
        self.assertEqual((state["groups"], state["accounts"]), (["rg-leeway"], ["leewayledger"]))
        rights = self.rights()
        for shelf in SHELVES:
            self.assertEqual(rights[("req", shelf)], READER if shelf in ("seals", "rules") else ADDER, shelf)
            self.assertEqual(rights[("app", shelf)], READER if shelf == "rules" else ADDER, shelf)
            self.assertEqual(rights[("adm", shelf)], READER if shelf == "seals" else ADDER, shelf)
            self.assertEqual(rights[("aud", shelf)], READER, shelf)
        self.assertEqual(rights[("app", GROUP)], APPROVER)
        self.assertEqual(len(state["assignments"]), 4 * len(SHELVES) + 1)

    def test_roles_overwrite_and_delete_nothing(self):
        self.run_script(*ARGS, "--exemptions", GROUP)
        roles = self.state()["roles"]
        blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/"
        self.assertEqual(roles[READER]["DataActions"], [blobs + "read"])
        self.assertEqual(roles[ADDER]["DataActions"], [blobs + "read", blobs + "add/action"])
        for name in (READER, ADDER):
            self.assertEqual(roles[name]["Actions"], [])
            self.assertEqual(roles[name]["AssignableScopes"], [f"/subscriptions/{SUBSCRIPTION}"])
        actions = roles[APPROVER]["Actions"]
        self.assertIn("Microsoft.Authorization/policyExemptions/*", actions)
        self.assertIn("Microsoft.Authorization/policyAssignments/exempt/action", actions)
        self.assertFalse([action for action in actions if action.endswith(("/write", "/delete")) or action == "*"])
        self.assertEqual(roles[APPROVER]["AssignableScopes"], [GROUP])

    def test_again_changes_nothing(self):
        self.run_script(*ARGS, "--create", "westeurope")
        before = self.state()
        done = self.run_script(*ARGS, "--create", "westeurope")
        after = self.state()
        for what in ("containers", "assignments", "groups", "accounts", "roles"):
            self.assertEqual(before[what], after[what])
        self.assertIn("container leeway-requests: there already", done.stdout)
        self.assertIn("has Leeway Ledger Adder on leeway-log already", done.stdout)

    def test_what_is_missing_is_added(self):
        self.run_script(*ARGS)
        state = self.state()
        state["containers"].remove("leeway-seals")
        state["assignments"] = [a for a in state["assignments"] if a[0] != "app"]
        with open(self.state_path, "w", encoding="utf-8") as file:
            json.dump(state, file)
        self.run_script(*ARGS)
        self.assertIn("leeway-seals", self.state()["containers"])
        self.assertEqual(self.rights()[("app", "seals")], ADDER)

    def test_dry_run(self):
        done = self.run_script(*ARGS, "--create", "westeurope", "--dry-run")
        state = self.state()
        self.assertEqual((state["containers"], state["roles"], state["assignments"]), ([], {}, []))
        self.assertFalse([call for call in state["calls"] if "create" in call or "update" in call])
        self.assertEqual(done.stdout.count("would run: az storage container-rm create"), 5)
        self.assertEqual(done.stdout.count("would run: az role assignment create"), 15)

    def test_one_group_for_two(self):
        """Who approves and administers alike adds to both shelves, and nothing is assigned twice."""
        self.run_script("--subscription", SUBSCRIPTION, "--resource-group", "rg-leeway", "--account", "leewayledger",
                        "--requesters", "req", "--approvers", "gov", "--administrators", "gov", "--ledger", "exempt")
        assignments = self.state()["assignments"]
        self.assertEqual(len(assignments), len({tuple(a) for a in assignments}))
        self.assertIn(["gov", ADDER, f"{ROOT}exempt-seals"], assignments)
        self.assertIn(["gov", ADDER, f"{ROOT}exempt-rules"], assignments)
        self.assertNotIn(["gov", READER, f"{ROOT}exempt-rules"], assignments)

    def test_stops_where_azure_refuses(self):
        done = self.run_script(*ARGS, code=1, FAKE_AZ_REFUSES="role definition create")
        self.assertIn("AuthorizationFailed", done.stderr)
        self.assertEqual(self.state()["assignments"], [])
        self.run_script(*ARGS)  # and goes on from there

    def test_wrong_usage(self):
        for args, says in (
            ((), "--subscription is missing"),
            (ARGS[:-2], "--administrators is missing"),
            ((*ARGS, "--ledger", "Leeway"), "cannot be the name of a ledger"),
            ((*ARGS, "--retention", "long"), "number of days"),
            ((*ARGS, "--frobnicate", "x"), "no option --frobnicate"),
            ((*ARGS, "--readers"), "--readers needs a value"),
        ):
            self.assertIn(says, self.run_script(*args, code=2).stderr)
        self.assertFalse(os.path.exists(self.state_path))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
