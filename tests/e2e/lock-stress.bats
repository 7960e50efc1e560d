#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit lock under many who want it while some of them are killed at random: never two inside, nothing counted wrong,
# and whole in the end. IPCKIT_STRESS is how many lock, of each kind (100), and IPCKIT_STRESS_AT_ONCE in each turn (10).
# shellcheck disable=SC2016,SC2154 # expanded in the sandbox; set by helper.bash

load helper
load moving
load locking

lockers=${IPCKIT_STRESS:-100}
at_once=${IPCKIT_STRESS_AT_ONCE:-10}
export BATS_TEST_TIMEOUT=$((180 + lockers)) # slow builds on slow machines

setup() {
  start_sandbox
  mkdir "$state/bin"
  # What runs while the lock is held: it puts its number into the canary, where nobody's may be who has not ended,
  # and counts by two writes that a kill between them does not undo: who had begun is seen, and counted by the next.
  cat >"$state/count" <<'END'
cd /tmp/stress || exit 90
state=none
if [ -s inside ]; then read -r _ _ state _ <"/proc/$(cat inside)/stat"; fi 2>/dev/null
case $state in none | [ZX]) ;; *)
  echo "$$ found $(cat inside) inside" >>broken
  exit 91
  ;;
esac
echo "$$" >inside
n=$(cat counter)
echo "$n" >>log
echo "$((n + 1))" >counter.new && mv counter.new counter
: >inside
END
}

# Lockers in turns of so many at once, each in a session of its own, and one of five of them is killed: ipckit, its
# command, all of its group, or the one that waits; now, or a moment later.
stress='
  mkdir /tmp/stress; cd /tmp/stress; echo 0 >counter; : >log; cp "$inner/state/count" /tmp/count
  finished=0 killed=0
  commands_of() { pgrep -P "$1" | while read -r pid; do [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = ipckit-lock ] || echo "$pid"; done; }
  while [ $((finished + killed)) -lt "$lockers" ]; do
    pids=()
    for ((i = 0; i < at_once; ++i)); do
      setsid ipckit lock -w 60 "${lock[@]}" sh /tmp/count </dev/null 2>>/tmp/stress/said & pids+=($!)
    done
    for ((i = RANDOM % 5; i < at_once; i += 5)); do
      for ((rest = RANDOM % 400; rest > 0; --rest)); do :; done
      case $((RANDOM % 4)) in
        0) kill -9 ${pids[i]} ;;
        1) kill -9 -- -${pids[i]} ;;
        2) kill -9 $(commands_of ${pids[i]}) ${pids[i]} ;;
        3) kill -9 $(commands_of ${pids[i]}) ;;
      esac 2>/dev/null || true
    done
    for pid in "${pids[@]}"; do
      status=0; wait $pid 2>/dev/null || status=$?
      case $status in
        0) : $((++finished)) ;;
        137) : $((++killed)) ;;
        *) echo "$kind: status $status: $(cat said)" >&2; exit 1 ;;
      esac
    done
  done
  # The command of an ipckit that was killed may run still: the last of them ends before this one gets it.
  ends 0 ipckit lock -w 10 "${lock[@]}" true
  [ ! -e broken ] || { cat broken >&2; exit 1; }
  # Each number stands in the log once; one that a killed command had begun, and the next took up, more often.
  count=$(<counter)
  [ "$(sort -nu log | wc -l)" -ge "$count" ] && [ "$(sort -nu log | wc -l)" -le $((count + 1)) ]
  [ "$(sort -n log | uniq -d | wc -l)" -le $killed ]
  [ "$count" -ge $finished ] && [ "$count" -le $((finished + killed)) ]
  is_in_order
  echo "$kind: $finished finished, $killed killed, counted to $count" >&2
  cd /; rm -r /tmp/stress'

stress() {
  local began
  began=$(now)
  expect 0 in_sandbox env inner="$inner" lockers="$lockers" at_once="$at_once" kind="$1" bash -euo pipefail -c '
    set -E; trap "echo \"\$kind: \$BASH_COMMAND: line \$LINENO\" >&2" ERR
    use_lock "$kind"; eval "$1"' inside "$stress"
  echo "$stderr, $(($(now) - began)) ms" | tail -n 1 >&3
}

@test "a sem" {
  stress sem
}

@test "a sem with a guardian" {
  stress guard
}

@test "a psem" {
  stress psem
}

@test "a pshm" {
  stress pshm
}

@test "a message of a queue of System V" {
  stress msg
}

@test "a message of a POSIX queue" {
  stress pmsg
}

@test "a byte of a FIFO" {
  stress fifo
}
