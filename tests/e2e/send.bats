#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit send: messages into queues and FIFOs, byte for byte, none lost and none twice.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper
load moving

@test "each argument is a message; without one, stdin is one" {
  make_carriers
  on_all_queues '
    ipckit send $1 one "two words" three
    printf "four\nlines\n" | ipckit send $1
    ipckit recv $1 --all --jsonl | jq -r .data | paste -sd "|"'
  out_is "one|two words|three|four|lines|"
  err_empty
}

@test "an argument that begins like an option stands behind --" {
  make_carriers
  expect 0 inside 'ipckit send msg:@q -- -t --; ipckit recv msg:@q --all --lines'
  out_is "$(printf '%s\n' -t --)"
  refuses_with "unknown option" ipckit send msg:@q -x
}

@test "bytes of stdin arrive as they are: NUL, newline, everything" {
  make_carriers
  on_all_queues '
    printf "\0" >/tmp/1; printf "\n" >/tmp/2; printf "a\0b\nc\0\n" >/tmp/3; head -c 4096 /dev/urandom >/tmp/4
    for file in /tmp/[1-4]; do
      ipckit send $1 <$file
      ipckit recv $1 >/tmp/got
      cmp $file /tmp/got
    done
    holds $1 0'
}

@test "empty messages are messages" {
  make_carriers
  on_all_queues '
    ipckit send $1 ""
    ipckit send $1 </dev/null
    printf "\n\n" | ipckit send $1 --lines
    printf "\0" | ipckit send $1 --null
    printf "\0\0\0\0" | ipckit send $1 --length-prefixed
    echo "{\"data\":\"\"}" | ipckit send $1 --jsonl
    holds $1 7
    ipckit recv $1 --all --jsonl | jq -c .data | sort | uniq -c'
  out_matches '^ *7 ""$'
}

@test "many messages of nothing are none" {
  make_carriers
  on_all_queues '
    for framing in --lines --null --length-prefixed --jsonl; do ipckit send $1 $framing </dev/null; done
    holds $1 0'
}

@test "the largest that the kernel takes goes through, one byte more is refused: 1" {
  make_carriers
  on_all_queues '
    head -c 8192 /dev/urandom >/tmp/most; head -c 8193 /dev/urandom >/tmp/more
    ipckit send $1 </tmp/most
    ipckit recv $1 | cmp - /tmp/most
    ends 1 ipckit send $1 </tmp/more
    holds $1 0
    cat /tmp/err'
  inside 'head -c 9000 /dev/zero >/tmp/more'
  expect 1 inside 'ipckit send msg:@q </tmp/more'
  err_has "the largest allowed is 8192 (kernel.msgmax)"
  expect 1 ipckit send msg:@q "$(printf '%9000s' x)"
  err_is "ipckit send: msg:@q: message of 9000 bytes; the largest allowed is 8192 (kernel.msgmax)"
  expect 1 ipckit send pmsg:/q "$(printf '%9000s' x)"
  err_is "ipckit send: pmsg:/q: message of 9000 bytes; the largest allowed is 8192 (the queue's message size)"
}

@test "a message that the queue could never hold is refused, and not waited for" {
  make_carriers
  ipckit set msg:@q --max-bytes 100
  expect 1 ipckit send msg:@q "$(printf '%101s' x)" -w 20s
  err_is "ipckit send: msg:@q: message of 101 bytes; the largest allowed is 100 (the queue's max_bytes)"
  expect 0 ipckit send msg:@q "$(printf '%100s' x)"
}

@test "an endless stdin is not read to its end" {
  make_carriers
  on_all_queues '
    mkfifo /tmp/endless; (exec >/tmp/endless; yes 2>/dev/null || true) &
    ends 1 ipckit send $1 </tmp/endless
    rm /tmp/endless
    grep -q "message of at least [0-9]* bytes; the largest allowed is 8192" /tmp/err
    holds $1 0'
}

# The same messages in each framing.
messages='
  lines() { printf "a\n\nb c\n\303\244\n"; }
  null() { printf "a\0\0b c\0\303\244\0"; }
  length_prefixed() { printf "\0\0\0\1a\0\0\0\0\0\0\0\3b c\0\0\0\2\303\244"; }
  jsonl() { printf "%s\n" "{\"data\":\"a\"}" "{\"data\":\"\"}" "{\"data_base64\":\"YiBj\"}" "{\"data\":\"\\u00e4\"}"; }
'

@test "lines, NULs, length prefixes and JSON lines are taken apart alike" {
  make_carriers
  on_all_queues "$messages"'
    for framing in lines null length_prefixed jsonl; do
      $framing | ipckit send $1 --${framing/_/-}
      ipckit recv $1 --all --jsonl | jq -r .data | paste -sd "|"
    done | sort | uniq -c'
  out_matches '^ *4 a\|\|b c\|ä$'
  on_all_queues 'printf "x\ny\n" | ipckit send $1 -l; printf "z\0" | ipckit send $1 -0; ipckit recv $1 --all --lines'
  out_is "$(printf 'x\ny\nz')"
}

@test "a framing goes into a FIFO as it stands on stdin, and its messages come out" {
  make_carriers
  expect 0 inside "$messages"'
    exec 5<>/tmp/q
    for framing in lines null length_prefixed jsonl; do
      $framing >/tmp/sent
      ipckit send fifo:/tmp/q --${framing/_/-} </tmp/sent
      head -c $(stat -c %s /tmp/sent) /tmp/q | cmp - /tmp/sent
    done'
}

@test "the last message may lack its separator; one that is shorter than its length is refused, those before it are sent" {
  make_carriers
  on_all_queues '
    printf "a\nb" | ipckit send $1 --lines
    printf "c\0d" | ipckit send $1 --null
    printf "{\"data\":\"e\"}" | ipckit send $1 --jsonl
    ipckit recv $1 --all --lines | paste -sd ""
    printf "\0\0\0\1x\0\0\0\2y" | ends 1 ipckit send $1 --length-prefixed
    grep -q "message 2: the last message is cut short; 1 message was sent" /tmp/err
    printf "\0\0" | ends 1 ipckit send $1 --length-prefixed
    [ "$(ipckit recv $1 --all)" = x ]'
  out_is abcde
}

@test "a JSON line has its type or priority, options count where it has none, and other members are passed over" {
  make_carriers
  expect 0 inside '
    printf "%s\n" "{\"type\":7,\"data\":\"a\"}" "{\"data\":\"b\"}" "{\"priority\":3,\"data\":\"c\",\"more\":[1]}" \
      "{\"type\":null,\"data_base64\":\"AP8=\",\"data\":\"?\"}" | ipckit send msg:@q --jsonl -t 5
    ipckit recv msg:@q --all --jsonl'
  out_is "$(printf '%s\n' '{"type":7,"data":"a"}' '{"type":5,"data":"b"}' '{"type":5,"data":"c"}' '{"type":5,"data_base64":"AP8="}')"
  expect 0 inside '
    printf "%s\n" "{\"type\":7,\"data\":\"a\"}" "{\"priority\":9,\"data\":\"b\"}" | ipckit send pmsg:/q --jsonl -p 2
    ipckit recv pmsg:/q --all --jsonl'
  out_is "$(printf '%s\n' '{"priority":9,"data":"b"}' '{"priority":2,"data":"a"}')"
}

@test "a line that is no message is named; those before it are sent, those behind it are not" {
  make_carriers
  local line
  for line in '{}' '[]' 'x' '' '{"data":1}' '{"data":"x","type":0}' '{"data":"x","type":1.5}' '{"data":"x","type":"1"}' \
    '{"data":"x","priority":32768}' '{"data":"x","priority":-1}' '{"data_base64":"?"}' '{"data_base64":"QQ="}' \
    '{"data":"x"}{"data":"y"}' '{"data":"x"'; do
    expect 1 inside 'printf "%s\n" "{\"data\":\"before\"}" "$1" "{\"data\":\"behind\"}" | ipckit send msg:@q --jsonl' "$line"
    err_matches '^ipckit send: msg:@q: line 2: .*; 1 message was sent(, [0-9]* bytes of stdin were read and not sent)?$'
    expect 0 ipckit recv msg:@q --all
    out_is before
  done
}

@test "hostile lines: nested without end, surrogates, bytes that are no UTF-8; NULs come through" {
  make_carriers
  expect 0 inside '
    deep() { head -c $1 /dev/zero | tr "\0" "["; head -c $1 /dev/zero | tr "\0" "]"; }
    { printf "{\"data\":\"deep\",\"more\":"; deep 50000; echo "}"; } | ipckit send msg:@q --jsonl
    printf "{\"data\":\"a\\\\u0000b\"}\r\n" | ipckit send msg:@q --jsonl
    deep 200000 >/tmp/lines; ends 1 ipckit send msg:@q --jsonl </tmp/lines
    printf "{\"data\":\"\377\"}\n" >/tmp/lines; ends 1 ipckit send msg:@q --jsonl </tmp/lines
    printf "{\"data\":\"\\\\ud800\"}\n" >/tmp/lines; ends 1 ipckit send msg:@q --jsonl </tmp/lines
    ipckit recv msg:@q --all | tr "\0" "|"'
  out_is "deepa|b"
}

@test "-t is the type of System V messages, -p the priority of POSIX ones, highest first" {
  make_carriers
  expect 0 inside '
    ipckit send msg:@q -t 9223372036854775807 a; ipckit send msg:@q --type 2 b c; ipckit send msg:@q d
    ipckit recv msg:@q --all --jsonl | jq -c "[.type, .data]" | head -3 | tail -2
    ipckit send msg:@q -t 9223372036854775807 a; ipckit recv msg:@q --jsonl'
  out_is "$(printf '%s\n' '[2,"b"]' '[2,"c"]' '{"type":9223372036854775807,"data":"a"}')"
  expect 0 inside '
    for priority in 0 9 32767 5 9; do ipckit send pmsg:/q -p $priority p$priority; done
    ipckit send pmsg:/q --priority 9 last; ipckit send pmsg:/q none
    ipckit recv pmsg:/q --all --lines | paste -sd " "'
  out_is "p32767 p9 p9 last p5 p0 none"
}

@test "--pad fills up with NULs, for structures of fixed size, and cuts nothing" {
  make_carriers
  on_all_queues '
    ipckit send $1 --pad 8 abc ""
    printf "x\n12345678\n" | ipckit send $1 --pad 8 --lines
    printf "%s\0\0\0\0\0\0\0\0\0\0\0\0\0x\0\0\0\0\0\0\00012345678" abc >/tmp/wanted
    ipckit recv $1 --all >/tmp/got
    cmp /tmp/got /tmp/wanted
    ends 1 ipckit send $1 --pad 8 12345678 123456789 1
    grep -q "message 2: message of 9 bytes is longer than --pad 8; 1 message was sent" /tmp/err
    holds $1 1'
  expect 0 inside '
    exec 5<>/tmp/q
    printf "%s\n" a bc | ipckit send fifo:/tmp/q --null --pad 3 2>/tmp/err && exit 1
    printf "%s\n" a bc | ipckit send fifo:/tmp/q --lines --pad 3
    head -c 8 /tmp/q | tr "\0" .'
  out_is "$(printf 'a..\nbc.')"
}

# ------------------------------------------------------------------------------------------------------------ waiting

fill='
  fill() { while ipckit send $1 -n "$(printf "%1000s" full)" 2>/dev/null; do :; done; }
'

@test "a full queue is waited for, and left as it is with -n: 4" {
  make_carriers
  on_all_queues "$fill"'
    fill $1; before=$(waiting $1)
    ends 4 ipckit send $1 -n "$(printf "%1000s" late)"
    grep -qx "ipckit send: $1: full" /tmp/err
    ends 4 ipckit send $1 -w 0 "$(printf "%1000s" late)"
    ipckit send $1 "$(printf "%1000s" late)" & await asleep $!
    holds $1 $before
    ipckit recv $1 >/dev/null
    wait $!
    holds $1 $before
    ipckit recv $1 --all --lines | tail -1 | tr -d " "'
  out_is late
}

@test "-w ends a wait, fractions of seconds too: 5, and nothing was sent" {
  make_carriers
  on_all_queues "$fill"'
    fill $1; before=$(waiting $1); start=$(now)
    ends 5 ipckit send $1 -w 0.3 "$(printf "%1000s" late)"
    took=$(($(now) - start))
    grep -q "timed out" /tmp/err
    [ $took -ge 300 ] && [ $took -lt 5000 ] || { echo "took $took ms"; exit 1; }
    ends 5 ipckit send $1 -w 50ms "$(printf "%1000s" late)"
    holds $1 $before'
}

@test "the time counts for each message, and those before the wait have been sent" {
  make_carriers
  on_all_queues '
    seq 100000 | { status_of ipckit send $1 --lines -w 0.2; cat >/dev/null; } >/tmp/status
    [ "$(</tmp/status)" = 5 ]
    count=$(waiting $1)
    grep -q "; $count messages were sent" /tmp/err
    ipckit recv $1 --all --lines | cmp - <(seq $count)'
}

@test "many signals neither end a wait nor prolong it" {
  make_carriers
  on_all_queues "$fill"'
    fill $1; before=$(waiting $1); start=$(now)
    ipckit send $1 -w 1s "$(printf "%1000s" late)" 2>/tmp/err & pid=$!
    await asleep $pid
    for ((tries = 0; tries < 2000; ++tries)); do
      for signal in STOP CONT WINCH RTMAX; do kill -$signal $pid 2>/dev/null || break 2; done
      sleep 0.005
    done
    status=0; wait $pid || status=$?; took=$(($(now) - start))
    [ $status = 5 ] || { echo "status $status"; cat /tmp/err; exit 1; }
    [ $took -ge 1000 ] && [ $took -lt 5000 ] || { echo "took $took ms"; exit 1; }
    holds $1 $before'
}

@test "interrupted system calls are made again" {
  needs_strace
  make_carriers
  expect 0 inside '
    head -c 3000 /dev/urandom >/tmp/m
    with_injected msgsnd:error=EINTR:when=1..5 ipckit send msg:@q </tmp/m
    grep -q "EINTR.*INJECTED" /tmp/trace
    ipckit recv msg:@q | cmp - /tmp/m
    with_injected mq_timedsend:error=EINTR:when=1..5 ipckit send pmsg:/q </tmp/m
    grep -q "EINTR.*INJECTED" /tmp/trace
    ipckit recv pmsg:/q | cmp - /tmp/m
    with_injected read:error=EINTR:when=1..5 -P /tmp/m ipckit send msg:@q </tmp/m
    grep -q "EINTR.*INJECTED" /tmp/trace
    ipckit recv msg:@q | cmp - /tmp/m
    exec 5<>/tmp/q
    with_injected write:error=EINTR:when=1..5 ipckit send fifo:/tmp/q </tmp/m
    grep -q "EINTR.*INJECTED" /tmp/trace
    head -c 3000 /tmp/q | cmp - /tmp/m'
}

@test "a queue that is removed while we wait: 8" {
  make_carriers
  expect 0 inside "$fill"'
    fill msg:@q
    ipckit send msg:@q "$(printf "%1000s" late)" 2>/tmp/err & pid=$!
    await asleep $pid
    ipckit rm -f msg:@q
    status=0; wait $pid || status=$?
    echo "$status"; cat /tmp/err'
  out_has 8
  out_has "ipckit send: msg:@q: removed"
}

@test "SIGINT and SIGTERM end it as they end any program; what is said to be sent has been, and the rest of stdin stays" {
  make_carriers
  on_all_queues '
    set -m # or the shell would have it ignore SIGINT
    seq 100000 >/tmp/lines
    for signal in INT TERM HUP; do
      ipckit send $1 --lines </tmp/lines 2>/tmp/err & pid=$!
      await asleep $pid
      kill -$signal $pid
      status=0; wait $pid || status=$?
      [ $status = $((128 + $(kill -l $signal))) ] || { echo "$signal: $status"; exit 1; }
      count=$(waiting $1)
      [ $count -gt 0 ]
      grep -q ": $count messages were sent before the signal" /tmp/err
      ipckit recv $1 --all --lines | cmp - <(seq $count)
    done 2>/tmp/jobs || { cat /tmp/jobs; exit 1; }
    (
      ipckit send $1 --lines -w 0.1 2>/tmp/err || true
      count=$(waiting $1)
      cat | cmp - <(seq $((count + 1)) 100000)
    ) </tmp/lines
    ipckit recv $1 --all >/dev/null'
}

@test "a signal that is ignored stays ignored" {
  make_carriers
  expect 0 inside '
    (trap "" INT TERM; exec ipckit send msg:@q -w 1 --lines < <(seq 100000) 2>/tmp/err) & pid=$!
    await asleep $pid
    kill -INT $pid; kill -TERM $pid
    status=0; wait $pid || status=$?
    echo "$status"'
  out_is 5
}

@test "killed in the middle: what the queue has is a beginning, in order, nothing twice" {
  make_carriers
  on_all_queues '
    for delay in 0.01 0.02 0.05; do
      ipckit recv $1 --lines --all -w 2 >/tmp/got & reader=$!
      seq 100000 | ipckit send $1 --lines 2>/dev/null & pid=$!
      sleep $delay
      kill -9 $pid; wait $reader || true
      cmp /tmp/got <(seq $(wc -l </tmp/got))
    done 2>/dev/null'
}

# --------------------------------------------------------------------------------------------------------------- FIFO

@test "a FIFO waits for a reader, as the kernel does; -n: 4, -w: 5" {
  make_carriers
  expect 4 ipckit send fifo:/tmp/q -n hello
  err_is "ipckit send: fifo:/tmp/q: nobody reads it"
  expect 5 ipckit send fifo:/tmp/q -w 0.1 hello
  err_is "ipckit send: fifo:/tmp/q: timed out: nobody reads it"
  expect 0 inside '
    ipckit send fifo:/tmp/q hello & await asleep $!
    cat /tmp/q
    wait $!'
  out_is hello
  expect 0 inside '
    set -m
    ipckit send fifo:/tmp/q hello & await asleep $!
    kill -INT $!
    status=0; wait $! || status=$?
    echo $status'
  out_is 130
}

@test "without a framing a FIFO takes bytes as they are, and any number of them" {
  make_carriers
  expect 0 inside '
    head -c 3000000 /dev/urandom >/tmp/bytes
    cat /tmp/q >/tmp/got & ipckit send fifo:/tmp/q </tmp/bytes; wait $!
    cmp /tmp/got /tmp/bytes
    cat /tmp/q >/tmp/got & ipckit send fifo:/tmp/q "no end of line"; wait $!
    [ "$(</tmp/got)" = "no end of line" ] && [ "$(stat -c %s /tmp/got)" = 14 ]
    cat /tmp/q >/tmp/got & ipckit send fifo:/tmp/q </dev/null; wait $!
    [ ! -s /tmp/got ]'
}

@test "several messages of the command line go into a FIFO with a framing" {
  make_carriers
  refuses_with "several need a framing" ipckit send fifo:/tmp/q a b
  expect 0 inside '
    exec 5<>/tmp/q
    ipckit send fifo:/tmp/q --lines a "" b; head -c 5 /tmp/q | tr "\n" "|"; echo
    ipckit send fifo:/tmp/q --null a b; head -c 4 /tmp/q | tr "\0" "|"; echo
    ipckit send fifo:/tmp/q --length-prefixed a b; head -c 10 /tmp/q | tr "\0\1" "01"; echo
    ipckit send fifo:/tmp/q --jsonl a b; head -n 2 /tmp/q'
  out_is "$(printf '%s\n' 'a||b|' 'a|b|' '0001a0001b' '{"data":"a"}' '{"data":"b"}')"
}

@test "a message with the separator inside is refused: it would be two" {
  make_carriers
  expect 0 inside '
    exec 5<>/tmp/q
    ends 1 ipckit send fifo:/tmp/q --lines one "$(printf "a\nb")" two
    grep -q "it holds the separator of the framing; 1 message was sent" /tmp/err
    ipckit recv fifo:/tmp/q --lines -c 1
    ends 4 ipckit recv fifo:/tmp/q --lines -n'
  out_is one
}

@test "framed messages of several writers stay whole up to PIPE_BUF" {
  make_carriers
  expect 0 inside '
    for writer in 1 2 3 4; do
      awk -v writer=$writer "BEGIN { for (i = 0; i < 600; ++i) { s = sprintf(\"%*s\", i % 4 * 1364, \"\"); gsub(/ /, writer, s); print writer s writer } }" \
        >/tmp/lines.$writer
    done
    exec 5<>/tmp/q # until all have come
    for writer in 1 2 3 4; do ipckit send fifo:/tmp/q --lines </tmp/lines.$writer & done
    head -n 2400 /tmp/q >/tmp/got
    wait
    sort /tmp/got | cmp - <(sort /tmp/lines.[1-4])
    for writer in 1 2 3 4; do grep "^$writer" /tmp/got | cmp - /tmp/lines.$writer; done'
}

@test "a framed message longer than PIPE_BUF is refused: 1, unless --allow-split" {
  make_carriers
  expect 0 inside '
    exec 5<>/tmp/q
    x=$(printf "%4095s" x)
    ipckit send fifo:/tmp/q --lines "$x"; head -c 4096 /tmp/q >/dev/null
    ipckit send fifo:/tmp/q --length-prefixed "${x:3}"; head -c 4096 /tmp/q >/dev/null
    ends 1 ipckit send fifo:/tmp/q --lines before "$x-" behind
    grep -q "line 2: message of 4096 bytes; at most 4095 go into a FIFO in one piece (PIPE_BUF); 1 message was sent" /tmp/err
    grep -q -e --allow-split /tmp/err
    [ "$(ipckit recv fifo:/tmp/q --lines)" = before ]
    ends 1 ipckit send fifo:/tmp/q --length-prefixed "${x:2}"
    ends 4 ipckit recv fifo:/tmp/q --lines -n
    head -c 300000 /dev/zero | tr "\0" y >/tmp/long
    ipckit send fifo:/tmp/q --lines --allow-split </tmp/long & 
    head -n 1 /tmp/q | head -c 300000 | cmp - /tmp/long
    wait $!'
}

@test "a slow reader blocks the sender, which goes on when he does" {
  make_carriers
  expect 0 inside '
    exec 5<>/tmp/q
    seq 100000 | ipckit send fifo:/tmp/q --lines & pid=$!
    await asleep $pid
    head -c 588895 <&5 | cmp - <(seq 100000)
    wait $pid
    ends 5 ipckit send fifo:/tmp/q --lines -w 0.2 < <(seq 100000)
    ipckit recv fifo:/tmp/q --lines --all >/tmp/got
    grep -q "; $(wc -l </tmp/got) messages were sent" /tmp/err
    cmp /tmp/got <(seq $(wc -l </tmp/got))
    seq 20000 >/tmp/lines
    ends 4 ipckit send fifo:/tmp/q --lines -n </tmp/lines
    ipckit recv fifo:/tmp/q --lines --all >/tmp/got
    grep -q "; $(wc -l </tmp/got) messages were sent" /tmp/err
    cmp /tmp/got <(seq $(wc -l </tmp/got))'
}

@test "a reader that goes away is said, and no silent death: 4" {
  make_carriers
  expect 0 inside '
    for framing in "" --lines; do
      head -c 5 /tmp/q >/dev/null & reader=$!
      ends 4 ipckit send fifo:/tmp/q $framing < <(seq 1000000)
      wait $reader
      grep -q "^ipckit send: fifo:/tmp/q: nobody reads it any more; [0-9]* [a-z]* were sent, [0-9]* bytes of stdin were read and not sent$" /tmp/err || { cat /tmp/err; exit 1; }
    done'
}

@test "what has come is sent before more of stdin is waited for" {
  make_carriers
  expect 0 inside '
    mkfifo /tmp/in; exec 5<>/tmp/q 6<>/tmp/in
    ipckit send fifo:/tmp/q --lines </tmp/in & pid=$!
    echo one >&6
    read -r -t 10 line <&5; echo "$line"
    echo two >&6
    read -r -t 10 line <&5; echo "$line"
    if ended $pid; then exit 1; fi
    kill $pid'
  out_is "$(printf 'one\ntwo')"
}

# ------------------------------------------------------------------------------------------------------------- the rest

@test "REFs of all forms" {
  make_carriers
  ipckit create msg:file=/etc/hosts,a >/dev/null
  expect 0 inside '
    key=$(ipckit key @q | head -n 1)
    ipckit send msg:0 a; ipckit send msg:$key b; ipckit send msg:key=$key c; ipckit send msg:@q d
    ipckit send msg:file=/etc/hosts,a e
    ipckit recv msg:@q --all; ipckit recv msg:1
    ipckit send pmsg:q f; ipckit recv /dev/mqueue/q
    exec 5<>/tmp/q; ipckit send /tmp/q g; ipckit send fifo:q h; head -c 2 <&5'
  out_is abcdefgh
  expect 3 ipckit send msg:99 x
  expect 3 ipckit send msg:@none x
  expect 3 ipckit send pmsg:/none x
  expect 3 ipckit send fifo:/tmp/none x
  err_is "ipckit send: fifo:/tmp/none: no such FIFO"
}

@test "who may write may send, unprivileged and without reading: 0200; who may only read may not: 6" {
  expect 0 nobody bash -euc '
    ipckit create -m 0200 msg:@w; ipckit create -m 0200 pmsg:/w; ipckit create -m 0200 fifo:/tmp/w
    ipckit create -m 0400 msg:@r; ipckit create -m 0400 pmsg:/r; ipckit create -m 0400 fifo:/tmp/r'
  expect 0 nobody ipckit send msg:@w a b
  expect 0 nobody ipckit send pmsg:/w a b
  expect 0 inside 'printf "a\nb\n" >/tmp/lines; setpriv --reuid=65534 --clear-groups ipckit send msg:@w --lines </tmp/lines'
  expect 0 ipckit recv msg:@w --all
  out_is abab
  expect 0 ipckit recv pmsg:/w --all
  out_is ab
  expect 0 inside 'cat /tmp/w & shift; "$@"; wait $!' x "${as_nobody[@]}" ipckit send fifo:/tmp/w hello
  out_is hello
  local ref
  for ref in msg:@r pmsg:/r fifo:/tmp/r; do
    expect 6 nobody ipckit send "$ref" x
    err_lines 1
  done
}

@test "stdin that cannot be read is said: 1" {
  make_carriers
  expect 1 inside 'ipckit send msg:@q <&-'
  err_has stdin
  expect 1 inside 'ipckit send msg:@q </tmp'
  err_has "Is a directory"
  expect 0 inside 'holds msg:@q 0'
}

@test "-v and --json tell what was sent" {
  make_carriers
  expect 0 ipckit send msg:@q a bc -v
  out_empty
  err_is "ipckit send: msg:@q: 2 messages were sent"
  expect 0 ipckit send msg:@q a bc --json
  valid_json send
  json '.objects == [{"ref": "msg:0", "kind": "msg", "asked": "msg:@q", "action": "sent", "messages": 2, "bytes": 3}] and .errors == []'
  expect 0 ipckit send pmsg:/q --pad 10 a --json
  valid_json send
  json '.objects[0] == {"ref": "pmsg:/q", "kind": "pmsg", "action": "sent", "messages": 1, "bytes": 10}'
  expect 0 inside 'exec 5<>/tmp/q; ipckit send fifo:/tmp/q abc --json'
  valid_json send
  json '.objects[0] == {"ref": "fifo:/tmp/q", "kind": "fifo", "action": "sent", "bytes": 3}'
  expect 1 inside 'printf "%s\n" "{\"data\":\"x\"}" "{}" | ipckit send msg:@q --jsonl --json'
  valid_json send
  json '.errors[0].status == 1 and .objects[0].messages == 1'
  expect 3 ipckit send msg:99 --json x
  valid_json send
  json '.errors[0].status == 3 and (.objects == [] or .objects[0].messages == 0)'
}

@test "options that do not go with the kind, and other nonsense: 2, and nothing is done" {
  make_carriers
  refuses_with "--type goes with msg only" ipckit send pmsg:/q -t 1 x
  refuses_with "--type goes with msg only" ipckit send fifo:/tmp/q -t 1 x
  refuses_with "--priority goes with pmsg only" ipckit send msg:@q -p 1 x
  refuses_with "--priority goes with pmsg only" ipckit send fifo:/tmp/q -p 1 x
  refuses_with "--allow-split goes with fifo only" ipckit send msg:@q --allow-split x
  refuses_with "--type" ipckit send msg:@q -t 0 x
  refuses_with "--type" ipckit send msg:@q -t -1 x
  refuses_with "--type" ipckit send msg:@q -t 1.5 x
  refuses_with "--type" ipckit send msg:@q -t 9223372036854775808 x
  refuses_with "32767" ipckit send pmsg:/q -p 32768 x
  refuses_with "32767" ipckit send pmsg:/q -p -1 x
  refuses_with "--pad" ipckit send msg:@q --pad= x
  refuses_with "--timeout" ipckit send msg:@q -w soon x
  refuses_with "--timeout" ipckit send msg:@q -w -1 x
  refuses_with "exclude each other" ipckit send msg:@q -l -0
  refuses_with "exclude each other" ipckit send msg:@q --jsonl --length-prefixed
  refuses_with "read stdin" ipckit send msg:@q --lines x
  refuses_with "several need a framing" ipckit send fifo:/tmp/q x y
  refuses_with "--pad" ipckit send fifo:/tmp/q --pad 4
  refuses_with "carries no messages" ipckit send shm:0 x
  err_has "ipckit write"
  refuses_with "carries no messages" ipckit send sem:0 x
  refuses_with "is a kind" ipckit send msg x
  refuses_with "REF is needed" ipckit send
  expect 0 inside 'holds msg:@q 0; holds pmsg:/q 0'
}
