# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict readers of the literals that exports write: a small part of each language, and nothing beyond it.

Each follows the grammar its owner published. What a reader does not know is an error, so that a value that
got out of its quotes cannot pass for part of the file.
"""

import json
import re


class Wrong(Exception):
    pass


class Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def fail(self, what):
        line = self.text.count("\n", 0, self.at) + 1
        raise Wrong(f"line {line}: {what}, at {self.text[self.at:self.at + 40]!r}")

    def match(self, pattern):
        found = re.compile(pattern).match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, pattern, what=None):
        return self.match(pattern) or self.fail(what or f"expected {pattern}")

    def done(self):
        return self.at == len(self.text)


class Hcl(Reader):
    """github.com/hashicorp/hcl, hclsyntax/spec.md: blocks, attributes, templates without interpolation."""

    def string(self):
        self.need('"')
        out = []
        while not self.match('"'):
            if self.match(r"\\u([0-9a-fA-F]{4})"):
                out.append(chr(int(self.text[self.at - 4:self.at], 16)))
            elif self.match(r"\\U([0-9a-fA-F]{8})"):
                out.append(chr(int(self.text[self.at - 8:self.at], 16)))
            elif found := self.match(r'\\([nrt"\\])'):
                out.append({"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]))
            elif found := self.match(r"([$%])\1\{"):
                out.append(found[1] + "{")
            elif self.match(r"[$%]\{"):
                self.fail("a template expression")
            elif found := self.match(r'[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029]'):
                out.append(found[0])
            else:
                self.fail("a character that no string may hold")
        return "".join(out)

    def value(self):
        if self.text.startswith('"', self.at):
            return self.string()
        if self.match(r"\{"):
            out = {}
            self.need(r"\n|(?=\})")
            while not self.match(r" *\}"):
                self.match(" *")
                key = self.string()
                self.need(" = ")
                if key in out:
                    self.fail("a key twice")
                out[key] = self.value()
                self.need(r"\n")
            return out
        if self.match(r"\["):
            out = []
            while not self.match(r"\]"):
                if out:
                    self.need(", ")
                out.append(self.value())
            return out
        return json.loads(self.need(r"(true|false|null|-?\d+(\.\d+)?([eE][+-]?\d+)?)\b")[0])

    def attributes(self):
        out = {}
        while not self.match(r"\}\n"):
            if self.match(r"\n") or self.match(r"  # [ -~]*\n"):
                continue
            name = self.need(r"  ([a-z_]+) = ", "an attribute")[1]
            if name in out:
                self.fail("an attribute twice")
            if name == "to":
                out[name] = self.need(r"[a-z_]+\.[A-Za-z0-9_]+")[0]
            elif self.match(r"jsonencode\("):
                out[name] = self.value()
                self.need(r"\)")
            elif self.match("false"):
                out[name] = False
            else:
                out[name] = self.value()
            self.need(r"\n")
        return out

    def read(self):
        """[(type, label, attributes)]"""
        blocks = []
        while not self.done():
            if self.match(r"\n") or self.match(r"# [ -~]*\n"):
                continue
            if self.match(r"import \{\n"):
                blocks.append(("import", None, self.attributes()))
                continue
            found = self.need(r'resource "([a-z_]+)" "([A-Za-z_][A-Za-z0-9_-]*)" \{\n', "a block")
            blocks.append((found[1], found[2], self.attributes()))
        return blocks


class Bicep(Reader):
    """Azure/bicep, docs/grammar.md: declarations with literal values."""

    def string(self):
        self.need("'")
        out = []
        while not self.match("'"):
            if found := self.match(r"\\u\{([0-9a-fA-F]{1,6})\}"):
                out.append(chr(int(found[1], 16)))
            elif found := self.match(r"\\([nrt'\\$])"):
                out.append({"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]))
            elif self.match(r"\$\{"):
                self.fail("an interpolation")
            elif found := self.match(r"[^'\\\x00-\x1f\x7f-\x9f\u2028\u2029]"):
                out.append(found[0])
            else:
                self.fail("a character that no string may hold")
        return "".join(out)

    def value(self):
        if self.text.startswith("'", self.at):
            return self.string()
        if self.match(r"\{\}"):
            return {}
        if self.match(r"\[\]"):
            return []
        if self.match(r"\{\n"):
            out = {}
            while not self.match(r" *\}"):
                self.match(" *")
                key = self.string() if self.text.startswith("'", self.at) else \
                    self.need(r"[A-Za-z_][A-Za-z0-9_]*", "a key")[0]
                self.need(": ")
                if key in out:
                    self.fail("a key twice")
                out[key] = self.value()
                self.need(r"\n")
            return out
        if self.match(r"\[\n"):
            out = []
            while not self.match(r" *\]"):
                self.match(" *")
                out.append(self.value())
                self.need(r"\n")
            return out
        if found := self.match(r"json\('(-?\d+(\.\d+)?([eE][+-]?\d+)?)'\)"):
            return json.loads(found[1])
        return json.loads(self.need(r"(true|false|null|-?\d+)\b", "a value")[0])

    def read(self):
        """(target scope, {symbol: (type, existing, object, scope's symbol)})"""
        target = self.need(r"targetScope = '(managementGroup|subscription|resourceGroup)'\n", "the scope")[1]
        symbols = {}
        while not self.done():
            if self.match(r"\n"):
                continue
            found = self.need(r"resource ([A-Za-z_][A-Za-z0-9_]*) '([A-Za-z.]+(?:/[A-Za-z]+)+@[-0-9a-z]+)'"
                              r"( existing)? = \{\n", "a resource")
            out, scope = {}, None
            while not self.match(r"\}\n"):
                name = self.need(r"  (scope|name|properties): ", "a member")[1]
                if name == "scope":
                    scope = self.need(r"[A-Za-z_][A-Za-z0-9_]*")[0]
                else:
                    out[name] = self.value()
                self.need(r"\n")
            if found[1] in symbols:
                self.fail("a symbol twice")
            symbols[found[1]] = (found[2], bool(found[3]), out, scope)
        return target, symbols


class PowerShell(Reader):
    """about_Quoting_Rules, about_Parsing: commands with literal arguments, one a line or after a backtick."""

    def string(self):
        """'…', or ('…' + [char]0x…)."""
        group = self.match(r"\(")
        out = []
        while True:
            if found := self.match(r"'((?:[^'\u2018\u2019\u201a\u201b\n]|'')*)'"):
                out.append(found[1].replace("''", "'"))
            elif found := self.match(r"\[char\]0x([0-9a-f]{1,4})\b"):
                out.append(chr(int(found[1], 16)))
            elif found := self.match(r"\[char\]::ConvertFromUtf32\(0x([0-9a-f]{5,6})\)"):
                out.append(chr(int(found[1], 16)))
            else:
                self.fail("no text")
            if not group:
                break
            if self.match(r"\)"):
                break
            self.need(r" \+ ")
        return "".join(out)

    def value(self):
        if self.match(r"@\("):
            out = []
            while not self.match(r"\)"):
                if out:
                    self.need(", ")
                out.append(self.value())
            return out
        if self.match(r"@\{"):
            out = {}
            while not self.match(r"\}"):
                if out:
                    self.need("; ")
                name = self.need("(Name|Selector|Kind|In|NotIn)=")[1]
                out[name] = self.value()
            return out
        if self.match(r"\(\[datetimeoffset\]"):
            out = self.string()
            self.need(r"\)\.UtcDateTime")
            return out
        return self.string()

    def read(self):
        """[(command, {parameter: value})]"""
        commands, assignment = [], None
        self.need(r"\$ErrorActionPreference = 'Stop'\n")
        while not self.done():
            if self.match(r"\n") or self.match(r"# [ -~]*\n"):
                continue
            if self.match(r"\$assignment = Get-AzPolicyAssignment -Id "):
                assignment = self.string()
                self.need(r"\n")
                continue
            name = self.need(r"New-AzPolicyExemption|Invoke-AzRestMethod -Method PUT", "a command")[0]
            out = {}
            while self.match(r" `\n  -([A-Za-z]+) "):
                parameter = re.search(r"-([A-Za-z]+) $", self.text[:self.at])[1]
                if parameter in out:
                    self.fail("a parameter twice")
                out[parameter] = assignment if self.match(r"\$assignment") else self.value()
            self.need(r"\n")
            commands.append((name, out))
        return commands


def arm(text):
    """An ARM template's resources, with its literals undone; an expression is an error."""
    def undo(value):
        if isinstance(value, dict):
            return {undo(key): undo(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [undo(inner) for inner in value]
        if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
            if not value.startswith("[["):
                raise Wrong(f"an expression: {value}")
            return value[1:]
        return value
    template = json.loads(text)
    return template["$schema"], [undo(resource) for resource in template["resources"]]


def calendar(text):
    """[(component, {name: value})] of RFC 5545, with lines unfolded."""
    lines = text.split("\r\n")
    if lines.pop() != "":
        raise Wrong("no line break at the end")
    for line in lines:
        if len(line.encode()) > 75 or "\n" in line or "\r" in line:
            raise Wrong(f"a line that is too long or broken: {line}")
    unfolded = []
    for line in lines:
        if line.startswith(" "):
            unfolded[-1] += line[1:]
        else:
            unfolded.append(line)
    stack, out = [], []
    for line in unfolded:
        found = re.fullmatch(r"([A-Z-]+)((?:;[A-Z]+=[A-Za-z0-9-]+)*):(.*)", line) or None
        if not found:
            raise Wrong(f"no property: {line}")
        name, value = found[1], found[3]
        if name == "BEGIN":
            stack.append((value, {}))
        elif name == "END":
            component = stack.pop()
            if component[0] != value:
                raise Wrong(f"{value} ends, {component[0]} is open")
            out.append(component)
        else:
            if name in ("SUMMARY", "DESCRIPTION") and re.search(r"(?<!\\)(\\\\)*[;,]", value):
                raise Wrong(f"not escaped: {value}")
            stack[-1][1][name] = re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], value)
    if stack:
        raise Wrong("a component is open")
    return out
