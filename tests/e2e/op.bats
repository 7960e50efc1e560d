#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit op: one atomic step of a semaphore set, one taken from or given to a POSIX semaphore, and --undo CMD.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper
load moving

# sem:@s (id 0) with three semaphores of these values, psem:/s with the value 1.
make_semaphores() {
  inside 'ipckit create sem:@s --value "$1"; ipckit create psem:/s --value 1' "${1:-1,0,0}" >/dev/null
}

values() {
  ipckit ls "${1:-sem:0}" -o "${2:-values}" --no-headings
}

values_are() {
  [ "$(values)" = "$1" ]
}

value_is() { # of psem:/s
  [ "$(values psem:/s value)" = "$1" ]
}

# Starts op and waits until it sleeps in its system call; its number is in $started.
start_op() {
  start ipckit op "$@"
  await inside 'asleep "$1"' "$started"
}

@test "a vector is one step: take, give, wait for zero; nothing is printed" {
  make_semaphores
  expect 0 ipckit op sem:@s 0-1 1+2
  out_empty
  err_empty
  values_are 0,2,0
  expect 0 ipckit op sem:0 1-2 0+1 2=0
  values_are 1,0,0
  expect 0 ipckit op sem:0 2+32767
  values_are 1,0,32767
}

@test "without a number it is semaphore 0, and -1 is no option" {
  make_semaphores
  expect 0 ipckit op sem:0 +2
  values_are 3,0,0
  expect 0 ipckit op sem:0 -1
  expect 0 ipckit op -n sem:0 -1
  expect 0 ipckit op sem:0 -w 5 -1
  values_are 0,0,0
  expect 0 ipckit op sem:0 =0
  expect 0 ipckit op sem:0 +3
  expect 0 ipckit op -- sem:0 -1
  expect 0 ipckit op sem:0 -- -1
  expect 0 ipckit op sem:0 -- -1 1+1
  values_are 0,1,0
}

@test "operations are done in their order, each on what those before leave" {
  make_semaphores 0,0,0
  expect 0 ipckit op sem:0 +1 -1 =0 +1
  values_are 1,0,0
  expect 4 ipckit op -n sem:0 =0 -1
  expect 4 ipckit op -n sem:0 -2 +2
  expect 0 ipckit op -n sem:0 +1 -2 =0
  values_are 0,0,0
}

@test "all or nothing: what comes before the one that cannot be done is not done" {
  make_semaphores
  expect 4 ipckit op -n sem:0 0-1 1-1
  err_is "ipckit op: sem:0: its values do not allow it now"
  values_are 1,0,0
  expect 4 ipckit op -n sem:0 2+5 0=0
  values_are 1,0,0
  expect 1 ipckit op sem:0 1+1 0+32767
  err_has "32767"
  err_has "SEMVMX"
  values_are 1,0,0
}

@test "vectors are atomic for others, too: crossed takers never hold half" {
  make_semaphores 1,1,0
  expect 0 inside '
    crossed() { for i in {1..40}; do ipckit op sem:0 "$1" "$2"; ipckit op sem:0 "$3" "$4"; done; }
    crossed 0-1 1-1 0+1 1+1 & one=$!
    crossed 1-1 0-1 1+1 0+1 & two=$!
    halves=0
    while kill -0 $one 2>/dev/null || kill -0 $two 2>/dev/null; do
      case $(ipckit ls sem:0 -o values --no-headings) in 1,1,0 | 0,0,0) ;; *) halves=1 ;; esac
    done
    wait $one; wait $two
    exit $halves'
  values_are 1,1,0
}

@test "a waiter that wants two has none of them while it waits" {
  make_semaphores 1,0,0
  start_op sem:0 0-1 1-1
  values_are 1,0,0
  expect 0 ipckit op -n sem:0 0-1 # the first is free all the same
  expect 0 ipckit op sem:0 1+1
  values_are 0,1,0
  is_running "$started"
  expect 0 ipckit op sem:0 0+1
  await is_gone "$started"
  values_are 0,0,0
}

@test "it waits until the value is high enough, or zero" {
  make_semaphores 1,0,0
  start_op sem:0 -3
  expect 0 ipckit op sem:0 +1
  is_running "$started"
  expect 0 ipckit op sem:0 +1
  await is_gone "$started"
  values_are 0,0,0
  expect 0 ipckit op sem:0 2+1
  start_op sem:0 2=0
  is_running "$started"
  expect 0 ipckit op sem:0 2-1
  await is_gone "$started"
}

@test "it wakes programs in semop and is woken by them" {
  make_semaphores 0,0,0
  hold wait-sem 0 1
  expect 0 ipckit op sem:0 1+1
  await is_gone "$started"
  expect 0 ipckit op sem:0 2+1
  hold wait-sem 0 2 0
  expect 0 ipckit op sem:0 2-1
  await is_gone "$started"
  start_op sem:0 1-1
  local waiter=$started
  start "$mkipc" op-sem 0 1 1
  await is_gone "$waiter"
  values_are 0,0,0
}

@test "a POSIX semaphore: post and wait, with sem_post and sem_wait on the other end" {
  make_semaphores
  expect 0 ipckit op psem:/s -1
  out_empty
  err_empty
  value_is 0
  expect 0 ipckit op psem:s +1
  value_is 1
  expect 0 ipckit op -- psem:/s -1
  hold wait-psem s
  expect 0 ipckit op psem:/s +1
  await is_gone "$started"
  value_is 0
  start_op psem:/s -1
  local waiter=$started
  expect 0 in_sandbox "$mkipc" post-psem s
  await is_gone "$waiter"
  value_is 0
}

@test "a POSIX semaphore has nothing but -1 and +1" {
  make_semaphores
  local words
  for words in =0 +2 -2 "+1 +1" "-1 +1" 1+1; do
    refuses_with "POSIX semaphore has one value" ipckit op psem:/s $words
  done
  refuses_with "--undo does not go with a POSIX semaphore" ipckit op --undo psem:/s -1
  err_has "ipckit lock"
  expect 125 ipckit op --undo psem:/s -1 true
  value_is 1
}

@test "-n does not wait: 4" {
  make_semaphores 0,1,0
  expect 4 ipckit op -n sem:0 -1
  err_is "ipckit op: sem:0: its values do not allow it now"
  expect 4 ipckit op sem:0 1=0 --nowait
  expect 4 ipckit op -w 0 sem:0 -1
  expect 0 ipckit op psem:/s -1
  expect 4 ipckit op -n psem:/s -1
  err_is "ipckit op: psem:/s: its value is 0"
  expect 4 ipckit op -w 0 psem:/s -1
  values_are 0,1,0
}

@test "-w gives up: 5, and nothing was done; in time it is done" {
  make_semaphores 0,0,0
  expect 0 ipckit op psem:/s -1
  expect 0 inside '
    for ref in sem:0 psem:/s; do
      from=$(now)
      ends 5 ipckit op -w 0.3 $ref -1
      took=$(($(now) - from))
      [ $took -ge 300 ] && [ $took -lt 5000 ]
    done'
  expect 5 ipckit op sem:0 --timeout 50ms -1
  err_is "ipckit op: sem:0: timed out: its values did not allow it"
  expect 5 ipckit op psem:/s -w 50ms -1
  err_is "ipckit op: psem:/s: timed out: its value stays 0"
  values_are 0,0,0
  expect 0 inside 'for ref in sem:0 psem:/s; do
      ipckit op -w 20 $ref -1 & waiter=$!
      await asleep $waiter
      ipckit op $ref +1
      wait $waiter
    done'
  values_are 0,0,0
  value_is 0
}

@test "a limit that is longer than the second between looks at a POSIX semaphore is kept" {
  make_semaphores
  expect 0 ipckit op psem:/s -1
  expect 0 inside 'from=$(now); ends 5 ipckit op -w 1.2 psem:/s -1; took=$(($(now) - from))
    [ $took -ge 1200 ] && [ $took -lt 5000 ]'
}

@test "it dies of the signal that ends its wait, and nothing is taken then" {
  make_semaphores 1,0,0
  expect 0 ipckit op psem:/s -1
  local words signal
  for words in "sem:0 0-1 1-1" "psem:/s -1" "--undo sem:0 0-1 1-1 true"; do
    for signal in INT TERM HUP QUIT KILL; do
      expect 0 inside '
        signal=$1; shift
        setsid env --default-signal=INT,QUIT ipckit op "$@" & waiter=$!
        await asleep $waiter
        kill -$signal $waiter
        status=0; wait $waiter || status=$?
        [ $status -eq $((128 + $(kill -l $signal))) ]' "$signal" $words
    done
  done
  values_are 1,0,0
  value_is 0
  expect 0 ipckit show sem:0 --json
  json '.objects[0].semaphores | all(.waiting_to_take == 0)'
  # The count of waiters that stays in a POSIX semaphore when one is killed does no harm.
  expect 0 ipckit op psem:/s +1
  expect 0 ipckit op -n psem:/s -1
}

@test "a signal that is ignored does not end it" {
  make_semaphores 0,0,0
  expect 0 inside '
    (trap "" INT; exec ipckit op sem:0 -1) & waiter=$!
    await asleep $waiter
    kill -INT $waiter
    ipckit op sem:0 +1
    wait $waiter'
}

@test "it goes on waiting when it was stopped and continued" {
  make_semaphores 0,0,0
  expect 0 ipckit op psem:/s -1
  expect 0 inside '
    for ref in sem:0 psem:/s; do
      ipckit op $ref -1 & waiter=$!
      await asleep $waiter
      kill -STOP $waiter
      await grep -q "^State:.T" /proc/$waiter/status
      kill -CONT $waiter
      await asleep $waiter
      ipckit op $ref +1
      wait $waiter
    done'
}

@test "removed during the wait: 8" {
  make_semaphores 0,0,0
  expect 0 ipckit op psem:/s -1
  expect 0 inside '
    for ref in sem:0 psem:/s; do
      for option in "" "-w 60"; do
        ipckit op $option $ref -1 2>/tmp/said & waiter=$!
        await asleep $waiter
        ipckit rm -f $ref
        status=0; wait $waiter || status=$?
        [ $status -eq 8 ]
        [ "$(cat /tmp/said)" = "ipckit op: $ref: removed while waiting" ]
        case $ref in sem:*) ref=$(ipckit create sem) ;; *) ipckit create $ref >/dev/null ;; esac
      done
    done'
}

@test "a POSIX semaphore that is replaced during the wait is one that was removed" {
  make_semaphores
  expect 0 ipckit op psem:/s -1
  expect 0 inside '
    ipckit op psem:/s -1 2>/dev/null & waiter=$!
    await asleep $waiter
    ipckit create psem:/t --value 1
    mv /dev/shm/sem.t /dev/shm/sem.s
    status=0; wait $waiter || status=$?
    [ $status -eq 8 ]'
  value_is 1
}

@test "what is not there is 3" {
  make_semaphores
  expect 3 ipckit op sem:77 -1
  err_is "ipckit op: sem:77: no such semaphore set"
  expect 3 ipckit op sem:@nothing +1
  expect 3 ipckit op psem:/nothing +1
  err_is "ipckit op: psem:/nothing: no such POSIX semaphore"
  expect 0 ipckit create sem:key=19999 --value 1
  expect 3 ipckit op sem:19999 -1
  err_has "19999 is a key"
  expect 0 ipckit op sem:key=19999 -1
}

@test "what lies in the place of a POSIX semaphore and is none is left alone: 3" {
  inside '
    mkfifo /dev/shm/sem.fifo; mkdir /dev/shm/sem.directory; ln -s /dev/shm/sem.real /dev/shm/sem.link
    ipckit create psem:/real --value 1; : >/dev/shm/sem.empty; head -c 33 /dev/zero >/dev/shm/sem.long
    printf "\377%.0s" {1..32} >/dev/shm/sem.odd' >/dev/null
  local name
  for name in fifo directory link empty long odd; do
    expect 3 ipckit op psem:/$name +1
    err_has "what is there is"
  done
  expect 0 ipckit op psem:/real -1
}

@test "more operations than one step may have: 1, and it names the limit" {
  make_semaphores 0,0,0
  expect 0 inside 'ipckit op sem:0 $(yes +1 | head -n 500)'
  values_are 500,0,0
  expect 1 inside 'ipckit op sem:0 $(yes +1 | head -n 501)'
  err_has "501 operations of one semop; at most 500 allowed (kernel.sem, 3rd)"
  err_has "sysctl kernel.sem="
  values_are 500,0,0
}

@test "a number beyond the set: 1, and it says how many there are" {
  make_semaphores
  expect 1 ipckit op sem:0 0-1 3+1
  err_is "ipckit op: sem:0: no such semaphore: the set has 3 semaphores; the first is 0"
  expect 1 ipckit op -n sem:0 65535+1
  ipckit create sem:@one >/dev/null
  expect 1 ipckit op sem:@one 1+1
  err_has "the set has 1 semaphore;"
  values_are 1,0,0
}

@test "a value that has its most: 1" {
  make_semaphores 32767,0,0
  expect 1 ipckit op sem:0 +1
  err_is "ipckit op: sem:0: a value would pass 32767, the most there is (SEMVMX)"
  ipckit create psem:/full --value 2147483647 >/dev/null
  expect 1 ipckit op psem:/full +1
  err_is "ipckit op: psem:/full: its value is 2147483647, the most there is (SEM_VALUE_MAX)"
  expect 0 ipckit op psem:/full -1
  expect 0 ipckit op psem:/full +1
}

@test "permission: writing to take and give, reading to wait for zero, both for a POSIX semaphore" {
  make_semaphores 0,1,0
  expect 6 nobody ipckit op sem:0 1-1
  expect 6 nobody ipckit op psem:/s -1
  err_lines 1
  ipckit set sem:0 psem:/s --owner nobody >/dev/null
  ipckit set sem:0 --mode 0200
  expect 0 nobody ipckit op sem:0 1-1
  expect 6 nobody ipckit op sem:0 0=0
  ipckit set sem:0 --mode 0400
  expect 0 nobody ipckit op sem:0 0=0
  expect 6 nobody ipckit op sem:0 1+1
  local mode
  for mode in 0200 0400 0; do
    ipckit set psem:/s --mode $mode
    expect 6 nobody ipckit op psem:/s -1
  done
  ipckit set psem:/s --mode 0600
  expect 0 nobody ipckit op psem:/s -1
  values_are 0,0,0
}

@test "no /proc is needed" {
  make_semaphores
  hide_proc
  expect 0 ipckit op sem:@s -1
  expect 0 ipckit op psem:/s -1
  expect 4 ipckit op -n psem:/s -1
  expect 0 ipckit op --undo sem:@s 2+1 true
  show_proc
  values_are 0,0,0
}

@test "--undo: the operations are undone when the command has ended" {
  make_semaphores 2,0,0
  expect 0 ipckit op --undo sem:@s -2 1+1 ipckit ls sem:0 -o values --no-headings
  out_is 0,1,0
  values_are 2,0,0
  expect 0 ipckit op sem:@s -1 --undo ipckit ls sem:0 -o values --no-headings
  out_is 1,0,0
  expect 0 ipckit op sem:@s --undo -- -1 ipckit ls sem:0 -o values --no-headings
  out_is 1,0,0
  expect 0 ipckit op --undo sem:@s -1 -- ipckit ls sem:0 -o values --no-headings
  out_is 1,0,0
  values_are 2,0,0
}

@test "--undo: the command has ipckit's process, so its end is the end, whatever ends it" {
  make_semaphores 1,0,0
  expect 0 inside '
    for signal in KILL TERM SEGV; do
      ipckit op --undo sem:@s -1 sleep 60 & command=$!
      await grep -qx sleep /proc/$command/comm
      [ "$(ipckit ls sem:0 -o values --no-headings)" = 0,0,0 ]
      kill -$signal $command
      status=0; wait $command || status=$?
      [ $status -eq $((128 + $(kill -l $signal))) ]
      [ "$(ipckit ls sem:0 -o values --no-headings)" = 1,0,0 ]
    done' 2>/dev/null
}

@test "--undo lives through an exec, and ends with the command though its children go on" {
  make_semaphores 1,0,0
  expect 0 ipckit op --undo sem:@s -1 sh -c 'exec ipckit ls sem:0 -o values --no-headings'
  out_is 0,0,0
  expect 0 inside 'ipckit op --undo sem:@s -1 sh -c "sleep 60 >/dev/null & ipckit ls sem:0 -o values --no-headings"'
  out_is 0,0,0
  values_are 1,0,0
}

@test "--undo: what would be negative becomes 0; a value that was set is not undone" {
  make_semaphores 0,0,0
  expect 0 ipckit op --undo sem:@s +1 ipckit op sem:@s -1
  values_are 0,0,0
  expect 0 ipckit op --undo sem:@s +1 ipckit set sem:0 --value 0=5
  values_are 5,0,0
}

@test "--undo: the next waiter gets it in that instant" {
  make_semaphores 1,0,0
  expect 0 inside '
    ipckit op --undo sem:@s -1 sleep 60 & holder=$!
    await grep -qx sleep /proc/$holder/comm
    ipckit op --undo sem:@s -1 echo mine & waiter=$!
    await asleep $waiter
    kill -9 $holder
    wait $waiter' 2>/dev/null
  out_is mine
  values_are 1,0,0
}

@test "--undo: the status is the command's" {
  make_semaphores
  expect 0 ipckit op --undo sem:0 -1 true
  expect 42 ipckit op --undo sem:0 -1 sh -c 'exit 42'
  expect 143 inside 'ipckit op --undo sem:0 -1 sh -c "kill \$\$"; exit'
  expect 127 ipckit op --undo sem:0 -1 /no/such/command
  err_is "ipckit op: /no/such/command: no such command"
  expect 126 ipckit op --undo sem:0 -1 /etc/passwd
  values_are 1,0,0
}

@test "--undo: not acquired is 75, every other failure of ipckit 125, and nothing runs" {
  make_semaphores 0,0,0
  expect 75 ipckit op --undo -n sem:0 -1 touch /tmp/ran
  err_is "ipckit op: sem:0: its values do not allow it now"
  expect 75 ipckit op --undo -w 50ms sem:0 -1 touch /tmp/ran
  err_has "timed out"
  expect 125 ipckit op --undo sem:77 -1 touch /tmp/ran
  expect 125 ipckit op --undo sem:0 3+1 touch /tmp/ran
  expect 125 ipckit op --undo sem:0 +40000 touch /tmp/ran
  expect 125 ipckit op --undo --bogus sem:0 +1 touch /tmp/ran
  expect 125 nobody ipckit op --undo sem:0 -1 touch /tmp/ran
  expect 0 inside '
    ipckit op --undo sem:0 -1 touch /tmp/ran 2>/dev/null & waiter=$!
    await asleep $waiter
    ipckit rm -f sem:0
    status=0; wait $waiter || status=$?
    [ $status -eq 125 ] && [ ! -e /tmp/ran ]'
}

@test "--undo: the command's signals and descriptors are as the caller has them" {
  make_semaphores
  # With a wait, so that there was a timer and a handler.
  expect 0 inside '
    ipckit op sem:0 -1
    ipckit op --undo -w 50 sem:0 -1 sh -c "grep -E ^Sig[PBIC] /proc/self/status; ls /proc/self/fd | wc -l" >/tmp/with & waiter=$!
    await asleep $waiter
    ipckit op sem:0 +1
    wait $waiter
    sh -c "grep -E ^Sig[PBIC] /proc/self/status; ls /proc/self/fd | wc -l" </dev/null >/tmp/without & wait $!
    diff /tmp/with /tmp/without'
}

@test "what goes with --undo" {
  make_semaphores
  refuses_with "--undo: which command?" ipckit op --undo sem:0 -1
  refuses_with "'true' is no operation" ipckit op sem:0 -1 true
  err_has "ipckit op --undo REF OPERATION... CMD..."
  refuses_with "which operation?" ipckit op --undo sem:0
  expect 125 ipckit op --undo sem:0 true
  err_has "which operation?"
  local option
  for option in --json --jsonl -q; do
    expect 125 ipckit op $option --undo sem:0 -1 true
    err_has "stdout is the command's"
  done
  values_are 1,0,0
}

@test "words that are no operation are refused before anything is done" {
  make_semaphores
  refuses_with "REF is needed" ipckit op
  refuses_with "is a kind" ipckit op sem -1
  refuses_with "neither a kind nor a REF" ipckit op -1
  refuses_with "which operation?" ipckit op sem:0
  refuses_with "'sem:0' is no operation" ipckit op sem:0 -1 sem:0
  refuses_with "only the value 0 can be waited for" ipckit op sem:0 +1 =1
  refuses_with "it would change nothing" ipckit op sem:0 0+0
  refuses_with "a value is at most 32767" ipckit op sem:0 -32768
  refuses_with "a value is at most 32767" ipckit op sem:0 +99999999999999999999
  refuses_with "beyond number 65535" ipckit op sem:0 65536-1
  refuses_with "a number follows the sign" ipckit op sem:0 -1x
  refuses_with "a number follows the sign" ipckit op sem:0 0-1-1
  refuses_with "is no operation" ipckit op sem:0 1
  refuses_with "is no operation" ipckit op sem:0 0+
  refuses_with "is no operation" ipckit op sem:0 +1 ""
  refuses_with "is no operation" ipckit op sem:0 0++1
  refuses_with "unknown option" ipckit op sem:0 --1
  refuses_with "exclude each other" ipckit op sem:0 -n -w 1 +1
  refuses_with "--timeout" ipckit op sem:0 -w soon +1
  values_are 1,0,0
}

@test "only semaphores have operations" {
  local ref
  for ref in msg:@q pmsg:/q fifo:/tmp/q; do
    refuses_with "is no semaphore" ipckit op $ref -1
    err_has "ipckit send, ipckit recv"
  done
  for ref in shm:0 pshm:/q; do
    refuses_with "is no semaphore" ipckit op $ref -1
    err_has "ipckit read, ipckit write"
  done
}

@test "JSON and -q tell what was done" {
  make_semaphores 5,0,0
  expect 0 ipckit op --json sem:@s 0-2 1+3 2=0
  valid_json op
  json '.objects == [{ref: "sem:0", kind: "sem", asked: "sem:@s", action: "operated",
    operations: [{number: 0, change: -2}, {number: 1, change: 3}, {number: 2, change: 0}]}] and .errors == []'
  expect 0 ipckit op --jsonl psem:/s -1
  valid_jsonl op
  json '. == {ref: "psem:/s", kind: "psem", action: "operated", operations: [{change: -1}]}'
  expect 4 ipckit op --json -n psem:/s -1
  valid_json op
  json '.objects == [] and .errors[0].status == 4 and .errors[0].errno == "EAGAIN"'
  expect 3 ipckit op --json sem:77 -1
  valid_json op
  expect 0 ipckit op -q sem:@s 0-1
  out_is sem:0
}

@test "the examples of the manual and of the help work" {
  ipckit create sem:@deploy --value 1 >/dev/null
  expect 0 in_sandbox bash -euc "$(sed -n '/^\.EX/,/^\.EE/p' "$IPCKIT_SOURCE/man/ipckit-op.1" |
    sed -e '/^\.E/d' -e 's/\\-/-/g' -e "s/\\\\(aq/'/g")"
  out_is "$(printf '%s\n' sem:1 deploying sem:2 go go go psem:/slots)"
  [ "$(values sem:@places)" = 0,1 ]
  [ "$(values sem:@deploy)" = 1 ]
  ipckit create sem:@gate --value 1,0 >/dev/null
  expect 0 inside 'ipckit op sem:@gate 0-1 1+2; ipckit op sem:@gate =0 -w 30s; ipckit op psem:/slots +1; ipckit op sem:@gate +1
    ipckit op --undo sem:@gate -1 ipckit ls sem:@gate -o values --no-headings'
  out_is 0,2
}

@test "a hundred at once lose nothing and wait for nobody" {
  make_semaphores 1,0,0
  expect 0 inside '
    echo 0 >/tmp/count
    for i in {1..50}; do
      { ipckit op sem:0 -1; echo $(($(</tmp/count) + 1)) >/tmp/count; ipckit op sem:0 +1; } &
      { ipckit op psem:/s -1; ipckit op psem:/s +1; } &
    done
    wait
    cat /tmp/count'
  out_is 50
  values_are 1,0,0
  value_is 1
}

@test "a POSIX semaphore whose file is cut short ends the wait, and kills nobody" {
  ipckit create psem:/cut >/dev/null
  expect 3 inside '
    ipckit op psem:/cut -1 & waiter=$!
    await asleep $waiter
    truncate -s 0 /dev/shm/sem.cut
    wait $waiter'
  err_is "ipckit op: psem:/cut: what is there is damaged: its file was cut short meanwhile"
}
