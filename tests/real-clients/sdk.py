# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program in sdk.mjs, which speaks TAP, on the simulated tenant."""

import os
import subprocess
import sys

from stand import Stand


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    with Stand("--page-size", "2") as stand:
        environment = os.environ | {
            "NODE_EXTRA_CA_CERTS": stand.ca, "LEEWAY_ARM": stand.line["arm"],
            "LEEWAY_LOGIN": stand.line["login"], "LEEWAY_TENANT": stand.line["tenant"],
            "LEEWAY_CLIENT": stand.line["clientId"], "LEEWAY_TOKEN": stand.token("Ingrid"),
            "LEEWAY_READER_TOKEN": stand.token("Priya")}
        return subprocess.run(["node", os.path.join(here, "sdk.mjs")], env=environment,
                              timeout=100).returncode


if __name__ == "__main__":
    sys.exit(main())
