#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums what `meson test` left in a build folder, under the name testlog or the one given: each TAP
test case counts, and a program that failed without saying which case counts once. Prints "N passed,
N failed, N skipped" alone on the last line and exits 1 when something failed or nothing ran."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

GOOD = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP", "IGNORED"}


def cases(junit: Path) -> dict[str, list[str]]:
    """The outcomes of a program's cases, by the program's name, where it speaks TAP."""
    found: dict[str, list[str]] = {}
    if not junit.exists():
        return found
    for suite in ElementTree.parse(junit).getroot().iter("testsuite"):
        name = suite.get("name", "").rsplit(" / ", 1)[-1]
        for case in suite.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                outcome = "failed"
            elif case.find("skipped") is not None:
                outcome = "skipped"
            else:
                outcome = "passed"
            found.setdefault(name, []).append(outcome)
    return found


def main() -> int:
    logs = Path(sys.argv[1]) / "meson-logs"
    base = sys.argv[2] if len(sys.argv) > 2 else "testlog"
    total = {"passed": 0, "failed": 0, "skipped": 0}
    by_case = cases(logs / f"{base}.junit.xml")
    log = logs / f"{base}.json"
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        program = json.loads(line)
        name = program["name"].rsplit(" / ", 1)[-1].rsplit(":", 1)[-1]
        outcomes = by_case.get(name.strip(), [])
        if program["result"] in GOOD:
            whole = "passed"
        elif program["result"] in SKIPPED:
            whole = "skipped"
        else:
            whole = "failed"
        if not outcomes or (whole == "failed" and "failed" not in outcomes):
            outcomes = outcomes + [whole]
        for outcome in outcomes:
            total[outcome] += 1
    print(", ".join(f"{count} {word}" for word, count in total.items()))
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
