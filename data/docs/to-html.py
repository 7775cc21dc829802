#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the little Markdown that data/docs is written in into a page: to-html.py IN OUT."""

import html
import re
import sys

STYLE = """:root{color-scheme:light dark}body{font:16px/1.55 system-ui,sans-serif;max-width:46rem;margin:2rem auto;
padding:0 1rem}pre{overflow:auto;padding:.75rem 1rem;border-radius:8px;background:light-dark(#f2f2f4,#2e2e32)}
table{border-collapse:collapse;display:block;overflow:auto}td,th{text-align:start;vertical-align:top;padding:.4rem .8rem
.4rem 0;border-bottom:1px solid light-dark(#ddd,#444)}code{font-size:.92em}"""


def inline(text):
    text = html.escape(text, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    text = re.sub(r"(?<![\w*])\*([^*]+)\*(?![\w*])", r"<em>\1</em>", text)
    text = re.sub(r"\]\(([\w-]+)\.md\)", r"](\1.html)", text)
    return re.sub(r"\[([^]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', text)


def table(rows):
    cells = [[inline(c.strip()) for c in row.strip("|").split("|")] for row in rows if not re.match(r"^\|[-| ]+$", row)]
    out = ["<table>"]
    for number, row in enumerate(cells):
        tag = "th" if number == 0 else "td"
        out.append("<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in row) + "</tr>")
    return "\n".join(out + ["</table>"])


def convert(text):
    blocks = re.split(r"(```.*?```)", re.sub(r"<!--.*?-->\s*", "", text, flags=re.S), flags=re.S)
    out = []
    for block in blocks:
        if block.startswith("```"):
            out.append("<pre><code>" + html.escape(block.strip("`").split("\n", 1)[1], quote=False) + "</code></pre>")
            continue
        for part in re.split(r"\n\s*\n", block.strip()):
            heading = re.match(r"(#+) (.*)", part)
            if heading:
                level = len(heading.group(1))
                out.append(f"<h{level}>{inline(heading.group(2))}</h{level}>")
            elif part.startswith("|"):
                out.append(table(part.splitlines()))
            elif part.strip():
                out.append(f"<p>{inline(part)}</p>")
    return "\n".join(out)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    title = re.search(r"^# (.*)", text, re.M).group(1)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" '
                   f'content="width=device-width,initial-scale=1"><title>{html.escape(title)}</title>'
                   f"<style>{STYLE}</style>\n{convert(text)}\n</html>\n")


if __name__ == "__main__":
    main()
