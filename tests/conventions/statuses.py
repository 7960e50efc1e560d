#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The exit statuses of ipckit-status(7) are those of the program, and no page of a verb has others."""

import repository as repo

PATH = "man/ipckit-status.7"

findings = repo.Findings()
program = {str(row["status"]): row["meaning"] for row in repo.grammar()["statuses"]}


def documented(path):
    """The statuses of a page with their meanings."""
    return dict(repo.entries(repo.section(repo.text_of(path), "EXIT STATUS")))


page = documented(PATH)
findings.compare(PATH, "status", program, page)
for status, meaning in program.items():
    written = page.get(status, meaning).rstrip(".")
    if written != meaning:
        findings.add(PATH, f"status {status} is '{written}', but '{meaning}' to the program")

for verb in repo.grammar()["verbs"]:
    path = f"man/ipckit-{verb['name']}.1"
    for status in documented(path):
        if status not in program:
            findings.add(path, f"status {status} is none of {PATH}")

findings.finish()
