# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of leewayctl share: a running simulated tenant, tokens, a good request.

Each test program is called with LEEWAYCTL LEEWAY_DEMO_TENANT DATA_DIR FIXTURES_DIR [TEST…].
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

CTL, TENANT, DATA, FIXTURES = (os.path.abspath(arg) for arg in sys.argv[1:5])
DONE, REFUSED, INPUT, FAILED = range(4)


def run():
    unittest.main(module="__main__", argv=sys.argv[:1] + sys.argv[5:], verbosity=2)


def day(ahead):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=ahead)).strftime("%Y-%m-%d")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Tenant:
    """A running leeway-demo-tenant with profiles and tokens on disk."""

    def __init__(self, folder, arguments=()):
        self.folder = pathlib.Path(folder)
        self.process = subprocess.Popen([TENANT, "--tenant", f"{DATA}/demo/tenant.json", *arguments],
                                        stdout=subprocess.PIPE, text=True)
        self.line = json.loads(self.process.stdout.readline())
        self.people = {p["upn"].split("@")[0]: p for p in self.line["personas"]}
        for name, person in self.people.items():
            (self.folder / f"{name}.token").write_text(person["token"] + "\n")
        self.profile = self.write_profile("profile.json")

    def write_profile(self, name, **changes):
        profile = {
            "cloud": "custom",
            "endpoints": {key: self.line[key] for key in ("arm", "login", "graph", "blob")},
            "tenant": self.line["tenant"],
            "clientId": self.line["clientId"],
            "ledger": f'{self.line["blob"]}/{self.line["ledger"]}',
            "signIn": "token",
        }
        profile.update(changes)
        path = self.folder / name
        path.write_text(json.dumps(profile))
        return str(path)

    def call(self, method, url, who, body=None, **headers):
        headers["Authorization"] = f'Bearer {self.people[who]["token"]}'
        call = urllib.request.Request(url, method=method, data=body, headers=headers)
        with urllib.request.urlopen(call) as answer:
            return answer.read()

    def get(self, path, who="tomas"):
        """What stands in the tenant, asked without leewayctl."""
        return json.loads(self.call("GET", f'{self.line["arm"]}{path}?api-version=2022-07-01-preview', who))

    def try_get(self, path):
        try:
            return self.get(path)
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None

    def put(self, path, body, who):
        return json.loads(self.call("PUT", f'{self.line["arm"]}{path}?api-version=2022-07-01-preview', who,
                                    json.dumps(body).encode(), **{"Content-Type": "application/json"}))

    def put_blob(self, name, content, who):
        """Adds an object to the ledger: shelf/name."""
        url = f'{self.line["blob"]}/{self.line["ledger"]}-{name}'
        self.call("PUT", url, who, content.encode(),
                  **{"x-ms-version": "2021-12-02", "x-ms-blob-type": "BlockBlob", "If-None-Match": "*"})

    def person(self, name):
        person = self.people[name]
        return {"id": person["oid"], "name": person["name"], "upn": person["upn"]}

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Case(unittest.TestCase):
    @classmethod
    def tenant_arguments(cls):
        """Further arguments for the tenant."""
        return ()

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory(prefix="leeway-cli-")
        cls.tenant = Tenant(cls.dir.name, cls.tenant_arguments())

    @classmethod
    def tearDownClass(cls):
        cls.tenant.stop()
        cls.dir.cleanup()

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def write(self, name, content):
        path = self.path(name)
        mode = "wb" if isinstance(content, bytes) else "w"
        with open(path, mode) as file:
            file.write(content)
        return path

    def run_ctl(self, *args, who=None, profile=None, expect=DONE, stdin=None):
        """Runs it, checks the exit code and that what it says is fit for people."""
        command = [CTL]
        if who:
            command += ["--profile", profile or self.tenant.profile,
                        "--access-token-file", self.path(f"{who}.token")]
        elif profile:
            command += ["--profile", profile]
        env = dict(os.environ, G_DEBUG="fatal-criticals", LC_ALL="C.UTF-8",
                   XDG_CACHE_HOME=self.path("cache"), XDG_DATA_HOME=self.path("data"))
        done = subprocess.run(command + list(args), capture_output=True, text=True, timeout=60, env=env,
                              input=stdin, start_new_session=True)  # no terminal to ask at
        self.assertEqual(done.returncode, expect, f"{args}: {done.stdout}{done.stderr}")
        self.assertNotRegex(done.stderr, "CRITICAL|WARNING|GLib|assert")
        for person in self.tenant.people.values():
            self.assertNotIn(person["token"], done.stdout + done.stderr)
        return done

    def json(self, *args, **kwargs):
        return json.loads(self.run_ctl(*args, **kwargs).stdout)

    def refuse(self, *args, expect, says, **kwargs):
        """It ends with that code and one sentence on standard error."""
        done = self.run_ctl(*args, expect=expect, **kwargs)
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertRegex(lines[0], "^leewayctl: .*" + says)
        return done

    def request(self, **changes):
        """A good request of Priya's, as of today."""
        request = load(f"{FIXTURES}/request-ok.json")
        subscription = next(s for s in load(f"{DATA}/demo/subscriptions.json")["subscriptions"]
                            if s["name"] == "sub-evals-prod")["id"]
        group = f"/subscriptions/{subscription}/resourceGroups/rg-eval-weu"
        for key in ("id", "requester"):
            request.pop(key)
        request["grants"][0].update({
            "assignment": "/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"
                          "Microsoft.Authorization/policyAssignments/ai-security-baseline",
            "references": ["aiServicesNoPublicNetwork"],
            "scope": f"{group}/providers/Microsoft.CognitiveServices/accounts/aoai-eval-weu",
        })
        request["owner"] = self.tenant.person("daniel")
        request["expires"] = f"{day(60)}T22:59:59Z"
        request["reason"]["endStateBy"] = day(50)
        request["remediation"][0]["by"] = day(40)
        request["controls"][0]["checkedBy"] = self.tenant.person("mei")
        request["controls"][0]["nextCheck"] = day(20)
        request.update(changes)
        return request

    def submit(self, **changes):
        path = self.write("request.json", json.dumps(self.request(**changes)))
        return self.json("submit", path, who="priya")
