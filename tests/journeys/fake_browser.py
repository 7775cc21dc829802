#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the person's browser: opens an address as LEEWAY_BROWSER_ORDERS (a file) says.

{"do": "sign-in", "persona": UPN, "ca": FILE}: signs in as that persona and follows to the program.
{"do": "refuse", "error": …, "description": …}: comes back as Entra does when somebody says no.
{"do": "nothing"}: the person went for coffee."""

import json
import os
import ssl
import sys
import urllib.parse
import urllib.request


def main():
    address = sys.argv[1]
    with open(os.environ["LEEWAY_BROWSER_ORDERS"], encoding="utf-8") as file:
        orders = json.load(file)
    given = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
    with open(os.environ["LEEWAY_BROWSER_ORDERS"] + ".claims", "w", encoding="utf-8") as file:
        file.write(given.get("claims", "{}"))
    if orders["do"] == "sign-in":
        address += "&" + urllib.parse.urlencode({"persona": orders["persona"]})
    elif orders["do"] == "refuse":
        address = given["redirect_uri"] + "?" + urllib.parse.urlencode(
            {"error": orders["error"], "error_description": orders["description"], "state": given["state"]})
    else:
        return
    context = ssl.create_default_context(cafile=orders.get("ca"))
    with urllib.request.urlopen(address, timeout=20, context=context) as answer:
        answer.read()


if __name__ == "__main__":
    main()
