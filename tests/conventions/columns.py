#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Columns, members of JSON and limits in the manual are those of the program, in its order."""

import json

import repository as repo

findings = repo.Findings()
grammar = repo.grammar()


def check(place, what, program, page):
    """Compares what a place lists with what the program has."""
    findings.compare(place, what, program, page)
    for in_page, in_program in zip(page, program):
        if in_page != in_program and sorted(page) == sorted(program):
            findings.add(place, f"{what} {in_page} stands where {in_program} should")
            break


columns = [column["key"] for column in grammar["columns"]]
limit_columns = [column["key"] for column in grammar["limit_columns"]]

ls_page = repo.text_of("man/ipckit-ls.1")
check("man/ipckit-ls.1, COLUMNS", "column", columns, [tag for tag, _ in repo.entries(repo.section(ls_page, "COLUMNS"))])

json_page = repo.text_of("man/ipckit-json.5")
for heading, program in (("Objects of ls", columns), ("Objects of limits", limit_columns)):
    page = repo.tabulated(repo.subsection(json_page, heading), -2)
    page = [member for member in page if member != "asked"]  # the word that was given, and no column
    check(f"man/ipckit-json.5, {heading}", "member", program, page)

limits_page = repo.text_of("man/ipckit-limits.1")
limits = [limit["limit"] for limit in json.loads(repo.run("limits", "--json").stdout)["objects"]]
check("man/ipckit-limits.1, LIMITS", "limit", limits, repo.tabulated(repo.section(limits_page, "LIMITS"), 1))

printed = [line.split()[:2] for line in repo.run("ls", "--columns-help").stdout.splitlines()[1:]]
if printed != [[column["key"], column["heading"]] for column in grammar["columns"]]:
    findings.add("ipckit ls --columns-help", "does not list the columns of the program in their order")

findings.finish()
