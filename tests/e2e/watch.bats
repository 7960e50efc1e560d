#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit watch: what changes, and that looking changes nothing.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

seven='msg:0 shm:0 sem:0 pmsg:/a pshm:/a psem:/a fifo:/tmp/a'

# One of each kind; the FIFO and the segment are held.
make_seven() {
  inside '
    ipckit create msg:@a; ipckit create shm:@a --size 64; ipckit create sem:@a --value 1,3
    ipckit create pmsg:/a; ipckit create pshm:/a --size 4K; ipckit create psem:/a --value 4
    ipckit create fifo:/tmp/a' >/dev/null
  hold hold-fifo /tmp/a rw
  hold hold-shm 0
}

# ipckit watch in the background, until it has seen how things are: its lines are in $seen.
watch() {
  start ipckit watch --interval 10ms -w 20 "$@"
  seen=$started_output
  await grep -q start "$seen"
}

saw() {
  await grep -qE -- "$1" "$seen" || { cat "$seen" >&2; return 1; }
}

# Ends the view; everything that it wrote is $output.
over() {
  in_sandbox kill "$started"
  await is_gone "$started"
  output=$(<"$seen")
}

# Writes bytes into the System V segment 0: OFFSET PRINTF.
poke() {
  inside 'printf "$2" | python3 -c "
import ctypes, sys
c = ctypes.CDLL(None)
c.shmat.restype = ctypes.c_void_p
data = sys.stdin.buffer.read()
ctypes.memmove(c.shmat(0, None, 0) + int(sys.argv[1]), data, len(data))" "$1"' "$@"
}

on_pty() {
  in_sandbox /usr/bin/python3 "$inner/source/tests/e2e/terminal.py" "$@"
}

# What the kernel keeps of all seven, that a look could move.
traces() {
  in_sandbox sh -c 'cat /proc/sysvipc/msg /proc/sysvipc/sem; cut -c -112 /proc/sysvipc/shm
    stat -c "%n %x %y %z" /dev/shm/a /dev/shm/sem.a /dev/mqueue/a /tmp/a'
}

@test "how everything is at the beginning, a line each" {
  make_seven
  expect 0 ipckit watch $seven --size 4 -c 1
  out_lines 7
  out_matches '^[0-9T:.-]+Z start msg:0 messages=0 bytes=0 max_bytes=16384'
  out_matches 'Z start shm:0 maps=1 0x0: 00000000'
  out_matches 'Z start sem:0 values=1,3 waiting_to_take=0,0 waiting_for_zero=0,0 last_pids=[0-9]+,[0-9]+'
  out_matches 'Z start pmsg:/a messages=0 max_messages=10'
  out_matches 'Z start pshm:/a size=4096 0x0: 00000000'
  out_matches 'Z start psem:/a value=4'
  out_matches 'Z start fifo:/tmp/a bytes_waiting=0 pipe_size=65536'
  err_empty
  expect 0 ipckit watch msg:0 msg:@a -c 1 # one object, watched once
  out_lines 1
}

@test "the same as JSON, a line each with --json, too" {
  make_seven
  local option
  for option in --json --jsonl; do
    expect 0 ipckit watch $seven all -c 1 $option
    valid_jsonl watch
    json '.event == "start"'
    [ "$(json_value .ref | sort | uniq -c | awk '{print $1}' | sort -u)" = 2 ] || complain "each should be there twice"
  done
  expect 0 ipckit watch sem:@a -c 1 --json
  json '.ref == "sem:0" and .asked == "sem:@a" and .values == [1, 3] and .waiting_to_take == [0, 0]'
}

@test "changes of every kind are seen" {
  make_seven
  watch $seven
  local view=$started
  inside '"$mkipc" send-msg 0 hello 7; "$mkipc" send-pmsg a hello; printf hello >/tmp/a
    ipckit set sem:0 --value 1=9; printf xyz | dd of=/dev/shm/a bs=1 seek=20 conv=notrunc status=none' >/dev/null
  saw 'changed msg:0 messages=1 bytes=5 max_bytes=16384 last_sender=[0-9]+'
  saw 'changed pmsg:/a messages=1'
  saw 'changed fifo:/tmp/a bytes_waiting=5'
  saw 'changed sem:0 values=1,9'
  saw 'changed pshm:/a size=4096 0x14: .*(78)?79?7a$'
  poke 2 '\001\377'
  saw 'changed shm:0 maps=.*0x2: 0000 -> 01ff'
  local seen_first=$seen
  hold wait-sem 0 0 -2
  seen=$seen_first
  saw 'changed sem:0 .*waiting_to_take=1,0'
  hold wait-sem 0 1 0
  seen=$seen_first
  saw 'changed sem:0 .*waiting_for_zero=0,1'
  inside 'python3 -c "
import ctypes
c = ctypes.CDLL(None); c.sem_open.restype = ctypes.c_void_p
c.sem_wait(ctypes.c_void_p(c.sem_open(b\"/a\", 0)))"'
  saw 'changed psem:/a value=3'
  started=$view
  over
}

@test "JSON of changes is as the schema has it" {
  make_seven
  start bash -c 'exec ipckit watch "$@" 2>/dev/null' watch $seven all --interval 10ms -w 20 --json --as i32 --size 8
  seen=$started_output
  await grep -q start "$seen"
  inside '"$mkipc" send-msg 0 hello 7; "$mkipc" send-pmsg a hello
    printf "\377\377\377\377" | dd of=/dev/shm/a bs=1 seek=4 conv=notrunc status=none
    ipckit create psem:/new; ipckit rm sem:0' >/dev/null
  saw '"event":"removed","ref":"sem:0"'
  saw '"event":"appeared","ref":"psem:/new"'
  saw '"event":"changed","ref":"pshm:/a".*-1'
  in_sandbox kill "$started"
  await is_gone "$started"
  cp "$seen" "$state/stdout"
  valid_jsonl watch
  jq -s -e 'any(.[]; .ref == "pshm:/a" and .values == [0, -1] and .changed == [{"offset": 4, "size": 4}])' \
    <"$state/stdout" >/dev/null || complain "the changed value should be there"
}

@test "rates: how fast a queue fills, where the kernel tells" {
  make_seven
  # Of a second in which somebody received, both are not known.
  expect 0 in_sandbox sleep 1.1
  watch msg:0 pmsg:/a
  inside '"$mkipc" fill-msg 0 20 10; "$mkipc" send-pmsg a x' >/dev/null
  saw 'changed msg:0 messages=[0-9]+ .* in=[0-9]+\.[0-9]/s out=0\.0/s net=[0-9]+\.[0-9]/s'
  saw 'changed pmsg:/a messages=1 .* in=\?/s out=\?/s net=[0-9]'
  inside 'timeout 5 "$mkipc" recv-msg 0' >/dev/null
  # Unknown, unless the second has changed between the two.
  saw 'changed msg:0 messages=19 .* (in=\?/s out=\?/s|in=0\.0/s out=[0-9.]+/s) net=-'
  over
}

@test "what is removed is said; when nothing is left: 8" {
  make_seven
  watch sem:0 psem:/a
  inside 'ipckit rm sem:0'
  saw 'removed sem:0$'
  is_running "$started" || complain "one is still there"
  over
  expect 8 inside '(sleep 0.2; ipckit rm psem:/a) & ipckit watch psem:/a --interval 10ms -w 20'
  out_matches 'removed psem:/a$'
  expect 8 inside 'ipckit create psem:/a >/dev/null; (sleep 0.2; ipckit rm psem:/a) &
    ipckit watch psem:/a --interval 10ms -w 20 --json'
  valid_jsonl watch
}

@test "another object of the same name is another object" {
  make_seven
  expect 8 inside '(sleep 0.2; ipckit rm -f pshm:/a; ipckit create pshm:/a --size 8) >/dev/null &
    ipckit watch pshm:/a --interval 10ms -w 20'
  out_matches 'removed pshm:/a$'
  watch pshm
  inside ': >/tmp/x; cp /tmp/x /dev/shm/.new; mv /dev/shm/.new /dev/shm/a'
  saw 'removed pshm:/a$'
  saw 'appeared pshm:/a '
  over
}

@test "what is not there: 3; some of it: the others are watched" {
  make_seven
  expect 3 ipckit watch msg:77 --interval 10ms -w 5
  err_is "ipckit watch: msg:77: no such message queue"
  expect 1 ipckit watch msg:77 msg:0 -c 1
  out_lines 1
  err_has "no such message queue"
}

@test "objects of a kind come, change and go" {
  make_seven
  watch segment sem
  inside 'ipckit create pshm:/new --size 8K; ipckit set sem:0 --value 0=7; ipckit rm pshm:/a
    ipckit create shm --size 1' >/dev/null
  saw 'start shm:0 1 map$'
  saw 'appeared pshm:/new 8.0K allocated$'
  saw 'changed sem:0 values 7,3$'
  saw 'removed pshm:/a$'
  saw 'appeared shm:1 0 maps$'
  hold hold-shm 1
  seen=$state/started.3
  saw 'changed shm:1 1 map$'
}

@test "values of every type, and what changes of them" {
  inside 'ipckit create pshm:/v --size 24; python3 -c "
import struct
open(\"/dev/shm/v\", \"r+b\").write(struct.pack(\"=bBhHiI\", -1, 255, -2, 65535, -3, 4294967295) + b\"hi\\033\\0\")"' >/dev/null
  local type wanted
  while read -r type wanted; do
    expect 0 ipckit watch pshm:/v -c 1 --as "$type" --size "${wanted%%:*}" --offset "$(cut -d: -f2 <<<"$wanted")"
    out_matches "size=24 0x[0-9a-f]+: $(cut -d: -f3 <<<"$wanted")\$"
  done <<'END'
i8 2:0:-1 -1
u8 2:0:255 255
i16 4:2:-2 -1
u16 4:2:65534 65535
i32 8:6:-3 -1
u32 8:6:4294967293 4294967295
i64 8:6:-3
u64 8:6:18446744073709551613
END
  expect 0 ipckit watch pshm:/v -c 1 --as str --offset 14
  out_matches '0xe: "hi\\x1b"$'
  no_control_bytes
  inside 'python3 -c "
import struct
open(\"/dev/shm/v\", \"r+b\").write(struct.pack(\"=dff\", 0.1, 1.5, float(\"inf\")))"'
  expect 0 ipckit watch pshm:/v -c 1 --as f64 --size 8
  out_matches '0x0: 0\.1$'
  expect 0 ipckit watch pshm:/v -c 1 --as f32 --offset 8 --size 8 --json
  valid_jsonl watch
  json '.type == "f32" and .values == [1.5, "inf"] and .offset == 8'
  watch pshm:/v --as i32 --offset 16 --size 8
  inside 'printf "\\052\\0\\0\\0" | dd of=/dev/shm/v bs=1 seek=20 conv=notrunc status=none'
  saw 'changed pshm:/v size=24 0x14: .*-> 42$'
  over
}

@test "a window ends where the segment does, and does not begin behind it" {
  inside 'ipckit create pshm:/v --size 6; printf abcdef >/dev/shm/v' >/dev/null
  expect 0 ipckit watch pshm:/v -c 1 --offset 4
  out_matches '0x4: 6566$'
  expect 0 ipckit watch pshm:/v -c 1 --as u32 # a part of a value is none
  out_matches '0x0: 1684234849$'
  expect 1 ipckit watch pshm:/v -c 1 --offset 6
  err_has "6 bytes"
  watch pshm:/v
  inside 'truncate -s 2 /dev/shm/v'
  saw 'changed pshm:/v size=2'
  inside 'truncate -s 4 /dev/shm/v'
  saw 'changed pshm:/v size=4 0x2: - -> 0000$'
  over
}

@test "nothing is disturbed: neither times nor pids nor counts" {
  make_seven
  inside '"$mkipc" send-msg 0 hello 7; "$mkipc" send-pmsg a hello; printf hello >/tmp/a; echo hello >/dev/shm/a' >/dev/null
  expect 0 in_sandbox sleep 1.1
  local before
  before=$(traces)
  expect 0 ipckit watch $seven all --interval 50ms -c 20
  err_is "ipckit watch: looks every 50ms; what lives shorter than that may be missed"
  [ "$(traces)" = "$before" ] || complain "before: $before; after: $(traces)"
  expect 0 inside 'timeout 5 head -c 5 /tmp/a'
  out_is hello
}

@test "a segment's bytes come from who has it attached, also without the right to its mapped files" {
  inside 'ipckit create shm:@a --size 64 --mode 0666' >/dev/null
  nobody true
  hold_as_nobody hold-shm 0
  poke 0 'abc'
  expect 0 in_sandbox sleep 1.1
  local before
  before=$(traces_of_segments)
  expect 0 nobody ipckit watch shm:0 -c 3 --interval 10ms --size 4
  out_matches '0x0: 61626300$'
  err_lacks "attach"
  [ "$(traces_of_segments)" = "$before" ] || complain "it was disturbed"
}

traces_of_segments() {
  in_sandbox cut -c -112 /proc/sysvipc/shm
}

@test "a segment that no process shows is attached, which is said once" {
  inside 'ipckit create shm:@a --size 64 --mode 0666' >/dev/null
  expect 0 ipckit watch shm:0 -c 5 --interval 10ms --size 4
  out_lines 1
  [ "$(grep -c "nobody has it attached: a look attaches it, which moves its times and last pid" "$state/stderr")" -eq 1 ] ||
    complain "once"
  hold hold-shm 0
  expect 0 nobody ipckit watch shm:0 -c 5 --interval 10ms --size 4
  [ "$(grep -c "no process that has it attached can be looked into: each look attaches it" "$state/stderr")" -eq 1 ] ||
    complain "once"
  expect 0 ipckit ls shm:0 -o maps --no-headings
  out_is 1
}

@test "a segment that nobody has attached is looked at again when somebody was there" {
  inside 'ipckit create shm:@a --size 64' >/dev/null
  watch shm:0 --size 4
  poke 1 'x'
  saw 'changed shm:0 .*0x1: 00 -> 78$'
  over
}

@test "what may not be read is unknown, and said" {
  make_seven
  expect 0 nobody ipckit watch sem:0 pmsg:/a psem:/a pshm:/a shm:0 fifo:/tmp/a -c 2 --interval 10ms --json
  valid_jsonl watch
  jq -s -e 'map({(.ref): .}) | add
    | .["sem:0"].values == null and .["pmsg:/a"].messages == null and .["psem:/a"].value == null
      and .["pshm:/a"].data_base64 == null and .["shm:0"].data_base64 == null
      and .["fifo:/tmp/a"].bytes_waiting == null' <"$state/stdout" >/dev/null || complain "all should be unknown"
  err_lines 7
}

@test "none of them may be looked at: 6, at once" {
  make_seven
  local ref
  for ref in sem:0 psem:/a pshm:/a shm:0 'sem:0 shm:0'; do
    expect 6 nobody timeout 5 ipckit watch $ref
    err_has "cannot be read"
  done
  expect 0 nobody ipckit watch sem:0 fifo:/tmp/a -c 1
  err_has "cannot be read"
}

@test "how often it looks, in words" {
  make_seven
  local row
  for row in 1:1s 1.5:1.5s 90:1m30s 3600:1h 1000:16m40s 2d:2d; do
    expect 0 ipckit watch msg:0 -w 0 --interval "${row%:*}"
    err_is "ipckit watch: looks every ${row#*:}; what lives shorter than that may be missed"
  done
}

@test "others' POSIX segments: that the access time moves is said; semaphores stay unread" {
  inside 'ipckit create pshm:/a --size 8 --mode 0644; ipckit create psem:/a --value 4 --mode 0644' >/dev/null
  local before
  before=$(in_sandbox stat -c %x /dev/shm/sem.a)
  expect 0 nobody ipckit watch pshm:/a psem:/a -c 3 --interval 10ms
  out_matches 'psem:/a value=\?'
  [ "$(grep -c 'moves its access time' "$state/stderr")" -eq 1 ] || complain "once"
  [ "$(in_sandbox stat -c %x /dev/shm/sem.a)" = "$before" ] || complain "the semaphore's access time moved"
}

@test "it ends after --count looks, or after --timeout, with 0" {
  make_seven
  expect 0 ipckit watch msg:0 -w 0
  out_lines 1
  expect 0 ipckit watch msg:0 -w 100ms
  expect 0 inside 'timeout 5 ipckit watch msg:0 -c 3 --interval 10ms'
  out_lines 1
}

@test "words that make no sense are refused" {
  make_seven
  refuses_with "what is to be watched" ipckit watch
  refuses_with "9ms is less than 10ms" ipckit watch all --interval 9ms
  refuses_with "--interval" ipckit watch all --interval x
  refuses_with "at least one" ipckit watch all -c 0
  refuses_with "exclude each other" ipckit watch all --json --jsonl
  refuses_with "go with a segment" ipckit watch msg:0 --as u8
  refuses_with "go with a segment" ipckit watch shm --size 8
  refuses_with "is no type" ipckit watch shm:0 --as int32
  refuses_with "types are u8" ipckit watch shm:0 --as complex
  refuses_with "no whole number of i32" ipckit watch shm:0 --as i32 --size 6
  refuses_with "--size" ipckit watch shm:0 --size 0
  refuses_with "--size" ipckit watch shm:0 --size 2M
}

@test "a reader that goes is a quiet end, also when nothing changes" {
  make_seven
  expect 0 inside 'timeout 10 ipckit watch msg:0 2>/tmp/err | head -n 1; [ "${PIPESTATUS[0]}" -ne 124 ]; cat /tmp/err >&2'
  out_lines 1
  err_lines 1
}

@test "interrupted in a pipe it dies of the signal" {
  make_seven
  expect 0 inside 'ipckit watch msg:0 & sleep 0.3; kill -TERM $!; status=0; wait $! || status=$?; [ "$status" -eq 143 ]'
}

@test "on a terminal: redrawn in place, changes in reverse, and left as it was" {
  make_seven
  expect 0 on_pty 24x80 'until:may be missed' 'until:bytes 0' 'type:\x03' -- ipckit watch pshm:/a msg:0 --interval 20ms
  json '.ended == "signal 2" and .echo'
  json '.output | startswith("\u001b[?25l\u001b[H") or contains("\u001b[?25l\u001b[H")'
  json '.output | rtrimstr("^C") | endswith("\u001b[0m\u001b[?25h\r\n")'
  json '.output | contains("pshm:/a  size 4096") and contains("msg:0  messages 0  bytes 0")'
  json '.output | contains("what lives shorter than that may be missed")'
  local signal number
  for signal in TERM:15 HUP:1 QUIT:3; do
    number=${signal#*:}
    expect 0 on_pty 24x80 'until:00000010' "kill:SIG${signal%:*}" -- ipckit watch pshm:/a --interval 20ms
    json ".ended == \"signal $number\""
    json '.output | endswith("\u001b[0m\u001b[?25h\r\n")'
  done
}

@test "on a terminal what is not there stands below what is watched" {
  make_seven
  expect 0 on_pty 24x80 -- ipckit watch msg:77 msg:0 --interval 20ms -w 0.2
  json '.ended == "exit 1"'
  json '.output | split("\u001b[H")[1] | contains("msg:77: no such message queue")'
}

@test "what changes on a terminal is in reverse video" {
  make_seven
  expect 0 on_pty 24x80 'until:\x1b[7m78\x1b[0m' 'until:|\x1b[7mx\x1b[0m' 'type:\x03' -- \
    bash -c '(sleep 0.3; printf x | dd of=/dev/shm/a conv=notrunc status=none) & exec ipckit watch pshm:/a --interval 20ms'
  json '.ended == "signal 2"'
  expect 0 on_pty 24x80 'until:\x1b[7m120\x1b[0m' -- \
    bash -c '(sleep 0.3; printf "x\0" | dd of=/dev/shm/a bs=1 seek=8 conv=notrunc status=none) &
      exec ipckit watch pshm:/a --interval 20ms --as i16 -w 1'
  json '.ended == "exit 0"'
  json '.output | endswith("\u001b[0m\u001b[?25h\r\n")'
  expect 0 on_pty 24x80 'until:\x1b[7msem:0' -- \
    bash -c '(sleep 0.3; ipckit set sem:0 --value 0=5) & exec ipckit watch sem:0 --interval 20ms -w 1'
  expect 0 on_pty 24x80 'until:\x1b[7mpshm:/a  removed' -- \
    bash -c '(sleep 0.3; ipckit rm pshm:/a) & exec ipckit watch all --interval 20ms -w 1'
  expect 0 on_pty 24x80 -- bash -c '(sleep 0.3; ipckit rm sem:0) & exec ipckit watch sem:0 --interval 20ms'
  json '.ended == "exit 8"'
}

@test "stopped, the terminal is given back; continued, it is drawn again" {
  make_seven
  expect 0 on_pty 24x80 'until:00000010' 'type:\x1a' stopped 'until:\x1b[?25h' 'kill:SIGCONT' 'until:\x1b[?25l' \
    'until:00000010' 'type:\x1a' stopped 'until:\x1b[?25h' 'kill:SIGCONT' 'until:\x1b[?25l' 'type:\x03' -- \
    ipckit watch pshm:/a --interval 5
  json '.ended == "signal 2"'
}

@test "the size of the terminal is kept to, also when it changes" {
  make_seven
  expect 0 on_pty 12x40 'until:more lines' 'resize:30x100' 'until:00000100' 'type:\x03' -- \
    ipckit watch pshm:/a --size 512 --interval 5
  local widest
  widest=$(jq -r '.output | split("00000100")[0] | gsub("\u001b\\[[0-9;?]*[a-zA-Z]"; "") | split("more lines")[0]
    | split("\r\n") | map(length) | max' <"$state/stdout")
  [ "$widest" -le 40 ] || complain "a line has $widest columns"
  json '.output | split("more lines")[0] | split("\r\n") | length <= 12'
}

@test "names and bytes of strangers do not reach the terminal" {
  inside 'python3 -c "open(b\"/dev/shm/\\033[31m\\xff\\n\", \"wb\").write(b\"\\033]0;x\\007\\x9b\")"'
  expect 0 ipckit watch all 'pshm:/%1B[31m%FF%0A' -c 1
  no_control_bytes
  out_has 'pshm:/%1B%5B31m%FF%0A'
  expect 0 ipckit watch 'pshm:/%1B[31m%FF%0A' -c 1 --as str
  no_control_bytes
  expect 0 on_pty 24x80 -- ipckit watch all 'pshm:/%1B[31m%FF%0A' -c 1
  json '.output | gsub("\u001b\\[(\\?25[lh]|H|K|J|0m|7m)"; "") | test("[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]") | not'
  expect 0 on_pty 24x80 -- ipckit watch 'pshm:/%1B[31m%FF%0A' -c 1 --as str
  json '.output | gsub("\u001b\\[(\\?25[lh]|H|K|J|0m|7m)"; "") | test("[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]") | not'
}

@test "completion offers kinds, objects and types" {
  make_seven
  expect 0 inside 'ipckit __complete watch "" | cut -f1'
  out_has 'pshm:/a'
  out_has 'queue'
  expect 0 inside 'ipckit __complete watch --as u | cut -f1'
  out_is "$(printf '%s\n' u8 u16 u32 u64)"
}
