# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated tenant, a ledger in a folder and one in Blob Storage, and machines of people who use them."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "journeys" / "cli"))

from leeway_cli import CTL, DATA, Case, Tenant, load  # noqa: E402

SIGKILLED = -9


class Wrong(Exception):
    """What was found is not what must be."""


def must(holds, what):
    if not holds:
        raise Wrong(what)


def uuid7():
    stamp = int(time.time() * 1000)
    tail = random.getrandbits(74)
    digits = f"{stamp:012x}7{tail >> 62:03x}{8 | (tail >> 60 & 3):x}{tail & (1 << 60) - 1:015x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Kill:
    """How a run is to end: at a fault point, after some time, or not at all (then the points are noted)."""

    def __init__(self, at=None, after=None):
        self.at = at
        self.after = after

    def __str__(self):
        return self.at or f"{self.after * 1000:.1f} ms"


class World:
    """One tenant with two ledgers. The helper program does what leewayctl does not."""

    def __init__(self, folder, helper):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.helper = helper
        self.tenant = Tenant(self.folder)
        self.runs = 0
        self.readers = 0
        self.kill = None
        self.killed = False
        self.ended_at = ""
        self.passed = None
        self.profiles = {
            "blob": self.tenant.profile,
            "folder": self.tenant.write_profile("folder.json", ledger=str(self.folder / "ledger")),
        }
        rules = self.write("rules.json", json.dumps(load(f"{DATA}/demo/rules.json")))
        self.ctl("folder", "rules", "set", rules, "--first", who="ingrid")

    def close(self):
        self.tenant.stop()
        shutil.rmtree(self.folder)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    # --- running things ---

    def environment(self, machine):
        home = self.folder / "machines" / machine
        return dict(os.environ, G_DEBUG="fatal-criticals", LC_ALL="C.UTF-8", XDG_CACHE_HOME=str(home / "cache"),
                    XDG_DATA_HOME=str(home / "data"))

    def run(self, command, machine, expect):
        """Runs it, ended as self.kill says where that is set. None where it was."""
        self.runs += 1
        env = self.environment(machine)
        kill, self.kill = self.kill, None
        points = self.folder / "points"
        timeout = 120
        self.ended_at = kill.at or "" if kill else self.ended_at
        if kill and kill.at:
            env["LEEWAY_DIE_AT"] = kill.at
        elif kill and kill.after is not None:
            timeout = kill.after
        elif kill:
            env["LEEWAY_FAULT_LOG"] = str(points)
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            must(kill and kill.after is not None, f"{command[-4:]} does not end: {err}")
        if kill:
            self.killed = process.returncode == SIGKILLED
            self.said = out
            if points.exists():
                self.passed = points.read_text().split()
                points.unlink()
            if self.killed:
                return None
        must(process.returncode in expect, f"{command[5:]}: exit {process.returncode}: {out}{err}")
        must("CRITICAL" not in err and "WARNING" not in err, err)
        return out

    def ctl(self, ledger, *args, who, machine=None, expect=(0,)):
        """leewayctl on a machine (of its own for each person where none is named)."""
        return self.run([CTL, "--profile", self.profiles[ledger], "--access-token-file",
                         str(self.folder / f"{who}.token"), *args], machine or who, expect)

    def help(self, *args, machine="priya", expect=(0,)):
        return self.run([self.helper, args[0], self.profiles["folder"], *args[1:]], machine, expect)

    def show(self, ledger, request, who="jonas", machine=None):
        """The request as somebody sees it who reads the whole ledger anew. None where there is none."""
        self.readers += 1
        out = self.ctl(ledger, "show", request, who=who, machine=machine or f"reader-{self.readers}", expect=(0, 2))
        if not machine:
            shutil.rmtree(self.folder / f"machines/reader-{self.readers}", ignore_errors=True)
        return json.loads(out) if out else None

    # --- what there is to work with ---

    def request(self, scopes=("aoai-eval-weu",), **changes):
        """The path of a request with a grant for each account, and its id."""
        request = Case.request(self, id=uuid7(), **changes)
        grant = request["grants"][0]
        base = grant["scope"].rsplit("/", 1)[0]
        request["grants"] = [dict(grant, n=i + 1, scope=f"{base}/{name}") for i, name in enumerate(scopes)]
        return self.write("request.json", json.dumps(request)), request["id"]

    def exemptions(self, shown):
        """What stands in Azure under the names of its grants."""
        found = {}
        for grant in shown["grants"]:
            name = f'lw-{shown["id"].replace("-", "")[-16:]}-{grant["n"]}'
            there = self.tenant.try_get(
                f'{grant["scope"]}/providers/Microsoft.Authorization/policyExemptions/{name}')
            if there:
                found[grant["n"]] = there
        return found

    # --- what must hold at any time ---

    def verify(self, ledger, *args):
        self.readers += 1
        machine = f"reader-{self.readers}"
        out = self.ctl(ledger, "ledger", "verify", "--json", *args, who="jonas", machine=machine, expect=(0, 1))
        shutil.rmtree(self.folder / f"machines/{machine}", ignore_errors=True)
        result = json.loads(out)
        must(result["clean"], f'the ledger is not whole: {result["problems"]}')

    def check_approved(self, shown):
        """No exemption without its approvals, their seals and an entry that says that it begins."""
        there = self.exemptions(shown)
        kinds = [event["kind"] for event in shown["events"]]
        if there:
            must(shown["approvals"]["counting"] >= shown["approvals"]["needed"] > 0, "an exemption without approval")
            must("applying" in kinds, "an exemption that nobody is on record for")
        for exemption in there.values():
            mine = exemption["properties"]["metadata"]["leeway"]
            must(mine["request"] == shown["id"] and mine["digest"] == shown["digest"], "not what was approved")
        return there
