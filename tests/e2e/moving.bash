# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the tests share whose subject is messages on the move. Most of it is for the scripts that run inside: the
# functions are exported to them.
#
#   make_carriers              one of each: msg:@q (id 0), pmsg:/q, fifo:/tmp/q
#   on_all_queues SCRIPT       runs it inside for msg:@q and pmsg:/q, which is $1 then
#   ends STATUS COMMAND...     whether it ends so; stderr is kept in /tmp/err
#   status_of COMMAND...       prints what it ended with; likewise
#   asleep PID                 whether ipckit has that number and waits for something
#   ended PID                  whether it has come to its end
#   waiting REF                how many messages wait in a queue
#   holds REF COUNT            whether so many do
#   now                        milliseconds
#   with_injected WHAT COMMAND...   under strace, which makes system calls fail

make_carriers() {
  inside '
    ipckit create msg:@q; ipckit create pmsg:/q --max-messages 10 --message-size 8192; ipckit create fifo:/tmp/q' >/dev/null
}

on_all_queues() {
  local ref
  for ref in msg:@q pmsg:/q; do
    expect 0 inside "$1" "$ref" "${@:2}"
  done
}

status_of() {
  local status=0
  "$@" 2>/tmp/err || status=$?
  echo "$status"
}

ends() {
  local status=0
  "${@:2}" 2>/tmp/err || status=$?
  [ "$status" -eq "$1" ] || { echo "status $status of ${*:2:9}: $(</tmp/err)" >&2; return 1; }
}

asleep() {
  [ "$(cat "/proc/$1/comm")" = ipckit ] && grep -q '^State:.S' "/proc/$1/status"
}

ended() {
  [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}

waiting() {
  ipckit ls "$1" -o messages --no-headings
}

holds() {
  [ "$(waiting "$1")" -eq "$2" ]
}

now() {
  echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# Needs the right to trace, which containers may lack. The sanitizer of leaks cannot work beside a tracer.
with_injected() {
  local calls=${1%%:*}
  ASAN_OPTIONS=detect_leaks=0 strace -f -o /tmp/trace -e "trace=$calls" -e "inject=$1" "${@:2}"
}

needs_strace() {
  in_sandbox strace -o /dev/null true 2>/dev/null || skip "needs strace, and the right to trace"
}

export -f ends status_of await asleep ended waiting holds now with_injected
