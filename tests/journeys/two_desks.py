#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several people at desks of their own, each with a window of the real program, on one ledger: what one
does shows at the others within seconds, what is being typed stays, and of two approvers who click at the
same moment one decides and the other is told. Saves pictures in --out and prints TAP."""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

import pyatspi

from desk import BareBus, check_names, find
from driver import Broken, Program, Window, wait_for

TITLE = "Private endpoint for the evaluation cluster"
SOON = 30  # seconds in which news must show; a window in view looks every five seconds at first
COMMENT = "Which firewall rule lets the four runners in?"
WISH = "Name the firewall rule and who looks after it, please."


class Place:
    """Somebody's desk: a bus, a home and a window of its own."""

    def __init__(self, name, folder, out, profile, token):
        self.name = name
        self.out = out
        self.bus = BareBus().__enter__()
        home = os.path.join(folder, name)
        env = {key: os.path.join(home, part) for key, part in (
            ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache"), ("XDG_DATA_HOME", "data"))}
        for path in env.values():
            os.makedirs(path)
        self.program = Program(
            [find("LEEWAY", "leeway"), "--profile", profile, "--access-token-file", token],
            os.path.join(out, name + ".log"),
            {"G_DEBUG": "fatal-criticals", "LC_ALL": "C.UTF-8", "GIO_USE_PROXY_RESOLVER": "dummy",
             **env, **self.bus.env()})
        self.window = Window(self.program.process.pid)

    def front(self):
        subprocess.check_call(["xdotool", "windowactivate", "--sync", self.window.xid])
        return self.window

    def picture(self, name):
        self.front()
        if not self.program.running():
            raise Broken(f"the program of {self.name} has ended")
        check_names(self.window)
        self.window.screenshot(os.path.join(self.out, f"{name}-{self.name}.png"))

    def noise(self):
        with open(os.path.join(self.out, self.name + ".log"), encoding="utf-8") as log:
            return [x for x in log.read().splitlines() if "WARNING" in x or "CRITICAL" in x]

    def stop(self):
        self.program.stop()
        self.bus.__exit__()


def sensitive(here):
    return here.getState().contains(pyatspi.STATE_SENSITIVE)


class Journey:
    STEPS = ["windows", "submitted", "comment", "revision", "at_once", "recorded"]

    def __init__(self, folder, out):
        self.folder = folder
        self.out = out
        self.data = os.path.dirname(os.environ["LEEWAY_DEMO_DATA"])
        self.record = os.path.join(folder, "record.jsonl")
        self.tenant = Program(
            [find("LEEWAY_DEMO_TENANT", "leeway-demo-tenant"), "--tenant", os.environ["LEEWAY_DEMO_DATA"],
             "--record", self.record], os.path.join(out, "tenant.log"), line=True)
        self.line = self.tenant.line
        self.profile = os.path.join(folder, "profile.json")
        with open(self.profile, "w", encoding="utf-8") as file:
            json.dump({"cloud": "custom", "signIn": "token", "tenant": self.line["tenant"],
                       "clientId": self.line["clientId"], "name": "Contoso",
                       "endpoints": {key: self.line[key] for key in ("arm", "login", "graph", "blob")},
                       "ledger": f'{self.line["blob"]}/{self.line["ledger"]}'}, file)
        self.places = []
        self.times = {}

    def stop(self):
        for place in self.places:
            place.stop()
        self.tenant.stop()

    def persona(self, name):
        return next(p for p in self.line["personas"] if p["upn"].startswith(name + "@"))

    def token(self, name):
        path = os.path.join(self.folder, name + ".token")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.persona(name)["token"])
        return path

    def ctl(self, who, *arguments):
        done = subprocess.run(
            [find("LEEWAYCTL", "leewayctl"), "--profile", self.profile, "--access-token-file",
             self.token(who), *arguments], capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "XDG_CACHE_HOME": os.path.join(self.folder, "ctl"), "LC_ALL": "C.UTF-8"})
        if done.returncode:
            raise Broken(f"leewayctl {arguments[0]}: {done.stderr}")
        return json.loads(done.stdout)

    def request(self, **changes):
        """A good request of Priya's, as of today."""
        def person(name):
            p = self.persona(name)
            return {"id": p["oid"], "name": p["name"], "upn": p["upn"]}

        def day(ahead):
            return (datetime.date.today() + datetime.timedelta(days=ahead)).isoformat()

        with open(os.environ["LEEWAY_GOOD_REQUEST"], encoding="utf-8") as file:
            request = json.load(file)
        with open(os.path.join(self.data, "subscriptions.json"), encoding="utf-8") as file:
            subscription = next(s["id"] for s in json.load(file)["subscriptions"] if s["name"] == "sub-evals-prod")
        for key in ("id", "requester"):
            request.pop(key)
        request["grants"][0].update({
            "assignment": "/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"
                          "Microsoft.Authorization/policyAssignments/ai-security-baseline",
            "references": ["aiServicesNoPublicNetwork"],
            "scope": f"/subscriptions/{subscription}/resourceGroups/rg-eval-weu/providers/"
                     "Microsoft.CognitiveServices/accounts/aoai-eval-weu"})
        request["owner"] = person("daniel")
        request["expires"] = f"{day(60)}T22:59:59Z"
        request["reason"]["endStateBy"] = day(50)
        request["remediation"][0]["by"] = day(40)
        request["controls"][0]["checkedBy"] = person("mei")
        request["controls"][0]["nextCheck"] = day(20)
        request["title"] = TITLE
        request.update(changes)
        return request

    def submit(self, request):
        path = os.path.join(self.folder, "request.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(request, file)
        return self.ctl("priya", "submit", path)

    def soon(self, what, since, expect):
        """Waits for what must show, and keeps how long it took."""
        found = expect()
        self.times[what] = time.monotonic() - since
        return found

    # The steps

    def windows(self):
        for name in ("priya", "tomas", "ingrid"):
            place = Place(name, self.folder, self.out, self.profile, self.token(name))
            self.places.append(place)
            setattr(self, name, place)
            place.front().expect("list item", re.compile("^My Requests"), deadline=60)
            place.window.expect(None, re.compile("^Up to date"), deadline=60)

    def go_to(self, place, page):
        window = place.front()
        window.press("list item", re.compile("^" + page))
        window.expect(("grouping", "panel"), page)
        return window

    def submitted(self):
        """Written elsewhere, it appears in three windows that nobody touches."""
        self.go_to(self.tomas, "To Review")
        self.go_to(self.ingrid, "To Review")
        since = time.monotonic()
        self.id = self.submit(self.request())["id"]
        self.soon("submitted at the requester", since,
                  lambda: self.priya.window.expect("list item", re.compile("^" + TITLE), deadline=SOON))
        for place in (self.tomas, self.ingrid):
            self.soon(f"submitted at {place.name}", since,
                      lambda: place.window.expect("list item", re.compile(TITLE), deadline=SOON))
            place.window.expect("button", "Approve", deadline=SOON)
        self.priya.picture("01-submitted")
        self.tomas.picture("01-submitted")

    def comment(self):
        """Ingrid finds it by its words and asks; Priya has it open and reads the question."""
        window = self.priya.front()
        window.press("list item", re.compile("^" + TITLE))
        window.expect(None, "Submitted, revision 1")
        window = self.go_to(self.ingrid, "My Requests")
        window.press("toggle button", "Search All Requests")
        window.fill(window.expect(("text", "entry"), "Search all requests"), "evaluation priya")
        window.expect(None, "Found Among All Requests")
        self.ingrid.picture("02-search")
        window.press("list item", re.compile("^" + TITLE))
        window.press("button", re.compile("^Comment"))
        dialog = window.expect("dialog", "Comment")
        window.fill(window.expect(("text", "entry"), root=dialog), COMMENT)
        since = time.monotonic()
        window.press("button", "Send")
        self.soon("comment", since,
                  lambda: self.priya.window.expect(None, re.compile(re.escape(COMMENT)), deadline=SOON))
        self.priya.picture("02-comment")
        self.ingrid.window.expect_gone("label", "Comment added")  # it lies over the buttons of the next page

    def revision(self):
        """While Tomás reads and Ingrid writes, Priya sends another revision."""
        self.go_to(self.ingrid, "To Review")
        window = self.ingrid.front()
        window.press("button", "Request Changes…")
        dialog = window.expect("dialog", "Request Changes")
        field = window.expect(("text", "entry"), root=dialog)
        window.fill(field, WISH)
        approve = self.tomas.window.expect("button", "Approve")
        if not sensitive(approve):
            raise Broken("Tomás cannot approve what he reads")
        since = time.monotonic()
        self.submit(self.request(id=self.id, ticket="NET-2292"))
        self.soon("revision at a reader", since,
                  lambda: self.tomas.window.expect(None, re.compile("sent revision 2"), deadline=SOON))
        wait_for("the approve button to be disabled", lambda: not sensitive(approve))
        self.soon("revision at a writer", since,
                  lambda: window.expect(None, re.compile("Your text is kept"), deadline=SOON))
        if window.text(field) != WISH:
            raise Broken(f"what Ingrid typed is now “{window.text(field)}”")
        self.tomas.picture("03-outdated")
        self.ingrid.picture("03-typed")
        self.ingrid.front().press("button", "Cancel")
        self.tomas.front().press("button", "Show It")
        wait_for("the approve button to be enabled", lambda: sensitive(approve))

    def at_once(self):
        """Both have the question open, and both say yes."""
        buttons = []
        for place in (self.tomas, self.ingrid):
            window = place.front()
            window.press("button", "Approve")
            alert = window.expect("alert")
            buttons.append(window.expect("button", re.compile("^Approve( and Create)?$"), root=alert))
            place.picture("04-asked")
        start = threading.Barrier(2)

        def click(button):
            start.wait()
            button.queryAction().doAction(0)

        threads = [threading.Thread(target=click, args=(button,)) for button in buttons]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told = wait_for("one of the two to be told", lambda: [
            p for p in (self.tomas, self.ingrid) if p.window.find(None, "This Request Moved On")])
        if len(told) != 1:
            raise Broken("both were told that they were late")
        self.winner = next(p for p in (self.tomas, self.ingrid) if p is not told[0])
        told[0].picture("05-told")
        told[0].front().press("button", "Close")
        for place in (self.tomas, self.ingrid):
            place.window.expect(None, "In Azure", deadline=SOON)
            if place.window.find("button", "Approve"):
                raise Broken(f"{place.name} could still approve")
            place.picture("06-decided")
        self.priya.window.expect(None, re.compile("^Applied in Azure"), deadline=SOON)
        self.priya.picture("06-decided")

    def recorded(self):
        """One approval, one exemption, written once."""
        case = self.ctl("priya", "show", self.id)
        given = case["approvals"]["given"]
        if case["phase"] != "applied" or len(given) != 1:
            raise Broken(f'{case["phase"]}, approvals: {json.dumps(given)}')
        if given[0]["by"]["upn"] != self.persona(self.winner.name)["upn"]:
            raise Broken("the approval is not that of who was not told otherwise")
        with open(self.record, encoding="utf-8") as file:
            calls = [json.loads(line)["liveRequest"] for line in file]
        puts = [c for c in calls if c["method"] == "PUT" and "/policyexemptions/" in c["url"].lower()]
        if len(puts) != 1:
            raise Broken(f"{len(puts)} exemptions were written")

    def noise(self):
        return [line for place in self.places for line in place.noise()]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--out", required=True, help="folder for the pictures")
    args = options.parse_args()
    os.makedirs(args.out, exist_ok=True)
    out = os.path.realpath(args.out)
    for name in ("priya", "tomas", "ingrid"):
        open(os.path.join(out, name + ".log"), "w", encoding="utf-8").close()
    print(f"1..{len(Journey.STEPS) + 1}", flush=True)
    done = 0
    with tempfile.TemporaryDirectory(prefix="lw-desks.") as folder:
        journey = Journey(folder, out)
        try:
            for step in Journey.STEPS:
                began = time.monotonic()
                getattr(journey, step)()
                done += 1
                print(f"ok {done} - {step} # {time.monotonic() - began:.1f} s", flush=True)
            noise = journey.noise()
            if noise:
                raise Broken("the program complained: " + noise[0])
            print(f"ok {done + 1} - quiet", flush=True)
            for what, seconds in journey.times.items():
                print(f"# {what}: after {seconds:.1f} s", flush=True)
            return 0
        except (Broken, KeyError) as broken:
            print(f"not ok {done + 1} - {(Journey.STEPS + ['quiet'])[done]}", flush=True)
            print(f"the journey broke: {broken}", file=sys.stderr)
            for place in journey.places:
                if place.program.running():
                    place.window.screenshot(os.path.join(out, f"broken-{place.name}.png"))
                    print(f"--- {place.name}\n{place.window.tree()}", file=sys.stderr)
            return 1
        finally:
            journey.stop()


if __name__ == "__main__":
    sys.exit(main())
