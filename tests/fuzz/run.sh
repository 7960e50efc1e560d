#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fuzzes every parser for a while, for the night rather than for every change:
#
#   run.sh [SECONDS [TARGET]...]      60 seconds each and all targets unless told otherwise
#
# Needs clang with libFuzzer (CXX, clang++-19 without it). What it finds goes to build/fuzz/found/TARGET, what breaks a
# target to build/fuzz/TARGET-...; such an input belongs into tests/fuzz/corpus/TARGET, where every build replays it.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "$0")")
root=$(readlink -f -- "$here/../..")
build=$root/build/fuzz
seconds=${1:-60}
[[ $# -eq 0 ]] || shift

cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER="${CXX:-clang++-19}" \
  -DIPCKIT_FUZZ=ON >/dev/null

targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
  mapfile -t targets < <(find "$here/corpus" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
fi
cmake --build "$build" --target "${targets[@]/#/fuzz_}" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}" >/dev/null

failed=()
for target in "${targets[@]}"; do
  printf '=== %s\n' "$target"
  mkdir -p "$build/found/$target"
  "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$build/$target-" "$build/found/$target" "$here/corpus/$target" 2>&1 | tail -n 15 ||
    failed+=("$target")
done

if [[ ${#failed[@]} -gt 0 ]]; then
  printf 'broken: %s\n' "${failed[*]}"
  exit 1
fi
