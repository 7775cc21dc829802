#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs leeway-app-registration against an az that only remembers what it was asked. Prints TAP."""

import json
import os
import re
import stat
import subprocess
import sys
import tempfile

SCRIPT = os.environ["LEEWAY_APP_REGISTRATION"]
APP = "11111111-2222-4333-8444-555555555555"
MANAGEMENT = ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "41094075-9dad-400e-a0bd-54e686782033")
GRAPH = ("00000003-0000-0000-c000-000000000000", "b340eb25-3456-403f-be2f-af7a0d370277")
PROFILES = ("00000003-0000-0000-c000-000000000000", "a154be20-db9c-4678-8ab7-66f6cc099a59")
STORAGE = ("e406a681-f3d4-42a8-90b6-c2b029497af1", "03e0da56-190b-40ad-a80c-ea378c433f7f")

AZ = '''#!{python}
import json, os, re, sys
words = sys.argv[1:]
path = {state!r}
state = json.load(open(path))
state["calls"].append(words)
def option(name):
    return words[words.index(name) + 1] if name in words else None
verb = " ".join(w for i, w in enumerate(words) if all(not x.startswith("-") for x in words[:i + 1]))
code = 0
if verb == "account show":
    if not state["signed_in"]:
        code = 1
    else:
        print("22222222-2222-4222-8222-222222222222")
elif verb == "cloud show":
    print("AzureCloud")
elif verb == "ad app list":
    print("\\n".join(state["apps"]))
elif verb == "ad app create":
    state["apps"].append({app!r})
    print({app!r})
elif verb == "ad app permission list":
    api = re.search("resourceAppId=='([^']*)'", option("--query")).group(1)
    print("\\n".join(i for a, i in state["permissions"] if a == api))
elif verb == "ad app permission add":
    state["permissions"].append([option("--api"), option("--api-permissions").removesuffix("=Scope")])
elif verb == "ad sp show":
    code = 0 if state["principal"] else 3
elif verb == "ad sp create":
    state["principal"] = True
elif verb == "ad app show":
    query = option("--query")
    if query == "isFallbackPublicClient":
        print({{True: "true", False: "false", None: ""}}[state["public"]])
    elif query == "publicClient.redirectUris[]":
        print("\\n".join(state["redirects"]))
    elif "web.redirectUris" in query and "passwordCredentials" in query:
        print("\\n".join(state["used"]))
    else:
        sys.exit("az was asked for what it does not know: " + query)
elif verb == "ad app update":
    state["public"] = option("--is-fallback-public-client") == "true"
    first = words.index("--public-client-redirect-uris") + 1
    state["redirects"] = []
    for word in words[first:]:
        if word.startswith("-"):
            break
        state["redirects"].append(word)
elif verb == "ad app permission admin-consent":
    pass
else:
    sys.exit("az was asked for what it does not know: " + verb)
json.dump(state, open(path, "w"))
sys.exit(code)
'''


class Azure:
    def __init__(self, folder, **state):
        self.folder = folder
        self.path = os.path.join(folder, "state.json")
        self.write({"calls": [], "apps": [], "permissions": [], "principal": False, "signed_in": True,
                    "public": None, "redirects": [], "used": [], **state})
        az = os.path.join(folder, "az")
        with open(az, "w", encoding="utf-8") as file:
            file.write(AZ.format(python=sys.executable, state=self.path, app=APP))
        os.chmod(az, stat.S_IRWXU)

    def write(self, state):
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(state, file)

    def state(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def run(self, *arguments):
        return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": self.folder + ":" + os.environ["PATH"]})

    def verbs(self):
        calls = []
        for words in self.state()["calls"]:
            verb = []
            for word in words:
                if word.startswith("-"):
                    break
                verb.append(word)
            calls.append((" ".join(verb), words))
        return calls


def least_privilege(folder):
    azure = Azure(folder)
    done = azure.run("--ledger", "/srv/ledger")
    assert done.returncode == 0, done.stderr
    assert {tuple(p) for p in azure.state()["permissions"]} == {MANAGEMENT, GRAPH, STORAGE}
    assert azure.state()["redirects"] == ["http://localhost"] and azure.state()["public"] is True
    create = next(words for verb, words in azure.verbs() if verb == "ad app create")
    assert create[create.index("--sign-in-audience") + 1] == "AzureADMyOrg"
    assert not any("credential" in verb or "role" in verb or "consent" in verb for verb, _ in azure.verbs())
    assert all(w.endswith("=Scope") for _, words in azure.verbs() if "--api-permissions" in words
               for w in [words[words.index("--api-permissions") + 1]]), "only delegated permissions"


def snippet(folder):
    done = Azure(folder).run("--ledger", "/srv/ledger", "--name", "Contoso")
    assert re.fullmatch(r'\[Connection "Contoso"\]\nCloud=AzureCloud\nTenant=22222222-2222-4222-8222-222222222222\n'
                        rf"ClientId={APP}\nSignIn=browser\nLedger=/srv/ledger\n", done.stdout), done.stdout


def again(folder):
    azure = Azure(folder)
    azure.run()
    first = azure.state()
    done = azure.run()
    second = azure.state()
    assert done.returncode == 0, done.stderr
    assert second["permissions"] == first["permissions"] and second["apps"] == first["apps"]
    verbs = [verb for verb, _ in azure.verbs()[len(first["calls"]):]]
    assert second["redirects"] == ["http://localhost"] and "ad app update" not in verbs
    assert "ad app create" not in verbs and "ad app permission add" not in verbs and "ad sp create" not in verbs


def redirects_stay(folder):
    mine = ["https://login.microsoftonline.com/common/oauth2/nativeclient", "myapp://auth"]
    azure = Azure(folder, apps=[APP], public=True, redirects=mine)
    done = azure.run()
    assert done.returncode == 0, done.stderr
    assert azure.state()["redirects"] == [*mine, "http://localhost"], azure.state()["redirects"]


def half_made(folder):
    azure = Azure(folder, apps=[APP])
    done = azure.run()
    assert done.returncode == 0 and "becomes one" in done.stderr, done.stderr
    assert azure.state()["public"] is True and azure.state()["redirects"] == ["http://localhost"]


def another_programs(folder):
    azure = Azure(folder, apps=[APP], public=False, redirects=["myapp://auth"], used=["https://leeway.example/"])
    done = azure.run()
    assert done.returncode == 1 and "is no public client" in done.stderr and "--name" in done.stderr, done.stderr
    after = azure.state()
    assert after["public"] is False and after["redirects"] == ["myapp://auth"] and not after["permissions"]
    assert all(verb.split()[-1] in ("show", "list") for verb, _ in azure.verbs())


def choices(folder):
    azure = Azure(folder)
    done = azure.run("--profiles", "--no-storage", "--consent")
    assert done.returncode == 0, done.stderr
    assert {tuple(p) for p in azure.state()["permissions"]} == {MANAGEMENT, GRAPH, PROFILES}
    assert azure.verbs()[-1][0] == "ad app permission admin-consent"


def refusals(folder):
    assert Azure(folder, apps=[APP, APP.replace("1", "2")]).run().returncode == 1
    nobody = Azure(folder, signed_in=False).run()
    assert nobody.returncode == 1 and "az login" in nobody.stderr
    assert Azure(folder).run("--nonsense").returncode == 2
    assert "--ledger" in Azure(folder).run("--help").stdout


def main():
    tests = [least_privilege, snippet, again, redirects_stay, half_made, another_programs, choices, refusals]
    failed = 0
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory(prefix="lw-az.") as folder:
            try:
                test(folder)
                print(f"ok {number} - {test.__name__}")
            except AssertionError as error:
                failed += 1
                print(f"not ok {number} - {test.__name__}")
                print(f"# {error!r}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
