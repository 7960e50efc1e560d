#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The rooms keep to their places: each includes only what it may, the library is silent, and the slowest headers are
# included where it was decided. Prints each breach as FILE:LINE and fails when there is one.
#
#   layers.sh [ROOT]      the repository to look at, the one of this script without it
set -euo pipefail

root=${1:-$(dirname -- "$(readlink -f -- "$0")")/../..}
cd -- "$root"
breaches=0

breach() {
  printf '%s\n' "$1"
  breaches=$((breaches + 1))
}

# Calls breach with each match of an extended regular expression in the given files: forbid WHY PATTERN FILE...
forbid() {
  local why=$1 pattern=$2 line
  shift 2
  while IFS= read -r line; do
    [[ -z $line ]] || breach "$line: $why"
  done < <(grep -nHE -- "$pattern" "$@" /dev/null | grep -vE '^[^:]*:[0-9]+: *//' | cut -d: -f1,2)
}

# --------------------------------------------------------------------------------------------------- rooms of the library

# The table of lib/README.md: "room used used ...", a line each.
allowed=$(awk -F'|' '/^\| `/ { gsub(/[ `]/, "", $2); gsub(/[`,]/, " ", $4); print $2, $4 }' lib/README.md)
if [[ -z $allowed ]]; then
  breach "lib/README.md: there is no table of rooms"
fi

may_use() { # ROOM USED
  grep -qE "^$1 (.* )?$2( |\$)" <<<"$allowed"
}

for directory in lib/ipckit/*/; do
  room=$(basename -- "$directory")
  grep -qE "^$room( |\$)" <<<"$allowed" || breach "lib/README.md: room '$room' is not in the table"
done

while IFS=: read -r file line text; do
  room=${file#lib/ipckit/}
  room=${room%%/*}
  used=${text##*/}
  [[ $used == "$room" ]] || may_use "$room" "$used" || breach "$file:$line: room '$room' may not use '$used'"
done < <(grep -rnoE '#include [<"]ipckit/[a-z]+' lib/ipckit)

# ------------------------------------------------------------------------------------------------- rooms of the program

# What each room of the program may not use of the others.
declare -A closed=([render]='rows messages verbs cli' [rows]='messages verbs cli' [messages]='rows verbs cli' [cli]='verbs' [verbs]='')
for directory in apps/ipckit/*/; do
  room=$(basename -- "$directory")
  [[ $room == schema || -n ${closed[$room]+known} ]] || breach "apps/ipckit/$room: nobody says what it may use"
done

while IFS=: read -r file line text; do
  room=${file#apps/ipckit/}
  [[ $room == */* ]] || continue # main.cpp
  room=${room%%/*}
  used=${text##*/}
  [[ " ${closed[$room]-} " != *" $used "* ]] || breach "$file:$line: room '$room' may not use '$used'"
done < <(grep -rnoE '#include [<"]ipckit/[a-z]+' apps/ipckit)

# ------------------------------------------------------------------------------------------ libraries and what is silent

mapfile -t library < <(find lib -name '*.[ch]pp' | sort)
mapfile -t program < <(find apps -name '*.[ch]pp' | sort)
mapfile -t tests < <(find tests -name '*.[ch]pp' | sort)

forbid 'the library depends on no other' '#include <(fmt|CLI|nlohmann|boost|catch2)/' "${library[@]}"
forbid 'the library has no streams' '#include <(iostream|ostream|istream|fstream|sstream|print|cstdio|stdio\.h|syslog\.h)>' \
  "${library[@]}"
forbid 'the library prints nothing' '\b(printf|fprintf|puts|fputs|putchar|perror|syslog)\(|\bstd::(cout|cerr|clog)\b' \
  "${library[@]}"
# Two files make processes of their own, which have an end.
mapfile -t without_processes < <(printf '%s\n' "${library[@]}" | grep -vE '^lib/ipckit/sys/(background|spawn)\.cpp$')
forbid 'the library ends nothing' '\b(_?exit|_Exit|quick_exit|terminate)\(' "${without_processes[@]}"
forbid 'the library reads no environment' '\b(secure_)?getenv\(|\benviron\b' "${library[@]}"
forbid 'the library has no locale' '\bsetlocale\(|\bstd::locale\b' "${library[@]}"

mapfile -t without_errno < <(printf '%s\n' "${library[@]}" | grep -vE '^lib/ipckit/(sys/|base/error\.cpp$)')
forbid 'errno is read in room sys only' '\berrno\b' "${without_errno[@]}"

mapfile -t without_cli11 < <(printf '%s\n' "${program[@]}" | grep -vE '^apps/ipckit/cli/(app|arguments)\.cpp$')
forbid 'only cli/app.cpp and cli/arguments.cpp include CLI11' '#include <CLI/' "${without_cli11[@]}"
forbid 'iostream costs a start its time' '#include <iostream>' "${program[@]}"

mapfile -t without_shim < <(printf '%s\n' "${tests[@]}" | grep -vE '^tests/support/catch\.hpp$')
forbid 'only tests/support/catch.hpp includes Catch2' '#include <catch2/' "${without_shim[@]}"

if ((breaches > 0)); then
  printf '%d in all\n' "$breaches"
  exit 1
fi
echo 'all is well'
