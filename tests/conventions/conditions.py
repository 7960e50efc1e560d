#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The table of ipckit-wait(1), which condition is known how of which kind, is the program's, and so are its words."""

import repository as repo

PATH = "man/ipckit-wait.1"

findings = repo.Findings()
grammar = repo.grammar()
page = repo.text_of(PATH)
program = {row["condition"]: row["means"] for row in grammar["conditions"]}

rows = [[repo.plain(cell) for cell in line.split("\t")] for line in repo.subsection(page, "How it is known") if "\t" in line]
kinds = rows[0][1:] if rows else []
table = {row[0]: dict(zip(kinds, row[1:])) for row in rows[1:]}

findings.compare(PATH, "condition", program, table)
for condition, means in program.items():
    findings.compare(PATH, f"kind of {condition}", means, table.get(condition, means))
    for kind, how in means.items():
        written = table.get(condition, means).get(kind, how)
        if written != how:
            findings.add(PATH, f"{condition} of {kind} is '{written}', but '{how}' to the program")

described = [tag.split("=")[0] for tag, _ in repo.entries(repo.section(page, "CONDITIONS"))]
explained = {how for means in program.values() for how in means.values()} - {"-"}
findings.compare(PATH, "entry", [*program, *explained], described)

wait = next(verb for verb in grammar["verbs"] if verb["name"] == "wait")
offered = next(option for option in wait["options"] if option["names"] == "--for")["help"]
for condition in program:
    if condition not in offered.replace("=", " ").replace(",", " ").split():
        findings.add("ipckit help wait", f"--for does not name {condition}")

findings.finish()
