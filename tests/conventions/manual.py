#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every verb has a manual page whose OPTIONS are those of the program, name by name, and no page is left over."""

import repository as repo

findings = repo.Findings()
verbs = {verb["name"]: verb for verb in repo.grammar()["verbs"]}

for name, verb in verbs.items():
    path = f"man/ipckit-{name}.1"
    page = repo.text_of(path)
    if not page:
        findings.add(path, "there is no such page")
        continue
    documented = [option for tag, _ in repo.entries(repo.section(page, "OPTIONS")) for option in repo.options_in(tag)]
    findings.compare(path, "option", repo.option_names(verb), documented)
    for option in sorted({option for option in documented if documented.count(option) > 1}):
        findings.add(path, f"option {option} has two entries")
    for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
        if not repo.section(page, heading):
            findings.add(path, f"section {heading} is missing")
    if not any(f"ipckit {name}" in repo.plain(line) for line in repo.section(page, "SYNOPSIS")):
        findings.add(path, f"its SYNOPSIS does not begin with ipckit {name}")

for file in sorted(repo.ROOT.glob("man/ipckit-*.1")):
    if file.name.removeprefix("ipckit-").removesuffix(".1") not in verbs:
        findings.add(f"man/{file.name}", "there is no such verb")

main_page = repo.text_of("man/ipckit.1").replace(r"\-", "-")
for name in verbs:
    if f"ipckit-{name}" not in main_page:
        findings.add("man/ipckit.1", f"does not mention ipckit-{name}(1)")

findings.finish()
