#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage that fails under leewayctl: full, read-only, a right that is gone half-way, a clock that is
wrong. Each ends in a sentence, loses nothing, and the work is done once it is mended. The disk is one of
memory, in a namespace of its own."""

import json
import os
import pathlib
import stat
import subprocess
import sys
import unittest

import leeway_cli
from applying import Proxy
from leeway_cli import CTL, DATA, FAILED, Case, day, load, run

KEEPER = r"""
import ctypes, os, sys
path = sys.argv[1].encode()
libc = ctypes.CDLL(None, use_errno=True)
def mount(flags):
    if libc.mount(b"none", path, b"tmpfs", flags, b"size=1m") != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
mount(0)
print("ready", flush=True)
for order in sys.stdin:
    order = order.strip()
    if order == "fill":
        with open(path + b"/.filler", "wb", 0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass
    elif order == "free":
        os.unlink(path + b"/.filler")
    elif order == "read-only":
        mount(32 | 1)
    elif order == "writable":
        mount(32)
    print("done", flush=True)
"""


class Disk:
    """A small disk at that folder, for those who look from within its namespace."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.process = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", KEEPER, folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise unittest.SkipTest("no disk can be mounted here: " + self.process.communicate()[1].strip())

    def order(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def close(self):
        self.process.communicate()


class Storage(Case):
    def setUp(self):
        self.ledger = self.path(f"ledger-{self._testMethodName}")
        self.profile = self.tenant.write_profile(f"{self._testMethodName}.json", ledger=self.ledger)
        self.disk = None

    def tearDown(self):
        leeway_cli.CTL = CTL
        if self.disk:
            self.disk.close()

    def mount(self, folder):
        self.disk = Disk(folder)
        pid = self.disk.process.pid
        wrapper = pathlib.Path(self.write("leewayctl-inside", "#!/bin/sh\n"
                               f'exec nsenter --target {pid} --user --mount --preserve-credentials "{CTL}" "$@"\n'))
        wrapper.chmod(stat.S_IRWXU)
        leeway_cli.CTL = str(wrapper)

    def use_folder(self):
        rules = self.write("rules.json", json.dumps(load(f"{DATA}/demo/rules.json")))
        self.ctl("rules", "set", rules, "--first", who="ingrid")

    def ctl(self, *args, **kwargs):
        return self.run_ctl(*args, profile=self.profile, **kwargs)

    def no(self, *args, says, **kwargs):
        done = self.ctl(*args, expect=FAILED, **kwargs)
        self.assertRegex(done.stderr.strip().splitlines()[-1], "^leewayctl: .*" + says)

    def submitted(self, title):
        path = self.write("request.json", json.dumps(self.request(title=title)))
        return json.loads(self.ctl("submit", path, who="priya").stdout)["id"]

    def approved(self, title):
        id = self.submitted(title)
        self.ctl("approve", id, who="tomas")
        return id

    def kinds(self, id):
        return [event["kind"] for event in json.loads(self.ctl("show", id, who="jonas").stdout)["events"]]

    def exemption(self, id):
        scope = self.request()["grants"][0]["scope"]
        name = f'lw-{id.replace("-", "")[-16:]}-1'
        return self.tenant.try_get(f"{scope}/providers/Microsoft.Authorization/policyExemptions/{name}")

    def whole(self):
        self.assertTrue(json.loads(self.ctl("ledger", "verify", "--json", who="jonas").stdout)["clean"])

    def test_ledger_full(self):
        self.mount(self.ledger)
        self.use_folder()
        id = self.approved("Access from the runners, on a full disk")
        file = self.write("proof.txt", "What the probe saw " * 1000)
        self.disk.order("fill")
        self.no("apply", id, who="tomas", says="no space left for the ledger")
        self.no("attach", file, who="priya", says="no space left for the ledger")
        self.assertEqual(self.kinds(id), ["submitted", "approved"])
        self.assertIsNone(self.exemption(id))
        self.disk.order("free")
        self.whole()
        self.ctl("attach", file, who="priya")
        self.ctl("apply", id, who="tomas")
        self.assertEqual(self.kinds(id), ["submitted", "approved", "applying", "applied"])
        self.whole()

    def test_ledger_read_only(self):
        self.mount(self.ledger)
        self.use_folder()
        id = self.approved("Access from the runners, read-only")
        other = self.submitted("Access from the runners, read-only and pending")
        self.disk.order("read-only")
        self.no("apply", id, who="tomas", says="The ledger’s folder is read-only")
        self.no("approve", other, who="tomas", says="The ledger’s folder is read-only")
        self.assertEqual(len(json.loads(self.ctl("requests", who="jonas").stdout)), 2)
        self.assertEqual(json.loads(self.ctl("apply", "--resume", who="tomas").stdout), [])
        self.assertIsNone(self.exemption(id))
        self.disk.order("writable")
        self.ctl("approve", other, who="tomas")
        self.ctl("apply", id, who="tomas")
        self.whole()

    def test_right_lost_half_way(self):
        """The exemption is in Azure already when the ledger can no longer be written."""
        self.mount(self.ledger)
        self.use_folder()
        id = self.approved("Access from the runners, cut off and read-only")
        done = subprocess.run([leeway_cli.CTL, "--profile", self.profile, "--access-token-file",
                               self.path("tomas.token"), "apply", id], capture_output=True, check=False,
                              env=dict(os.environ, LEEWAY_DIE_AT="apply.put", XDG_CACHE_HOME=self.path("cache"),
                                       XDG_DATA_HOME=self.path("data")))
        if done.returncode == 0:
            self.skipTest("this build has no fault points")
        there = self.exemption(id)
        self.assertIsNotNone(there)
        self.disk.order("read-only")
        for _ in range(2):
            done = self.ctl("apply", "--resume", who="tomas", expect=FAILED)
            self.assertRegex(done.stderr, "Azure has answered, but the ledger could not take it down: .*read-only")
        self.assertEqual(self.kinds(id), ["submitted", "approved", "applying"])
        self.disk.order("writable")
        self.ctl("apply", "--resume", who="tomas")
        self.assertEqual(self.kinds(id), ["submitted", "approved", "applying", "applied"])
        self.assertEqual(self.exemption(id)["systemData"], there["systemData"])
        self.whole()

    def test_own_disk_full(self):
        """What could not be finished after a crash is not begun."""
        self.use_folder()
        id = self.approved("Access from the runners, own disk full")
        self.mount(self.path("data"))
        self.disk.order("fill")
        self.no("apply", id, who="tomas", says="[Oo]utbox")
        self.assertEqual(self.kinds(id), ["submitted", "approved"])
        self.assertIsNone(self.exemption(id))
        self.disk.order("free")
        self.ctl("apply", id, who="tomas")
        self.assertEqual(self.kinds(id), ["submitted", "approved", "applying", "applied"])

    def test_role_taken_away_half_way(self):
        """The seal is there, and its event may not be added any more."""
        line = self.tenant.line
        port = int(line["arm"].rsplit(":", 1)[1].split("/")[0])
        proxy = Proxy(port)
        here = f"127.0.0.1:{proxy.server_port}"
        ends = {key: line[key].replace(f"127.0.0.1:{port}", here) for key in ("arm", "login", "graph", "blob")}
        self.profile = self.tenant.write_profile("proxy.json", endpoints=ends, ledger=f'{ends["blob"]}/{line["ledger"]}')
        id = self.submitted("Access from the runners, role taken away")
        denied = {"error": {"code": "AuthorizationPermissionMismatch", "message": "No."}}
        proxy.rule = lambda method, path: (403, denied) if method == "PUT" and "-requests/" in path else None
        self.no("approve", id, who="tomas", says="may not add to the ledger’s container leeway-requests")
        self.assertEqual(self.kinds(id), ["submitted"])
        proxy.rule = None
        self.whole()
        self.ctl("approve", id, who="tomas")
        self.assertEqual(self.kinds(id), ["submitted", "approved"])

        gone = {"error": {"code": "ContainerNotFound", "message": "The specified container does not exist."}}
        proxy.rule = lambda method, path: (404, gone) if "-requests/" in path and method == "PUT" else None
        self.no("apply", id, who="tomas", says="container leeway-requests is not in the storage account")
        self.assertIsNone(self.exemption(id))
        proxy.rule = None
        self.ctl("apply", id, who="tomas")
        self.whole()
        proxy.shutdown()
        proxy.server_close()

    def test_clocks(self):
        """Hours, days and a month wrong: the order is that of the numbers, and all of it counts."""
        self.use_folder()
        id = self.submitted("Access from the runners, clocks apart")
        self.ctl("comment", id, "--comment", "Behind", "--now", f"{day(-30)}T00:00:00Z", who="jonas")
        self.ctl("comment", id, "--comment", "Ahead", "--now", f"{day(20)}T00:00:00Z", who="jonas")
        self.ctl("approve", id, "--now", f"{day(-1)}T00:00:00Z", who="tomas")
        self.ctl("apply", id, "--now", f"{day(1)}T00:00:00Z", who="tomas")
        self.assertEqual(self.kinds(id), ["submitted", "commented", "commented", "approved", "applying", "applied"])
        self.whole()


if __name__ == "__main__":
    run()
