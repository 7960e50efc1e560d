#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Help fits 80 columns, is printed on stdout in three ways that agree, names every option, and never follows an error."""

import repository as repo

findings = repo.Findings()


def check(ways):
    """The text that all of these command lines print."""
    texts = []
    for words in ways:
        place = "ipckit " + " ".join(words)
        done = repo.run(*words)
        if done.returncode != 0:
            findings.add(place, f"ended with status {done.returncode}")
        if done.stderr:
            findings.add(place, "wrote to stderr")
        if not done.stdout.endswith("\n"):
            findings.add(place, "printed nothing, or no whole line")
        texts.append(done.stdout)
        if texts[0] != done.stdout:
            findings.add(place, "prints something else than ipckit " + " ".join(ways[0]))
    for number, line in enumerate(texts[0].splitlines(), 1):
        place = f"ipckit {' '.join(ways[0])}, line {number}"
        if len(line) > 80:
            findings.add(place, f"is {len(line)} columns wide")
        if line != line.rstrip() or "\t" in line:
            findings.add(place, "has a tab, or blanks at its end")
    return texts[0]


def check_error(*words):
    """A command line that makes no sense: two lines on stderr, the first of which says what, and no help."""
    place = "ipckit " + " ".join(words)
    done = repo.run(*words)
    if done.returncode != 2:
        findings.add(place, f"ended with status {done.returncode}, not 2")
    if done.stdout:
        findings.add(place, "wrote to stdout")
    if not 1 <= len(done.stderr.splitlines()) <= 2:
        findings.add(place, f"wrote {len(done.stderr.splitlines())} lines to stderr")
    if not done.stderr.startswith("ipckit"):
        findings.add(place, "does not say who complains")


verbs = repo.grammar()["verbs"]
general = check([["help"], ["-h"], ["--help"]])
for verb in verbs:
    name = verb["name"]
    if f"  {name} " not in general:
        findings.add("ipckit help", f"verb {name} is missing")
    text = check([["help", name], [name, "-h"], [name, "--help"]])
    for option in repo.option_names(verb):
        if option not in repo.options_in(text):
            findings.add(f"ipckit help {name}", f"option {option} is missing")
    check_error(name, "--no-such-option")
check_error("no-such-verb-at-all")

findings.finish()
