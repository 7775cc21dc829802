# SPDX-License-Identifier: GPL-3.0-or-later
"""The path of one request through the window: a requester drafts it, an approver's click creates the
exemption. Each step is a function that fails when what should follow does not."""

import re

import pyatspi

from driver import Broken, wait_for

REQUESTER = "Priya Raman"
APPROVER = "Tomás Herrera"
OWNER = "Daniel Okafor"
TITLE = "Private endpoint for the evaluation cluster"
POLICY = "AI platform security baseline"
DEFINITIONS = ["AI services should disable public network access", "AI services should use private link"]
RESOURCES = ["aoai-eval-weu", "aoai-judge-weu"]
REASON = {
    "What is blocked?": "The nightly evaluation of the support model runs on hosted runners that cannot "
    "reach aoai-eval-weu once its public endpoint is closed, so the release gate has no results.",
    "Which protection is missing meanwhile?": "Both accounts stay reachable from the internet, so a "
    "leaked key could be used from anywhere until the private endpoint is in place.",
    "Why not comply now?": "The network of the runners is not peered with the hub yet. That is change "
    "NET-2291, which the network team carries out next month.",
    "How does it end?": "Both accounts are reached through private endpoints only, and public network "
    "access is disabled on them.",
}
CONTROL = {
    "Objective": "Only the hosted runners reach the two accounts while their endpoints are public.",
    "What is done": "The firewall of both accounts allows the four addresses of the runners and denies "
    "everything else.",
    "Residual risk": "A runner that is taken over could still call the two accounts with its own identity.",
    "How it is validated": "A scheduled probe from outside calls both accounts each night and must be "
    "refused.",
    "How it is kept up": "The platform team updates the list of addresses when the runners change.",
}


def day(days):
    """A day that many days ahead, as the form's date fields take it."""
    import datetime

    return (datetime.date.today() + datetime.timedelta(days=days)).isoformat()


def enter(window, name, text, root=None):
    """Types into a field that has that name."""
    window.fill(window.expect(("text", "entry"), name, root=root), text)


def enter_day(window, name, days, root=None):
    window.click(window.expect(("text", "entry"), name, root=root))
    window.key("ctrl+a")
    window.type(day(days))
    window.key("Tab")


def choose_person(window, button, name):
    window.press("button", button)
    window.expect("dialog")
    wait_for("the focus in the search", lambda: focused(window, ("text", "entry")))
    window.type(name.split()[0])
    window.press("list item", re.compile(name))
    wait_for("the picker to close", lambda: window.find("dialog") is None)


def focused(window, roles):
    return next(
        (h for h in window.all() if h.getRoleName() in roles and h.getState().contains(pyatspi.STATE_FOCUSED)), None
    )


def sign_in(window, name):
    window.press(None, re.compile("^" + name))
    window.expect("button", re.compile("^Account: " + name))


def switch_to(window, name):
    """Somebody else at the same desk: the tenant's people are connections side by side."""
    window.press("toggle button", re.compile("^Account: "))
    window.press("list item", re.compile("^" + name))
    window.expect("button", re.compile("^Account: " + name))


def go_to(window, page):
    window.press("list item", re.compile("^" + page))
    window.expect(("grouping", "panel"), page)


def next_step(window, title):
    """Next; a wheel that still runs out takes the first click, as it would a person's."""
    window.press("button", "Next")
    try:
        window.expect(("grouping", "panel"), title, deadline=3)
    except Broken:
        window.press("button", "Next")
        window.expect(("grouping", "panel"), title)


def draft_policy(window):
    window.press("button", re.compile("^(Start a|New) Request$"))
    enter(window, "Title of the request", TITLE)
    window.press("button", "Choose a policy…")
    wait_for("the focus in the search", lambda: focused(window, ("text", "entry")))
    window.type("security baseline")
    window.press("list item", POLICY)
    wait_for("the picker to close", lambda: window.find("dialog") is None)
    for definition in DEFINITIONS:
        box = window.expect("check box", definition)
        if not box.getState().contains(pyatspi.STATE_CHECKED):
            window.click(box)
        wait_for(f"“{definition}” to be ticked", lambda: box.getState().contains(pyatspi.STATE_CHECKED))


def draft_scope(window):
    next_step(window, "Scope")
    for resource in RESOURCES:
        window.press("check box", resource)
    window.expect("label", re.compile("2 resources"))


def draft_reason(window):
    next_step(window, "Reason")
    for field, text in REASON.items():
        enter(window, field, text)
    enter_day(window, "Ends by", 55)
    window.press("button", "Add a Step")
    enter(window, "What is done", "Peer the network of the runners with the hub (NET-2291)")
    enter_day(window, "Done by", 40)


def draft_owner(window):
    next_step(window, "Owner and Expiry")
    choose_person(window, "Owner: Choose…", OWNER)
    window.press("button", "60 Days")
    window.press("list item", "Waiver")


def draft_controls(window):
    next_step(window, "Compensating Controls")
    window.press("toggle button", "Add Control")
    wait_for("the kinds of controls", lambda: list(window.all("menu item")))
    window.key("Down", "Return")
    for field, text in CONTROL.items():
        enter(window, field, text)
    choose_person(window, re.compile("^Who checks it"), OWNER)
    enter_day(window, "Next check", 20)


def check(window):
    next_step(window, "Check and Submit")
    window.expect("button", "Submit")
    window.expect(None, re.compile("^Let "))


def submit(window):
    window.press("button", "Submit")
    window.expect("button", "New Request", deadline=60)
    window.expect("list item", re.compile(TITLE))


def review(window):
    go_to(window, "To Review")
    window.press("list item", re.compile(TITLE))
    window.expect("button", "Approve")


def approve_and_create(window):
    window.press("button", "Approve")
    window.press("button", "Approve and Create")
    wait_for("the alert to close", lambda: window.find("alert") is None, 60)


def see_exemptions(window):
    go_to(window, "Exemptions")
    window.expect("table row", re.compile(TITLE), deadline=60)


def see_portfolio(window):
    go_to(window, "Portfolio")
    window.expect(None, re.compile("^In [Ff]orce"), deadline=60)
