#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""CMake lists every source that there is, and no other; every parser has a fuzz target."""

import re

import repository as repo

findings = repo.Findings()


def listed(path, pattern):
    """The words of a CMake file that match, without comments."""
    text = re.sub(r"#.*", "", repo.text_of(path))
    return re.findall(rf"(?<![\w./-])({pattern})(?![\w./-])", text)


def present(directory, *patterns):
    """The files below a directory, as its CMake file would name them."""
    root = repo.ROOT / directory
    return sorted(str(file.relative_to(root)) for pattern in patterns for file in root.glob(pattern))


def check(cmake, expected, found):
    """Compares what is there with what is listed."""
    for name in sorted(set(expected) - set(found)):
        findings.add(cmake, f"{name} is not listed")
    for name in sorted(set(found) - set(expected)):
        findings.add(cmake, f"{name} is listed, but not there")
    for name in sorted({name for name in found if found.count(name) > 1}):
        findings.add(cmake, f"{name} is listed twice")


check("lib/CMakeLists.txt", present("lib", "**/*.cpp", "**/*.hpp"),
      listed("lib/CMakeLists.txt", r"ipckit/[\w/]+\.[ch]pp"))

APP = "apps/ipckit/CMakeLists.txt"
verbs = [f"verbs/{verb['name']}.cpp" for verb in repo.grammar()["verbs"]]
check(APP, present("apps/ipckit", "**/*.cpp"), verbs + listed(APP, r"(?:[a-z]+/)?\w+\.cpp"))

UNIT = "tests/unit/CMakeLists.txt"
check(UNIT, present("tests/unit", "**/*_test.cpp"), listed(UNIT, r"\w+/\w+_test\.cpp"))

# Each test of a room is in the folder that has the room's name.
rooms = {file.name for where in ("lib/ipckit", "apps/ipckit") for file in (repo.ROOT / where).iterdir() if file.is_dir()}
for name in present("tests/unit", "**/*_test.cpp"):
    if name.split("/")[0] not in rooms:
        findings.add(f"tests/unit/{name}", "there is no such room")

# Every parser of text from the kernel has a fuzz target and a corpus.
for name in present("lib/ipckit/procfs", "*.hpp"):
    target = name.removesuffix(".hpp")
    if not repo.text_of(f"tests/fuzz/{target}.cpp"):
        findings.add(f"lib/ipckit/procfs/{name}", f"there is no tests/fuzz/{target}.cpp")
FUZZ = "tests/fuzz/CMakeLists.txt"
targets = [name.removesuffix(".cpp") for name in present("tests/fuzz", "*.cpp") if name != "replay.cpp"]
loop = re.search(r"foreach\(target\s+([^)]*)\)", repo.text_of(FUZZ))
check(FUZZ, targets, loop.group(1).split() if loop else [])
check("tests/fuzz/corpus", targets, present("tests/fuzz/corpus", "*"))

findings.finish()
