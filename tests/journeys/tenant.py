# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated tenant as a second pair of eyes: what it answers, asked without Leeway."""

import json
import os
import socket
import stat
import urllib.request

VERSION = "2026-01-01-preview"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wrapper(folder, program, port, line_path, extra=()):
    """A stand-in for leeway-demo-tenant that fixes the port and keeps a copy of its line."""
    path = os.path.join(folder, "demo-tenant")
    words = " ".join(extra)
    with open(path, "w", encoding="utf-8") as script:
        script.write(
            "#!/bin/bash\n"
            f'exec "{program}" "$@" --port {port} {words} > >(tee "{line_path}")\n'
        )
    os.chmod(path, stat.S_IRWXU)
    return path


class Tenant:
    """Asks the tenant's Resource Manager as one of its personas."""

    def __init__(self, line):
        self.line = line

    def persona(self, name):
        return next(p for p in self.line["personas"] if p["name"] == name)

    def get(self, name, path):
        request = urllib.request.Request(
            self.line["arm"] + path, headers={"Authorization": "Bearer " + self.persona(name)["token"]}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def exemption(self, name, exemption_id):
        return self.get(name, f"{exemption_id}?api-version={VERSION}")

    def exemptions(self, name, scope):
        path = f"{scope}/providers/Microsoft.Authorization/policyExemptions?api-version={VERSION}"
        return self.get(name, path)["value"]

    def subscription(self, name, display_name):
        found = self.get(name, "/subscriptions?api-version=2022-12-01")["value"]
        return next(s["id"] for s in found if s["displayName"] == display_name)
