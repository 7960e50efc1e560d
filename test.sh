#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds ipckit with its tests, installing what they need, and runs them:
#
#   ./test.sh [--preset NAME] [CTEST-ARGS...]
#
# NAME is one of CMakePresets.json, release unless told otherwise (also by IPCKIT_PRESET). The status is that of ctest;
# when the build fails, it is 125.
set -u

root=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=.ci/build.sh
. "$root/.ci/build.sh"

preset=${IPCKIT_PRESET:-release}
case ${1:-} in
  --preset=*)
    preset=${1#*=}
    shift
    ;;
  --preset)
    preset=${2:?"--preset: which one?"}
    shift 2
    ;;
esac

need_packages test || exit 125
build_preset "$preset" ON || exit 125
exec ctest --test-dir "$root/build/$preset" --output-on-failure --no-tests=error -j "$(nproc)" "$@"
