#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit read: bytes, hex views and typed values of segments.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

# A segment of each family with the same bytes, 0 to 255 twice.
make_two() {
  inside '
    ipckit create shm:@a --size 512; ipckit create pshm:/a --size 512
    /usr/bin/python3 -c "import sys; sys.stdout.buffer.write(bytes(range(256)) * 2)" >/tmp/bytes
    for ref in shm:0 pshm:/a; do ipckit write -q $ref </tmp/bytes; done' >/dev/null
}

# Runs a test for both.
both='shm:0 pshm:/a'

@test "all bytes of it, exactly, when piped" {
  make_two
  local ref
  for ref in $both; do
    expect 0 inside 'ipckit read $1 | cmp - /tmp/bytes' $ref
    expect 0 inside 'ipckit read $1 >/tmp/out; cmp /tmp/out /tmp/bytes' $ref
    expect 0 inside 'ipckit read $1 --offset 100 --size 200 | cmp - <(tail -c +101 /tmp/bytes | head -c 200)' $ref
    expect 0 inside 'ipckit read $1 --offset 500 | cmp - <(tail -c 12 /tmp/bytes)' $ref
    expect 0 inside 'ipckit read $1 --size 0 | wc -c' $ref
    out_is 0
    err_empty
  done
}

@test "offsets and sizes have units" {
  inside 'ipckit create pshm:/big --size 1M; head -c 1M /dev/urandom >/tmp/r; ipckit write -q pshm:/big </tmp/r' >/dev/null
  expect 0 inside 'ipckit read pshm:/big --offset 64K --size 0.5M | cmp - <(tail -c +65537 /tmp/r | head -c 524288)'
}

@test "typed values, on one line, in the order of the machine" {
  inside 's=$(ipckit create shm --size 8); ipckit write -q $s --as i32 1 60'
  expect 0 ipckit read shm:0 --as i32 -c 2
  out_is "1 60"
  expect 0 ipckit read shm:0 --as i32
  out_is "1 60"
  expect 0 ipckit read shm:0 --as i32 -c 1 --offset 4
  out_is 60
  expect 0 ipckit read shm:0 --as u8 --size 5
  out_is "1 0 0 0 60"
  expect 0 ipckit read shm:0 --as u16
  out_is "1 0 60 0"
  expect 0 ipckit read shm:0 --as u64
  out_is 257698037761
  expect 0 inside 'ipckit read shm:0 --as i32 | od -c | head -n 1'
  out_is '0000000   1       6   0  \n'
}

@test "every type at its ends" {
  ipckit create pshm:/a --size 64 >/dev/null
  local row
  for row in 'u8 0 255' 'i8 -128 127' 'u16 0 65535' 'i16 -32768 32767' 'u32 0 4294967295' 'i32 -2147483648 2147483647' \
    'u64 0 18446744073709551615' 'i64 -9223372036854775808 9223372036854775807' \
    'f32 0.1 3.4028235e+38 1e-45 inf' 'f64 0.1 -0.30000000000000004 5e-324 1.7976931348623157e+308 nan'; do
    set -- $row
    expect 0 ipckit write -q pshm:/a --as "$@"
    expect 0 ipckit read pshm:/a --as $1 -c $(($# - 1))
    out_is "${row#* }"
  done
}

@test "a misaligned value" {
  make_two
  local ref
  for ref in $both; do
    expect 0 ipckit read $ref --offset 1 --as u32 -c 1
    out_is $((0x04030201))
  done
}

@test "strings end with a NUL, or where the segment does" {
  ipckit create pshm:/a --size 12 >/dev/null
  inside 'printf "one\0\0two\0end" | ipckit write -q pshm:/a'
  expect 0 ipckit read pshm:/a --as str
  out_is one
  expect 0 ipckit read pshm:/a --as str -c 4
  out_is "$(printf 'one\n\ntwo\nend')"
  expect 0 ipckit read pshm:/a --as str --offset 9
  out_is end
  expect 0 ipckit read pshm:/a --as str --size 2
  out_is on
  expect 1 ipckit read pshm:/a --as str -c 5
  out_empty
  err_has "there are 4 strings"
  expect 0 ipckit read pshm:/a --as str -c 4 --json
  valid_json read
  json '.objects[0].values == ["one","","two","end"]'
}

@test "a hex view on a terminal, raw with --raw; --hex when piped" {
  make_two
  inside 'printf "\e[31mred\n\0" | ipckit write -q shm:0'
  local view
  view=$(printf '%s\n' '00000000  1b 5b 33 31 6d 72 65 64  0a 00 0a 0b 0c 0d 0e 0f  |.[31mred........|' \
    '00000010  10 11 12 13                                       |....|' '00000014')
  expect 0 on_terminal 100 ipckit read shm:0 --size 20
  out_is "$view"
  expect 0 ipckit read shm:0 --size 20 --hex
  out_is "$view"
  expect 0 on_terminal 100 ipckit read shm:0 --size 8 --raw
  out_is $'\e[31mred'
  expect 0 on_terminal 100 ipckit read shm:0 --as str
  out_is '\x1b[31mred\x0a'
}

@test "the hex view is that of hexdump -C" {
  command -v hexdump >/dev/null || skip "needs hexdump"
  inside '
    ipckit create pshm:/v --size 300000
    { head -c 100 /dev/urandom; head -c 200000 /dev/zero; head -c 99900 /dev/urandom; } | ipckit write -q pshm:/v' >/dev/null
  expect 0 inside 'cmp <(ipckit read pshm:/v --hex) <(hexdump -C /dev/shm/v)'
  expect 0 inside 'cmp <(ipckit read pshm:/v --hex --size 300) <(hexdump -C -n 300 /dev/shm/v)'
}

@test "any number of strings, and any length of one, in little memory" {
  ipckit create pshm:/a --size 4M >/dev/null
  expect 0 inside '[ "$(ulimit -v 60000; ipckit read pshm:/a --as str -c 4194304 | wc -l)" -eq 4194304 ]
    head -c 4194304 /dev/zero | tr "\000" x >/dev/shm/a
    [ "$(ulimit -v 60000; ipckit read pshm:/a --as str | wc -c)" -eq 4194305 ]' ||
    grep -qE '__(asan|tsan)_init' "$IPCKIT"
}

@test "past the end: status 1, the size, and nothing on stdout" {
  make_two
  local ref words
  for ref in $both; do
    for words in '--offset 512' '--offset 513' '--offset 7E --as u64 -c 1' '--size 513' '--offset 500 --size 13' \
      '--as i64 -c 65' '--offset 509 --as f32 -c 1' '--as u64 -c 18446744073709551615' '--offset 600 --as str' \
      '--offset 18446744073709551615 --size 18446744073709551615'; do
      expect 1 ipckit read $ref $words
      out_empty
      err_has "past the end"
      err_has "512 bytes"
      err_lines 1
    done
    expect 0 ipckit read $ref --offset 512 --size 0
    expect 0 ipckit read $ref --offset 509 --as i32 # no whole one is left
    out_empty
  done
  expect 1 ipckit read pshm:/a --offset 512 --json
  valid_json read
  json '.objects == [] and .errors[0].status == 1 and .errors[0].errno == null'
}

@test "an empty segment" {
  ipckit create pshm:/empty --size 0 >/dev/null
  expect 0 ipckit read pshm:/empty
  out_empty
  expect 0 ipckit read pshm:/empty --hex
  out_empty
  expect 1 ipckit read pshm:/empty --as u8 -c 1
  err_has "0 bytes"
}

@test "JSON: bytes in base64, numbers, and what JSON has no number for" {
  make_two
  local ref
  for ref in $both; do
    expect 0 ipckit read $ref --json
    valid_json read
    json_value '.objects[0].data_base64' | base64 -d | cmp - <(in_sandbox cat /tmp/bytes)
    json '.objects[0].size == 512 and .objects[0].offset == 0'
    expect 0 ipckit read $ref --offset 16 --as u8 -c 3 --jsonl
    valid_jsonl read
    json '.values == [16,17,18] and .type == "u8" and .offset == 16 and .size == 3'
  done
  expect 0 ipckit read shm:@a --size 1 --json
  json '.objects[0].asked == "shm:@a" and .objects[0].ref == "shm:0"'
  ipckit write -q shm:0 --as f64 -- 1.5 -inf nan
  expect 0 ipckit read shm:0 --as f64 -c 3 --json
  valid_json read
  json '.objects[0].values == [1.5,"-inf","nan"]'
  inside 'printf "\xff\0" | ipckit write -q shm:0'
  expect 0 ipckit read shm:0 --as str --json
  valid_json read
  json '.objects[0].values_base64 == ["/w=="]'
}

@test "much of it as JSON, in little memory" {
  inside 'ipckit create pshm:/big --size 20M; head -c 20M /dev/urandom | ipckit write -q pshm:/big' >/dev/null
  expect 0 inside 'ipckit read pshm:/big --json | jq -r ".objects[0].data_base64" | base64 -d | cmp - /dev/shm/big'
}

@test "kinds without memory are refused, with what to use instead" {
  refuses_with "is no memory" ipckit read msg:0
  err_has "ipckit recv msg:0"
  refuses_with "is no memory" ipckit read fifo:/tmp/x
  refuses_with "ipckit recv pmsg:/q" ipckit read pmsg:/q
  refuses_with "ipckit show sem:0" ipckit read sem:0
  refuses_with "ipckit show psem:/s" ipckit read psem:/s
}

@test "command lines that make no sense" {
  make_two
  refuses_with "is no type" ipckit read shm:0 --as int
  err_has "i32"
  refuses_with "one operand too many" ipckit read shm:0 pshm:/a
  refuses_with "which segment" ipckit read
  refuses_with "exclude each other" ipckit read shm:0 --hex --raw
  refuses_with "exclude each other" ipckit read shm:0 --hex --as u8
  refuses_with "goes with --as" ipckit read shm:0 -c 2
  refuses_with "at least one" ipckit read shm:0 --as u8 -c 0
  refuses_with "exclude each other" ipckit read shm:0 --as u8 -c 1 --size 1
  refuses_with "no multiple" ipckit read shm:0 --as u32 --size 7
  refuses_with "JSON" ipckit read shm:0 --hex --json
  refuses_with "is not a size" ipckit read shm:0 --offset -1
  refuses_with "is a kind" ipckit read shm
}

@test "what is not there, and what is another's" {
  expect 3 ipckit read shm:77
  err_is "ipckit read: shm:77: no such shared memory segment"
  expect 3 ipckit read pshm:/nothing
  ipckit create shm:key=19999 --size 8 >/dev/null
  expect 3 ipckit read shm:19999
  err_has "shm:key=19999"
  ipckit create pshm:/mine --size 8 >/dev/null
  expect 6 nobody ipckit read shm:0
  out_empty
  expect 6 nobody ipckit read pshm:/mine
  inside 'ln -s /etc/passwd /dev/shm/link; mkdir /dev/shm/dir; mkfifo /dev/shm/pipe'
  expect 3 ipckit read pshm:/link
  expect 3 ipckit read pshm:/dir
  expect 3 ipckit read pshm:/pipe
  out_empty
}

@test "read permission is enough" {
  inside 'ipckit create shm --size 8 -m 0604; ipckit create pshm:/a --size 8 -m 0604' >/dev/null
  local ref
  for ref in $both; do
    expect 0 nobody ipckit read $ref --as u64
    out_is 0
    expect 6 nobody ipckit write $ref --as u64 1
  done
}

@test "a doomed segment can be read" {
  ipckit create shm:@a --size 8 >/dev/null
  start ipckit attach shm:0
  await inside '[ "$(ipckit ls shm:0 -o maps --no-headings)" = 1 ]'
  inside 'ipckit write -q shm:0 --as u64 7; ipckit rm -f shm:0' 2>/dev/null
  expect 0 ipckit read shm:0 --as u64
  out_is 7
}

@test "a sparse segment larger than free memory is refused without -f" {
  expect 0 ipckit create shm --size 8T --no-reserve
  expect 1 ipckit read shm:0
  out_empty
  err_has "8.0T that nobody has touched"
  err_has "-f"
  expect 0 inside 'ipckit read shm:0 --size 4K | wc -c'
  out_is 4096
  expect 0 inside 'set +o pipefail; ipckit read -f shm:0 | head -c 1M | wc -c'
  out_is 1048576
  # Without /proc it cannot be told what is resident.
  hide_proc
  expect 1 ipckit read shm:0
  err_has "cannot be told"
  expect 0 ipckit read shm:0 --as u8 -c 1
  out_is 0
}

@test "untouched pages of a System V segment are not allocated by looking, where the machine has no swap" {
  [ "$(awk '/^SwapTotal:/ { print $2 }' /proc/meminfo)" = 0 ] || skip "needs a machine without swap"
  inside 'ipckit create shm --size 20M -m 0604; ipckit write -q shm:0 --offset 5M --as str middle' >/dev/null
  expect 0 inside 'ipckit show shm:0 --json | jq ".objects[0].resident"'
  out_is 4096
  expect 0 inside '
    { head -c 5M /dev/zero; printf middle; head -c 15728634 /dev/zero; } >/tmp/expected
    ipckit read shm:0 | cmp - /tmp/expected
    ipckit read shm:0 --as u64 >/dev/null; ipckit read shm:0 --hex >/dev/null; ipckit read shm:0 --json >/dev/null'
  nobody ipckit read shm:0 | cmp - <(in_sandbox cat /tmp/expected)
  expect 0 inside 'ipckit show shm:0 --json | jq ".objects[0].resident"'
  out_is 4096
}

@test "looking at a POSIX segment takes no memory" {
  inside 'ipckit create pshm:/sparse --size 100M --sparse; ipckit read pshm:/sparse | wc -c; du -k /dev/shm/sparse' >"$state/du"
  grep -qE '^0\s' "$state/du"
}

@test "a segment that shrinks meanwhile is an error, never SIGBUS" {
  ipckit create pshm:/a --size 100M --sparse >/dev/null
  expect_any inside '
    mkfifo /tmp/pipe
    ipckit read pshm:/a >/tmp/pipe & reader=$!
    exec 3</tmp/pipe
    head -c 1000 <&3 >/dev/null
    truncate -s 4096 /dev/shm/a
    cat <&3 >/dev/null
    wait $reader'
  [ "$status" -eq 1 ] || complain "status 1 was expected"
  err_has "it shrank to 4096 bytes meanwhile"
}

@test "what was written to a pipe does not change any more" {
  make_two
  local ref
  for ref in $both; do
    expect 0 inside '{ ipckit read $1; } | { sleep 0.1; ipckit write -q $1 --as u64 0 >&2; cmp - /tmp/bytes; }' $ref
    inside 'ipckit write -q $1 </tmp/bytes' $ref >/dev/null
  done
}

@test "a reader that has gone is a quiet end; a full disk and a closed stdout are errors" {
  inside 'ipckit create shm --size 10M; ipckit create pshm:/a --size 10M' >/dev/null
  local ref
  for ref in $both; do
    expect 0 inside 'set +o pipefail; ipckit read $1 | head -c 1 | wc -c' $ref
    err_empty
    expect 0 inside 'trap "" PIPE; set +o pipefail; ipckit read $1 | head -c 1 | wc -c' $ref
    err_empty
    expect 1 inside 'ipckit read $1 >/dev/full' $ref
    err_has "No space left on device"
    expect 1 inside 'ipckit read $1 >&-' $ref
    err_has "Bad file descriptor"
  done
}

@test "a large segment takes little of our own memory" {
  if grep -qE '__(asan|tsan)_init' "$IPCKIT"; then skip "the sanitizers take more"; fi
  inside 'ipckit create shm --size 100M; ipckit create pshm:/a --size 100M; ipckit write -q shm:0 </dev/shm/a' >/dev/null
  local ref
  for ref in $both; do
    expect 0 inside '/usr/bin/python3 -c "
import resource, subprocess, sys
reader = subprocess.Popen([\"ipckit\", \"read\", sys.argv[1]], stdout=subprocess.PIPE)
while reader.stdout.read(1 << 20): pass
assert reader.wait() == 0
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
" $1' $ref
    [ "$output" -le 16384 ] || complain "at most 16 MiB were expected"
  done
}
