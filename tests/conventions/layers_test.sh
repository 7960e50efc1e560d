#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whether layers.sh finds what it is for: a copy of the repository gets one breach at a time, and each must be named.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "$0")")
root=$here/../..
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/tests"
cp -r "$root/lib" "$root/apps" "$copy/"
cp -r "$root/tests/support" "$copy/tests/"
failures=0

# expect FILE LINE: the line appended to the file of the copy must be found, and nothing else.
expect() {
  local file=$1 line=$2 said number status=0
  cp "$copy/$file" "$copy/saved"
  printf '%s\n' "$line" >>"$copy/$file"
  number=$(wc -l <"$copy/$file")
  said=$("$here/layers.sh" "$copy") || status=$?
  mv "$copy/saved" "$copy/$file"
  if [[ $status -ne 1 || $said != "$file:$number: "*$'\n1 in all' ]]; then
    printf "'%s' in %s: status %d, and it said:\n%s\n" "$line" "$file" "$status" "$said"
    failures=$((failures + 1))
  fi
}

if ! "$here/layers.sh" "$copy" >"$copy/said"; then
  echo 'the copy has breaches already:'
  cat "$copy/said"
  exit 1
fi

expect lib/ipckit/base/text.hpp '#include <ipckit/sys/fd.hpp>'
expect lib/ipckit/sys/fd.cpp '#include <ipckit/procfs/logind.hpp>'
expect lib/ipckit/procfs/logind.cpp '#include <ipckit/sys/file.hpp>'
expect lib/ipckit/msg/queue.cpp '#include <ipckit/shm/segment.hpp>'
expect lib/ipckit/shm/segment.cpp '#include <ipckit/inventory/find.hpp>'
expect lib/ipckit/object/ref.cpp '#include "ipckit/msg/queue.hpp"'
expect lib/ipckit/inventory/find.cpp '#include <ipckit/render/text.hpp>'
expect lib/ipckit/inventory/find.cpp '#include <fmt/format.h>'
expect lib/ipckit/base/number.cpp '#include <iostream>'
expect lib/ipckit/base/number.cpp '  std::printf("%d", 1);'
expect lib/ipckit/base/number.cpp '  std::cerr << 1;'
expect lib/ipckit/sys/lease.cpp '  std::exit(1);'
expect lib/ipckit/sys/identity.cpp '  return std::getenv("HOME");'
expect lib/ipckit/psem/semaphore.cpp '  if (errno == ENOENT) return;'
expect apps/ipckit/render/text.cpp '#include <ipckit/rows/entries.hpp>'
expect apps/ipckit/render/json.hpp '#include <ipckit/cli/context.hpp>'
expect apps/ipckit/rows/entries.cpp '#include <ipckit/cli/context.hpp>'
expect apps/ipckit/cli/help.cpp '#include <ipckit/verbs/ls.hpp>'
expect apps/ipckit/cli/help.cpp '#include <CLI/CLI.hpp>'
expect apps/ipckit/verbs/ls.cpp '#include <CLI/App.hpp>'
expect apps/ipckit/verbs/rm.cpp '#include <iostream>'
expect tests/support/child.cpp '#include <catch2/catch.hpp>'

# A room that the table does not have.
mkdir "$copy/lib/ipckit/util"
if "$here/layers.sh" "$copy" >"$copy/said" || ! grep -q "room 'util' is not in the table" "$copy/said"; then
  echo 'a new room was not noticed'
  failures=$((failures + 1))
fi
rmdir "$copy/lib/ipckit/util"

# A comment is no breach.
printf '// as std::printf(3) and #include <iostream> would\n' >>"$copy/lib/ipckit/base/number.cpp"
if ! "$here/layers.sh" "$copy" >"$copy/said"; then
  echo 'a comment was taken for a breach:'
  cat "$copy/said"
  failures=$((failures + 1))
fi

if ((failures > 0)); then exit 1; fi
echo 'all is well'
