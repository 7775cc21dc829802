# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do while the program is ended under them.

Each scenario prepares something, does one thing (which is ended at some instant), looks at what is there
then, does what a person or the next start does, and looks again."""

import hashlib
import json
import pathlib
import shutil

from world import DATA, load, must

ACCOUNTS = ("aoai-eval-weu", "aoai-judge-weu", "aoai-redteam-weu")


class Scenario:
    ledger = "folder"
    writes_to_azure = False

    def __init__(self, world):
        self.world = world
        self.id = None
        self.prepare()

    def ctl(self, *args, **kwargs):
        return self.world.ctl(self.ledger, *args, **kwargs)

    def show(self):
        return self.world.show(self.ledger, self.id)

    def kinds(self):
        shown = self.show()
        return [event["kind"] for event in shown["events"]] if shown else []

    def submit(self, **changes):
        path, self.id = self.world.request(**changes)
        self.ctl("submit", path, who="priya")

    def prepare(self):
        pass

    def act(self):
        raise NotImplementedError

    def look(self):
        """After the end: the ledger is whole, and nothing is in Azure that should not be."""
        self.world.verify(self.ledger, "--ledger-only")
        shown = self.show() if self.id else None
        if shown:
            self.world.check_approved(shown)

    def go_on(self):
        """What the next start does, or the person who sees that it is not there."""
        raise NotImplementedError

    def check(self):
        raise NotImplementedError


class FirstUse(Scenario):
    """Nobody has used this ledger yet, nor this machine."""

    def prepare(self):
        world = self.world
        world.profiles["fresh"] = world.tenant.write_profile("fresh.json", ledger=str(world.folder / "fresh"))
        self.ledger = "fresh"
        shutil.rmtree(world.folder / "fresh", ignore_errors=True)
        shutil.rmtree(world.folder / "machines/fresh", ignore_errors=True)
        self.rules = world.write("first.json", json.dumps(load(f"{DATA}/demo/rules.json")))

    def act(self):
        self.ctl("rules", "set", self.rules, "--first", who="ingrid", machine="fresh")

    def go_on(self):
        if json.loads(self.ctl("rules", "show", who="ingrid", machine="fresh"))["seq"] == 0:
            self.act()

    def check(self):
        must(json.loads(self.ctl("rules", "show", who="jonas", machine="fresh"))["seq"] == 1, "not the first rules")
        must(len(list((self.world.folder / "fresh/rules").glob("0*.json"))) == 1, "rules were written twice")


class Submit(Scenario):
    """A request with a file that its draft keeps."""

    def prepare(self):
        world = self.world
        file = world.write("proof.txt", f"What the probe saw, {world.runs}")
        evidence = json.loads(self.ctl("attach", file, who="jonas"))
        file = world.write("kept.txt", f"What the draft keeps, {world.runs}")
        self.path, self.id = world.request(evidence=[evidence])
        request = json.loads(open(self.path, encoding="utf-8").read())
        world.help("stage", self.id, file)
        kept = next((world.folder / f"machines/priya/data/leeway/evidence/{self.id}").iterdir())
        self.sha256 = kept.name
        request["evidence"].append(dict(evidence, sha256=kept.name, name="kept.txt", size=kept.stat().st_size))
        self.path = world.write("request.json", json.dumps(request))

    def act(self):
        self.ctl("submit", self.path, who="priya")

    def look(self):
        super().look()
        kept = self.world.folder / f"machines/priya/data/leeway/evidence/{self.id}/{self.sha256}"
        must(kept.exists(), "the draft lost its file")

    def go_on(self):
        self.act()

    def check(self):
        must(self.kinds() == ["submitted"], "not submitted once")
        must(self.ctl("evidence", self.sha256, who="jonas").startswith("What the draft keeps"), "evidence is lost")


class Comment(Scenario):
    def prepare(self):
        self.submit()

    def act(self):
        self.ctl("comment", self.id, "--comment", "Does this hold for the runners too?", who="jonas")

    def go_on(self):
        if "commented" not in self.kinds():
            self.act()

    def check(self):
        must(self.kinds() == ["submitted", "commented"], "not commented once")


class Approve(Scenario):
    """The second of two approvals."""

    def prepare(self):
        request = self.world.request()
        content = json.loads(open(request[0], encoding="utf-8").read())
        scope = "/".join(content["grants"][0]["scope"].split("/")[:3])
        content["grants"][0].update(scope=scope, why="The runners reach every account of the subscription.")
        content["expires"] = content["remediation"][0]["by"] + "T22:59:59Z"
        content["reason"]["endStateBy"] = content["remediation"][0]["by"]
        self.id = request[1]
        self.ctl("submit", self.world.write("request.json", json.dumps(content)), who="priya")
        self.ctl("approve", self.id, who="tomas")

    def act(self):
        self.ctl("approve", self.id, who="ingrid")

    def look(self):
        super().look()
        shown = self.show()
        must(shown["approvals"]["needed"] == 2, "this needs two")
        must(shown["phase"] in ("pending", "approved"), shown["phase"])
        must((shown["phase"] == "approved") == (shown["approvals"]["counting"] == 2), "approved by one")

    def go_on(self):
        if self.kinds().count("approved") == 1:
            self.act()

    def check(self):
        must(self.kinds() == ["submitted", "approved", "approved"], "not approved once by each")
        must(self.show()["phase"] == "approved", "not approved")


class Apply(Scenario):
    """Three grants, so that a part of them may be there."""

    writes_to_azure = True

    def prepare(self):
        shutil.rmtree(self.world.folder / "machines/tomas", ignore_errors=True)
        self.submit(scopes=ACCOUNTS)
        self.ctl("approve", self.id, who="tomas")

    def act(self):
        self.ctl("apply", self.id, who="tomas")

    def look(self):
        super().look()
        self.before = self.world.check_approved(self.show())

    def go_on(self):
        if self.world.ended_at.startswith("apply."):
            self.leave_alone()
        self.ctl("apply", "--resume", who="tomas")
        if self.kinds()[2:] == []:
            self.act()  # ended before the click was noted
        must(json.loads(self.ctl("apply", "--resume", who="tomas")) == [], "it does not come to an end")

    def leave_alone(self):
        """Neither reading, nor another account, nor another machine of the same account finishes it."""
        begun = self.kinds()[2:]
        for who, machine in (("tomas", "other"), ("ingrid", "tomas")):
            out = self.ctl("apply", "--resume", who=who, machine=machine)
            must(json.loads(out) == [], "finished by somebody else")
        self.ctl("ledger", "sync", who="tomas")
        self.ctl("requests", who="tomas")
        self.ctl("show", self.id, who="tomas")
        must(self.kinds()[2:] == begun, "it went on by itself")
        must(self.world.check_approved(self.show()) == self.before, "it went on by itself")

    def check(self):
        shown = self.show()
        kinds = [event["kind"] for event in shown["events"]]
        must(kinds == ["submitted", "approved", "applying", "applied"], f"the record says {kinds}")
        must(shown["phase"] == "applied", shown["phase"])
        there = self.world.check_approved(shown)
        must(sorted(there) == [1, 2, 3], f"in Azure are {sorted(there)}")
        for n, exemption in self.before.items():
            must(there[n]["systemData"] == exemption["systemData"], "what was there was written again")
        self.world.verify(self.ledger)


class Rules(Scenario):
    """An administrator changes the rules in force."""

    def prepare(self):
        shown = json.loads(self.ctl("rules", "show", who="ingrid"))
        self.seq = shown["seq"]
        rules = dict(shown["rules"], pendingDays=10 + shown["seq"])
        self.rules = self.world.write("changed.json", json.dumps(rules))

    def act(self):
        self.ctl("rules", "set", self.rules, who="ingrid")

    def go_on(self):
        self.act()  # says that these are in force where they are

    def check(self):
        shown = json.loads(self.ctl("rules", "show", who="jonas"))
        must(shown["seq"] == self.seq + 1, f'the rules are at {shown["seq"]}')
        must(shown["rules"]["pendingDays"] == 10 + self.seq, "these are not the rules that were set")


class Attach(Scenario):
    def prepare(self):
        self.text = f"Seen in run {self.world.runs}"
        self.file = self.world.write("seen.txt", self.text)

    def act(self):
        self.sha256 = None
        out = self.ctl("attach", self.file, who="priya")
        if out:
            self.sha256 = json.loads(out)["sha256"]

    def go_on(self):
        self.act()

    def check(self):
        must(self.ctl("evidence", self.sha256, who="jonas") == self.text, "another file")


class Sync(Scenario):
    """Somebody reads the ledger for the first time."""

    def prepare(self):
        for machine in ("new", "newer"):
            shutil.rmtree(self.world.folder / "machines" / machine, ignore_errors=True)
        self.submit()

    def act(self):
        self.ctl("ledger", "sync", who="jonas", machine="new")

    def look(self):
        self.world.verify(self.ledger, "--ledger-only")

    def go_on(self):
        self.act()

    def check(self):
        listed = json.loads(self.ctl("requests", who="jonas", machine="new"))
        must(self.id in [request["id"] for request in listed], "a request is not listed")
        # whoever read it before misses what was ended before its marker, until the full listing of the day
        whole = json.loads(self.ctl("requests", who="jonas", machine="newer"))
        must(sorted(r["id"] for r in listed) == sorted(r["id"] for r in whole), "requests are not listed")


class Draft(Scenario):
    """A draft is saved again and again; what was said to be saved is there."""

    def prepare(self):
        shutil.rmtree(self.world.folder / "machines/drafter", ignore_errors=True)
        self.path, self.id = self.world.request()
        self.world.help("save", self.path, "1", machine="drafter")

    def act(self):
        self.world.said = ""
        self.world.help("save", self.path, "3", machine="drafter")

    def version(self):
        lines = self.world.help("drafts", machine="drafter").splitlines()
        must(len(lines) == 1 and lines[0].startswith(self.id), f"drafts are {lines}")
        return int(lines[0].rsplit(" ", 1)[1])

    def look(self):
        said = len(self.world.said.splitlines())
        version = self.version()
        must(max(said, 1) <= version <= said + 1, f"{said} were saved, and version {version} is there")

    def go_on(self):
        self.world.help("save", self.path, "3", machine="drafter")

    def check(self):
        must(self.version() == 3, "not the last version")


class DraftRemoved(Draft):
    """A draft with a file is removed."""

    def prepare(self):
        super().prepare()
        self.world.help("stage", self.id, self.path, machine="drafter")

    def act(self):
        self.world.help("remove", self.id, machine="drafter")

    def look(self):
        pass

    def go_on(self):
        self.world.help("drafts", machine="drafter")
        self.world.help("remove", self.id, machine="drafter")

    def check(self):
        must(self.world.help("drafts", machine="drafter") == "", "the draft is there")
        kept = self.world.folder / f"machines/drafter/data/leeway/evidence/{self.id}"
        must(not kept.exists(), "the draft's file is there")


class Stage(Scenario):
    """A file is attached to a draft."""

    def prepare(self):
        shutil.rmtree(self.world.folder / "machines/drafter", ignore_errors=True)
        self.path, self.id = self.world.request()

    def act(self):
        self.world.help("stage", self.id, self.path, machine="drafter")

    def look(self):
        pass

    def go_on(self):
        self.act()

    def check(self):
        """What was half written beside it has another name, and goes with the draft."""
        content = pathlib.Path(self.path).read_bytes()
        kept = self.world.folder / f"machines/drafter/data/leeway/evidence/{self.id}"
        must((kept / hashlib.sha256(content).hexdigest()).read_bytes() == content, "another file")


def on_blob(scenario):
    return type(scenario.__name__ + "Blob", (scenario,), {"ledger": "blob", "__doc__": scenario.__doc__})


ALL = [FirstUse, Submit, Comment, Approve, Apply, Rules, Attach, Sync, Draft, DraftRemoved, Stage,
       *(on_blob(s) for s in (Submit, Comment, Approve, Apply, Rules, Attach))]
