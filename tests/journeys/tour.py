#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks one request through the real window: a requester drafts and submits it, an approver's click
creates the exemption, and the tenant is asked what it has now. Prints a line a step, saves a picture
of each, and exits 1 at the first step that does not work.

As a test (--check) it does the same and prints TAP."""

import argparse
import json
import os
import shutil
import sys
import tempfile

import path
from driver import Broken, Program, Window
from tenant import Tenant, free_port, wrapper

STEPS = [
    ("sign-in", "Priya Raman signs in", lambda w: path.sign_in(w, path.REQUESTER)),
    ("policy", "chooses the policy and the two definitions that fail", path.draft_policy),
    ("scope", "chooses the two resources that need it", path.draft_scope),
    ("reason", "gives the reason, its end and the plan", path.draft_reason),
    ("owner", "finds an owner and sets the expiry", path.draft_owner),
    ("controls", "writes down a compensating control", path.draft_controls),
    ("check", "reads what the approver will see", path.check),
    ("submitted", "submits it to the ledger", path.submit),
    ("approver", "Tomás Herrera signs in", lambda w: path.switch_to(w, path.APPROVER)),
    ("review", "reads the request", path.review),
    ("applied", "approves it and creates the exemption", path.approve_and_create),
    ("exemptions", "finds it among the tenant's exemptions", path.see_exemptions),
    ("portfolio", "looks at the portfolio", path.see_portfolio),
]


def check_exemption(tenant):
    """The exemption as the tenant answers it, held against what was asked for."""
    scope = tenant.subscription(path.APPROVER, "sub-evals-prod")
    mine = [e for e in tenant.exemptions(path.APPROVER, scope) if e["properties"].get("displayName") == path.TITLE]
    if len(mine) != len(path.RESOURCES):
        raise Broken(f"the tenant has {len(mine)} exemptions of this request, not {len(path.RESOURCES)}")
    for exemption in mine:
        properties = exemption["properties"]
        ours = properties["metadata"]["leeway"]
        wanted = {
            "the owner": "daniel@contoso.example" in json.dumps(ours["owner"]),
            "a control and its kind": all(control["kind"] for control in ours["controls"]) and ours["controls"],
            "the request's id": len(ours["request"]) == 36,
            "the digest": len(ours["digest"]) == 64,
            "the approver": properties["metadata"]["approvedBy"] == "tomas@contoso.example",
            "who created it": exemption["systemData"]["createdBy"] == tenant.persona(path.APPROVER)["upn"]
            or exemption["systemData"]["createdBy"] == tenant.persona(path.APPROVER)["oid"],
            "two definitions": len(properties["policyDefinitionReferenceIds"]) == len(path.DEFINITIONS),
            "an expiry": properties["expiresOn"].endswith("Z"),
        }
        missing = [what for what, there in wanted.items() if not there]
        if missing:
            raise Broken("the exemption lacks " + ", ".join(missing) + ": " + json.dumps(exemption))
    return mine


def find(variable, name):
    found = os.environ.get(variable) or shutil.which(name)
    if not found:
        raise Broken(f"{name} is not to be found; name it in {variable}")
    return os.path.abspath(found)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--out", help="folder for the pictures")
    options.add_argument("--check", action="store_true", help="print TAP")
    args = options.parse_args()
    folder = tempfile.mkdtemp(prefix="tour.")
    out = os.path.realpath(args.out) if args.out else folder
    line_path = os.path.join(folder, "tenant.json")
    done = 0
    program = None
    window = None

    def say(number, name, text, picture):
        if args.check:
            print(f"ok {number} - {name}", flush=True)
        else:
            print(f"{number:2}. {text}" + (f"  ({os.path.relpath(picture)})" if picture else ""), flush=True)

    if args.check:
        print(f"1..{len(STEPS) + 2}", flush=True)
    try:
        tenant_program = wrapper(folder, find("LEEWAY_DEMO_TENANT", "leeway-demo-tenant"), free_port(), line_path)
        program = Program(
            [find("LEEWAY", "leeway"), "--demo"],
            os.path.join(out, "leeway.log"),
            {"LEEWAY_DEMO_TENANT": tenant_program, "G_DEBUG": "fatal-criticals", "LC_ALL": "C.UTF-8"},
        )
        window = Window(program.process.pid)
        for number, (name, text, step) in enumerate(STEPS, 1):
            step(window)
            if not program.running():
                raise Broken("the program has ended")
            picture = None
            if args.out:
                picture = os.path.join(out, f"{number:02}-{name}.png")
                window.screenshot(picture)
            done = number
            say(number, name, text, picture)
        with open(line_path, encoding="utf-8") as line:
            tenant = Tenant(json.loads(line.readline()))
        exemptions = check_exemption(tenant)
        done += 1
        say(done, "tenant", "the tenant now answers:", None)
        if not args.check:
            for exemption in exemptions:
                print(json.dumps(exemption, indent=2, ensure_ascii=False))
        with open(os.path.join(out, "leeway.log"), encoding="utf-8") as log:
            noise = [x for x in log.read().splitlines() if "WARNING" in x or "CRITICAL" in x]
        if noise:
            raise Broken("the program complained: " + noise[0])
        done += 1
        say(done, "quiet", "and the program had nothing to complain of", None)
        if not args.check:
            last = exemptions[0]
            ours = last["properties"]["metadata"]["leeway"]
            print(
                f"created by {path.APPROVER}'s click: {last['name']}, owner {json.dumps(ours['owner'])}, controls "
                f"{', '.join(c['kind'] for c in ours['controls'])}, request {ours['request']}, digest {ours['digest']}"
            )
        return 0
    except Broken as broken:
        if args.check:
            print(f"not ok {done + 1} - {STEPS[done][0] if done < len(STEPS) else 'tenant'}", flush=True)
        print(f"the journey broke: {broken}", file=sys.stderr)
        if window is not None:
            window.screenshot(os.path.join(out, "broken.png"))
            print(window.tree(), file=sys.stderr)
        return 1
    finally:
        if program is not None:
            program.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
