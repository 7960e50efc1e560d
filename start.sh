#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds ipckit, installing what that needs, and runs it:
#
#   ./start.sh             lists the IPC objects of this machine
#   ./start.sh ARGS...     runs ipckit ARGS
#
# Status and standard output are those of ipckit. When ipckit cannot be built, the status is 125.
set -u

root=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=.ci/build.sh
. "$root/.ci/build.sh"

need_packages build || exit 125
build_preset release OFF ipckit_program || exit 125
[ $# -gt 0 ] || set -- ls
exec "$root/build/release/apps/ipckit/ipckit" "$@"
