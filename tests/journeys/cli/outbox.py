#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leewayctl writes while the ledger, a folder on a share, is out of reach, and how it gets there."""

import json
import os
import subprocess

from leeway_cli import CTL, DONE, FAILED, INPUT, REFUSED, Case, run

QUEUED = 4
KILLS = 12


class Outbox(Case):
    def setUp(self):
        self.share = self.path(f"share-{self._testMethodName}")
        self.away = self.share + "-away"
        os.mkdir(self.share)
        self.profile = self.tenant.write_profile(f"{self._testMethodName}.json",
                                                 ledger=os.path.join(self.share, "ledger"))
        rules = self.json("rules", "show", who="ingrid")["rules"]
        self.ctl("rules", "set", self.write("rules.json", json.dumps(rules)), "--first", who="ingrid")
        for who in ("priya", "tomas"):
            self.ctl("requests", who=who)

    def ctl(self, *args, **kwargs):
        return self.run_ctl(*args, profile=self.profile, **kwargs)

    def ask(self, *args, **kwargs):
        return json.loads(self.ctl(*args, **kwargs).stdout)

    def cut(self, gone):
        os.rename(*((self.share, self.away) if gone else (self.away, self.share)))

    def submit_here(self, expect=DONE, **changes):
        path = self.write("request.json", json.dumps(self.request(**changes)))
        return self.ask("submit", path, who="priya", expect=expect)

    def texts(self, request):
        events = self.ask("show", request, who="priya")["events"]
        return [event["body"].get("text") for event in events if event["kind"] == "commented"]

    def test_waits_and_is_sent(self):
        case = self.submit_here(title="What waits and is sent")
        self.cut(True)
        done = self.ctl("comment", case["id"], "--comment", "On the train", who="priya", expect=QUEUED)
        self.assertIn("kept in the outbox", done.stderr)
        number = json.loads(done.stdout)["queued"]
        other = self.submit_here(expect=QUEUED, title="Written on the train")
        self.assertEqual(other["phase"], "new")
        items = self.ask("outbox", "list", who="priya")
        self.assertEqual([item["kind"] for item in items], ["commented", "submitted"])
        self.assertEqual(items[0]["number"], number)
        self.assertEqual(items[0]["text"], "On the train")
        self.assertEqual({item["state"] for item in items}, {"waiting"})
        self.assertIn("connect it", items[0]["problem"])
        self.assertEqual(self.ask("outbox", "list", who="tomas"), [])
        self.ctl("outbox", "send", who="priya", expect=QUEUED)

        self.cut(False)
        self.assertEqual(self.ask("outbox", "send", who="priya"), [])
        self.assertEqual(self.texts(case["id"]), ["On the train"])
        self.assertEqual(self.ask("show", other["id"], who="tomas")["phase"], "pending")

    def test_approvals_are_refused(self):
        case = self.submit_here(title="An approval is refused")
        self.ctl("show", case["id"], who="tomas")
        self.cut(True)
        self.refuse("approve", case["id"], who="tomas", profile=self.profile, expect=FAILED,
                    says="An approval is never kept to be sent later")
        self.assertEqual(self.ask("outbox", "list", who="tomas"), [])

    def test_conflict(self):
        case = self.submit_here(title="Somebody is faster")
        self.ctl("show", case["id"], who="tomas")
        self.cut(True)
        self.ctl("reject", case["id"], "--comment", "Too wide", who="tomas", expect=QUEUED)
        self.cut(False)
        changed = dict(self.request(title="Somebody is faster, and it changed"), id=case["id"])
        self.ctl("submit", self.write("second.json", json.dumps(changed)), who="priya")

        items = json.loads(self.ctl("outbox", "send", who="tomas", expect=REFUSED).stdout)
        self.assertEqual(items[0]["state"], "conflict")
        self.assertEqual(items[0]["text"], "Too wide")
        self.assertIn("revision 2 is in force now", items[0]["problem"])
        self.assertEqual([event["kind"] for event in items[0]["happened"]], ["submitted"])
        number = str(items[0]["number"])
        self.assertEqual(self.ask("show", case["id"], who="priya")["phase"], "pending")

        discarded = self.ask("outbox", "discard", number, who="tomas")
        self.assertEqual(discarded[0]["state"], "discarded")
        self.assertEqual(self.ask("outbox", "restore", number, who="tomas")[0]["state"], "conflict")
        self.assertEqual(self.ask("outbox", "send", number, who="tomas"), [])
        self.assertEqual(self.ask("show", case["id"], who="priya")["phase"], "rejected")

    def test_killed_while_sending(self):
        """Killed at any instant: every entry is on record once, in order."""
        case = self.submit_here(title="Killed while it sends")
        self.cut(True)
        texts = [f"comment {n}" for n in range(KILLS)]
        for text in texts:
            self.ctl("comment", case["id"], "--comment", text, who="priya", expect=QUEUED)
        self.cut(False)
        env = dict(os.environ, XDG_CACHE_HOME=self.path("cache"), XDG_DATA_HOME=self.path("data"))
        command = [CTL, "--profile", self.profile, "--access-token-file", self.path("priya.token"),
                   "outbox", "send"]
        for n in range(KILLS):
            sending = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            try:
                sending.wait(timeout=0.08 + 0.02 * n)
            except subprocess.TimeoutExpired:
                sending.kill()
                sending.wait()
        self.assertEqual(self.ask("outbox", "send", who="priya"), [])
        self.assertEqual(self.texts(case["id"]), texts)
        self.assertEqual(self.ask("show", case["id"], who="priya")["flags"], [])

    def test_damaged(self):
        case = self.submit_here(title="The outbox is damaged")
        self.cut(True)
        self.ctl("comment", case["id"], "--comment", "Lost", who="priya", expect=QUEUED)
        database = self.path("data/leeway/outbox.db")
        for name in ("-wal", "-shm"):
            if os.path.exists(database + name):
                os.remove(database + name)
        self.write("data/leeway/outbox.db", b"This is no database. " * 1000)
        done = self.ctl("outbox", "list", who="priya")
        self.assertIn("was damaged", done.stderr)
        self.assertEqual(json.loads(done.stdout), [])
        self.ctl("comment", case["id"], "--comment", "Again", who="priya", expect=QUEUED)
        self.cut(False)
        self.ctl("outbox", "send", who="priya")
        self.assertEqual(self.texts(case["id"]), ["Again"])

    def test_usage(self):
        for args, says in ((("outbox", "send", "x"), "outbox list"), (("outbox", "discard"), "NUMBER"),
                           (("outbox", "vanish"), "no command")):
            self.refuse(*args, who="priya", profile=self.profile, expect=INPUT, says=says)
        self.refuse("outbox", "discard", "999", who="priya", profile=self.profile, expect=FAILED,
                    says="no longer in the outbox")


if __name__ == "__main__":
    run()
