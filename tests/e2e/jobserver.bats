#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit attach --tokens: a FIFO whose bytes are the tokens of a GNU make jobserver.
# shellcheck disable=SC2016,SC2154 # expanded in the sandbox; set by helper.bash

load helper
load moving

# For the scripts inside:
#   jobserver TOKENS CMD...   serves /tmp/js, and CMD has the MAKEFLAGS that say so
#   tokens                    how many are in it
#   job                       appends how many jobs run with it to /tmp/seen; none ends before $at_once have begun
jobserver() {
  ipckit attach fifo:/tmp/js --tokens "$1" env MAKEFLAGS="-j --jobserver-auth=fifo:/tmp/js" "${@:2}"
}

tokens() {
  ipckit peek fifo:/tmp/js | wc -c
}

job() {
  mkdir -p /tmp/running
  : >/tmp/running/$BASHPID
  find /tmp/running -type f | wc -l >>/tmp/seen
  local tries
  for ((tries = 0; tries < 1000; ++tries)); do
    [ "$(wc -l </tmp/seen)" -lt "${at_once:-1}" ] || break
    sleep 0.01
  done
  sleep 0.02
  rm /tmp/running/$BASHPID
}

# Most jobs that ran at once were so many, and in all so many ran.
jobs_were() {
  [ "$(sort -n /tmp/seen | tail -n 1)" -eq "$1" ]
  [ "$(wc -l </tmp/seen)" -eq "$2" ]
  [ -z "$(ls /tmp/running)" ]
}
export -f jobserver tokens job jobs_were

setup() {
  start_sandbox
  inside 'ipckit create fifo:/tmp/js' >/dev/null
}

@test "clients share the tokens: never more jobs at once, and all run" {
  expect 0 inside '
    export at_once=4
    jobserver 4 bash -euc "
      for client in {1..12}; do \$mkipc job bash -c job & done
      wait
      [ \"\$(tokens)\" -eq 4 ]"
    jobs_were 4 12'
}

@test "one token is one job at a time" {
  expect 0 inside '
    jobserver 1 bash -euc "for client in {1..5}; do \$mkipc job bash -c job & done; wait; [ \"\$(tokens)\" -eq 1 ]"
    jobs_were 1 5'
}

@test "the tokens are there before the command begins, and gone when it has ended" {
  expect 0 inside 'jobserver 3 ipckit peek fifo:/tmp/js'
  out_is +++
  expect 124 ipckit attach fifo:/tmp/js timeout 0.1 head -c 1 /tmp/js
  expect 0 inside 'for i in {1..20}; do jobserver 2 true; done'
}

@test "it does not touch MAKEFLAGS" {
  expect 0 in_sandbox env MAKEFLAGS=-k ipckit attach fifo:/tmp/js --tokens 2 printenv MAKEFLAGS
  out_is -k
  expect 1 in_sandbox env -u MAKEFLAGS ipckit attach fifo:/tmp/js --tokens 2 printenv MAKEFLAGS
}

@test "the client gives back the byte that it took, whatever it is" {
  expect 0 inside '
    jobserver 2 bash -euc "head -c 2 /tmp/js >/dev/null; printf ab >/tmp/js; \$mkipc job true; ipckit peek fifo:/tmp/js"'
  out_is ba
}

@test "two do not serve the same FIFO" {
  expect 125 inside 'jobserver 2 ipckit attach fifo:/tmp/js --tokens 2 true'
  err_has "fifo:/tmp/js: in use:"
  # Even when every token is with a client.
  expect 0 inside '
    jobserver 1 bash -c "
      \$mkipc job ipckit attach fifo:/tmp/js --tokens 1 true; echo \$?
      \$mkipc job timeout 10 ipckit attach fifo:/tmp/js --tokens 1 2>/dev/null; echo \$?; tokens"'
  out_is $'125\n4\n1'
  # Nobody serves now.
  expect 0 inside 'jobserver 1 true'
}

@test "of many who begin at once one serves" {
  expect 0 inside '
    for i in {1..10}; do
      ipckit attach fifo:/tmp/js --tokens 3 bash -c "
        until [ \$(wc -l </tmp/refused) -eq 9 ]; do sleep 0.01; done; tokens" 2>/dev/null || echo $? >>/tmp/refused &
    done
    wait
    sort -u /tmp/refused'
  out_is $'3\n125'
}

@test "bytes that wait in the FIFO are not doubled" {
  expect 0 inside '
    ipckit attach fifo:/tmp/js bash -c "
      printf ab >/tmp/js; ipckit attach fifo:/tmp/js --tokens 2 true; echo \$?; tokens"'
  out_is $'125\n2'
  err_has "bytes wait in it (2)"
}

@test "a FIFO that another process has open for both is not served" {
  hold hold-fifo /tmp/js rw
  expect 125 ipckit attach fifo:/tmp/js --tokens 2 true
  err_has "in use: process $started (mkipc) has it open for reading and writing"
  expect 4 in_sandbox timeout 10 ipckit attach fifo:/tmp/js --tokens 2
  end "$started"
  # One end alone is that of somebody who reads or writes something.
  hold hold-fifo /tmp/js r
  expect 0 ipckit attach fifo:/tmp/js --tokens 2 ipckit peek fifo:/tmp/js
  out_is ++
}

@test "only a FIFO has tokens, and not any number of them" {
  refuses_with "it is for fifo" ipckit attach pshm:/m --tokens 2
  refuses_with "at least one" ipckit attach fifo:/tmp/js --tokens 0
  refuses ipckit attach fifo:/tmp/js --tokens many
  refuses ipckit attach fifo:/tmp/js --tokens -1
  refuses ipckit attach fifo:/tmp/js --tokens
  expect 125 ipckit attach fifo:/tmp/js --tokens 0 true
  expect 125 ipckit attach sem:0 --tokens 2 true
  expect 1 ipckit attach fifo:/tmp/js --tokens 18446744073709551615
  err_has "at most 61441 tokens"
  expect 125 ipckit attach fifo:/tmp/js --tokens 61442 true
  err_has "at most 61441 tokens"
  expect 0 ipckit attach fifo:/tmp/js --tokens 61441 true
  expect 3 ipckit attach fifo:/tmp/none --tokens 2
}

@test "it takes back all tokens that it has given" {
  # One by one, beyond the last page of the pipe: one that is half read is not filled again.
  expect 0 inside '
    jobserver 61441 timeout 60 /usr/bin/python3 -c "
import os
pipe = os.open(\"/tmp/js\", os.O_RDWR)
for turn in range(140000):
    os.write(pipe, os.read(pipe, 1))
print(turn + 1)"'
  out_is 140000
}

@test "the tokens outlive ipckit, as long as the command lives" {
  inside 'mkfifo /tmp/end'
  start ipckit attach fifo:/tmp/js --tokens 3 sh -c 'echo begun; read line </tmp/end'
  await grep -qx begun "$started_output"
  inside 'kill -9 "$1"' "$started"
  await is_gone "$started"
  expect 0 ipckit peek fifo:/tmp/js
  out_is +++
  expect 125 ipckit attach fifo:/tmp/js --tokens 3 true
  inside 'echo >/tmp/end'
  await inside '! pgrep -x ipckit-attach'
  expect 0 ipckit attach fifo:/tmp/js --tokens 3 true
}

@test "without a command: until a signal" {
  start ipckit attach fifo:/tmp/js --tokens 2
  await inside '[ "$(tokens)" -eq 2 ]'
  expect 0 in_sandbox env MAKEFLAGS="-j --jobserver-auth=fifo:/tmp/js" "$mkipc" job echo ran
  out_is ran
  inside 'kill "$1"' "$started"
  await is_gone "$started"
  expect 0 ipckit attach fifo:/tmp/js --tokens 2 true
}

@test "make shares the tokens" {
  expect 0 in_sandbox make --version
  local version
  version=$(grep -oE '[0-9]+\.[0-9]+' <<<"$output" | head -n 1)
  [ "$(printf '%s\n' 4.4 "$version" | sort -V | head -n 1)" = 4.4 ] || skip "make $version knows no jobserver of a FIFO"
  # Beside the tokens each make has one job of its own.
  expect 0 inside '
    printf "SHELL = /bin/bash\nall: 1 2 3 4 5 6 7 8 9\n%%:; @job\n" >/tmp/Makefile
    export at_once=3
    jobserver 2 bash -euc "make -f /tmp/Makefile; [ \"\$(tokens)\" -eq 2 ]"
    jobs_were 3 9'
}

@test "lock takes a token, and clients of both sorts share them" {
  expect 0 inside '
    export at_once=4
    jobserver 4 bash -euc "
      for client in {1..6}; do \$mkipc job bash -c job & ipckit lock --token fifo:/tmp/js bash -c job & done
      wait
      [ \"\$(tokens)\" -eq 4 ]"
    jobs_were 4 12'
}

# Kills a client that has the only token, and takes it anew: ipckit, which leaves its job running with the token; the
# job; both at once; their process group.
kill_client() {
  set -m # each client has a process group of its own
  ipckit lock --token fifo:/tmp/js sh -c 'echo $$ >/tmp/job; exec sleep 60' &
  local client=$! job
  await test -s /tmp/job
  job=$(</tmp/job)
  [ "$(tokens)" -eq 0 ]
  case $1 in
    ipckit) kill -9 "$client" ;;
    job) kill -9 "$job" ;;
    both) kill -9 "$client" "$job" ;;
    group) kill -9 -- "-$client" ;;
  esac
  await ended "$client"
  if [ "$1" = ipckit ]; then
    sleep 0.1
    [ "$(tokens)" -eq 0 ]
    kill -9 "$job"
  fi
  ipckit lock -w 10 --token fifo:/tmp/js echo next
  tokens
}
export -f kill_client

@test "the token of a client that is killed comes back" {
  local victim
  for victim in ipckit job both group; do
    expect 0 inside 'jobserver 1 bash -euc "kill_client $1"; rm /tmp/job' "$victim"
    out_is $'next\n1'
  done
}

@test "clients of lock may come before the server" {
  start ipckit lock --token fifo:/tmp/js echo got it
  await inside 'pgrep -x ipckit-lock && asleep "$1"' "$started"
  expect 0 inside 'jobserver 1 bash -euc "await ended $1; tokens"' "$started"
  out_is 1
  [ "$(<"$started_output")" = "got it" ]
}

served() {
  [ "$(tokens)" -eq 1 ]
}

# Starts a server of one token and a client that has it, and kills them all, guardian included, but what is named.
kill_all_but() {
  ipckit attach fifo:/tmp/js --tokens 1 &
  local server=$!
  await served
  ipckit lock --token fifo:/tmp/js sh -c 'echo $$ >/tmp/job; exec sleep 60' &
  local client=$! job
  await test -s /tmp/job
  job=$(</tmp/job)
  local victims=("$(pgrep -x ipckit-lock)" "$client" "$server") victim
  [ "$1" = job ] || victims+=("$job")
  kill -9 "${victims[@]}"
  for victim in "${victims[@]}"; do await ended "$victim"; done
}
export -f served kill_all_but

@test "what the clients of a dead server had is none of the tokens of the next" {
  expect 0 inside '
    kill_all_but nothing
    [ -n "$(ls -A /dev/shm)" ] # the record
    jobserver 1 bash -euc "tokens; ipckit lock -n --token fifo:/tmp/js bash -c tokens; tokens"' 2>/dev/null
  out_is $'1\n0\n1'
}

@test "while a command may owe a token there is no new server" {
  expect 0 inside '
    kill_all_but job
    status_of ipckit attach fifo:/tmp/js --tokens 1 true
    grep -q "process $(cat /tmp/job) (sleep)" /tmp/err
    kill -9 $(cat /tmp/job)
    await ended $(cat /tmp/job)
    jobserver 1 bash -c tokens' 2>/dev/null
  out_is $'125\n1'
}

@test "clients and server may begin at the same time" {
  expect 0 inside '
    for round in {1..8}; do
      for client in 1 2 3 4 5; do ipckit lock --token fifo:/tmp/js sh -c "echo ran >>/tmp/ran" & clients[client]=$!; done
      ipckit attach fifo:/tmp/js --tokens 2 & server=$!
      wait "${clients[@]}"
      kill $server; wait $server || true
    done 2>/tmp/said
    wc -l </tmp/ran'
  out_is 40
}

@test "a client that gives back while a server begins is counted" {
  expect 0 inside '
    for pause in 0 0.02 0.05 0.1; do
      # The guardian of a locker that was killed has a token until its command ends.
      ipckit attach --tokens 1 /tmp/js ipckit lock --token fifo:/tmp/js sh -c "kill -9 \$PPID; sleep .1" 2>/dev/null || true
      sleep $pause
      status=0; tokens=$(ipckit attach --tokens 1 /tmp/js sh -c "sleep .3; ipckit peek /tmp/js" 2>/dev/null) || status=$?
      [ "$status $tokens" = "0 +" ] || [ "$status" = 125 ]
      sleep 0.2
    done'
}
