#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exemptions written in the formats of other tools, and read from them.

What is written is read back by readers of each language, and the shell's by a real shell with an az that
prints what it was given; names and texts are hostile."""

import copy
import json
import os
import pathlib
import re
import stat
import subprocess

import languages
from leeway_cli import DATA, DONE, FIXTURES, INPUT, REFUSED, Case, load, run

SUBSCRIPTION = "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-eval-weu"
ACCOUNT = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/aoai-eval-weu"
MANAGEMENT = "/providers/Microsoft.Management/managementGroups/ai-workloads"
ASSIGNMENT = f"{MANAGEMENT}/providers/Microsoft.Authorization/policyAssignments/ai-security-baseline"
KNOWN = ("policyAssignmentId", "policyDefinitionReferenceIds", "exemptionCategory", "displayName", "description",
         "expiresOn", "resourceSelectors", "assignmentScopeValidation", "metadata")

HOSTILE = [
    "plain",
    "it's \"quoted\" `whoami` $(touch PWNED) $PWNED ${PWNED} %PATH% %{if true}x%{endif} $${x} %%{y}",
    "'; touch PWNED; echo '",
    "\"; touch PWNED; echo \"",
    "\\'; touch PWNED #",
    "line one\nline two\r\n\ttabbed\x0b\x7f end",
    "[concat('a', resourceGroup().location)]",
    "[[not one]",
    "[half",
    "=cmd|' /C calc'!A0",
    "+1+1", "-2+3", "@SUM(A1)", "@/etc/passwd", "??", "null", "{}", "-rf",
    "‘typographic’ ‚quotes‛ “and” „more”",
    "’; Remove-Item -Recurse / #",
    "őŐ Å‘ bytes that are quotes in another code page",
    "\u2028separators\u2029and\u202eoverrides",
    "emoji 🧨 and 日本語, Ünïcödé",
    "trailing backslash \\",
    "a, b; c \\, d",
    "*/ // /* # comment",
    "a" * 128,
    "${jndi:x} #{x} {{x}} <%= x %> \\u0027 \\x27 %27",
]


def exemption(number, scope=GROUP, existing=False, **properties):
    name = f"hostile-{number}"
    out = {"id": f"{scope}/providers/Microsoft.Authorization/policyExemptions/{name}", "name": name,
           "type": "Microsoft.Authorization/policyExemptions",
           "properties": {"policyAssignmentId": ASSIGNMENT, "exemptionCategory": "Waiver"}}
    out["properties"].update(properties)
    if existing:
        out["systemData"] = {"createdAt": "2026-01-01T00:00:00Z", "createdBy": "ann@contoso.example"}
    return out


def hostile():
    """One for each text, and for each kind of scope."""
    scopes = (GROUP, ACCOUNT, SUBSCRIPTION, MANAGEMENT)
    for number, text in enumerate(HOSTILE):
        yield exemption(number, scopes[number % 4], number % 3 == 0,
                        policyDefinitionReferenceIds=["aiServicesNoPublicNetwork"],
                        displayName=text, description=text[::-1] + text, expiresOn="2027-01-31T22:59:59Z",
                        metadata={"ticketRef": text, text: [text, {"n": number, "half": 1.5, "no": None, "yes": True}]})


def clean(properties):
    """What an export has to keep."""
    return {key: value for key, value in properties.items() if value not in (None, "", [], {})}


class Formats(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fake = pathlib.Path(cls.dir.name) / "bin"
        cls.fake.mkdir()
        az = cls.fake / "az"
        az.write_text('#!/usr/bin/env python3\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n')
        az.chmod(az.stat().st_mode | stat.S_IXUSR)

    def export(self, to, exemptions, **kwargs):
        """{file name: text}"""
        path = self.write("list.json", json.dumps({"value": exemptions}))
        folder = self.path(f"out-{to}-{len(os.listdir(self.dir.name))}")
        done = self.run_ctl("export", path, "--to", to, "--output", folder, **kwargs)
        self.notes = done.stderr
        if os.path.isdir(folder):
            return {name: pathlib.Path(folder, name).read_text(newline="", encoding="utf-8")
                    for name in os.listdir(folder)}
        return {"": pathlib.Path(folder).read_text(newline="", encoding="utf-8")} if os.path.exists(folder) else {}

    def one(self, to, exemptions, **kwargs):
        return self.export(to, exemptions, **kwargs).popitem()[1]

    def read(self, content, expect=DONE, *args):
        return json.loads(self.run_ctl("import", self.write("in", content), *args, expect=expect).stdout)

    # --- each format ---

    def test_shell(self):
        """A real shell hands az each text as it is, and runs nothing else."""
        exemptions = list(hostile())
        script = self.write("script.sh", self.one("az", exemptions))
        folder = pathlib.Path(self.path("empty"))
        folder.mkdir()
        done = subprocess.run(["sh", script], cwd=folder, capture_output=True, text=True, check=True,
                              env={"PATH": f"{self.fake}:/usr/bin:/bin", "PWNED": "yes", "LC_ALL": "C.UTF-8"})
        self.assertEqual(os.listdir(folder), [])
        calls = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(calls), len(exemptions))
        for call, given in zip(calls, exemptions):
            properties = given["properties"]
            if call[0] == "rest":
                self.assertEqual(call[:3], ["rest", "--method", "put"])
                options = dict(zip(call[1::2], call[2::2]))
                self.assertEqual(json.loads(options["--body"])["properties"], clean(properties))
                self.assertTrue(options["--url"].startswith(given["id"] + "?api-version="))
                continue
            self.assertEqual(call[:3], ["policy", "exemption", "create"])
            options = dict(zip(call[3::2], call[4::2]))
            for text in options.values():
                self.assertNotRegex(text, r"^(@|-|\?\?$|null$)")
            self.assertEqual(options["--display-name"], properties["displayName"])
            self.assertEqual(options["--description"], properties["description"])
            self.assertEqual(json.loads(options["--metadata"]), properties["metadata"])
            self.assertEqual(options["--policy-definition-reference-ids"], "aiServicesNoPublicNetwork")

    def test_powershell(self):
        exemptions = list(hostile())
        text = self.one("powershell", exemptions)
        self.assertTrue(text.isascii(), "another code page would read it otherwise")
        commands = languages.PowerShell(text).read()
        self.assertEqual(len(commands), len(exemptions))
        for (name, parameters), given in zip(commands, exemptions):
            properties = given["properties"]
            self.assertEqual(name, "New-AzPolicyExemption")
            self.assertEqual(parameters["Name"], given["name"])
            self.assertEqual(parameters["PolicyAssignment"], ASSIGNMENT)
            self.assertEqual(parameters["DisplayName"], properties["displayName"])
            self.assertEqual(parameters["Description"], properties["description"])
            self.assertEqual(json.loads(parameters["Metadata"]), properties["metadata"])

    def test_terraform(self):
        exemptions = list(hostile())
        blocks = languages.Hcl(self.one("terraform", exemptions)).read()
        resources = [block for block in blocks if block[0] != "import"]
        self.assertEqual(len(resources), len(exemptions))
        self.assertEqual(len({block[1] for block in resources}), len(exemptions))
        for (_, _, attributes), given in zip(resources, exemptions):
            properties = given["properties"]
            self.assertEqual(attributes["display_name"], properties["displayName"])
            self.assertEqual(attributes["description"], properties["description"])
            self.assertEqual(attributes["metadata"], properties["metadata"])
            self.assertEqual(attributes["expires_on"], "2027-01-31T22:59:59Z")
        self.assertEqual([block[2]["id"] for block in blocks if block[0] == "import"],
                         [given["id"] for given in exemptions if "systemData" in given])

    def test_terraform_azapi(self):
        """azurerm has no selectors: those are written for azapi, whole, and it is said."""
        selectors = [{"name": "weu", "selectors": [{"kind": "resourceLocation", "in": ["westeurope"]}]}]
        given = exemption(0, resourceSelectors=selectors, displayName="${x}")
        blocks = languages.Hcl(self.one("terraform", [given])).read()
        self.assertEqual(blocks[0][0], "azapi_resource")
        self.assertEqual(blocks[0][2]["body"]["properties"], given["properties"])
        self.assertIn("azapi", self.notes)
        given = exemption(1, assignmentScopeValidation="DoNotValidate", newMember={"a": [1]})
        blocks = languages.Hcl(self.one("terraform", [given])).read()
        self.assertEqual(blocks[0][2]["body"]["properties"], given["properties"])
        self.assertIs(blocks[0][2]["schema_validation_enabled"], False)

    def test_bicep(self):
        exemptions = list(hostile())
        found = {}
        for text in self.export("bicep", exemptions).values():
            target, symbols = languages.Bicep(text).read()
            for kind, existing, body, scope in symbols.values():
                if existing:
                    continue
                found[body["name"]] = body["properties"]
                self.assertTrue(kind.startswith("Microsoft.Authorization/policyExemptions@"))
                if scope:
                    self.assertEqual(symbols[scope][2]["name"], "aoai-eval-weu")
                    self.assertTrue(symbols[scope][1])
                    self.assertEqual(target, "resourceGroup")
        self.assertEqual(found, {given["name"]: given["properties"] for given in exemptions})

    def test_bicep_of_a_type_that_is_not_known(self):
        scope = f"{GROUP}/providers/Contoso.Nothing/things/t"
        self.export("bicep", [exemption(0, scope)], expect=INPUT)
        self.assertIn("export to arm", self.notes)

    def test_arm(self):
        exemptions = list(hostile())
        files = self.export("arm", exemptions)
        self.assertEqual(len(files), 3)
        found = {}
        for text in files.values():
            schema, resources = languages.arm(text)
            for resource in resources:
                found[resource["name"]] = resource["properties"]
                self.assertEqual(resource.get("scope"), "Microsoft.CognitiveServices/accounts/aoai-eval-weu"
                                 if "deploymentTemplate" in schema and int(resource["name"][8:]) % 4 == 1 else None)
        self.assertEqual(found, {given["name"]: given["properties"] for given in exemptions})

    def test_calendar(self):
        exemptions = list(hostile())
        components = languages.calendar(self.one("ics", exemptions, expect=DONE))
        events = [values for name, values in components if name == "VEVENT"]
        self.assertEqual(len(events), len(exemptions))
        self.assertEqual(len({event["UID"] for event in events}), len(exemptions))
        for event, given in zip(events, exemptions):
            wanted = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", given["properties"]["displayName"]).replace("\t", " ")
            self.assertIn(wanted, event["SUMMARY"])
            self.assertEqual(event["DTSTART"], "20270131T225959Z")

    def test_calendar_of_checks(self):
        given = exemption(0, metadata={"leeway": {"controls": [{"kind": "monitoring", "nextCheck": "2026-12-20"}]}})
        events = [values for name, values in languages.calendar(self.one("ics", [given])) if name == "VEVENT"]
        self.assertEqual([event["DTSTART"] for event in events], ["20261220"])
        self.assertIn("never expires", self.notes)

    # --- there and back ---

    def assert_same(self, text, exemptions):
        back = self.read(text)
        self.assertEqual(back["problems"], [])
        self.assertEqual([item["id"] for item in back["exemptions"]], [item["id"] for item in exemptions])
        for item, given in zip(back["exemptions"], exemptions):
            self.assertEqual(item["properties"], given["properties"])

    def test_round_trip_epac(self):
        self.assert_same(self.one("epac", list(hostile())), list(hostile()))

    def test_round_trip_csv(self):
        text = self.one("epac-csv", list(hostile()))
        for line in text.split("\r\n"):
            self.assertNotRegex(line, r"(^|,)\"?[=+@]")
        self.assert_same(text, list(hostile()))

    def test_round_trip_rest(self):
        given = [exemption(99, existing=True, futureMember={"deep": [1, {"x": "y"}]}), *hostile()]
        self.assert_same(self.one("rest", given), given)

    def test_no_formula_in_a_name(self):
        given = exemption(0)
        given["name"] = "=1+1"
        given["id"] = f"{GROUP}/providers/Microsoft.Authorization/policyExemptions/=1+1"
        self.export("epac-csv", [given], expect=INPUT)
        self.assertIn("Export to epac", self.notes)

    def test_the_tenants_own(self):
        """Everything in the demo tenant, through each format that can be read again."""
        listed = {}
        for subscription in load(f"{DATA}/demo/subscriptions.json")["subscriptions"]:
            for item in self.tenant.get(f'/subscriptions/{subscription["id"]}/providers/'
                                        "Microsoft.Authorization/policyExemptions", "ingrid")["value"]:
                listed[item["id"].lower()] = item
        listed = list(listed.values())
        self.assertGreater(len(listed), 20)
        wanted = copy.deepcopy(listed)
        for item in wanted:
            # Azure's stamps, and what EPAC writes by itself
            for key in ("createdBy", "createdOn", "updatedBy", "updatedOn", "deployedBy", "pacOwnerId", "epacMetadata"):
                item["properties"].get("metadata", {}).pop(key, None)
            item["properties"] = clean(item["properties"])
        for to in ("epac", "epac-csv"):
            with self.subTest(to=to):
                back = self.read(self.one(to, listed))
                self.assertIn("EPAC’s own", self.notes)
                self.assertEqual(back["problems"], [])
                self.assertEqual(len(back["exemptions"]), len(listed))
                for item, given in zip(back["exemptions"], wanted):
                    properties = dict(given["properties"])
                    properties["expiresOn"] = properties.get("expiresOn", "")[:19]
                    properties.setdefault("displayName", given["name"])
                    found = dict(item["properties"])
                    found["expiresOn"] = found.get("expiresOn", "")[:19]
                    self.assertEqual(found, properties)
        for to in ("terraform", "bicep", "az", "powershell", "arm", "ics"):
            self.assertTrue(self.export(to, listed))
        self.assertEqual(self.read(self.one("rest", listed))["exemptions"], [
            {**item, "properties": {key: value for key, value in item["properties"].items()
                                    if value not in (None, "", [])}} for item in listed])

    # --- schemas ---

    def schema(self, *path):
        shared = pathlib.Path(os.environ.get("LEEWAY_SHARED") or f"{DATA}/../../shared")
        file = shared.joinpath("azure", "schemas", *path)
        if not file.exists():
            self.skipTest("the published schemas are not here")
        return json.loads(file.read_text())

    def test_epac_schema(self):
        schema = self.schema("epac", "policy-exemption-schema.json")
        import jsonschema
        jsonschema.validate(json.loads(self.one("epac", list(hostile()))), schema)

    def test_arm_schema(self):
        schema = self.schema("arm", "2024-12-01-preview", "Microsoft.Authorization.json")
        common = self.schema("arm", "common", "definitions.json")
        import jsonschema
        text = json.dumps(schema)
        prefix = "https://schema.management.azure.com/schemas/common/definitions.json#/definitions/"
        schema = json.loads(text.replace(prefix, "#/definitions/"))
        schema["definitions"].update({key: value for key, value in
                                      json.loads(json.dumps(common).replace(prefix, "#/definitions/"))
                                      ["definitions"].items() if key not in schema["definitions"]})
        schema.pop("id", None)
        for name, part in (("ai-workloads", "managementGroup_resourceDefinitions"),
                           ("rg-eval-weu", "resourceDefinitions"),
                           ("5b84a0b2", "subscription_resourceDefinitions")):
            files = self.export("arm", list(hostile()))
            template = json.loads(next(text for file, text in files.items() if name in file))
            for resource in template["resources"]:
                jsonschema.validate(resource, {**schema, "$ref": f"#/{part}/policyExemptions"})

    def test_epac_sample(self):
        """EPAC's own starter file, with its comments and trailing commas."""
        shared = pathlib.Path(os.environ.get("LEEWAY_SHARED") or f"{DATA}/../../shared")
        file = shared / "azure" / "schemas" / "epac" / "active-exemptions.jsonc"
        if not file.exists():
            self.skipTest("the published sample is not here")
        done = self.run_ctl("import", str(file), expect=REFUSED) if "policyDefinition" in file.read_text() \
            else self.run_ctl("import", str(file))
        self.assertEqual(json.loads(done.stdout)["format"], "epac")

    def test_recordings(self):
        """What Azure was seen to answer: everything in it comes back as it was."""
        shared = pathlib.Path(os.environ.get("LEEWAY_SHARED") or f"{DATA}/../../shared")
        folder = shared / "azure" / "recordings" / "exemptions"
        if not folder.exists():
            self.skipTest("the recordings are not here")
        seen = 0
        for file in sorted(folder.glob("*.json")):
            entries = json.loads(file.read_text())
            for entry in entries if isinstance(entries, list) else entries["entries"]:
                body = entry["response"]["body"] if "response" in entry else None
                items = body.get("value", [body]) if isinstance(body, dict) else []
                items = [item for item in items if str(item.get("type", "")).lower().endswith("/policyexemptions")]
                if not items:
                    continue
                found = self.read(json.dumps({"value": items}))
                self.assertEqual(found["problems"], [])
                for item, given in zip(found["exemptions"], items):
                    self.assertEqual(item["id"], given["id"])
                    for key, value in clean(given["properties"]).items():
                        if key == "expiresOn":
                            self.assertEqual(item["properties"][key][:19], value[:19])
                        else:
                            self.assertEqual(item["properties"][key], value)
                    seen += 1
        self.assertGreater(seen, 5)

    # --- a request ---

    def test_request(self):
        done = self.run_ctl("export", f"{FIXTURES}/request-ok.json", "--to", "arm")
        _, resources = languages.arm(done.stdout)
        self.assertEqual(resources[0]["properties"]["metadata"]["requestedBy"], "priya@contoso.example")
        self.assertNotIn("approvedBy", resources[0]["properties"]["metadata"])

    def test_what_cannot_be_read_is_missing(self):
        """The rest is written, and the exit code says that something is not."""
        path = self.write("list.json", json.dumps({"value": [exemption(0), {"id": "/x"}, exemption(1)]}))
        done = self.run_ctl("export", path, "--to", "epac", expect=REFUSED)
        self.assertEqual(len(json.loads(done.stdout)["exemptions"]), 2)
        self.assertIn("line 1: It has no", done.stderr)

    def test_partial_lists_are_not_written_back(self):
        path = self.write("viz.csv", "ExemptionId;PolicyAssignmentId;Category\n"
                          f'{exemption(0)["id"]};{ASSIGNMENT};Waiver\n')
        self.assertIs(self.json("import", path)["partial"], True)
        self.refuse("export", path, "--to", "az", expect=INPUT, says="does not hold all")

    def test_several_files_need_a_folder(self):
        path = self.write("list.json", json.dumps({"value": list(hostile())}))
        self.refuse("export", path, "--to", "bicep", expect=INPUT, says="3 files")
        self.refuse("export", path, "--to", "excel", expect=INPUT, says="no format")
        self.refuse("export", "/does/not/exist", "--to", "arm", expect=INPUT, says="cannot be read")


if __name__ == "__main__":
    run()
