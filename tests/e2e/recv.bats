#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit recv: messages out of queues and FIFOs, byte for byte, each delivered, put back or saved.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper
load moving

# The scripts below have a queue, $1, of 2,000 lines of 100 digits, in all more than what a pipe and ipckit can hold.
filled='
  lines() { seq -f "%0100.0f" 2000; }
  if [[ $1 = msg* ]]; then
    echo 1048576 >/proc/sys/kernel/msgmnb; ipckit rm -f $1; ipckit create $1 >/dev/null
  else
    echo 2000 >/proc/sys/fs/mqueue/msg_max; ipckit rm -f $1
    ipckit create $1 --max-messages 2000 --message-size 128 >/dev/null
  fi
  lines | ipckit send $1 --lines
'
# And ipckit recv, $pid, which stands with a full pipe before a reader, $reader, that has read and logged 100 lines and
# reads no more.
stuck="$filled"'
  mkfifo /tmp/out
  { for ((line = 0; line < 100; ++line)); do read -r text; echo "$text"; done >/tmp/log; exec sleep 100; } </tmp/out & reader=$!
  ipckit recv $1 --all --lines >/tmp/out 2>/tmp/err & pid=$!
  bytes_in_pipe() { ipckit show fifo:/tmp/out --jsonl 2>/dev/null | jq .bytes_waiting; }
  is_stuck() { [ "$(wc -l </tmp/log)" -eq 100 ] && [ "$(bytes_in_pipe)" -gt 50000 ] && asleep $pid; }
  await is_stuck
'

# Whether what was logged and what is in the files is all of the lines, none twice, but for what the reader left in its
# pipe: so many at most, and nothing but what came next.
all_there='
  all_there() {
    cat /tmp/log "$@" | sort | awk "
      { number = \$1 + 0 }
      number == last { print \"twice: \" number; bad = 1; exit 1 }
      number != last + 1 {
        if (last != 100) { print \"lost behind \" last; bad = 1; exit 1 }
        lost = (number - last - 1) * 101
      }
      { last = number }
      END { if (!bad && (last != 2000 || lost > 65536)) print \"last is \" last \", lost are \" lost \" bytes\"
            exit bad || last != 2000 || lost > 65536 }"
  }
'

@test "one message to stdout, as it is, nothing added" {
  make_carriers
  on_all_queues '
    printf "a\0b\n\n" >/tmp/m; ipckit send $1 </tmp/m; ipckit send $1 second ""
    ipckit recv $1 | cmp - /tmp/m
    ipckit recv $1 >/tmp/got; [ "$(stat -c %s /tmp/got)" = 6 ]
    ipckit recv $1 >/tmp/got; [ ! -s /tmp/got ]
    holds $1 0'
  err_empty
}

@test "4,096 random bytes, there and back" {
  make_carriers
  on_all_queues 'head -c 4096 /dev/urandom >/tmp/m; ipckit send $1 </tmp/m; ipckit recv $1 | cmp - /tmp/m'
}

@test "a stream of 100,000 lines: System V" {
  make_carriers
  expect 0 inside 'seq 100000 | ipckit send msg:@q --lines & ipckit recv msg:@q --lines -c 100000 | cmp - <(seq 100000); wait $!; holds msg:@q 0'
}

@test "a stream of 100,000 lines: POSIX" {
  make_carriers
  expect 0 inside 'seq 100000 | ipckit send pmsg:/q --lines & ipckit recv pmsg:/q --lines -c 100000 | cmp - <(seq 100000); wait $!; holds pmsg:/q 0'
}

@test "a stream of 100,000 lines: FIFO" {
  make_carriers
  expect 0 inside '
    seq 100000 | ipckit send fifo:/tmp/q --lines & ipckit recv fifo:/tmp/q --lines -c 100000 | cmp - <(seq 100000); wait $!
    seq 100000 | ipckit send fifo:/tmp/q --lines & ipckit recv fifo:/tmp/q --lines --all -w 20 | cmp - <(seq 100000); wait $!
    seq 100000 | ipckit send fifo:/tmp/q & ipckit recv fifo:/tmp/q | cmp - <(seq 100000); wait $!'
}

@test "framings of the way out: lines, NULs, length prefixes, JSON lines" {
  make_carriers
  on_all_queues '
    for framing in "" -l --null --length-prefixed --jsonl; do
      ipckit send $1 a "" "b c" "ä"
      ipckit recv $1 --all $framing >/tmp/got$framing
    done
    printf "ab cä" | cmp - /tmp/got
    printf "a\n\nb c\nä\n" | cmp - /tmp/got-l
    printf "a\0\0b c\0ä\0" | cmp - /tmp/got--null
    printf "\0\0\0\1a\0\0\0\0\0\0\0\3b c\0\0\0\2ä" | cmp - /tmp/got--length-prefixed
    jq -r .data /tmp/got--jsonl | cmp - /tmp/got-l'
}

@test "each framing brings back what it was given: a stream of random messages" {
  make_carriers
  expect 0 inside '
    head -c 300000 /dev/urandom | base64 -w 97 >/tmp/lines
    tr "\n" "\0" </tmp/lines >/tmp/nulls
    for ref in msg:@q pmsg:/q fifo:/tmp/q; do
      exec 5<>/tmp/q
      count=$(wc -l </tmp/lines)
      ipckit send $ref --lines </tmp/lines & ipckit recv $ref --lines -c $count | cmp - /tmp/lines; wait $!
      ipckit send $ref --null </tmp/nulls & ipckit recv $ref --null -c $count | cmp - /tmp/nulls; wait $!
    done
    for ref in msg:@q pmsg:/q; do
      ipckit send $ref --lines </tmp/lines & ipckit recv $ref --length-prefixed -c $count >/tmp/prefixed; wait $!
      ipckit send $ref --length-prefixed </tmp/prefixed & ipckit recv $ref --jsonl -c $count >/tmp/jsonl; wait $!
      ipckit send $ref --jsonl </tmp/jsonl & ipckit recv $ref --lines -c $count | cmp - /tmp/lines; wait $!
    done
    ipckit send fifo:/tmp/q --length-prefixed </tmp/prefixed & ipckit recv fifo:/tmp/q --length-prefixed -c $count | cmp - /tmp/prefixed; wait $!
    ipckit send fifo:/tmp/q --jsonl </tmp/jsonl & ipckit recv fifo:/tmp/q --jsonl -c $count | cmp - /tmp/jsonl; wait $!'
}

@test "JSON lines have type or priority, and data, or data_base64 where it is no UTF-8" {
  make_carriers
  inside '
    ipckit send msg:@q -t 7 "tab	quote\" ä"; printf "\377\0" | ipckit send msg:@q; ipckit send msg:@q ""
    ipckit send pmsg:/q -p 9 x; printf "\377" | ipckit send pmsg:/q'
  expect 0 ipckit recv msg:@q --all --jsonl
  valid_jsonl recv
  out_is "$(printf '%s\n' '{"type":7,"data":"tab\tquote\" ä"}' '{"type":1,"data_base64":"/wA="}' '{"type":1,"data":""}')"
  expect 0 ipckit recv pmsg:/q --all --jsonl
  valid_jsonl recv
  out_is "$(printf '%s\n' '{"priority":9,"data":"x"}' '{"priority":0,"data_base64":"/w=="}')"
  expect 0 inside 'exec 5<>/tmp/q; printf "plain\n" >&5; ipckit recv fifo:/tmp/q --jsonl'
  valid_jsonl recv
  out_is '{"data":"plain"}'
}

@test "what recv --jsonl writes, send --jsonl reads back, in a queue of another family, too" {
  make_carriers
  expect 0 inside '
    ipckit create pmsg:/copy >/dev/null
    printf "a\0b\nc\0" | ipckit send msg:@q --null -t 5; head -c 100 /dev/urandom >/tmp/m; ipckit send msg:@q </tmp/m
    ipckit recv msg:@q --all --jsonl >/tmp/first
    ipckit send msg:@q --jsonl </tmp/first
    ipckit recv msg:@q --all --jsonl | tee /tmp/second | ipckit send pmsg:/copy --jsonl
    cmp /tmp/first /tmp/second
    ipckit recv pmsg:/copy -c 2 --null | tr "\0" .
    ipckit recv pmsg:/copy | cmp - /tmp/m'
  out_has 'a.b'
}

@test "a message that holds the separator is written as it is, counted, and the status is 1" {
  make_carriers
  on_all_queues '
    printf "a\nb" | ipckit send $1; ipckit send $1 c; printf "d\n" | ipckit send $1
    ends 1 ipckit recv $1 --all --lines >/tmp/got
    printf "a\nb\nc\nd\n\n" | cmp - /tmp/got'
  inside 'printf "a\nb" | ipckit send msg:@q; printf "c\n\n" | ipckit send msg:@q; printf "d\0" | ipckit send msg:@q'
  expect 1 ipckit recv msg:@q -c 2 --lines
  out_is "$(printf 'a\nb\nc')"
  err_has "2 messages hold the separator itself; written as they are"
  err_has "--length-prefixed and --jsonl keep them apart"
  expect 1 ipckit recv msg:@q --null
  err_has "1 message holds the separator itself"
  inside 'printf "a\nb\0" | ipckit send msg:@q'
  expect 0 ipckit recv msg:@q --length-prefixed
  inside 'printf "a\nb\0" | ipckit send msg:@q'
  expect 0 ipckit recv msg:@q --jsonl
  err_empty
}

# ---------------------------------------------------------------------------------------------------------- selection

@test "the rules of msgrcv: the six examples" {
  make_carriers
  expect 0 inside '
    fresh() { ipckit recv msg:@q --all >/dev/null; for type in 5 2 9 11; do ipckit send msg:@q -t $type of-$type; done; }
    fresh; ipckit recv msg:@q; echo
    fresh; ipckit recv msg:@q --type 2; echo
    fresh; ipckit recv msg:@q -t -10; echo
    fresh; status_of ipckit recv msg:@q -t 99 --nowait
    fresh; ipckit recv msg:@q --except 5; echo
    fresh; ipckit recv msg:@q --except 11 --all --lines | paste -sd " "; ipckit recv msg:@q --all --lines'
  out_is "$(printf '%s\n' of-5 of-2 of-2 4 of-2 'of-5 of-2 of-9' of-11)"
}

@test "a negative type takes the lowest first, the oldest of each, and none above it" {
  make_carriers
  expect 0 inside '
    number=0
    for type in 5 2 9 2 11; do ipckit send msg:@q -t $type "$type-$((++number))"; done
    ipckit recv msg:@q -t -10 --all --lines | paste -sd " "
    status_of ipckit recv msg:@q -t -10 -n
    status_of ipckit recv msg:@q -t -1 -n
    ipckit recv msg:@q -t 0'
  out_is "$(printf '%s\n' '2-2 2-4 5-1 9-3' 4 4 11-5)"
}

@test "POSIX messages come by priority, the oldest of each first" {
  make_carriers
  expect 0 inside '
    number=0
    for priority in 1 5 3 5 1; do ipckit send pmsg:/q -p $priority "$priority-$((++number))"; done
    ipckit recv pmsg:/q --all --lines | paste -sd " "'
  out_is "5-2 5-4 3-3 1-1 1-5"
}

@test "--truncate cuts, and says nothing; without it every size is taken whole" {
  make_carriers
  inside 'for number in 1 2 3 4; do ipckit send msg:@q "0123456789"; done'
  expect 0 ipckit recv msg:@q --truncate 4
  out_is 0123
  expect 0 ipckit recv msg:@q --truncate 0 --jsonl
  out_is '{"type":1,"data":""}'
  expect 0 ipckit recv msg:@q --truncate 1K
  out_is 0123456789
  expect 0 ipckit recv msg:@q
  out_is 0123456789
}

@test "messages larger than all that is taken at once are taken, too" {
  make_carriers
  expect 0 inside '
    echo 1000000 >/proc/sys/kernel/msgmax; echo 4194304 >/proc/sys/kernel/msgmnb
    ipckit set msg:@q --max-bytes 4M
    for size in 10 70000 1000000 5 65536 300000; do head -c $size /dev/urandom | base64 -w 0 | cut -c 1-$size; done >/tmp/lines
    ipckit send msg:@q --lines </tmp/lines
    ipckit recv msg:@q --all --lines | cmp - /tmp/lines'
}

# ------------------------------------------------------------------------------------------------- how many, how long

@test "-c takes so many, --all until there are none, which is no failure" {
  make_carriers
  on_all_queues '
    ipckit send $1 a b c d e
    ipckit recv $1 -c 2 --lines | paste -sd " "
    holds $1 3
    ipckit recv $1 -a --lines | paste -sd " "
    ends 0 ipckit recv $1 --all --lines
    ends 0 ipckit recv $1 --all
    [ ! -s /tmp/err ]
    ipckit send $1 a b c
    ipckit recv $1 --all -c 2 --lines | paste -sd " "
    ipckit recv $1 --all --count 9 --lines'
  out_is "$(printf '%s\n' 'a b' 'c d e' 'a b' c)"
}

@test "fewer than -c: what came is written, and said" {
  make_carriers
  on_all_queues '
    ipckit send $1 a b
    ends 4 ipckit recv $1 -c 3 -n --lines >/tmp/got
    printf "a\nb\n" | cmp - /tmp/got'
  ipckit send msg:@q a b
  expect 4 ipckit recv msg:@q -c 3 -n --lines
  out_is "$(printf 'a\nb')"
  err_is "ipckit recv: msg:@q: no message; 2 of 3 came"
  ipckit send msg:@q a b
  expect 5 ipckit recv msg:@q -c 3 -w 0.1 --lines
  out_is "$(printf 'a\nb')"
  err_is "ipckit recv: msg:@q: timed out: no message came; 2 of 3 came"
}

@test "an empty queue is waited for; -n: 4" {
  make_carriers
  on_all_queues '
    ends 4 ipckit recv $1 -n
    grep -qx "ipckit recv: $1: no message" /tmp/err
    ends 4 ipckit recv $1 -w 0
    ipckit recv $1 >/tmp/got & await asleep $!
    ipckit send $1 hello
    wait $!
    [ "$(</tmp/got)" = hello ]'
}

@test "-w ends a wait, fractions of seconds too: 5" {
  make_carriers
  on_all_queues '
    start=$(now)
    ends 5 ipckit recv $1 -w 0.3
    took=$(($(now) - start))
    [ $took -ge 300 ] && [ $took -lt 5000 ] || { echo "took $took ms"; exit 1; }
    grep -qx "ipckit recv: $1: timed out: no message came" /tmp/err
    start=$(now)
    ends 5 ipckit recv $1 -w 1ms
    [ $(($(now) - start)) -lt 5000 ]
    ipckit recv $1 -w 10 >/tmp/got & await asleep $!
    ipckit send $1 "in time"; wait $!
    [ "$(</tmp/got)" = "in time" ]'
}

@test "--all with -w waits for stragglers" {
  make_carriers
  on_all_queues '
    ipckit send $1 a
    ipckit recv $1 --all -w 1 --lines >/tmp/got & pid=$!
    await grep -q a /tmp/got
    ipckit send $1 b
    await grep -q b /tmp/got
    wait $pid
    printf "a\nb\n" | cmp - /tmp/got'
}

@test "many signals neither end a wait nor prolong it, and no message gets lost meanwhile" {
  make_carriers
  on_all_queues '
    start=$(now)
    ipckit recv $1 -w 1s 2>/tmp/err & pid=$!
    await asleep $pid
    for ((tries = 0; tries < 2000; ++tries)); do
      for signal in STOP CONT WINCH RTMAX; do kill -$signal $pid 2>/dev/null || break 2; done
      sleep 0.005
    done
    status=0; wait $pid || status=$?; took=$(($(now) - start))
    [ $status = 5 ] || { echo "status $status"; cat /tmp/err; exit 1; }
    [ $took -ge 1000 ] && [ $took -lt 5000 ] || { echo "took $took ms"; exit 1; }
    ipckit recv $1 -c 2000 -w 10 --lines >/tmp/got & pid=$!
    await asleep $pid
    { while kill -RTMAX $pid; do kill -STOP $pid; kill -CONT $pid; done; } 2>/dev/null &
    seq 2000 | ipckit send $1 --lines
    wait $pid
    cmp /tmp/got <(seq 2000)'
}

@test "interrupted system calls are made again" {
  needs_strace
  make_carriers
  expect 0 inside '
    head -c 3000 /dev/urandom >/tmp/m
    ipckit send msg:@q </tmp/m
    with_injected msgrcv:error=EINTR:when=1..5 ipckit recv msg:@q >/tmp/got
    grep -q "EINTR.*INJECTED" /tmp/trace; cmp /tmp/got /tmp/m
    ipckit send pmsg:/q </tmp/m
    with_injected mq_timedreceive:error=EINTR:when=1..5 ipckit recv pmsg:/q >/tmp/got
    grep -q "EINTR.*INJECTED" /tmp/trace; cmp /tmp/got /tmp/m
    ipckit send msg:@q </tmp/m
    with_injected write:error=EINTR:when=1..5 ipckit recv msg:@q >/tmp/got
    grep -q "EINTR.*INJECTED" /tmp/trace; cmp /tmp/got /tmp/m
    exec 5<>/tmp/q; { cat /tmp/m; echo; } | base64 -w 0 >&5; echo >&5
    with_injected read:error=EINTR:when=1..5 -P /tmp/q ipckit recv fifo:/tmp/q --lines >/tmp/got
    grep -q "EINTR.*INJECTED" /tmp/trace; base64 -d /tmp/got | head -c 3000 | cmp - /tmp/m'
}

@test "a queue that is removed while we wait: 8; what came before is written" {
  make_carriers
  ipckit send msg:@q before
  expect 0 inside '
    ipckit recv msg:@q -f --lines >/tmp/got 2>/tmp/err & pid=$!
    await grep -q before /tmp/got
    await asleep $pid
    ipckit rm -f msg:@q
    status=0; wait $pid || status=$?
    echo "$status"; cat /tmp/got /tmp/err'
  out_is "$(printf '%s\n' 8 before "$(tail -n 1 <<<"$output")")"
  out_has "ipckit recv: msg:@q: removed"
  expect 3 ipckit recv msg:0
}

@test "--follow takes for ever, and writes before it waits" {
  make_carriers
  on_all_queues '
    ipckit recv $1 --follow --lines >/tmp/got & pid=$!
    for number in 1 2 3; do
      await asleep $pid
      ipckit send $1 $number
      await grep -q $number /tmp/got
    done
    if ended $pid; then exit 1; fi
    kill $pid
    status=0; wait $pid || status=$?
    echo $status'
  out_is 143
  on_all_queues 'ipckit send $1 a b c; ipckit recv $1 -f -c 2 --lines | paste -sd " "; ipckit recv $1'
  out_is "$(printf 'a b\nc')"
  on_all_queues 'ipckit send $1 a; status_of ipckit recv $1 -f -w 0.2'
  out_is a5
}

@test "-v tells type or priority, and size, of each" {
  make_carriers
  ipckit send msg:@q -t 7 hello ''
  expect 0 ipckit recv msg:@q --all --verbose
  err_is "$(printf '%s\n' 'ipckit recv: type 7, 5 bytes' 'ipckit recv: type 7, 0 bytes')"
  ipckit send pmsg:/q -p 3 x
  expect 0 ipckit recv pmsg:/q -v
  err_is "ipckit recv: priority 3, 1 byte"
  expect 0 inside 'exec 5<>/tmp/q; echo line >&5; ipckit recv fifo:/tmp/q --lines -v'
  err_is "ipckit recv: 4 bytes"
}

@test "on a terminal it is escaped and the line ended, unless --raw" {
  make_carriers
  inside 'printf "\033[31m\n\377ä" | ipckit send msg:@q'
  expect 0 on_terminal 80 ipckit recv msg:@q
  out_is '\x1b[31m\x0a\xffä'
  no_control_bytes
  inside 'printf "\033[31m" | ipckit send pmsg:/q'
  expect 0 on_terminal 80 ipckit recv pmsg:/q --lines
  out_is '\x1b[31m'
  inside 'printf "\033[31m" | ipckit send msg:@q'
  expect 0 on_terminal 80 ipckit recv msg:@q --raw
  out_is "$(printf '\033[31m')"
  inside 'printf "\033[31m" | ipckit send msg:@q'
  expect 0 on_terminal 80 ipckit recv msg:@q --jsonl
  out_is '{"type":1,"data":"\u001b[31m"}'
}

# ------------------------------------------------------------------------------------------------------- nothing lost

@test "nothing is taken when stdout is known to be gone: closed, read-only, without a reader" {
  make_carriers
  on_all_queues '
    ipckit send $1 hello
    mkfifo /tmp/out; exec 5<>/tmp/out 6>/tmp/out 5>&- 7</dev/null
    for out in "&-" "&6" "&7"; do
      eval "ends 1 ipckit recv $1 >$out"
      grep -q "ipckit recv: $1: stdout: " /tmp/err
      if grep -q "put back" /tmp/err; then exit 1; fi
    done
    [ "$(ipckit show $1 --json | jq ".objects[0].messages")" = 1 ]
    rm /tmp/out
    ipckit recv $1'
  out_is hello
  # The queue has not even been touched.
  ipckit create msg:@new >/dev/null
  ipckit send msg:@new hello
  expect 1 inside 'ipckit recv msg:@new >&-'
  expect 0 ipckit show msg:@new --json
  json '.objects[0] | .messages == 1 and (has("received") | not)'
}

@test "a full disk: the messages are put back, in order, and the status is 1" {
  make_carriers
  on_all_queues '
    ipckit send $1 a b c
    ends 1 ipckit recv $1 --all --lines >/dev/full
    grep -q "stdout: .*No space left on device; 3 messages put back at the tail" /tmp/err
    ipckit send $1 d
    ipckit recv $1 --all --lines | paste -sd " "'
  out_is "a b c d"
}

@test "what is put back keeps its type, and its priority" {
  make_carriers
  inside '
    ipckit send msg:@q -t 7 a; ipckit send msg:@q -t 3 b; printf "\0\377" | ipckit send msg:@q -t 9
    ipckit send pmsg:/q -p 7 a; ipckit send pmsg:/q -p 3 b; ipckit recv msg:@q --all >/dev/full || true
    ipckit recv pmsg:/q --all >/dev/full || true'
  expect 0 ipckit recv msg:@q --all --jsonl
  out_is "$(printf '%s\n' '{"type":7,"data":"a"}' '{"type":3,"data":"b"}' '{"type":9,"data_base64":"AP8="}')"
  expect 0 ipckit recv pmsg:/q --all --jsonl
  out_is "$(printf '%s\n' '{"priority":7,"data":"a"}' '{"priority":3,"data":"b"}')"
}

@test "a reader that is killed in the middle: what is not in its pipe is put back at the tail" {
  make_carriers
  on_all_queues "rm -f /tmp/out /tmp/ipckit-rescue-*; $stuck $all_there"'
    kill -9 $reader
    status=0; wait $pid || status=$?
    [ $status = 1 ] || { echo "status $status"; exit 1; }
    count=$(sed -n "s/^ipckit recv: .*: stdout: nobody reads it any more; \([0-9]*\) messages put back at the tail$/\1/p" /tmp/err)
    ipckit recv $1 --all --lines >/tmp/rest
    all_there /tmp/rest
    # Those that were never taken first, then those that were, both in their order.
    head -n -$count /tmp/rest | sort -c
    tail -n $count /tmp/rest | sort -c
    [[ "$(tail -n 1 /tmp/rest)" < "$(head -n 1 /tmp/rest)" ]]
    if ls /tmp/ipckit-rescue* 2>/dev/null; then exit 1; fi'
}

@test "SIGTERM and SIGINT while the pipe is full: 143 and 130, and nothing is lost" {
  make_carriers
  local signal
  for signal in TERM INT; do
    on_all_queues "rm -f /tmp/out; set -m; $stuck $all_there"'
      kill -'$signal' $pid
      status=0; wait $pid || status=$?
      [ $status = $((128 + $(kill -l '$signal'))) ] || { echo "status $status"; cat /tmp/err; exit 1; }
      grep -q "[0-9]* messages put back at the tail" /tmp/err
      kill -9 $reader
      ipckit recv $1 --all --lines >/tmp/rest
      all_there /tmp/rest'
  done
}

@test "what could be written before a signal is all that is missing from the queue" {
  make_carriers
  on_all_queues "$filled"'
    rm -f /tmp/out; mkfifo /tmp/out; exec 5<>/tmp/out
    ipckit recv $1 --all --lines >/tmp/out 2>/tmp/err & pid=$!
    pipe_is_full() { [ "$(ipckit show fifo:/tmp/out --jsonl 2>/dev/null | jq .bytes_waiting)" -gt 61440 ] && asleep $pid; }
    await pipe_is_full
    kill -TERM $pid
    status=0; wait $pid || status=$?
    [ $status = 143 ]
    dd bs=64K count=1 <&5 >/tmp/pipe 2>/dev/null
    # A line that was torn by the end of the pipe is in the queue again, whole.
    head -n $(wc -l </tmp/pipe) /tmp/pipe >/tmp/whole
    ipckit recv $1 --all --lines >/tmp/rest
    sort /tmp/whole /tmp/rest | cmp - <(lines)'
}

@test "at most 64 KiB are taken and not written" {
  make_carriers
  on_all_queues "rm -f /tmp/out; $stuck"'
    written=$((($(bytes_in_pipe) + $(stat -c %s /tmp/log)) / 101))
    unwritten=$(((2000 - $(waiting $1) - written) * 100))
    [ $unwritten -gt 0 ] && [ $unwritten -le 65536 ] || { echo "$unwritten bytes"; exit 1; }
    kill -9 $reader; wait $pid || true'
}

@test "a queue that was filled meanwhile: a rescue file, for its owner alone, that send --jsonl reads" {
  make_carriers
  on_all_queues "rm -f /tmp/out /tmp/ipckit-rescue-*; $stuck $all_there"'
    umask 0
    filler=$(printf "%100s" filler)
    yes "$filler" 2>/dev/null | ipckit send $1 -n --lines 2>/dev/null || true
    kill -9 $reader
    status=0; wait $pid || status=$?
    [ $status = 1 ]
    file=$(grep -o "/tmp/ipckit-rescue-[^ ]*.jsonl" /tmp/err)
    grep -q "[0-9]* messages saved to $file" /tmp/err
    [ "$(stat -c "%a %u" $file)" = "600 0" ]
    ipckit recv $1 --all --lines | grep -vx "$filler" >/tmp/rest
    jq -r .data $file >/tmp/saved
    sort -c /tmp/saved
    all_there /tmp/rest /tmp/saved
    ipckit send $1 --jsonl <$file
    ipckit recv $1 --all --lines | cmp - /tmp/saved'
}

@test "a queue that was removed meanwhile: the rescue file, too" {
  make_carriers
  expect 0 inside "$stuck $all_there"'
    ipckit recv $1 --all --lines >/tmp/rest
    ipckit rm -f $1
    kill -9 $reader
    status=0; wait $pid || status=$?
    [ $status = 1 ]
    jq -r .data $(grep -o "/tmp/ipckit-rescue-[^ ]*.jsonl" /tmp/err) >/tmp/saved
    all_there /tmp/rest /tmp/saved' msg:@q
}

@test "the rescue file stands in TMPDIR; where no file can be made the messages are on stderr" {
  make_carriers
  expect 0 inside '
    ipckit set pmsg:/q --mode 0644; ipckit send pmsg:/q a b
    mkdir -m 1777 /tmp/mine
    TMPDIR=/tmp/mine ends 1 setpriv --reuid=65534 --regid=65534 --clear-groups ipckit recv pmsg:/q --all --lines >/dev/full
    file=$(grep -o "/tmp/mine/ipckit-rescue-[^ ]*.jsonl" /tmp/err)
    [ "$(stat -c "%a %u" $file)" = "600 65534" ]
    cat $file
    ipckit send pmsg:/q c
    mount -t tmpfs -o ro tmpfs /var/tmp; mount -t tmpfs -o ro tmpfs /tmp/mine; chmod 0755 /tmp
    cd /
    ends 1 setpriv --reuid=65534 --regid=65534 --clear-groups ipckit recv pmsg:/q >/dev/full
    umount /var/tmp /tmp/mine
    cat /tmp/err'
  out_has '{"priority":0,"data":"a"}'
  out_has '{"priority":0,"data":"b"}'
  out_has '{"priority":0,"data":"c"}'
  out_has "could be saved nowhere but above"
}

@test "SIGINT and SIGTERM while it waits: it dies of them, with everything in the queue or written" {
  make_carriers
  on_all_queues '
    set -m
    for signal in INT TERM HUP QUIT; do
      ipckit send $1 a b
      ipckit recv $1 -f --lines >/tmp/got & pid=$!
      await grep -q b /tmp/got; await asleep $pid
      kill -$signal $pid
      status=0; wait $pid || status=$?
      [ $status = $((128 + $(kill -l $signal))) ] || { echo "$signal: $status"; exit 1; }
      printf "a\nb\n" | cmp - /tmp/got
      holds $1 0
    done'
}

@test "stopped at any moment of a stream: what was written and what is left are all, in order" {
  make_carriers
  on_all_queues '
    set -m
    ipckit recv $1 --all >/dev/null
    for delay in 0.01 0.02 0.03 0.05 0.08; do
      seq 30000 | ipckit send $1 --lines & sender=$!
      ipckit recv $1 -f --lines >/tmp/got 2>/tmp/err & pid=$!
      sleep $delay
      kill -TERM $pid
      status=0; wait $pid || status=$?
      [ $status = 143 ] || { echo "status $status"; exit 1; }
      left=$((30000 - $(wc -l </tmp/got)))
      : >/tmp/rest
      [ $left = 0 ] || ipckit recv $1 -c $left --lines >/tmp/rest
      wait $sender
      # Whatever was put back is behind others now.
      sort -n /tmp/got /tmp/rest | cmp - <(seq 30000)
      holds $1 0
    done'
}

@test "several senders and receivers of one queue: each message once, those of a sender in order" {
  make_carriers
  on_all_queues '
    for receiver in 1 2 3; do ipckit recv $1 --follow --lines >/tmp/got.$receiver & receivers+=($!); done
    for sender in 1 2 3; do seq -f "$sender %.0f" 2000 | ipckit send $1 --lines & senders+=($!); done
    wait "${senders[@]}"
    all_came() { [ "$(cat /tmp/got.* | wc -l)" -ge 6000 ]; }
    await all_came
    kill "${receivers[@]}"; wait "${receivers[@]}" || true
    sort /tmp/got.[123] | cmp - <(for sender in 1 2 3; do seq -f "$sender %.0f" 2000; done | sort)
    for receiver in 1 2 3; do for sender in 1 2 3; do { grep "^$sender " /tmp/got.$receiver || true; } | sort -c -n -k 2; done; done'
}

# --------------------------------------------------------------------------------------------------------------- FIFO

@test "a FIFO waits for a writer, and gives all bytes until the last has closed" {
  make_carriers
  expect 0 inside '
    ipckit recv fifo:/tmp/q >/tmp/got & pid=$!
    await asleep $pid
    { printf "one\0"; printf "two\n" >/tmp/q; printf "three"; } >/tmp/q
    wait $pid
    printf "one\0two\nthree" | cmp - /tmp/got
    head -c 3000000 /dev/urandom >/tmp/m
    cat /tmp/m >/tmp/q & ipckit recv fifo:/tmp/q | cmp - /tmp/m'
}

@test "a FIFO and -n: what is there, or 4; -w: 5" {
  make_carriers
  expect 4 ipckit recv fifo:/tmp/q -n
  expect 4 ipckit recv fifo:/tmp/q --lines -n
  err_is "ipckit recv: fifo:/tmp/q: no message"
  expect 5 ipckit recv fifo:/tmp/q -w 0.2
  err_is "ipckit recv: fifo:/tmp/q: timed out: no message came"
  expect 5 ipckit recv fifo:/tmp/q --lines -w 0.2
  expect 0 ipckit recv fifo:/tmp/q --all
  out_empty
  expect 0 inside '
    exec 5<>/tmp/q
    ends 4 ipckit recv fifo:/tmp/q -n
    ends 5 ipckit recv fifo:/tmp/q --lines -w 0.1
    printf "a\nb" >&5
    ipckit recv fifo:/tmp/q -n'
  out_is "$(printf 'a\nb')"
}

@test "--lines of a FIFO waits for the next line while somebody writes; the last needs no separator" {
  make_carriers
  expect 0 inside '
    printf "a\nb" >/tmp/q & ipckit recv fifo:/tmp/q --all --lines -w 10
    printf "c" >/tmp/q & ipckit recv fifo:/tmp/q --lines'
  out_is "$(printf '%s\n' a b c)"
  expect 4 inside 'printf "a\n" >/tmp/q & ipckit recv fifo:/tmp/q --lines -c 2'
  out_is a
  err_is "ipckit recv: fifo:/tmp/q: the last writer has closed; 1 of 2 came"
}

@test "--follow survives writers that come and go" {
  make_carriers
  expect 0 inside '
    ipckit recv fifo:/tmp/q --follow --lines -c 300 >/tmp/got & pid=$!
    for ((number = 1; number <= 300; ++number)); do echo $number >/tmp/q; done
    wait $pid
    cmp /tmp/got <(seq 300)
    ipckit recv fifo:/tmp/q --follow >/tmp/got & pid=$!
    for number in 1 2 3; do
      await asleep $pid
      echo $number >/tmp/q
      await grep -q $number /tmp/got
    done
    if ended $pid; then exit 1; fi
    kill $pid'
}

@test "recv -c takes not one byte more than the messages have, in every framing" {
  make_carriers
  expect 0 inside '
    exec 5<>/tmp/q
    look() { printf . >&5; IFS= read -r -d . rest <&5 || true; printf "%s" "$rest"; }
    for count in 1 2 3; do
      printf "a\n\nb\nrest\n" >&5
      ipckit recv fifo:/tmp/q --lines -c $count | paste -sd "|"
      look
    done
    printf "a\0b\0rest" >&5; ipckit recv fifo:/tmp/q --null -c 2 | tr "\0" "|"; look; echo
    printf "\0\0\0\3abc\0\0\0\0rest" >&5; ipckit recv fifo:/tmp/q --length-prefixed -c 2 | tr "\0\3" "03"; look; echo
    printf "{\"data\":\"a\"}\n{\"data\":\"b\"}\nrest" >&5; ipckit recv fifo:/tmp/q --jsonl -c 2; look; echo
    printf "a" >&5; ipckit recv fifo:/tmp/q --lines -c 1 & await asleep $!; printf "b\nrest" >&5; wait $!; look; echo
    head -c 60000 /dev/zero | tr "\0" x >&5; printf "\nrest" >&5; ipckit recv fifo:/tmp/q --lines | wc -c; look; echo
    (sleep 0.1; head -c 200000 /dev/zero | tr "\0" x; printf "\nrest") >&5 & ipckit recv fifo:/tmp/q --lines | wc -c; wait; look; echo'
  out_is "$(printf '%s\n' 'a' '' b rest 'a|' b rest 'a||b' rest 'a|b|rest' 0003abc0000rest '{"data":"a"}' '{"data":"b"}' rest ab rest 60001 rest 200001 rest)"
}

@test "a length-prefixed message that is cut short is not passed off as one: it is saved, 1" {
  make_carriers
  expect 0 inside '
    printf "\0\0\0\2ab\0\0\0\5abc" >/tmp/q &
    ends 1 ipckit recv fifo:/tmp/q --length-prefixed --all -w 10 >/tmp/got
    printf "\0\0\0\2ab" | cmp - /tmp/got
    grep -q "cut short" /tmp/err
    printf "\0\0\0\5abc" | cmp - $(grep -o "/tmp/ipckit-rescue-[^ ]*.bin" /tmp/err)'
}

@test "the beginning of a line is no line: SIGTERM and -w save it" {
  make_carriers
  expect 0 inside '
    exec 5<>/tmp/q; printf "one\ntw" >&5
    ipckit recv fifo:/tmp/q --lines --follow >/tmp/got 2>/tmp/err & pid=$!
    await grep -q one /tmp/got; await asleep $pid
    kill -TERM $pid
    status=0; wait $pid || status=$?
    [ $status = 143 ]
    cat /tmp/got $(grep -o "/tmp/ipckit-rescue-[^ ]*.bin" /tmp/err); echo
    printf "three\nfo" >&5
    ends 5 ipckit recv fifo:/tmp/q --lines -c 2 -w 0.2
    rest=$(grep -o "/tmp/ipckit-rescue-[^ ]*.bin" /tmp/err || true)
    [ -z "$rest" ] || cat $rest
    printf "ur\n" >&5; IFS= read -r -t 10 line <&5; echo "$line"'
  out_matches "^one
tw
three
fo
?ur$"
}

@test "a FIFO and a reader that is killed: what was taken and not in its pipe is saved, 1" {
  make_carriers
  expect 0 inside '
    mkfifo /tmp/out
    seq 100000 >/tmp/sent
    for framing in --lines ""; do
      rm -f /tmp/ipckit-rescue*
      exec 5<>/tmp/q
      { for ((line = 0; line < 100; ++line)); do read -r text; echo "$text"; done >/tmp/log; exec sleep 100; } </tmp/out & reader=$!
      ipckit recv fifo:/tmp/q --follow $framing >/tmp/out 2>/tmp/err & pid=$!
      { cat /tmp/sent; echo end; } >/tmp/q & writer=$!
      pipe_is_full() { [ "$(ipckit show fifo:/tmp/out --jsonl 2>/dev/null | jq ".bytes_waiting > 60000")" = true ]; }
      await pipe_is_full; await asleep $pid
      kill -9 $reader
      status=0; wait $pid || status=$?
      [ $status = 1 ] || { echo "status $status"; cat /tmp/err; exit 1; }
      file=$(grep -o "/tmp/ipckit-rescue-[^ ]*.bin" /tmp/err)
      [ "$(stat -c %a $file)" = 600 ]
      while IFS= read -r line <&5 && [ "$line" != end ]; do echo "$line"; done >/tmp/rest
      wait $writer
      cat $file /tmp/rest >/tmp/tail
      # The beginning was read, the end is there, and the gap is what the pipe can have held.
      cmp -n $(stat -c %s /tmp/log) /tmp/log /tmp/sent
      tail -c $(stat -c %s /tmp/tail) /tmp/sent | cmp - /tmp/tail
      lost=$(($(stat -c %s /tmp/sent) - $(stat -c %s /tmp/log) - $(stat -c %s /tmp/tail)))
      [ $lost -ge 0 ] && [ $lost -le 65536 ] || { echo "lost $lost"; exit 1; }
    done'
}

# ----------------------------------------------------------------------------------------------------------- commands

@test "--exec runs a command for each message, with it on stdin and its type or priority in the environment" {
  make_carriers
  inside 'printf "a\0b\n" >/tmp/m; ipckit send msg:@q -t 7 </tmp/m; ipckit send msg:@q -t 3 ""; ipckit send pmsg:/q -p 9 hello'
  expect 0 ipckit recv msg:@q -c 2 --exec sh -c 'cat >>/tmp/got; echo "$IPCKIT_REF $IPCKIT_TYPE ${IPCKIT_PRIORITY-none} $*"' name one "two words"
  out_is "$(printf '%s\n' 'msg:0 7 none one two words' 'msg:0 3 none one two words')"
  expect 0 in_sandbox cmp /tmp/m /tmp/got
  expect 0 ipckit recv pmsg:/q --exec sh -c 'cat; echo " $IPCKIT_REF ${IPCKIT_TYPE-none} $IPCKIT_PRIORITY"'
  out_is "hello pmsg:/q none 9"
  expect 0 inside 'exec 5<>/tmp/q; printf "one\ntwo\nrest" >&5; ipckit recv fifo:/tmp/q --lines -c 2 --exec sh -c "cat; echo; echo \$IPCKIT_REF \${IPCKIT_TYPE-none} \${IPCKIT_PRIORITY-none}"; head -c 4 <&5'
  out_is "$(printf '%s\n' one 'fifo:/tmp/q none none' two 'fifo:/tmp/q none none' rest)"
}

@test "--exec takes one, -c so many, --all until there are none; nothing is waited for with -n: 4, longer than -w: 5" {
  make_carriers
  on_all_queues '
    ipckit send $1 a b c d
    ipckit recv $1 --exec cat
    holds $1 3
    ipckit recv $1 -c 2 --exec cat
    ipckit recv $1 --all --exec cat; echo
    ends 0 ipckit recv $1 --all --exec false
    ends 4 ipckit recv $1 -n --exec false
    start=$(now)
    ends 5 ipckit recv $1 -w 0.3 --exec false
    [ $(($(now) - start)) -ge 300 ]
    ipckit recv $1 -f -c 3 --exec cat & pid=$!
    for word in x y z; do await asleep $pid; ipckit send $1 $word; await holds $1 0; done
    wait $pid'
  out_is "$(printf 'abcd\nxyz')"
}

@test "the ends of commands take nothing from -w, and add nothing" {
  make_carriers
  on_all_queues '
    ipckit send $1 a b
    start=$(now)
    ends 5 ipckit recv $1 -f -w 0.5 --jobs 2 --exec sleep 0.2
    took=$(($(now) - start))
    [ $took -ge 500 ] && [ $took -lt 5000 ] || { echo "took $took ms"; exit 1; }'
}

@test "the message of a command that fails goes back to the tail, no further one is taken: 1" {
  make_carriers
  on_all_queues '
    ipckit send $1 a b c d
    ends 1 ipckit recv $1 --all --exec sh -c "[ \$(cat) != b ]"
    grep -qx "ipckit recv: $1: sh: exit status 1; 1 message put back at the tail" /tmp/err
    ipckit recv $1 --all --lines | paste -sd " "
    ipckit send $1 killed
    ends 1 ipckit recv $1 --exec sh -c "kill -9 \$\$"
    grep -qx "ipckit recv: $1: sh: killed by signal 9; 1 message put back at the tail" /tmp/err
    ipckit recv $1; echo'
  out_is "$(printf '%s\n' 'c d b' killed)"
  inside 'ipckit send msg:@q -t 7 x; ipckit send pmsg:/q -p 7 x'
  expect 1 ipckit recv msg:@q --exec false
  expect 1 ipckit recv pmsg:/q --exec false
  expect 0 inside 'ipckit recv msg:@q --jsonl; ipckit recv pmsg:/q --jsonl'
  out_is "$(printf '%s\n' '{"type":7,"data":"x"}' '{"priority":7,"data":"x"}')"
}

@test "what cannot go back, because the queue is full, gone or a FIFO, is saved" {
  make_carriers
  expect 0 inside '
    ipckit set msg:@q --max-bytes 3
    ipckit send msg:@q -t 5 abc
    ends 1 ipckit recv msg:@q --exec sh -c "ipckit send msg:@q new; exit 1"
    file=$(grep -o "/tmp/ipckit-rescue-[^ ]*.jsonl" /tmp/err)
    [ "$(stat -c %a $file)" = 600 ]; cat $file; rm $file
    ends 1 ipckit recv msg:@q --exec sh -c "ipckit rm -f msg:@q; exit 1"
    cat $(grep -o "/tmp/ipckit-rescue-[^ ]*.jsonl" /tmp/err)
    exec 5<>/tmp/q; printf "one\ntwo\n" >&5
    ends 1 ipckit recv fifo:/tmp/q --lines -c 2 --exec false
    cat $(grep -o "/tmp/ipckit-rescue-[^ ]*.bin" /tmp/err) | sort
    printf "end\n" >&5
    while read -r -t 10 rest <&5 && echo "$rest" && [ "$rest" != end ]; do :; done'
  out_is "$(printf '%s\n' '{"type":5,"data":"abc"}' '{"type":1,"data":"new"}' one two end)"
}

@test "a command that cannot be started: 126 or 127, and no message is taken" {
  make_carriers
  on_all_queues '
    : >/tmp/none; ipckit send $1 a
    ends 127 ipckit recv $1 --exec no-such-command
    ends 127 ipckit recv $1 --exec /no/such/command
    ends 126 ipckit recv $1 --exec /tmp/none
    ipckit recv $1'
  out_is a
}

@test "--jobs runs so many at once, and no more; one unless given" {
  make_carriers
  on_all_queues '
    seq 8 | ipckit send $1 --lines
    rm -rf /tmp/jobs; mkdir /tmp/jobs
    count="cat >/dev/null; : >/tmp/jobs/\$\$; ls /tmp/jobs | wc -l; sleep 0.1; rm /tmp/jobs/\$\$"
    ipckit recv $1 -c 4 --exec sh -c "$count" | sort -n | tail -1
    # With two at once each can see the other, which waits for it.
    ipckit recv $1 -c 2 --jobs 2 --exec sh -c ": >/tmp/jobs/\$\$; until [ \$(ls /tmp/jobs | wc -l) -eq 2 ]; do sleep 0.01; done; sleep 0.1"
    rm /tmp/jobs/*
    ipckit recv $1 -c 2 --jobs 2 --exec sh -c "$count" | sort -n | tail -1
    holds $1 0'
  out_matches '^1
[12]$'
}

@test "when one of several fails, the others finish, and theirs are done" {
  make_carriers
  on_all_queues '
    rm -f /tmp/done; ipckit send $1 slow bad never
    ends 1 ipckit recv $1 --all --jobs 2 --exec sh -c "
      read -r word || true; [ \$word != bad ] || exit 3; sleep 0.3; echo \$word >>/tmp/done"
    grep -q "sh: exit status 3; 1 message put back at the tail" /tmp/err
    cat /tmp/done
    ipckit recv $1 --all --lines | paste -sd " "'
  out_is "$(printf 'slow\nnever bad')"
}

@test "SIGTERM goes on to the commands, which are waited for, and what they had goes back" {
  make_carriers
  on_all_queues '
    set -m
    rm -f /tmp/begun; ipckit send $1 a b
    ipckit recv $1 -f --exec sh -c "echo >/tmp/begun; exec sleep 100" 2>/tmp/err & pid=$!
    await test -e /tmp/begun
    kill -TERM $pid
    status=0; wait $pid || status=$?
    [ $status = 143 ] || { echo "status $status"; cat /tmp/err; exit 1; }
    ipckit recv $1 --all --lines | paste -sd " "'
  out_is "b a"
}

@test "commands have the signals that any program has" {
  make_carriers
  ipckit send msg:@q a
  expect 0 ipckit recv msg:@q --exec grep -E '^Sig(Ign|Blk)' /proc/self/status
  expect 0 inside 'ipckit send msg:@q a; diff <(ipckit recv msg:@q --exec grep -E "^Sig(Ign|Blk|Cgt)" /proc/self/status) <(grep -E "^Sig(Ign|Blk|Cgt)" /proc/self/status)'
}

@test "--exec and what does not go with it: 2" {
  make_carriers
  ipckit send msg:@q a
  refuses_with "which command" ipckit recv msg:@q --exec
  refuses_with "--jobs goes with --exec" ipckit recv msg:@q --jobs 2
  refuses_with "--jobs" ipckit recv msg:@q --jobs 0 --exec true
  refuses_with "--jobs" ipckit recv msg:@q --jobs many --exec true
  refuses_with "framing" ipckit recv msg:@q --lines --exec true
  refuses_with "--exec needs a framing" ipckit recv fifo:/tmp/q --exec true
  refuses_with "one operand too many" ipckit recv msg:@q true
  expect 0 inside 'holds msg:@q 1'
}

# ------------------------------------------------------------------------------------------------------------ the rest

@test "REFs of all forms" {
  make_carriers
  ipckit create msg:file=/etc/hosts,a >/dev/null
  expect 0 inside '
    key=$(ipckit key @q | head -n 1)
    ipckit send msg:@q a b c d; ipckit send msg:1 e; ipckit send pmsg:/q f g
    ipckit recv msg:0; ipckit recv msg:$key; ipckit recv msg:key=$key; ipckit recv msg:@q
    ipckit recv msg:file=/etc/hosts,a; ipckit recv pmsg:q; ipckit recv /dev/mqueue/q
    exec 5<>/tmp/q; echo h >&5; ipckit recv /tmp/q -n; echo i >&5; ipckit recv fifo:q -n'
  out_is "$(printf '%s\n' abcdefgh i)"
  expect 3 ipckit recv msg:99
  expect 3 ipckit recv msg:@none
  expect 3 ipckit recv pmsg:/none
  expect 3 ipckit recv fifo:/tmp/none
  err_is "ipckit recv: fifo:/tmp/none: no such FIFO"
}

@test "a FIFO that is none is refused" {
  inside ': >/tmp/file; ln -s /tmp/file /tmp/link'
  expect_any ipckit recv fifo:/tmp/file
  [ "$status" -ne 0 ]
  expect_any ipckit send fifo:/tmp/link x
  [ "$status" -ne 0 ]
  expect 0 in_sandbox stat -c %s /tmp/file
  out_is 0
}

@test "who may read may receive, unprivileged and without writing: 0400; who may only write may not: 6" {
  expect 0 nobody bash -euc '
    ipckit create -m 0400 msg:@r; ipckit create -m 0400 pmsg:/r; ipckit create -m 0400 fifo:/tmp/r
    ipckit create -m 0200 msg:@w; ipckit create -m 0200 pmsg:/w; ipckit create -m 0200 fifo:/tmp/w'
  ipckit send msg:@r hello
  ipckit send pmsg:/r hello
  expect 0 nobody ipckit recv msg:@r
  out_is hello
  expect 0 nobody ipckit recv pmsg:/r
  out_is hello
  expect 0 inside 'echo hello >/tmp/r & shift; "$@"' x "${as_nobody[@]}" ipckit recv fifo:/tmp/r
  out_is hello
  local ref
  for ref in msg:@w pmsg:/w fifo:/tmp/w; do
    expect 6 nobody ipckit recv "$ref" -n
    err_lines 1
  done
  # What may not be put back is saved.
  ipckit send msg:@r a
  ipckit send pmsg:/r b
  expect 0 inside '
    for ref in msg:@r pmsg:/r; do
      ends 1 "$@" ipckit recv $ref >/dev/full
      jq -r .data $(grep -o "/tmp/ipckit-rescue-[^ ]*.jsonl" /tmp/err)
    done' "${as_nobody[@]}"
  out_is "$(printf 'a\nb')"
}

@test "options that do not go with the kind, and other nonsense: 2, and nothing is taken" {
  make_carriers
  ipckit send msg:@q a
  ipckit send pmsg:/q a
  refuses_with "--type goes with msg only" ipckit recv pmsg:/q -t 1
  refuses_with "--type goes with msg only" ipckit recv fifo:/tmp/q -t 1
  refuses_with "--except goes with msg only" ipckit recv pmsg:/q --except 1
  refuses_with "--truncate goes with msg only" ipckit recv pmsg:/q --truncate 1
  refuses_with "exclude each other" ipckit recv msg:@q -t 1 --except 1
  refuses_with "--except" ipckit recv msg:@q --except 0
  refuses_with "--except" ipckit recv msg:@q --except -5
  refuses_with "--type" ipckit recv msg:@q -t -9223372036854775808
  refuses_with "--type" ipckit recv msg:@q -t x
  refuses_with "--truncate" ipckit recv msg:@q --truncate x
  refuses_with "--count" ipckit recv msg:@q -c 0
  refuses_with "--count" ipckit recv msg:@q -c -1
  refuses_with "--follow" ipckit recv msg:@q -a -f
  refuses_with "--nowait" ipckit recv msg:@q -f -n
  refuses_with "--nowait" ipckit recv msg:@q -f -w 0
  refuses_with "--timeout" ipckit recv msg:@q -w 1x
  refuses_with "exclude each other" ipckit recv msg:@q -l -0
  refuses_with "one operand too many" ipckit recv msg:@q pmsg:/q
  refuses_with "--count needs a framing" ipckit recv fifo:/tmp/q -c 1
  refuses_with "carries no messages" ipckit recv pshm:/x
  err_has "ipckit read"
  refuses_with "carries no messages" ipckit recv psem:/x
  refuses_with "is a kind" ipckit recv pmsg
  refuses_with "REF is needed" ipckit recv
  expect 0 inside 'holds msg:@q 1; holds pmsg:/q 1'
}
