# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the end-to-end tests share. Each test has a sandbox of its own: IPC, mount and PID namespaces, with their own
# /dev/shm, /dev/mqueue, /tmp, /run and /proc. Nothing that a test makes or removes is an object of the machine.
#
#   expect STATUS COMMAND...   runs it and wants that status; what it wrote is in $output and $stderr
#   ipckit WORD...             the program under test, in the sandbox
#   in_sandbox COMMAND...      any command there
#   inside SCRIPT [WORD]...    a script of bash there, ended by its first failure; ipckit is on its PATH
#   nobody COMMAND...          any command there as an unprivileged user
#   hold WORD...               mkipc there in the background; returns when it holds or blocks
#   on_terminal COLUMNS ...    a command there on a terminal of that width
#   answering ANSWER COLUMNS ...   the same, and ANSWER is typed
#   valid_json VERB            what was written is a JSON document as the schema has it for the verb
#
# The checks of $output and $stderr (out_is, err_has, ...) say what there was when they fail.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-180} # nothing hangs for ever
export LC_ALL=C.UTF-8

IPCKIT=${IPCKIT:?"the program to test"}
IPCKIT_SOURCE=${IPCKIT_SOURCE:?"the source tree"}
IPCKIT_MKIPC=${IPCKIT_MKIPC:?"the helper mkipc"}

# Where things are in the sandbox.
inner=/run/e2e
mkipc=$inner/helper/${IPCKIT_MKIPC##*/}

nobody_id=65534
as_nobody=(setpriv --reuid="$nobody_id" --regid="$nobody_id" --clear-groups --inh-caps=-all)
# Root's number without root's power.
as_powerless=(setpriv --bounding-set=-all --inh-caps=-all)

# ------------------------------------------------------------------------------------------------------- the sandbox

# The first process in the new namespaces, until it is killed. Words: the directories of the test's state, the program,
# the helper and the source.
# shellcheck disable=SC2016 # it is expanded there
sandbox_script='
set -eu
read -r pid _ </proc/self/stat # by the /proc outside: the number to enter by
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/e2e/state /run/e2e/program /run/e2e/helper /run/e2e/source
mount --bind "$1" /run/e2e/state
mount --bind "$2" /run/e2e/program
mount --bind "$3" /run/e2e/helper
mount --bind "$4" /run/e2e/source
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t proc proc /proc
if [ ! -d /dev/mqueue ] || [ ! -d /dev/shm ]; then # /dev is the machine: a place to mount on is made in one of our own
  mkdir /run/e2e/dev
  mount --rbind /dev /run/e2e/dev
  mount -t tmpfs -o mode=0755 tmpfs /dev
  for name in null zero full random urandom tty ptmx; do cp -a "/run/e2e/dev/$name" /dev; done
  mkdir /dev/pts /dev/shm /dev/mqueue
  mount --rbind /run/e2e/dev/pts /dev/pts
  ln -s /proc/self/fd /dev/fd
fi
mount -t tmpfs -o mode=1777,size=256m tmpfs /dev/shm
mount -t mqueue mqueue /dev/mqueue
cd /tmp
echo "$pid" >/run/e2e/state/started
sleep infinity &
while :; do wait; done # and reaps whom nobody waits for
'

# What the tests need and the machine lacks; nothing when all is there.
missing() {
  local tool
  for tool in unshare nsenter setpriv mount script jq; do
    command -v "$tool" >/dev/null || { echo "needs $tool"; return; }
  done
  if [ "$(id -u)" -ne 0 ]; then
    echo "needs root, to make namespaces and to become other users"
  elif ! unshare --ipc --mount --pid --fork mount -t tmpfs tmpfs /run 2>/dev/null; then
    echo "needs the right to make namespaces and to mount in them"
  fi
}

directory_of() {
  dirname -- "$(readlink -f -- "$1")"
}

start_sandbox() {
  local why
  why=$(missing)
  [ -z "$why" ] || skip "$why"
  state=$BATS_TEST_TMPDIR
  chmod 0755 "$state"
  mkfifo "$state/started"
  unshare --ipc --mount --pid --fork --propagation private bash -c "$sandbox_script" sandbox "$state" \
    "$(directory_of "$IPCKIT")" "$(directory_of "$IPCKIT_MKIPC")" "$(readlink -f -- "$IPCKIT_SOURCE")" \
    </dev/null >"$state/sandbox.log" 2>&1 3>&- &
  if ! read -r -t 10 sandbox <>"$state/started"; then
    cat "$state/sandbox.log" >&2
    return 1
  fi
}

setup() {
  start_sandbox
}

# Everything in it ends with its first process.
teardown() {
  if [ -n "${sandbox:-}" ]; then kill -9 "$sandbox"; fi
}

# In the sandbox's /tmp.
in_sandbox() {
  PATH="$inner/program:$PATH" nsenter --target "$sandbox" --ipc --mount --pid --wd "$@" 3>&-
}

inside() {
  local script=$1
  shift
  mkipc="$mkipc" in_sandbox bash -euo pipefail -c "$script" inside "$@"
}

ipckit() {
  in_sandbox ipckit "$@"
}

# A command with a library in front of the C library, and the program in a form that can have one.
preloaded() { # LIBRARY COMMAND...
  local library=$1
  shift
  in_sandbox env PATH="$inner/program/preloadable:$PATH" LD_PRELOAD="$library" \
    ASAN_OPTIONS=verify_asan_link_order=0 "$@"
}

nobody() {
  in_sandbox "${as_nobody[@]}" "$@"
}

powerless() {
  in_sandbox "${as_powerless[@]}" "$@"
}

# An empty directory in the place of /proc, until it is mounted again. (The machine's own lies below the sandbox's.)
hide_proc() {
  if grep -qE '__(asan|tsan)_init' "$IPCKIT"; then skip "the sanitizers do not work without /proc"; fi
  in_sandbox mount -t tmpfs -o ro tmpfs /proc
}

show_proc() {
  in_sandbox umount /proc
}

# A command on a terminal: COLUMNS COMMAND... What it writes comes without the terminal's carriage returns.
on_terminal() {
  local columns=$1
  shift
  # shellcheck disable=SC2016,SC2034 # it is expanded there; the tests use it
  command_line="stty cols $columns rows 24 && exec $(printf '%q ' "$@")" inside '
    script -qec "$command_line" /dev/null </dev/null | tr -d "\r"'
}

# The same, and ANSWER is typed: ANSWER COLUMNS COMMAND... An empty one is the end of input.
answering() {
  local answer=$1 columns=$2
  shift 2
  # shellcheck disable=SC2016,SC2034 # it is expanded there; the tests use it
  answer="$answer" command_line="stty cols $columns rows 24 && exec $(printf '%q ' "$@")" inside '
    { sleep 0.2; [ -z "$answer" ] || echo "$answer"; sleep 0.1; } |
      script -qec "$command_line" /dev/null | tr -d "\r"'
}

# ---------------------------------------------------------------------------------------------------- in the background

# Ends when COMMAND succeeds; fails when it has not within ten seconds.
await() {
  local tries
  for ((tries = 0; tries < 1000; ++tries)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.01
  done
  echo "never came true: $*" >&2
  return 1
}

# Starts a command; its number in the sandbox is in $started, what it writes in the file $started_output.
start() {
  started_count=$((${started_count:-0} + 1))
  started_output=$state/started.$started_count
  # shellcheck disable=SC2016,SC2034 # it is expanded there; the tests use it
  started=$(inside '"${@:2}" >"$1" 2>&1 </dev/null & echo $!' "$inner/state/started.$started_count" "$@")
}

is_running() {
  in_sandbox kill -0 "$1" 2>/dev/null
}

is_gone() {
  ! is_running "$1"
}

# Ends what was started, and waits until it has.
end() {
  in_sandbox kill -9 "$1"
  await is_gone "$1"
}

hold() {
  start "$mkipc" "$@"
  await grep -qx ready "$started_output"
}

hold_as_nobody() {
  start "${as_nobody[@]}" "$mkipc" "$@"
  await grep -qx ready "$started_output"
}

# ------------------------------------------------------------------------------------------------------------- checks

output="" stderr="" status=""

complain() {
  {
    printf '%s\ncommand: %s\nstatus: %s\nstdout:\n%s\nstderr:\n%s\n' "${1:0:2000}" "${asked:-}" "$status" \
      "${output:0:3000}" "${stderr:0:3000}"
  } | LC_ALL=C cat -v >&2
  return 1
}

# Runs a command whatever its status.
expect_any() {
  asked="$*"
  status=0
  "$@" >"$state/stdout" 2>"$state/stderr" </dev/null || status=$?
  output=$(<"$state/stdout")
  stderr=$(<"$state/stderr")
}

expect() {
  local wanted=$1
  shift
  expect_any "$@"
  [ "$status" -eq "$wanted" ] || complain "status $wanted was expected"
}

# Whether a text has between so many and so many lines.
has_lines() {
  local lines=()
  [ -z "$1" ] || mapfile -t lines <<<"$1"
  [ "${#lines[@]}" -ge "$2" ] && [ "${#lines[@]}" -le "$3" ]
}

out_is() { [ "$output" = "$1" ] || complain "stdout should be: $1"; }
out_empty() { [ ! -s "$state/stdout" ] || complain "stdout should be empty"; }
out_has() { [[ "$output" == *"$1"* ]] || complain "stdout should have: $1"; }
out_lacks() { [[ "$output" != *"$1"* ]] || complain "stdout should not have: $1"; }
out_matches() { [[ "$output" =~ $1 ]] || complain "stdout should match: $1"; }
out_lines() { has_lines "$output" "$1" "$1" || complain "stdout should have $1 lines"; }
err_is() { [ "$stderr" = "$1" ] || complain "stderr should be: $1"; }
err_empty() { [ ! -s "$state/stderr" ] || complain "stderr should be empty"; }
err_has() { [[ "$stderr" == *"$1"* ]] || complain "stderr should have: $1"; }
err_lacks() { [[ "$stderr" != *"$1"* ]] || complain "stderr should not have: $1"; }
err_matches() { [[ "$stderr" =~ $1 ]] || complain "stderr should match: $1"; }
err_lines() { has_lines "$stderr" "$1" "$1" || complain "stderr should have $1 lines"; }

# Nothing but that holders of a FIFO outside the PID namespace, which the sandbox is one, could not be seen.
err_outside_only() {
  if [ -n "$stderr" ] && grep -qv 'outside this PID namespace' <<<"$stderr"; then
    complain "stderr should have nothing else"
  fi
}

# A usage error: status 2, nothing on stdout, at most three lines on stderr, and never the help.
refuses() {
  expect 2 "$@"
  out_empty
  err_matches '^ipckit'
  has_lines "$stderr" 1 3 || complain "stderr should have one to three lines"
  err_lacks 'Usage:'
}

# The same, and what stderr has to say.
refuses_with() {
  local text=$1
  shift
  refuses "$@"
  err_has "$text"
}

# Nothing that was written steers a terminal: it is UTF-8, without control characters other than newlines.
no_control_bytes() {
  local file
  for file in "$state/stdout" "$state/stderr"; do
    iconv -f UTF-8 -t UTF-8 "$file" >/dev/null 2>&1 || complain "${file##*/} is no UTF-8"
    if LC_ALL=C.UTF-8 grep -qP '[\x{00}-\x{09}\x{0b}-\x{1f}\x{7f}-\x{9f}]' "$file"; then
      complain "control characters in ${file##*/}"
    fi
  done
}

# The REFs that are there, in the order of ls, one a line.
refs() {
  ipckit ls -q "$@"
}

exists() {
  ipckit show -q "$1" >/dev/null 2>&1
}

is_there() { exists "$1" || complain "$1 should be there"; }
is_missing() { ! exists "$1" || complain "$1 should not be there"; }

# --------------------------------------------------------------------------------------------------------------- JSON

valid_json() {
  /usr/bin/python3 -W ignore "$BATS_TEST_DIRNAME/validate.py" "$1" <"$state/stdout" ||
    complain "stdout is not what the schema has for $1"
}

# One object a line, each as in the document.
valid_jsonl() {
  /usr/bin/python3 -W ignore "$BATS_TEST_DIRNAME/validate.py" --lines "$1" <"$state/stdout" ||
    complain "stdout is not what the schema has for the objects of $1"
}

# Whether a filter of jq makes something of what is read, and all of it true.
all_true() {
  local results
  results=$(jq -c "$1") && [ -n "$results" ] && ! grep -qvx true <<<"$results"
}

json() {
  all_true "$1" <"$state/stdout" || complain "jq does not say so: $1"
}

# Prints what a filter of jq makes of it.
json_value() {
  jq -r "$1" <"$state/stdout"
}
