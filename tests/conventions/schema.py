#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The JSON schema has a definition for each verb, and its members are the columns of the program."""

import json

import repository as repo

PATH = "apps/ipckit/schema/ipckit-1.schema.json"

findings = repo.Findings()
grammar = repo.grammar()
definitions = json.loads(repo.text_of(PATH)).get("$defs", {})

for verb in grammar["verbs"]:
    if verb["name"] not in definitions:
        findings.add(PATH, f"there is no $defs/{verb['name']}")


def members(name):
    """The properties of a definition."""
    return set(definitions.get(name, {}).get("properties", {}))


columns = {column["key"] for column in grammar["columns"]}
of_objects = set().union(*(members(name) for name in definitions if name.startswith("members")))
# `asked` is the word of the command line; the bytes of a name that is not UTF-8 stand beside it.
of_no_column = {member for member in of_objects if member == "asked" or member.endswith("_base64")}
findings.compare(PATH, "member", columns, of_objects - of_no_column)

limit_columns = {column["key"] for column in grammar["limit_columns"]}
findings.compare(f"{PATH}, $defs/limit", "member", limit_columns, members("limit"))

findings.finish()
