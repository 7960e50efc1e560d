#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit peek: what waits, without taking it.
# shellcheck disable=SC2016,SC2154 # expanded in the sandbox; set by helper.bash

load helper

# A queue with four messages: types 5, 2, 9, 11.
fill() {
  inside '
    ipckit create msg:@a
    "$mkipc" send-msg 0 five 5
    "$mkipc" send-msg 0 "$(printf "a\nb\033[31m")" 2
    "$mkipc" send-msg 0 "$(printf "\377z")" 9
    "$mkipc" send-msg 0 "" 11' >/dev/null
}

indexes_are() {
  local wanted=$1
  shift
  expect 0 ipckit peek msg:@a --jsonl "$@"
  valid_jsonl peek
  local found
  found=$(json_value .index | tr '\n' ' ')
  [ "${found% }" = "$wanted" ] || complain "places should be: $wanted"
}

table_of_queues() {
  in_sandbox cat /proc/sysvipc/msg
}

@test "every message in its order, one a line, nothing raw" {
  fill
  expect 0 ipckit peek msg:@a
  out_is 'INDEX  TYPE  SIZE  DATA
    0     5     4  five
    1     2     8  a\x0ab\x1b[31m
    2     9     2  \xffz
    3    11     0  -'
  err_empty
  no_control_bytes
  expect 0 ipckit peek msg:0 --no-headings
  out_lines 4
}

@test "the queue is unharmed, whatever is looked at" {
  fill
  local before
  before=$(table_of_queues)
  expect 0 in_sandbox sleep 1.1 # a time that moved would be another second
  expect 0 ipckit peek msg:0
  expect 0 ipckit peek msg:0 --json
  expect 0 ipckit peek msg:0 --raw
  expect 0 ipckit peek msg:0 -t -9 -c 1
  expect 4 ipckit peek msg:0 --index 9
  [ "$(table_of_queues)" = "$before" ] || complain "the queue changed: $before"
}

@test "by place, type and number, as msgrcv has it" {
  fill
  indexes_are "0 1 2 3"
  indexes_are "1" -t 2
  indexes_are "0 1" -t -5
  indexes_are "0 1 2 3" -t 0
  indexes_are "" -t 99
  indexes_are "0 1 2" --except 11
  indexes_are "0 1" --count 2
  indexes_are "1" -t -10 --index 1
  indexes_are "" -t 5 --index 1
}

@test "type and except exclude each other; the lowest number is no trap" {
  fill
  refuses_with "exclude each other" ipckit peek msg:0 -t 1 --except 2
  expect 0 ipckit peek msg:0 -t -9223372036854775808 --no-headings
  out_lines 4
  refuses_with "is not a whole number from" ipckit peek msg:0 -t x
  refuses_with "is not a whole number from" ipckit peek msg:0 -t 9223372036854775808
  refuses_with "at least one" ipckit peek msg:0 -c 0
  refuses_with "--json and --jsonl exclude each other" ipckit peek msg:0 --json --jsonl
}

@test "a place that is not there: 4" {
  fill
  expect 4 ipckit peek msg:0 --index 4
  err_is "ipckit peek: msg:0: no message has the place 4; 4 wait"
  out_empty
  expect 4 ipckit peek msg:0 --index 4 --json
  valid_json peek
  json '.objects[0].messages == [] and .errors[0].status == 4'
}

@test "an empty queue is no failure" {
  ipckit create msg >/dev/null
  expect 0 ipckit peek msg:0 --json
  valid_json peek
  json '.objects[0].messages == [] and .objects[0].waiting == 0'
  expect 0 ipckit peek msg:0 --no-headings
  out_empty
}

@test "JSON has every byte, as text or base64" {
  fill
  expect 0 ipckit peek msg:@a --json
  valid_json peek
  json '.objects[0] | .ref == "msg:0" and .asked == "msg:@a" and .kind == "msg" and .waiting == 4 and .bytes_waiting == 14'
  json '.objects[0].messages | map(.type) == [5, 2, 9, 11] and map(.size) == [4, 8, 2, 0]'
  json '.objects[0].messages | .[1].data == "a\nb\u001b[31m" and .[2].data_base64 == "/3o=" and .[3].data == ""'
  json '.objects[0].messages[2] | has("data") | not'
}

@test "raw is the bytes and nothing else" {
  ipckit create msg >/dev/null
  expect 0 inside 'head -c 8192 /dev/urandom | tr "\000" "x" >/tmp/m
    python3 - <<"END"
import ctypes
data = open("/tmp/m", "rb").read()[:8191] + b"\0"
open("/tmp/m", "wb").write(data)
c = ctypes.CDLL(None, use_errno=True)
assert c.msgsnd(0, (7).to_bytes(8, "little") + data, len(data), 0) == 0
END
    ipckit peek msg:0 --raw | cmp - /tmp/m'
  expect 0 inside '[ "$(ipckit peek msg:0 --jsonl | jq -r .data_base64 | base64 -d | md5sum)" = "$(md5sum </tmp/m)" ]'
}

@test "a hex view, on a terminal or by --hex" {
  fill
  expect 0 ipckit peek msg:0 --hex -c 2
  out_is 'message 0, type 5, 4 bytes
00000000  66 69 76 65                                       |five|

message 1, type 2, 8 bytes
00000000  61 0a 62 1b 5b 33 31 6d                           |a.b.[31m|'
  expect 0 on_terminal 80 ipckit peek msg:0 --index 0
  out_is 'message 0, type 5, 4 bytes
00000000  66 69 76 65                                       |five|'
  refuses_with "exclude each other" ipckit peek msg:0 --hex --raw
  refuses_with "exclude each other" ipckit peek msg:0 --json --raw
}

@test "a message longer than msgmax has become is counted and said; the others are shown: 1" {
  inside 'ipckit create msg; "$mkipc" send-msg 0 first 1; "$mkipc" fill-msg 0 1 6000; "$mkipc" send-msg 0 last 3
    echo 5000 >/proc/sys/kernel/msgmax' >/dev/null
  expect 1 ipckit peek msg:0 --json
  valid_json peek
  json '.objects[0].messages | length == 3 and .[1].type == null and .[1].size == 6000 and .[1].data == null'
  json '.objects[0].messages[2].data == "last" and .errors[0].errno == "EINVAL"'
  expect 1 ipckit peek msg:0 --no-headings
  out_lines 3
  err_has "kernel.msgmax"
  err_has "place 1"
}

@test "a large queue is written as it is seen, in little memory" {
  expect 0 inside 'echo 40000000 >/proc/sys/kernel/msgmnb; ipckit create msg; "$mkipc" fill-msg 0 4000 8000
    [ "$(ulimit -v 60000; ipckit peek msg:0 --raw | wc -c)" -eq 32000000 ]
    [ "$(ulimit -v 60000; ipckit peek msg:0 --no-headings | wc -l)" -eq 4000 ]
    (ulimit -v 60000; ipckit peek msg:0 --json) | jq -e ".objects[0].messages | length == 4000"' ||
    grep -qE '__(asan|tsan)_init' "$IPCKIT"
}

@test "a kernel that has no way to look says so: 1" {
  if grep -qE '__(asan|tsan)_init' "$IPCKIT"; then skip "the sanitizers want to be loaded first"; fi
  command -v cc >/dev/null || skip "needs cc"
  fill
  inside 'printf "#include <errno.h>\nlong msgrcv(void) { errno = ENOSYS; return -1; }\n" |
    cc -shared -fPIC -x c - -o /tmp/no_copy.so'
  expect 1 preloaded /tmp/no_copy.so ipckit peek msg:0 --json
  valid_json peek
  json '.errors[0].errno == "ENOSYS"'
  err_has "CONFIG_CHECKPOINT_RESTORE"
}

@test "without read permission: 6; what is not there: 3" {
  fill
  expect 6 nobody ipckit peek msg:0
  expect 6 nobody ipckit peek msg:0 --json
  valid_json peek
  expect 3 ipckit peek msg:77
  expect 3 ipckit peek msg:77 --json
  valid_json peek
  err_is "ipckit peek: msg:77: no such message queue"
}

@test "a FIFO through a holder's end, which loses nothing" {
  inside 'mkfifo /tmp/f' >/dev/null
  hold hold-fifo /tmp/f rw
  inside 'printf "abc\0def" >/tmp/f'
  expect 0 inside 'ipckit peek fifo:/tmp/f | cmp - <(printf "abc\0def")'
  expect 0 ipckit peek /tmp/f --json
  valid_json peek
  json '.objects[0] | .ref == "fifo:/tmp/f" and .bytes_waiting == 7 and .pipe_size == 65536 and .data == "abc\u0000def"'
  expect 0 ipckit peek /tmp/f --hex
  out_is '7 bytes of 64K
00000000  61 62 63 00 64 65 66                              |abc.def|'
  expect 0 inside 'timeout 5 head -c 7 /tmp/f | cmp - <(printf "abc\0def")'
}

@test "all of a large pipe, whatever its slots" {
  inside 'mkfifo /tmp/f' >/dev/null
  hold hold-fifo /tmp/f rw
  expect 0 ipckit set fifo:/tmp/f --pipe-size 1M
  expect 0 inside 'head -c 1000000 /dev/urandom >/tmp/data; cat /tmp/data >/tmp/f; ipckit peek /tmp/f | cmp - /tmp/data'
  expect 0 inside 'timeout 5 head -c 1000000 /tmp/f | cmp - /tmp/data'
}

@test "a reader that a writer waits for is not played" {
  inside 'mkfifo /tmp/f' >/dev/null
  start bash -c 'echo hello >/tmp/f'
  expect_any ipckit peek fifo:/tmp/f
  is_running "$started" || complain "the writer was released"
  expect 0 inside 'timeout 5 cat /tmp/f'
  out_is hello
}

@test "only a writing end, or none that can be seen: 10" {
  inside 'mkfifo /tmp/f' >/dev/null
  expect 10 ipckit peek fifo:/tmp/f # holders may be outside of the sandbox
  out_empty
  err_is "ipckit peek: fifo:/tmp/f: what waits inside cannot be told: processes outside this PID namespace cannot be seen"
  hold hold-fifo /tmp/f w
  expect 10 ipckit peek fifo:/tmp/f --json
  valid_json peek
  json '.objects[0].bytes_waiting == 0 and .objects[0].data == null and any(.incomplete[]; .what == "contents")'
  err_has "0 bytes wait inside"
  end "$started"
  inside 'chmod 0666 /tmp/f'
  hold hold-fifo /tmp/f rw
  expect 10 nobody ipckit peek fifo:/tmp/f --json
  valid_json peek
  json '.objects[0].bytes_waiting == null and any(.incomplete[]; .what == "processes" and .count >= 1)'
}

@test "a POSIX queue: how many, how large, and why no more; its times stay" {
  inside 'ipckit create pmsg:/a --max-messages 5 --message-size 512; "$mkipc" send-pmsg a hello' >/dev/null
  local before
  before=$(in_sandbox stat -c '%x %y %z' /dev/mqueue/a)
  expect 0 ipckit peek pmsg:/a
  out_is 'WAITING  BYTES  MAX-MESSAGES  MESSAGE-SIZE  NEXT-PRIORITY
1        ?      5             512           ?'
  err_has "pmsg:/a: the messages of a POSIX message queue cannot be looked at"
  expect 0 ipckit peek pmsg:/a --json
  valid_json peek
  json '.objects[0] | .waiting == 1 and .next_priority == null and .bytes_waiting == null and .messages == null'
  json '.incomplete[0].what == "contents"'
  [ "$(in_sandbox stat -c '%x %y %z' /dev/mqueue/a)" = "$before" ] || complain "its times moved"
  refuses_with "do not go with" ipckit peek pmsg:/a -t 1
  refuses_with "cannot be looked at" ipckit peek pmsg:/a --raw
}

@test "of an empty POSIX queue everything is known" {
  ipckit create pmsg:/a --max-messages 5 --message-size 512 >/dev/null
  expect 0 ipckit peek pmsg:/a
  out_is 'WAITING  BYTES  MAX-MESSAGES  MESSAGE-SIZE  NEXT-PRIORITY
0        0      5             512           -'
  err_empty
  expect 0 ipckit peek pmsg:/a --json
  valid_json peek
  json '.objects[0] | .waiting == 0 and .bytes_waiting == 0 and .messages == [] and (has("next_priority") | not)'
}

@test "completion offers queues and FIFOs, and nothing else" {
  inside 'ipckit create msg; ipckit create shm --size 1; ipckit create pmsg:/q; ipckit create psem:/s
    mkfifo /tmp/f' >/dev/null
  expect 0 inside 'ipckit __complete peek "" | cut -f1'
  out_is "$(printf '%s
' msg:0 pmsg:/q fifo:/tmp/f)"
}

@test "other kinds and other words are refused" {
  fill
  refuses_with "peek is for queues" ipckit peek shm:0
  refuses_with "ipckit read pshm:/x" ipckit peek pshm:/x
  refuses_with "peek is for queues" ipckit peek sem:0
  refuses_with "peek is for queues" ipckit peek psem:/x
  refuses_with "REF is needed" ipckit peek
  refuses_with "one REF" ipckit peek msg:0 msg:1
  refuses_with "is a kind" ipckit peek msg
  refuses_with "do not go with" ipckit peek fifo:/tmp/f --index 0
}

@test "the queue moves while it is looked at: said, and nothing is harmed" {
  inside 'echo 40000000 >/proc/sys/kernel/msgmnb; ipckit create msg; "$mkipc" fill-msg 0 3000 64' >/dev/null
  # One sends and receives for as long as others look.
  start python3 -c '
import ctypes, time
c = ctypes.CDLL(None)
b = ctypes.create_string_buffer(8 + 8192)
while True:
    n = c.msgrcv(0, b, 8192, 0, 0)
    time.sleep(0.0005)'
  expect 0 ipckit peek msg:0 --json
  valid_json peek
  json '(.incomplete | any(.what == "moved")) or (.objects[0].waiting == (.objects[0].messages | length))'
}
