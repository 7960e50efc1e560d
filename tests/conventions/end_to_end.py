#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every verb has an end-to-end test file with three tests at least, and ctest knows every such file."""

import re

import repository as repo

findings = repo.Findings()
verbs = [verb["name"] for verb in repo.grammar()["verbs"]]

for name in verbs:
    path = f"tests/e2e/{name}.bats"
    text = repo.text_of(path)
    count = len(re.findall(r"^@test ", text, re.MULTILINE))
    if not text:
        findings.add(path, "there is no such file")
    elif count < 3:
        findings.add(path, f"has {count} tests, and three are the least")

promises = re.search(r"^set\(promises ([^)]*)\)", repo.text_of("tests/CMakeLists.txt"), re.MULTILINE)
registered = set(verbs) | set(promises.group(1).split() if promises else [])
for file in sorted(repo.ROOT.glob("tests/e2e/*.bats")):
    if file.stem not in registered:
        findings.add(f"tests/e2e/{file.name}", "is no test of ctest: tests/CMakeLists.txt lacks it")

findings.finish()
