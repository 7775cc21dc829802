# SPDX-License-Identifier: GPL-3.0-or-later
"""The az command on the simulated tenant: it signs in, and makes, lists, shows, changes and deletes
exemptions at each kind of scope. What it makes, the tenant shows to others as it is; what it loses in
an update, the tenant shows as lost."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from stand import NEWEST, MICROSOFT, Stand, Tap

EVALS = "5b84a0b2-debd-5e07-b5b8-601756f9c338"
SUBSCRIPTION = "/subscriptions/" + EVALS
GROUP = SUBSCRIPTION + "/resourceGroups/rg-eval-weu"
WORKLOADS = "/providers/Microsoft.Management/managementGroups/ai-workloads"
BASELINE = WORKLOADS + "/providers/Microsoft.Authorization/policyAssignments/ai-security-baseline"
REFERENCES = ["aiServicesPrivateLink", "aiServicesNoPublicNetwork"]


class Az:
    """The command with a configuration of its own."""

    def __init__(self, stand, name, seed=None):
        home = os.path.join(stand.folder, name)
        if seed is None:
            os.mkdir(home)
        else:
            shutil.copytree(seed.home, home)
        self.home = home
        keep = ("PATH", "PYTHONPYCACHEPREFIX")
        self.environment = {name: os.environ[name] for name in keep if name in os.environ} | {
            "HOME": home, "AZURE_CONFIG_DIR": os.path.join(home, "azure"),
            "REQUESTS_CA_BUNDLE": stand.ca, "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "AZURE_CORE_COLLECT_TELEMETRY": "false", "AZURE_CORE_LOGIN_EXPERIENCE_V2": "off",
            "AZURE_CORE_ENCRYPT_TOKEN_CACHE": "false", "AZURE_CORE_CHECK_FOR_UPDATES": "no",
            "AZURE_CORE_NO_COLOR": "true", "AZURE_CORE_ONLY_SHOW_ERRORS": "true",
            "PYTHONWARNINGS": "ignore", "LANG": "C.UTF-8"}

    def run(self, *words):
        return subprocess.run(["az", *words, "-o", "json"], env=self.environment, timeout=100,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def __call__(self, *words):
        """What the command answers; an error where it fails."""
        done = self.run(*words)
        assert done.returncode == 0, f"az {' '.join(words)}: {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def exemption(self, verb, *words):
        return self("policy", "exemption", verb, *words)


def same(found, expected):
    assert found == expected, f"\nfound    {json.dumps(found)}\nexpected {json.dumps(expected)}"


def sign_in(az, stand):
    base = stand.line["arm"]
    az("cloud", "register", "-n", "Demo", "--endpoint-resource-manager", base,
       "--endpoint-active-directory", stand.line["login"],
       "--endpoint-active-directory-resource-id", base, "--endpoint-management", base,
       "--endpoint-active-directory-graph-resource-id", base + "/", "--endpoint-gallery", base,
       "--endpoint-vm-image-alias-doc", base + "/x")
    az("cloud", "set", "-n", "Demo")
    wrong = az.run("login", "--service-principal", "-u", stand.line["clientId"], "-p", "wrong",
                   "--tenant", stand.line["tenant"])
    assert wrong.returncode != 0 and "AADSTS7000215" in wrong.stderr, wrong.stderr
    subscriptions = az("login", "--service-principal", "-u", stand.line["clientId"],
                       "-p", stand.secret(), "--tenant", stand.line["tenant"])
    assert EVALS in [one["id"] for one in subscriptions], subscriptions
    az("account", "set", "-s", EVALS)


def below(scope):
    """How az is told of a scope."""
    if scope == GROUP:
        return ["-g", "rg-eval-weu"]
    return [] if scope == SUBSCRIPTION else ["--scope", scope]


def create(az, stand, scope, name):
    made = az.exemption("create", "-n", name, *below(scope), "-a", BASELINE, "-e", "Waiver",
                        "--expires-on", "2031-01-31T22:00:00Z", "--display-name", "By az",
                        "--description", "It’s “ours”", "--metadata", "ticketRef=CHG0042",
                        "-r", *REFERENCES)
    same(made["id"], f"{scope}/providers/{MICROSOFT}/{name}")
    same(made["exemptionCategory"], "Waiver")
    same(made["policyDefinitionReferenceIds"], REFERENCES)
    same(made["metadata"]["ticketRef"], "CHG0042")
    there = stand.exemption(scope, name)
    same(there["properties"]["displayName"], "By az")
    same(there["properties"]["description"], "It’s “ours”")
    same(there["properties"]["expiresOn"], "2031-01-31T22:00:00Z")
    same(there["properties"]["policyAssignmentId"], BASELINE)
    same(stand.leeway(made["id"])["properties"], there["properties"])


def list_and_show(az, stand, scope, name):
    strict = az.exemption("list", *below(scope))
    same([one["name"] for one in strict if one["name"] == name], [name])
    wide = az.exemption("list", "-i", *below(scope))
    assert len(wide) >= len(strict), "the wider list is the shorter one"
    shown = az.exemption("show", "-n", name, *below(scope))
    same(shown, next(one for one in strict if one["name"] == name))
    there = stand.exemption(scope, name)
    same(shown["systemData"]["createdBy"], there["systemData"]["createdBy"])
    same(shown["systemData"]["createdAt"][:26], there["systemData"]["createdAt"][:26])


def update(az, stand, scope, name):
    before = stand.exemption(scope, name)
    az.exemption("update", "-n", name, *below(scope), "--display-name", "Changed by az",
                 "-e", "Mitigated")
    after = stand.exemption(scope, name)
    expected = before["properties"] | {
        "displayName": "Changed by az", "exemptionCategory": "Mitigated"}
    same(after["properties"], expected)
    same(after["systemData"]["createdAt"], before["systemData"]["createdAt"])
    assert after["systemData"]["lastModifiedAt"] > before["systemData"]["lastModifiedAt"]


def lose_selectors(az, stand, scope, name):
    """az knows seven properties, and its update writes no others: the exemption gets wider. Leeway reads
    what is left, who wrote it and when, which is what drift is told by."""
    path = f"{scope}/providers/{MICROSOFT}/{name}?api-version={NEWEST}"
    selectors = [{"name": "where", "selectors": [
        {"kind": "resourceLocation", "in": ["westeurope"]}]}]
    properties = stand.exemption(scope, name)["properties"] | {
        "resourceSelectors": selectors, "assignmentScopeValidation": "DoNotValidate"}
    narrow = stand.ask("PUT", path, {"properties": properties})
    same(narrow["properties"]["resourceSelectors"], selectors)
    same(stand.leeway(narrow["id"])["properties"], narrow["properties"])
    az.exemption("update", "-n", name, *below(scope), "--display-name", "Widened by az")
    wide = stand.exemption(scope, name)
    assert not wide["properties"].get("resourceSelectors"), wide
    assert "assignmentScopeValidation" not in wide["properties"] or (
        wide["properties"]["assignmentScopeValidation"] == "Default"), wide
    same(wide["properties"]["displayName"], "Widened by az")
    seen = stand.leeway(narrow["id"])
    same(seen["properties"], wide["properties"])
    same(seen["systemData"], wide["systemData"])
    assert seen["systemData"]["lastModifiedAt"] > narrow["systemData"]["lastModifiedAt"]
    same(seen["systemData"]["lastModifiedByType"], "Application")
    assert seen["systemData"]["lastModifiedBy"] != narrow["systemData"]["lastModifiedBy"], seen


def delete(az, stand, scope, name):
    az.exemption("delete", "-n", name, *below(scope))
    same(stand.exemption(scope, name), None)
    gone = az.run("policy", "exemption", "show", "-n", name, *below(scope))
    same(gone.returncode, 3)
    assert "PolicyExemptionNotFound" in gone.stderr, gone.stderr
    az.exemption("delete", "-n", name, *below(scope))


PUBLISHED = [
    f"PolicyExemptions_{verb} 2020-07-01-preview" for verb in (
        "CreateOrUpdate", "Get", "Delete", "List", "ListForManagementGroup", "ListForResourceGroup",
        "ListForResource")]

STEPS = [("makes an exemption", create), ("lists and shows it", list_and_show),
         ("changes it and nothing else", update),
         ("loses what it does not know, for all to see", lose_selectors),
         ("deletes it", delete)]


def at_scope(tap, stand, seed, kind, scope):
    az = Az(stand, "az-" + kind.replace(" ", "-"), seed)
    for title, step in STEPS:
        if not tap.case(f"az {title} at {kind} scope", step, az, stand, scope, "az-real"):
            break


def refused(az, stand):
    """An assignment that is not there."""
    done = az.run("policy", "exemption", "create", "-n", "az-refused", "-g", "rg-eval-weu",
                  "-a", BASELINE + "-none", "-e", "Waiver")
    same(done.returncode, 1)
    assert "InvalidCreatePolicyExemptionRequest" in done.stderr, done.stderr
    same(stand.exemption(GROUP, "az-refused"), None)


def main():
    tap = Tap()
    with Stand("--page-size", "2") as stand:
        az = Az(stand, "az")
        if tap.case("az signs in", sign_in, az, stand):
            resource = stand.ask("GET", f"{GROUP}/resources?api-version=2021-04-01")["value"][0]["id"]
            scopes = {"management-group": WORKLOADS, "subscription": SUBSCRIPTION,
                      "resource-group": GROUP, "resource": resource}
            with ThreadPoolExecutor(2) as pool:
                for kind, scope in scopes.items():
                    pool.submit(at_scope, tap, stand, az, kind, scope)
            tap.case("az is told what is wrong", refused, az, stand)
            tap.case("what az was answered is as published", stand.published, PUBLISHED)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
