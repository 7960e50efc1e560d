#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Two at once: nothing is lost, made twice, removed for another, or left half made.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

runs=${IPCKIT_RACE_RUNS:-1500}
seconds=${IPCKIT_RACE_SECONDS:-30} # slow builds end here, with fewer runs

@test "ls beside queues that come and go: never a failure" {
  hold churn-msg
  expect 0 inside '
    ipckit create msg:@stays >/dev/null
    key=$(ipckit key @stays)
    for ((run = 0; run < $1 && SECONDS < $2; ++run)); do
      ipckit ls msg --no-headings >/tmp/out 2>/tmp/err || { echo "run $run: status $?"; cat /tmp/err; exit 1; }
      [ ! -s /tmp/err ] || { echo "run $run:"; cat /tmp/err; exit 1; }
      grep -q "^msg:[0-9]*  *$key " /tmp/out || { echo "run $run: what stays was not listed"; cat /tmp/out; exit 1; }
    done
    echo "$run"' "$runs" "$seconds"
  is_running "$started"
  [ "$output" -ge $((runs < 50 ? runs : 50)) ] || complain "only $output runs"
}

@test "JSON beside segments, sets and files that come and go is whole" {
  start bash -c '
    echo ready
    while :; do
      ipckit create shm --size 1; ipckit create sem; ipckit create pshm:/x --size 1; ipckit create psem:/x; ipckit create pmsg:/x
      ipckit create fifo:/tmp/x; ipckit rm -f --all -y --mine all fifo
    done >/dev/null 2>&1'
  expect 0 inside '
    for ((run = 0; run < $1 && SECONDS < $2; ++run)); do
      ipckit ls --json >/tmp/out 2>/tmp/err || { echo "run $run: status $?"; cat /tmp/err; exit 1; }
      [ ! -s /tmp/err ] || { echo "run $run:"; cat /tmp/err; exit 1; }
      cat /tmp/out >>/tmp/all
    done
    jq -s "length > 0 and all(.errors == [] and .incomplete == [])" /tmp/all' $((runs / 10)) "$seconds"
  out_is true
  end "$started"
}

# Runs a script of the sandbox so often at the same time, with the number as $1, and counts the statuses.
at_once() {
  inside '
    count=$1 script=$2
    mkfifo /tmp/gate; exec 9<>/tmp/gate
    for ((number = 0; number < count; ++number)); do
      { read -rn 1 -u 9; status=0; eval "$script" >/tmp/out.$number 2>/tmp/err.$number || status=$?; echo "$status" >/tmp/status.$number; } &
    done
    printf "%*s" "$count" "" | tr " " x >&9
    wait
    cat /tmp/status.* | sort -n | uniq -c | sed "s/^ *//"; rm -f /tmp/gate /tmp/status.*' "$@"
}

@test "create of one name by 20 at once: exactly one succeeds, the others are told: 7" {
  local what
  for what in msg:@a 'shm:@a --size 4K' 'sem:@a --value 1,2' pmsg:/a 'pshm:/a --size 4K' 'psem:/a --value 3' fifo:/tmp/a; do
    expect 0 at_once 20 "ipckit create $what"
    out_is "$(printf '1 0\n19 7')"
    expect 0 refs "${what%% *}"
    out_lines 1
    inside 'cat /tmp/err.* | grep -v "exists already" | grep -v -e "--exist-ok" || true'
  done
  expect 0 refs
  out_lines 7
  expect 0 ipckit ls --json
  json '.objects[] | select(.kind == "sem") | .values == [1,2]'
  json '.objects[] | select(.kind == "psem") | .value == 3'
  expect 0 in_sandbox ls -A /dev/shm
  out_is "$(printf 'a\nsem.a')"
}

@test "create --exist-ok of one name by 20 at once: all succeed, with the same object" {
  local what
  for what in msg:@a 'shm:@a --size 4K' 'sem:@a --value 1,2' pmsg:/a 'pshm:/a --size 1M' 'psem:/a --value 3' fifo:/tmp/a; do
    expect 0 at_once 20 "ipckit create --exist-ok $what"
    out_is "20 0"
    expect 0 inside 'cat /tmp/out.* | sort -u | wc -l; cat /tmp/err.*'
    out_is 1
  done
  expect 0 ipckit ls --json
  json '.objects | length == 7'
  json '.objects[] | select(.kind == "pshm") | .size == 1048576 and .allocated == 1048576'
}

@test "two that remove one object at once: one does, the other is told, and the next object stays" {
  expect 0 inside '
    what=("msg:@a" "shm:@a --size 1" "sem:@a" "pmsg:/a" "pshm:/a --size 1" "psem:/a" "fifo:/tmp/a")
    for ((run = 0; run < $1 / 10 && SECONDS < $2; ++run)); do
      word=${what[run % 7]}
      ref=$(ipckit create $word)
      ipckit rm $ref 2>/tmp/err.1 & first=$!
      ipckit rm ${word%% *} 2>/tmp/err.2 & second=$!
      one=0; two=0
      wait $first || one=$?
      wait $second || two=$?
      case $one$two in 00 | 03 | 30 | 08 | 80) ;; *) echo "$ref: $one and $two"; cat /tmp/err.1 /tmp/err.2; exit 1 ;; esac
      [ -z "$(ipckit ls -q)" ] || { echo "something is left"; ipckit ls; exit 1; }
    done
    echo "$run"' "$runs" "$seconds"
  [ "$output" -ge 20 ] || complain "only $output runs"
}

@test "eight that remove one object at once: one does, nobody sees another remover as a holder" {
  local what status
  for what in 'pshm:/a --size 1' psem:/a pmsg:/a msg:@a sem:@a 'shm:@a --size 1' fifo:/tmp/a; do
    ipckit create $what >/dev/null
    expect 0 at_once 8 "ipckit rm ${what%% *}"
    while read -r _ status; do
      [[ "$status" =~ ^[038]$ ]] || complain "$(inside 'sort -u /tmp/err.*')"
    done <<<"$output"
    out_matches '^[1-8] 0'
    is_missing "${what%% *}"
  done
}

@test "rm beside ls and show: who only looks is no holder" {
  start bash -c 'echo ready; while :; do ipckit ls; ipckit show psem:/a pmsg:/a pshm:/a; done >/dev/null 2>&1'
  expect 0 inside '
    for ((run = 0; run < $1 / 10 && SECONDS < $2; ++run)); do
      for what in psem:/a pmsg:/a "pshm:/a --size 1"; do
        [ "$(ipckit create $what)" = "${what%% *}" ]
        ipckit rm ${what%% *} || { echo "run $run: $what: $?"; exit 1; }
      done
    done' "$runs" "$seconds"
  end "$started"
}

@test "rm by key beside somebody who makes it anew: what it says it removed is what it found" {
  start bash -c 'echo ready; while :; do ipckit create msg:@a --exist-ok; done >/dev/null 2>&1'
  expect 0 inside '
    for ((run = 0; run < $1 / 5 && SECONDS < $2; ++run)); do
      status=0
      ipckit rm msg:@a 2>/tmp/err || status=$?
      case $status in 0 | 3 | 8) ;; *) echo "status $status"; cat /tmp/err; exit 1 ;; esac
    done
    echo "$run"' "$runs" "$seconds"
  [ "$output" -ge 40 ]
  end "$started"
}

@test "create that is killed leaves nothing half made" {
  expect 0 inside '
    gone=0
    for ((run = 0; run < 60; ++run)); do
      ipckit create pshm:/big --size 64M >/dev/null &
      sleep "0.0$((run % 30 / 10))$((run % 10))"
      kill -9 $! 2>/dev/null || true
      wait $! 2>/dev/null || true
      if [ -e /dev/shm/big ]; then
        [ "$(stat -c "%s %a %b" /dev/shm/big)" = "67108864 600 131072" ] || { stat /dev/shm/big; exit 1; }
        rm /dev/shm/big
      else
        gone=$((gone + 1))
      fi
      [ -z "$(ls -A /dev/shm)" ] || { ls -lA /dev/shm; exit 1; }
      [ "$(df --output=used /dev/shm | tail -n 1)" -eq 0 ] || { df /dev/shm; exit 1; }
    done
    ipckit create pshm:/big --size 64M
    stat -c "%s %a %b" /dev/shm/big
    echo "$gone"' 2>/dev/null
  out_matches '^pshm:/big.67108864 600 131072'
  output=$(tail -n 1 <<<"$output")
  [ "$output" -gt 0 ] || skip "no run was killed in time"
}

@test "create of a semaphore that is killed leaves a sound one or none" {
  expect 0 inside '
    for ((run = 0; run < 60; ++run)); do
      ipckit create psem:/s --value 7 >/dev/null &
      sleep "0.00$((run % 10))"
      kill -9 $! 2>/dev/null || true
      wait $! 2>/dev/null || true
      [ ! -e /dev/shm/sem.s ] || [ "$(ipckit ls psem -o value,damaged --no-headings)" = "7  no" ] || { ipckit ls -l psem; exit 1; }
      rm -f /dev/shm/sem.s
      [ -z "$(ls -A /dev/shm)" ] || { ls -lA /dev/shm; exit 1; }
    done
    ipckit create psem:/s --value 7' 2>/dev/null
  out_is psem:/s
}

@test "nobody takes from a set before its values are set" {
  # A taker that tries from before the set is there takes one of five, and the five are not set after it took.
  expect 0 inside '
    for ((run = 0; run < 30; ++run)); do
      /usr/bin/python3 -c "
import ctypes, sys, time
c = ctypes.CDLL(None, use_errno=True)
end = time.time() + 10
while time.time() < end:
    id = c.semget(0x4e1f, 0, 0)
    if id >= 0: break
operation = (ctypes.c_short * 3)(0, -1, 0)
sys.exit(0 if c.semop(id, operation, 1) == 0 else 1)" &
      taker=$!
      ipckit create sem:key=19999 --value 5 >/dev/null
      wait $taker
      [ "$(ipckit ls sem -o values --no-headings)" = 4 ] || { ipckit ls sem; exit 1; }
      ipckit rm sem:key=19999
    done'
}
