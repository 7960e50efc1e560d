#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every source names its licence first, every header then says in prose what it is, and nothing is left to be done."""

import re
import subprocess

import repository as repo

LICENCE = "SPDX-License-Identifier: MIT"
# Written so that this line is not found itself.
LEFT_TO_DO = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
SOURCES = (".cpp", ".hpp", ".in", ".py", ".sh", ".bash", ".bats", ".cmake", ".fish", ".1", ".5", ".7", ".txt", ".yml")

findings = repo.Findings()


def files():
    """The files of the repository: what git knows or would take; without git, all but builds."""
    listing = subprocess.run(["git", "-C", repo.ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        return [path for path in listing.stdout.split("\0") if path]
    found = (file.relative_to(repo.ROOT) for file in repo.ROOT.rglob("*") if file.is_file())
    return [str(path) for path in found if path.parts[0] not in (".git", "build")]


for path in sorted(files()):
    file = repo.ROOT / path
    if not file.is_file() or "/corpus/" in path or "/golden/" in path:
        continue
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        continue
    for number, line in enumerate(lines, 1):
        if LEFT_TO_DO.search(line):
            findings.add(f"{path}:{number}", "something is left to be done")
    if not file.name.endswith(SOURCES):
        continue
    if not any(LICENCE in line for line in lines[:3]):
        findings.add(f"{path}:1", f"'{LICENCE}' is missing")
    if file.suffix == ".hpp":
        if "#pragma once" not in lines[:2]:
            findings.add(f"{path}:2", "'#pragma once' is missing")
        if len(lines) < 3 or not lines[2].startswith("// "):
            findings.add(f"{path}:3", "does not say in prose what it is")

findings.finish()
