# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Configures and builds a preset, each only if there is something to do. Sourced by start.sh, test.sh and .ci/run, with
# the top directory of the sources in `root`.

# shellcheck source=packages.sh
. "${root:?}/.ci/packages.sh"

# build_preset PRESET TESTS [TARGET]: builds TARGET, or all, in build/PRESET. TESTS is ON where the tests are wanted;
# with OFF a tree that has them keeps them, so that start.sh and test.sh share a tree and configure it at most twice.
# What the build writes is shown only if it fails.
build_preset() {
  tree=$root/build/$1
  mkdir -p "$tree" || return
  if command -v flock >/dev/null 2>&1; then
    # Both ends of a pipe may be start.sh.
    (flock 9 && ipckit_build "$@") 9>"$tree/.lock"
  else
    ipckit_build "$@"
  fi
}

ipckit_build() {
  preset=$1
  tests=$2
  target=${3:-all}
  if ipckit_must_configure; then
    ipckit_note "configuring $preset"
    generator=
    if [ ! -e "$tree/CMakeCache.txt" ] && [ -z "${CMAKE_GENERATOR:-}" ] && command -v ninja >/dev/null 2>&1; then
      generator=Ninja
    fi
    ipckit_quietly cmake $fresh --preset "$preset" -S "$root" -B "$tree" ${generator:+-G "$generator"} \
      "-DIPCKIT_TESTS=$tests" || return
  fi
  if [ -e "$tree/build.ninja" ]; then
    case $(ninja -C "$tree" -n "$target" 2>/dev/null) in *'no work to do'*) return 0 ;; esac
  fi
  ipckit_note "building $preset"
  set -- cmake --build "$tree" --target "$target" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"
  # Nobody waits for the first error there: all of them are wanted.
  if [ -n "${CI:-}" ] && [ -e "$tree/build.ninja" ]; then set -- "$@" -- -k 0; fi
  ipckit_quietly "$@"
}

# Whether $tree is not configured yet, or without the tests that are wanted now. Sources that have been moved leave a
# tree that can only be made afresh.
ipckit_must_configure() {
  fresh=
  [ -e "$tree/build.ninja" ] || [ -e "$tree/Makefile" ] || return 0
  if ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$tree/CMakeCache.txt"; then
    fresh=--fresh
    return 0
  fi
  [ "$tests" = ON ] && grep -qxF 'IPCKIT_TESTS:BOOL=OFF' "$tree/CMakeCache.txt"
}

# Runs "$@" and shows what it wrote if it fails.
ipckit_quietly() {
  "$@" >"$tree/last-build.log" 2>&1 </dev/null && return 0
  cat "$tree/last-build.log" >&2
  ipckit_note "failed: $*"
  return 1
}
