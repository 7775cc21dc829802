# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs sdk.mjs, which says what to expect of Azure's JavaScript library, on the simulated tenant, and
looks at what the tenant answered it."""

import os
import subprocess
import sys

from stand import Stand, Tap

PUBLISHED = [
    f"PolicyExemptions_{verb} 2020-07-01-preview" for verb in (
        "CreateOrUpdate", "Get", "Delete", "List", "ListForManagementGroup", "ListForResourceGroup",
        "ListForResource")]


def run(tap, stand):
    """Its cases become ours."""
    here = os.path.dirname(os.path.abspath(__file__))
    environment = os.environ | {
        "NODE_EXTRA_CA_CERTS": stand.ca, "LEEWAY_ARM": stand.line["arm"],
        "LEEWAY_LOGIN": stand.line["login"], "LEEWAY_TENANT": stand.line["tenant"],
        "LEEWAY_CLIENT": stand.line["clientId"], "LEEWAY_SECRET": stand.secret(),
        "LEEWAY_TOKEN": stand.token("Ingrid"), "LEEWAY_READER_TOKEN": stand.token("Priya")}
    done = subprocess.run(["node", os.path.join(here, "sdk.mjs")], env=environment, timeout=100,
                          stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    for i, line in enumerate(lines):
        if line.startswith(("ok ", "not ok ")):
            comments = []
            while i + 1 < len(lines) and lines[i + 1].startswith("#"):
                i += 1
                comments.append(lines[i])
            tap.told(line.startswith("ok "), line.split(" - ", 1)[1], "\n".join(comments))
    assert lines and lines[-1].startswith("1..") and done.returncode in (0, 1), done.stdout


def main():
    tap = Tap()
    with Stand("--page-size", "2") as stand:
        tap.case("the SDK comes to an end", run, tap, stand)
        tap.case("what the SDK was answered is as published", stand.published, PUBLISHED)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
