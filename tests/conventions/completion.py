#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Completion is served by the program: it offers every verb, option and column, and the shells' scripts know none."""

import re

import repository as repo

findings = repo.Findings()
grammar = repo.grammar()


def candidates(*words):
    """What `ipckit __complete` offers for the last word."""
    done = repo.run("__complete", *words)
    if done.returncode != 0 or done.stderr:
        findings.add("ipckit __complete " + " ".join(words), f"ended with {done.returncode}: {done.stderr.strip()}")
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


offered = candidates("")
for verb in grammar["verbs"]:
    name = verb["name"]
    if name not in offered:
        findings.add("ipckit __complete ''", f"verb {name} is missing")
    findings.compare(f"ipckit __complete {name} -", "option", repo.option_names(verb), candidates(name, "-"))

# In front of a command the verb's own words, and from there on what the shell knows.
for verb in grammar["verbs"]:
    if any(option["command"] for option in verb["options"]):
        name = verb["name"]
        for words, wanted in (((name, "shm:0", ""), ":commands"), ((name, "shm:0", "ls", "-"), ":arguments=2")):
            if candidates(*words) != [wanted]:
                findings.add("ipckit __complete " + " ".join(words), f"does not say {wanted}")

columns = [column["key"] for column in grammar["columns"]]
findings.compare("ipckit __complete ls -o ''", "column", columns, candidates("ls", "-o", ""))

long_names = {name for verb in grammar["verbs"] for name in repo.option_names(verb) if name.startswith("--")}
for path in ("completions/ipckit.bash", "completions/_ipckit", "completions/ipckit.fish"):
    text = repo.text_of(path)
    if "__complete" not in text:
        findings.add(path, "does not ask ipckit __complete")
    # A shell's own --tokenize is none of ours.
    for name in sorted(name for name in long_names if re.search(re.escape(name) + r"(?![\w-])", text)):
        findings.add(path, f"knows {name}, which is for the program to tell")

findings.finish()
