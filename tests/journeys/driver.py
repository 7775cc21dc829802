# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real window: AT-SPI finds and reads, synthetic keys and clicks act.

Every wait is for a condition, with a deadline. Nothing here knows a screen of Leeway; see path.py.
"""

import json
import os
import re
import subprocess
import time

import pyatspi

DEADLINE = float(os.environ.get("LEEWAY_JOURNEY_DEADLINE", "30"))


class Broken(AssertionError):
    """A step of the journey did not work."""


def wait_for(what, condition, deadline=None):
    """Polls condition until it is true and returns its value."""
    end = time.monotonic() + (deadline or DEADLINE)
    problem = None
    while time.monotonic() < end:
        try:
            value = condition()
            if value:
                return value
        except Exception as error:  # the tree changes while it is read
            problem = error
        time.sleep(0.05)
    raise Broken(f"waited in vain for {what}" + (f" ({problem})" if problem else ""))


def walk(root, hidden=False):
    """All accessibles below root, in reading order; what is not showing is skipped with its children."""
    stack = [root]
    while stack:
        here = stack.pop()
        try:
            if here is None:
                continue
            if not hidden and here is not root and not here.getState().contains(pyatspi.STATE_SHOWING):
                continue
            yield here
            stack.extend(reversed([here.getChildAtIndex(i) for i in range(here.childCount)]))
        except Exception:  # gone meanwhile
            continue


def matches(text, wanted):
    if isinstance(wanted, re.Pattern):
        return bool(wanted.search(text or ""))
    return text == wanted


class Window:
    """The one window of a running Leeway."""

    def __init__(self, pid, log=None):
        self.pid = pid
        self.log = log
        self.app = wait_for("the program on the accessibility bus", self._find_app)
        self.frame = wait_for("its window", lambda: self.find("frame", None, root=self.app, hidden=True))
        self.xid = wait_for("its X window", self._find_xid)

    def _find_app(self):
        desktop = pyatspi.Registry.getDesktop(0)
        for i in range(desktop.childCount):
            app = desktop.getChildAtIndex(i)
            if app and app.get_process_id() == self.pid:
                return app
        return None

    def _find_xid(self):
        out = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.pid)], capture_output=True, text=True
        ).stdout.split()
        return max(out, key=self._area) if out else None

    @staticmethod
    def _area(xid):
        out = subprocess.run(["xdotool", "getwindowgeometry", "--shell", xid], capture_output=True, text=True)
        values = dict(line.split("=", 1) for line in out.stdout.split() if "=" in line)
        return int(values.get("WIDTH", 0)) * int(values.get("HEIGHT", 0))

    def size(self):
        out = subprocess.check_output(["xdotool", "getwindowgeometry", "--shell", self.xid], text=True)
        values = dict(line.split("=", 1) for line in out.split() if "=" in line)
        return int(values["WIDTH"]), int(values["HEIGHT"])

    # Finding and reading

    def all(self, role=None, name=None, root=None, hidden=False):
        for here in walk(root or self.app, hidden):
            if role and here.getRoleName() not in ((role,) if isinstance(role, str) else role):
                continue
            if name is not None and not matches(here.name, name):
                continue
            yield here

    def find(self, role=None, name=None, root=None, hidden=False):
        return next(self.all(role, name, root, hidden), None)

    def expect(self, role=None, name=None, root=None, deadline=None, hidden=False):
        label = name.pattern if isinstance(name, re.Pattern) else name
        return wait_for(f"{role or 'something'} “{label}”", lambda: self.find(role, name, root, hidden), deadline)

    def expect_gone(self, role=None, name=None, deadline=None):
        wait_for(f"{role} “{name}” to go", lambda: self.find(role, name) is None, deadline)

    @staticmethod
    def text(here):
        text = here.queryText()
        return text.getText(0, text.characterCount)

    @staticmethod
    def parent(here, role):
        while here is not None and here.getRoleName() != role:
            here = here.parent
        return here

    # Acting

    def focus_window(self):
        subprocess.check_call(["xdotool", "windowfocus", "--sync", self.xid])

    def key(self, *keys):
        subprocess.check_call(["xdotool", "key", "--delay", "20", *keys])

    def type(self, text):
        for i, line in enumerate(text.split("\n")):
            if i:
                self.key("Return")
            subprocess.check_call(["xdotool", "type", "--delay", "4", "--", line])

    def extents(self, here):
        e = here.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        return e.x, e.y, e.width, e.height

    def reveal(self, here):
        """Scrolls with the wheel until the middle of here is inside its scroll pane."""
        pane = self.parent(here.parent, "scroll pane")
        if pane is None:
            return

        def step():
            _, top, _, high = self.extents(pane)
            x, y, w, h = self.extents(here)
            middle = y + min(h, 60) // 2
            if top + 20 <= middle <= top + high - 20:
                return True
            at_x, at_y = max(x, 0) + max(min(w // 2, 60), 5), top + high // 2
            button = "5" if middle > top + high - 20 else "4"
            self.pointer(at_x, at_y, button)
            return False

        wait_for(f"{here.getRoleName()} “{here.name}” to scroll into view", step)

    def pointer(self, x, y, button):
        """Moves there and clicks, with the breath that a hand takes in between."""
        move = ["mousemove", "--window", self.xid, str(x), str(y)]
        press = ["sleep", "0.06", "mousedown", button, "sleep", "0.04", "mouseup", button, "sleep", "0.04"]
        subprocess.check_call(["xdotool", *move, *press])

    def centre(self, here):
        """Where a pointer would meet here, once it stands still; None while it moves."""
        before = self.extents(here)
        time.sleep(0.06)
        x, y, w, h = self.extents(here)
        if (x, y, w, h) != before or w <= 0:
            return None
        # GTK tells a corner that is off by the paddings of what it lies in, so the real widget is up
        # to some twenty pixels further right and down: a point in the lower right part hits both.
        return int(x + (0.8 * w if w <= 60 else w / 2)), int(y + 0.8 * min(h, 45))

    def click(self, here):
        """A pointer click in the middle of what is shown of here."""
        wait_for(f"“{here.name}” to stand still", lambda: self.centre(here))
        self.reveal(here)
        x, y = wait_for(f"“{here.name}” to stand still", lambda: self.centre(here))
        self.pointer(x, y, "1")

    def press(self, role, name, root=None):
        """Finds a control by role and name and clicks it, also where lists are still being filled."""
        label = name.pattern if isinstance(name, re.Pattern) else name

        def once():
            here = self.find(role, name, root)
            if here is None or not self.centre(here) or self.find(role, name, root) != here:
                return None
            self.click(here)
            return here

        return wait_for(f"{role or 'something'} “{label}” to click", once)

    def fill(self, here, text):
        """Clicks into a text, replaces what is there by typing, and reads it back."""
        self.click(here)
        wait_for(f"the focus in “{here.name}”", lambda: here.getState().contains(pyatspi.STATE_FOCUSED))
        self.key("ctrl+a", "Delete") if self.text(here) else None
        self.type(text)
        wait_for(f"“{here.name}” to read what was typed", lambda: self.text(here) == text)

    def screenshot(self, path):
        subprocess.check_call(["import", "-window", self.xid, path])

    def tree(self, root=None, hidden=False):
        """The accessible tree as text, for a failure's report."""
        lines = []

        def rec(here, depth):
            try:
                if depth and not hidden and not here.getState().contains(pyatspi.STATE_SHOWING):
                    return
                lines.append("  " * depth + f"{here.getRoleName()} “{here.name}”")
                for i in range(here.childCount):
                    rec(here.getChildAtIndex(i), depth + 1)
            except Exception as error:
                lines.append("  " * depth + f"({error})")

        rec(root or self.app, 0)
        return "\n".join(lines)


class Program:
    """A program of ours as a child process that cannot outlive the journey."""

    def __init__(self, argv, log_path, env=None, line=False):
        self.log_path = log_path
        self.log = open(log_path, "ab")
        self.process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if line else self.log, stderr=self.log,
            env={**os.environ, **(env or {})},
        )
        self.line = None
        if line:
            text = self.process.stdout.readline()
            if not text:
                raise Broken(f"{argv[0]} ended before it was ready; see {log_path}")
            self.line = json.loads(text)

    def running(self):
        return self.process.poll() is None

    def stop(self):
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
