# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Finds what is missing on this machine and installs it. Sourced by start.sh, test.sh and .ci/run:
#
#   need_packages SET [SET...]     SET is one of build, test, ci of the table below
#
# Nothing is run when nothing is missing, so it costs a few milliseconds. The compiler that was found is left in CXX.

# What is needed, how to see that it is there, and the package that has it, in that order. Probes:
#   compiler     a C++ compiler: $CXX, or a g++ of version 12 or later
#   cmd:A,B      one of these commands
#   file:A,B     one of these files, below one of the usual prefixes
#   static:A     a static library, where the compiler looks
#   python:M     a Python module
# The names for apt-get are those that .ci/run proves on Debian 12; `-` is a package that does not exist.
ipckit_packages() {
  cat <<'TABLE'
# set   probe                                                       apt-get            dnf                 pacman             apk              zypper
build   compiler                                                    g++                gcc-c++             gcc                g++              gcc-c++
build   static:libstdc++.a                                          g++                libstdc++-static    gcc                libstdc++-dev    gcc-c++
build   static:libc.a                                               libc6-dev          glibc-static        glibc              musl-dev         glibc-devel-static
build   cmd:cmake                                                   cmake              cmake               cmake              cmake            cmake
build   cmd:ninja,make                                              ninja-build        ninja-build         ninja              ninja-build      ninja
build   file:include/CLI/CLI.hpp                                    libcli11-dev       cli11-devel         cli11              cli11            cli11-devel
build   file:include/fmt/format.h                                   libfmt-dev         fmt-devel           fmt                fmt-dev          fmt-devel
build   file:include/nlohmann/json.hpp                              nlohmann-json3-dev json-devel          nlohmann-json      nlohmann-json    nlohmann_json-devel
test    file:include/catch2/catch.hpp,include/catch2/catch_all.hpp  catch2             catch2-devel        catch2-v2          catch2           Catch2-devel
test    cmd:bats                                                    bats               bats                bats               bats             bats
test    cmd:jq                                                      jq                 jq                  jq                 jq               jq
test    cmd:python3                                                 python3            python3             python             python3          python3
test    python:jsonschema                                           python3-jsonschema python3-jsonschema  python-jsonschema  py3-jsonschema   python3-jsonschema
test    cmd:strace                                                  strace             strace              strace             strace           strace
test    cmd:mandoc                                                  mandoc             mandoc              mandoc             mandoc           mandoc
test    cmd:groff                                                   groff              groff               groff              groff            groff
test    cmd:unshare                                                 util-linux         util-linux          util-linux         util-linux       util-linux
test    cmd:setpriv                                                 util-linux         util-linux          util-linux         setpriv          util-linux
test    cmd:ipcs                                                    util-linux         util-linux          util-linux         util-linux-misc  util-linux
test    cmd:script                                                  bsdutils           util-linux          util-linux         util-linux-misc  util-linux
test    cmd:ps                                                      procps             procps-ng           procps-ng          procps-ng        procps
test    cmd:bash                                                    bash               bash                bash               bash             bash
test    file:share/bash-completion/bash_completion                  bash-completion    bash-completion     bash-completion    bash-completion  bash-completion
test    cmd:fish                                                    fish               fish                fish               fish             fish
test    cmd:zsh                                                     zsh                zsh                 zsh                zsh              zsh
test    cmd:tmux                                                    tmux               tmux                tmux               tmux             tmux
test    cmd:shellcheck                                              shellcheck         ShellCheck          shellcheck         shellcheck       ShellCheck
ci      cmd:git                                                     git                git                 git                git              git
ci      cmd:clang++-19                                              clang-19           clang19             -                  clang19          clang19
ci      cmd:clang-tidy-19                                           clang-tidy-19      clang19-tools-extra -                  clang19-extra-tools clang19
ci      cmd:clang-format-19                                         clang-format-19    clang19-tools-extra -                  clang19-extra-tools clang19
ci      cmd:lintian                                                 lintian            lintian             -                  -                -
ci      cmd:dpkg-shlibdeps                                          dpkg-dev           dpkg-dev            dpkg               dpkg-dev         dpkg-devel
ci      cmd:fakeroot                                                fakeroot           fakeroot            fakeroot           fakeroot         fakeroot
ci      cmd:file                                                    file               file                file               file             file
ci      cmd:valgrind                                                valgrind           valgrind            valgrind           valgrind         valgrind
TABLE
}

# Says on standard error what is being done, under the name of the script that does it.
ipckit_note() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# A g++ that is new enough, in CXX; a CXX that is set is taken at its word.
ipckit_find_compiler() {
  if [ -n "${CXX:-}" ]; then
    command -v "${CXX%% *}" >/dev/null 2>&1
    return
  fi
  for compiler in g++ g++-12 g++-13 g++-14 g++-15; do
    command -v "$compiler" >/dev/null 2>&1 || continue
    version=$("$compiler" -dumpversion 2>/dev/null) || continue
    [ "${version%%.*}" -ge 12 ] 2>/dev/null || continue
    CXX=$compiler
    export CXX
    return 0
  done
  return 1
}

# Whether the probe of a table row succeeds.
ipckit_is_there() {
  case $1 in
    compiler) ipckit_find_compiler ;;
    # Other compilers than g++ find the library of a g++ themselves; whether they do, the link says.
    static:*)
      case ${CXX:-none} in
        *g++*) case $($CXX -print-file-name="${1#*:}") in /*) ;; *) return 1 ;; esac ;;
      esac
      ;;
    python:*)
      command -v python3 >/dev/null 2>&1 &&
        python3 -c 'import importlib.util, sys; sys.exit(not importlib.util.find_spec(sys.argv[1]))' "${1#*:}"
      ;;
    *) ipckit_any "${1%%:*}" "${1#*:}" ;;
  esac
}

# Whether one of the comma-separated commands or files is there.
ipckit_any() {
  rest=$2,
  while [ -n "$rest" ]; do
    one=${rest%%,*}
    rest=${rest#*,}
    if [ "$1" = cmd ]; then
      command -v "$one" >/dev/null 2>&1 && return 0
    else
      for prefix in /usr /usr/local ${CMAKE_PREFIX_PATH:+"$CMAKE_PREFIX_PATH"}; do
        [ -e "$prefix/$one" ] && return 0
      done
    fi
  done
  return 1
}

# The package manager of this machine.
ipckit_manager() {
  for manager in apt-get dnf pacman apk zypper; do
    command -v "$manager" >/dev/null 2>&1 && printf '%s\n' "$manager" && return 0
  done
  return 1
}

# What is missing of the sets "$@": in words in `missing`, and the packages that $manager has them in, in `packages`.
ipckit_look() {
  missing=
  packages=
  while read -r set probe apt dnf pacman apk zypper; do
    case " $* " in *" $set "*) ;; *) continue ;; esac
    ipckit_is_there "$probe" && continue
    case $probe in
      compiler) what='g++ of version 12 or later' ;;
      static:*) what="the static ${probe#*:}" ;;
      *) what=${probe#*:} ;;
    esac
    missing="$missing${missing:+, }$what"
    case $manager in
      apt-get) package=$apt ;;
      dnf) package=$dnf ;;
      pacman) package=$pacman ;;
      apk) package=$apk ;;
      zypper) package=$zypper ;;
      *) package=- ;;
    esac
    case " $packages " in *" $package "*) continue ;; esac
    [ "$package" = - ] || packages="$packages${packages:+ }$package"
  done <<LIST
$(ipckit_packages)
LIST
}

# Runs the package manager for "$@"; what it writes is shown by the caller if it fails.
ipckit_install() {
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo 'not root, and there is no sudo'
      return 1
    fi
    as_root=sudo
  fi
  case $manager in
    apt-get)
      $as_root apt-get -o DPkg::Lock::Timeout=300 -q update &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
          apt-get -o DPkg::Lock::Timeout=300 -qy install --no-install-recommends "$@"
      ;;
    dnf) $as_root dnf -qy install --setopt=install_weak_deps=False "$@" ;;
    pacman) $as_root pacman -Sy --noconfirm --needed "$@" ;;
    apk) $as_root apk add --no-progress "$@" ;;
    zypper) $as_root zypper -nq install --no-recommends "$@" ;;
  esac
}

# Installs what is missing of the sets "$@". Status 1, with a word on standard error, when something stays missing.
need_packages() {
  manager=$(ipckit_manager) || manager=
  case "$* " in
    ci\ *) set -- build test ci ;;
    test\ *) set -- build test ;;
  esac
  if [ -n "${CXX:-}" ] && ! ipckit_find_compiler; then
    ipckit_note "CXX is set to $CXX, which is not there"
    return 1
  fi
  ipckit_look "$@"
  [ -n "$missing" ] || return 0
  if [ -z "$manager" ]; then
    ipckit_note "missing: $missing"
    ipckit_note 'found none of apt-get, dnf, pacman, apk and zypper to install them with; please install them yourself'
    return 1
  fi
  if [ -n "$packages" ]; then
    ipckit_note "installing with $manager: $packages"
    # A sudo that asks for a password does so on the terminal, whatever the redirections.
    # shellcheck disable=SC2086  # package names have no blanks
    if ! log=$(ipckit_install $packages 2>&1 </dev/null); then
      printf '%s\n' "$log" >&2
      ipckit_note "$manager could not install them"
      return 1
    fi
    # g++ is an older one on some releases that do have a newer one under its number.
    if [ "$manager" = apt-get ] && [ -z "${CXX:-}" ] && ! ipckit_find_compiler; then
      log=$(ipckit_install g++-12 2>&1 </dev/null) || printf '%s\n' "$log" >&2
    fi
    ipckit_look "$@"
  fi
  if [ -n "$missing" ]; then
    ipckit_note "missing, and $manager has no package that brings it: $missing"
    return 1
  fi
}
