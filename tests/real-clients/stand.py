# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated tenant over TLS for programs that we did not write, and TAP for what came of it."""

import json
import os
import ssl
import subprocess
import tempfile
import threading
import traceback
import urllib.error
import urllib.request

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MICROSOFT = "Microsoft.Authorization/policyExemptions"
NEWEST = "2026-01-01-preview"


def make_certificate(folder):
    """A certificate authority and, signed by it, a server's certificate for the loopback address."""

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test-ca",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "srv.key",
            "-out", "srv.csr")
    with open(os.path.join(folder, "extensions"), "w", encoding="utf-8") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
                   "keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n"
                   "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
    openssl("x509", "-req", "-in", "srv.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "extensions", "-out", "srv.pem")


class Stand:
    """A folder of its own with the tenant running in it; ends with the `with` statement."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="leeway-real-")
        self.folder = self.temporary.name
        make_certificate(self.folder)
        self.ca = os.path.join(self.folder, "ca.pem")
        self.process = subprocess.Popen(
            [os.environ["LEEWAY_DEMO_TENANT"], "--exit-with-parent",
             "--tenant", os.environ["LEEWAY_DEMO_DATA"],
             "--tls-certificate", os.path.join(self.folder, "srv.pem"),
             "--tls-key", os.path.join(self.folder, "srv.key"),
             "--record", self.path("record.jsonl"), *self.arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.line = json.loads(self.process.stdout.readline())
        self.write_profile()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()
        self.temporary.cleanup()

    def faults(self, *rules):
        """What the tenant gets wrong from now on: the rules of --help-faults; none ends it."""
        self.process.stdin.write(json.dumps({"faults": rules}) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline())
        assert reply.get("ok"), reply

    def path(self, name):
        return os.path.join(self.folder, name)

    def write_profile(self):
        """A connection for Leeway, as Ingrid, who sees everything."""
        profile = {
            "cloud": "custom", "signIn": "token", "caFile": self.ca, "tenant": self.line["tenant"],
            "clientId": self.line["clientId"],
            "endpoints": {key: self.line[key] for key in ("arm", "login", "graph", "blob")},
            "ledger": f'{self.line["blob"]}/{self.line["ledger"]}'}
        with open(self.path("profile.json"), "w", encoding="utf-8") as file:
            json.dump(profile, file)
        with open(self.path("token"), "w", encoding="utf-8") as file:
            file.write(self.token("Ingrid"))

    def leeway(self, exemption_id):
        """The exemption as Leeway reads it from Azure; None where it does not find it."""
        done = subprocess.run(
            [os.environ["LEEWAYCTL"], "--profile", self.path("profile.json"),
             "--access-token-file", self.path("token"), "exemptions", "--format", "json"],
            env=os.environ | {"HOME": self.folder}, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        found = [one["azure"] for one in json.loads(done.stdout)
                 if one["id"].lower() == exemption_id.lower()]
        assert len(found) <= 1, found
        return found[0] if found else None

    def published(self, expected):
        """What was asked and answered, held against Microsoft's files: nothing is wrong, and the
        operations of these names were among it."""
        shared = os.environ.get("LEEWAY_SHARED") or os.path.join(SOURCE, "..", "shared")
        folder = os.path.abspath(os.path.join(shared, "azure", "openapi", "specification"))
        if not os.path.isdir(folder):
            return "LEEWAY_SHARED names no folder with the published files"
        done = subprocess.run(
            ["node", os.path.join(SOURCE, "tests", "contracts", "check-record.mjs"),
             self.path("record.jsonl"), folder], capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert not found["problems"], "\n".join(found["problems"])
        missing = set(expected) - set(found["checked"])
        assert not missing, f"not among what was checked: {missing}; there was {found}"
        return None

    def secret(self):
        """The client secret of the tenant's application, as its data has it."""
        folder = os.path.dirname(os.environ["LEEWAY_DEMO_DATA"])
        with open(os.path.join(folder, "people.json"), encoding="utf-8") as file:
            people = json.load(file)["people"]
        return next(p["secret"] for p in people if p.get("appId") == self.line["clientId"])

    def token(self, name):
        """A persona's token, by first name."""
        return next(p["token"] for p in self.line["personas"] if p["name"].split()[0] == name)

    def ask(self, method, path, body=None, name="Ingrid"):
        """Asks Resource Manager without any client; None where it answers 404."""
        request = urllib.request.Request(
            self.line["arm"] + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.token(name),
                     "Content-Type": "application/json"})
        context = ssl.create_default_context(cafile=self.ca)
        try:
            with urllib.request.urlopen(request, timeout=20, context=context) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def exemption(self, scope, name):
        return self.ask("GET", f"{scope}/providers/{MICROSOFT}/{name}?api-version={NEWEST}")


class Tap:
    """Test cases, each a function: what it raises is the failure, what it returns why it was skipped. May
    be used by several threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.count = 0
        self.failed = 0

    def told(self, good, title, comments="", skipped=None):
        """Somebody else's case."""
        with self.lock:
            self.count += 1
            self.failed += not good
            print("ok" if good else "not ok", self.count, "-", title,
                  *(["# SKIP", skipped] if skipped else []), flush=True)
            for line in comments.splitlines():
                print("#", line)

    def case(self, title, function, *arguments):
        problem, skipped = "", None
        try:
            skipped = function(*arguments)
        except Exception:  # whatever it is, it is this case's failure
            problem = traceback.format_exc()
        self.told(not problem, title, problem, skipped)
        return not problem

    def finish(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed or not self.count else 0
