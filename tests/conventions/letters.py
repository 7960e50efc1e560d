#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An option letter means the same in every verb, and an option of one name takes the same value everywhere."""

import repository as repo

# What a letter may stand for. A new letter gets a line here, once and for all verbs.
LETTERS = {
    "-0": {"--null"},
    "-a": {"--all"},
    "-c": {"--count"},
    "-E": {"--conflict-exit-code"},
    "-f": {"--force", "--follow"},
    "-h": {"--help"},
    "-l": {"--long", "--lines"},
    "-m": {"--mode"},
    "-n": {"--nowait", "--dry-run"},
    "-o": {"--columns"},
    "-p": {"--priority"},
    "-q": {"--quiet"},
    "-s": {"--shared"},
    "-t": {"--type"},
    "-v": {"--verbose"},
    "-V": {"--version"},
    "-w": {"--timeout"},
    "-y": {"--yes"},
}
# Options that have their letter wherever they are.
ALWAYS_WITH_LETTER = {"--force", "--help", "--mode", "--quiet", "--verbose", "--yes"}

findings = repo.Findings()
metavars = {}

for verb in repo.grammar()["verbs"]:
    for option in verb["options"]:
        if option["operand"]:
            continue
        place = f"ipckit {verb['name']}"
        names = option["names"].split(",")
        letters = [name for name in names if not name.startswith("--")]
        words = [name for name in names if name.startswith("--")]
        for letter in letters:
            if letter not in LETTERS:
                findings.add(place, f"{letter} ({', '.join(words)}) is not in the table of letters")
            elif not LETTERS[letter] & set(words):
                meaning = " or ".join(sorted(LETTERS[letter]))
                findings.add(place, f"{letter} is {', '.join(words) or 'alone'}, but means {meaning}")
        if not words:
            findings.add(place, f"{', '.join(letters)} has no long name")
        for word in words:
            if word in ALWAYS_WITH_LETTER and not letters:
                findings.add(place, f"{word} lacks its letter")
            takes = "a value" if option["metavar"] else "no value"
            first_place, first_takes = metavars.setdefault(word, (place, takes))
            if first_takes != takes:
                findings.add(place, f"{word} takes {takes}, but {first_takes} in {first_place}")

findings.finish()
