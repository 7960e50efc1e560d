#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compares what a verb wrote with its part of the schema: validate.py [--lines] VERB <OUTPUT"""

import json
import os
import sys

import jsonschema


def unique(pairs):
    """The members of an object, none of which may stand there twice."""
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError(f"a member stands twice: {names}")
    return dict(pairs)


def document(text, lines):
    if not lines:
        return json.loads(text, object_pairs_hook=unique)
    objects = [json.loads(line, object_pairs_hook=unique) for line in text.splitlines()]
    return {"ipckit": "0.0.0", "schema": 1, "objects": objects, "errors": [], "incomplete": []}


def main():
    lines = sys.argv[1] == "--lines"
    verb = sys.argv[-1]
    path = os.environ["IPCKIT_SOURCE"] + "/apps/ipckit/schema/ipckit-1.schema.json"
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    if verb not in schema.get("$defs", {}):
        sys.exit(f"the schema has no $defs/{verb}")
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(
        {**schema, "$ref": f"#/$defs/{verb}"}, format_checker=jsonschema.FormatChecker()
    )
    data = document(sys.stdin.buffer.read().decode("utf-8"), lines)
    errors = sorted(validator.iter_errors(data), key=str)
    for error in errors[:5]:
        print(f"{error.json_path}: {error.message}", file=sys.stderr)
    sys.exit(1 if errors else 0)


main()
