#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends Leeway by SIGKILL at each of its fault points, starts it again and looks at what is there.

  crash.py LEEWAYCTL LEEWAY_DEMO_TENANT DATA_DIR FIXTURES_DIR CRASH_HELPER
      every fault point, in the first scenario that passes it (where Azure is written to, at each time); a point
      that nothing passes fails. With --all each time that any scenario passes one.
  … --campaign N [--seed S]
      N times: the same in random order, and now and then after a random time
  … --list
      what there is
"""

import argparse
import collections
import pathlib
import random
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
for name in ("leewayctl", "tenant", "data", "fixtures", "helper"):
    parser.add_argument(name)
parser.add_argument("--campaign", type=int, default=0)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--all", action="store_true", help="every instant of every scenario")
parser.add_argument("--list", action="store_true")
parser.add_argument("--only", help="a scenario, or scenario/point:n")
args = parser.parse_args()

from scenarios import ALL  # noqa: E402
from world import Kill, World, Wrong  # noqa: E402

MAY_NOT_COME = ("cache.", "outbox.", "folder.made:")  # that depends on what was there before
FRESH_AFTER = 40  # kills, then a new world: what is read whole grows with what is in it


class Bench:
    """A world at a time."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.world = None
        self.worlds = 0
        self.used = 0

    def get(self):
        if self.world and self.used >= FRESH_AFTER:
            self.drop()
        if not self.world:
            self.worlds += 1
            self.used = 0
            self.world = World(self.folder / str(self.worlds), args.helper)
        self.used += 1
        return self.world

    def drop(self):
        if self.world:
            self.world.close()
        self.world = None


def survey(bench, scenario):
    """The fault points that it passes when nothing happens, and how long it takes."""
    world = bench.get()
    it = scenario(world)
    started = time.monotonic()
    world.kill = Kill()
    world.passed = []
    it.act()
    seconds = time.monotonic() - started
    it.look()
    it.check()
    return world.passed, seconds


def end_once(bench, scenario, kill):
    """True where it was ended; raises Wrong where that did harm."""
    world = bench.get()
    it = scenario(world)
    world.kill = kill
    world.killed = False
    it.act()
    killed = world.killed
    it.look()
    it.go_on()
    it.check()
    return killed


def attempt(bench, scenario, kill):
    """What went wrong, or None; and whether it was ended."""
    try:
        killed = end_once(bench, scenario, kill)
    except (Wrong, OSError, ValueError, KeyError, StopIteration) as error:
        bench.drop()
        return f"{type(error).__name__}: {error}", True
    if kill.at and not killed and not kill.at.startswith(MAY_NOT_COME):
        return f"it never came to {kill.at}", False
    return None, killed


def choose(scenario, points, passed):
    """Where nothing was ended yet; of what is applied in Azure every instant that is not like others."""
    seen = set(passed)
    for point in points:
        name = point.split(":")[0]
        if args.all or name not in seen or (scenario.writes_to_azure and name.startswith(("apply.", "event."))):
            yield point
        seen.add(name)


def one_of_each(bench):
    """A TAP test for each scenario and time that it passes a point, and one for the points that none does."""
    listed = subprocess.run([args.helper, "points"], capture_output=True, text=True, check=True).stdout.split()
    passed = set()
    number = 0
    for scenario in ALL:
        if args.only and args.only.split("/")[0] != scenario.__name__:
            continue
        for point in choose(scenario, survey(bench, scenario)[0], passed):
            if args.only and "/" in args.only and args.only.split("/")[1] != point:
                continue
            number += 1
            wrong, killed = attempt(bench, scenario, Kill(at=point))
            if killed and not wrong:
                passed.add(point.split(":")[0])
            print(f'{"not ok" if wrong else "ok"} {number} - {scenario.__name__} ended at {point}', flush=True)
            if wrong:
                print("# " + wrong.replace("\n", "\n# "), flush=True)
    missed = [point for point in listed if point not in passed]
    if not args.only:
        number += 1
        print(f'{"not ok" if missed else "ok"} {number} - every fault point was survived')
        for point in missed:
            print(f"# not ended at {point}")
    print(f"1..{number}")


def campaign(bench):
    chance = random.Random(args.seed)
    surveyed = {scenario: survey(bench, scenario) for scenario in ALL}
    instants = [(scenario, point) for scenario in ALL for point in surveyed[scenario][0]]
    left = []
    kills = runs = worlds = late = 0
    points = collections.Counter()
    defects = []
    started = time.monotonic()
    while kills < args.campaign:
        if not left:
            left = instants.copy()
            chance.shuffle(left)
        if runs % 4 == 3:
            scenario = chance.choice(ALL)
            kill = Kill(after=chance.uniform(0.0, 1.1) * surveyed[scenario][1])
        else:
            scenario, point = left.pop()
            kill = Kill(at=point)
        runs += 1
        wrong, killed = attempt(bench, scenario, kill)
        kills += killed
        late += not killed
        if killed:
            points[kill.at.split(":")[0] if kill.at else "at a random time"] += 1
        if wrong:
            defects.append(f"{scenario.__name__} ended at {kill}: {wrong}")
            print(f"not ok - {defects[-1]}", flush=True)
        elif kills and kills % 50 == 0 and killed:
            print(f"# {kills} kills, {len(defects)} defects, {time.monotonic() - started:.0f} s", flush=True)
    for name, count in sorted(points.items()):
        print(f"# {count:5} {name}")
    print(f"# seed {args.seed}: {len(instants)} instants at {len(points)} points of {len(ALL)} scenarios; {kills} kills "
          f"({late} runs were over before), {len(defects)} defects, {time.monotonic() - started:.0f} s")
    return defects


def main():
    if args.list:
        for scenario in ALL:
            print(scenario.__name__, (scenario.__doc__ or "").split("\n")[0])
        return 0
    with tempfile.TemporaryDirectory(prefix="leeway-crash-") as folder:
        bench = Bench(folder)
        try:
            if args.campaign:
                return 1 if campaign(bench) else 0
            one_of_each(bench)
        finally:
            bench.drop()
    return 0


sys.exit(main())
