# SPDX-License-Identifier: MIT
"""The repository and the program as the conventions see them.

Each convention is a script of its own. It collects what is wrong as lines that name the place, prints them, and fails
when there are any.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(os.environ["IPCKIT_SOURCE"])


class Findings:
    """What a convention finds wrong."""

    def __init__(self):
        self._lines = []

    def add(self, place, problem):
        self._lines.append(f"{place}: {problem}")

    def compare(self, place, what, expected, found):
        """Two lists of words that have to be the same set."""
        for word in sorted(set(expected) - set(found)):
            self.add(place, f"{what} {word} is missing")
        for word in sorted(set(found) - set(expected)):
            self.add(place, f"{what} {word} is there, but the program does not have it")

    def finish(self):
        for line in self._lines:
            print(line)
        if self._lines:
            sys.exit(1)
        print("all is well")


def run(*words):
    """What the program does with these words; nothing is typed to it."""
    return subprocess.run([os.environ["IPCKIT"], *words], capture_output=True, text=True, encoding="utf-8",
                          stdin=subprocess.DEVNULL, timeout=60, check=False)


def grammar():
    """The grammar as the program dumps it."""
    return json.loads(run("__dump-cli").stdout)


def option_names(verb):
    """Every name of every option of a verb, short and long."""
    return [name for option in verb["options"] if not option["operand"] for name in option["names"].split(",")]


def text_of(path):
    """The text of a file of the repository; empty when there is none."""
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def plain(line):
    """A line of roff without its macro, fonts, quotes and escapes."""
    line = re.sub(r"^[.'][A-Za-z]+ *", "", line)
    line = re.sub(r"\\f(\[[^]]*\]|\(..|.)", "", line)
    line = line.replace(r"\-", "-").replace(r"\~", " ").replace(r"\&", "").replace(r"\(aq", "'").replace(r"\e", "\\")
    return re.sub(r" +", " ", line.replace('"', "")).strip()


def section(page, heading):
    """The lines of one section of a manual page."""
    lines = []
    inside = False
    for line in page.splitlines():
        if line.startswith(".SH"):
            inside = plain(line).upper() == heading
        elif inside:
            lines.append(line)
    return lines


def entries(lines):
    """The entries of .TP lists, as pairs of the tag and the text, both plain."""
    found = []
    tag_follows = None
    for line in lines:
        if line in (".TP", ".TQ") or line.startswith(".TP "):
            tag_follows = line
        elif tag_follows == ".TQ":
            found[-1][0] += ", " + plain(line)
            tag_follows = None
        elif tag_follows:
            found.append([plain(line), ""])
            tag_follows = None
        elif line.startswith((".SS", ".PP", ".SH")):
            found.append(["", ""])
        elif found:
            found[-1][1] = (found[-1][1] + " " + plain(line)).strip()
    return [(tag, text) for tag, text in found if tag]


def options_in(text):
    """The names of options in the tag of an entry."""
    return re.findall(r"(?<![\w-])(--[a-z][a-z-]*|-[A-Za-z0-9])(?![\w-])", text)


def subsection(page, heading):
    """The lines below one .SS heading of a manual page."""
    lines = []
    inside = False
    for line in page.splitlines():
        if line.startswith((".SS", ".SH")):
            inside = line.startswith(".SS") and plain(line) == heading
        elif inside:
            lines.append(line)
    return lines


def tabulated(lines, cell):
    """The cells of one column of a table, in lines that end with the text block of the last column."""
    rows = [line.split("\t") for line in lines if line.endswith("\tT{")]
    return [plain(row[cell]) for row in rows]
