#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit write: bytes from stdin and typed values into segments.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

make_two() {
  inside 'ipckit create shm:@a --size 16; ipckit create pshm:/a --size 16' >/dev/null
}

both='shm:0 pshm:/a'

# The bytes of a segment in hexadecimal.
bytes_are() {
  expect 0 inside 'ipckit read $1 | od -An -v -tx1 | tr -d " \n"' "$1"
  out_is "$2"
}

zeros=00000000000000000000000000000000

@test "bytes from stdin, and how many" {
  make_two
  local ref
  for ref in $both; do
    expect 0 inside 'printf "abc" | ipckit write $1' $ref
    out_empty
    err_is "ipckit write: $ref: 3 bytes written"
    bytes_are $ref 61626300000000000000000000000000
    expect 0 inside 'printf "z" | ipckit write $1 --offset 15' $ref
    err_is "ipckit write: $ref: 1 byte written"
    bytes_are $ref 6162630000000000000000000000007a
    expect 0 inside 'printf "0123456789abcdef" >/tmp/in; ipckit write $1 </tmp/in' $ref
    expect 0 ipckit read $ref
    out_is 0123456789abcdef
    expect 0 ipckit write $ref # stdin is empty
    err_is "ipckit write: $ref: 0 bytes written"
  done
}

@test "values, in the order of the machine" {
  make_two
  local ref
  for ref in $both; do
    expect 0 ipckit write $ref --as i32 1 60
    err_is "ipckit write: $ref: 8 bytes written"
    bytes_are $ref 010000003c0000000000000000000000
    expect 0 ipckit write $ref --as i16 -1 0x7fff -0x8000 --offset 8
    bytes_are $ref 010000003c000000ffffff7f00800000
    expect 0 ipckit write $ref --offset 3 --as u8 255
    bytes_are $ref 010000ff3c000000ffffff7f00800000
    expect 0 ipckit write $ref --offset 1 --as u64 0x0807060504030201 # misaligned
    bytes_are $ref 010102030405060708ffff7f00800000
    expect 0 ipckit write $ref --as f32 1 -0.5
    bytes_are $ref 0000803f000000bf08ffff7f00800000
    expect 0 ipckit write $ref --as str hi 'a b' ''
    bytes_are $ref 686900612062000008ffff7f00800000
  done
}

@test "what was written: quietly, and as JSON" {
  make_two
  expect 0 ipckit write -q shm:@a --as u8 1
  out_is shm:0
  err_empty
  expect 0 ipckit write --json shm:@a --as u8 1 2 --offset 4
  valid_json write
  json '.objects == [{"ref":"shm:0","asked":"shm:@a","offset":4,"written":2,"action":"written"}]'
  err_empty
  expect 0 inside 'printf xyz | ipckit write --jsonl pshm:/a'
  valid_jsonl write
  json '.ref == "pshm:/a" and .written == 3'
  expect 1 ipckit write --json shm:0 --as u64 1 2 3
  valid_json write
  json '.objects == [] and .errors[0].status == 1'
}

@test "never past the end: nothing is written, and the size is said" {
  make_two
  local ref
  for ref in $both; do
    for words in '--as i32 1 2 3 4 5' '--as u64 1 --offset 9' '--as u8 1 --offset 16' '--as u8 1 --offset 7E' \
      '--as str 0123456789abcdef'; do
      expect 1 ipckit write $ref $words
      out_empty
      err_has "past the end"
      err_has "16 bytes"
      err_lines 1
      bytes_are $ref $zeros
    done
    # A file is as long as it is, and short input is taken whole before any of it is written.
    expect 1 inside 'printf 0123456789abcdefX >/tmp/in; ipckit write $1 </tmp/in' $ref
    err_has "17 bytes"
    bytes_are $ref $zeros
    expect 1 inside '{ printf 01234567; sleep 0.1; printf 89abcdefX; } | ipckit write $1' $ref
    err_has "17 bytes"
    bytes_are $ref $zeros
    expect 1 inside 'printf x | ipckit write $1 --offset 16' $ref
    expect 1 ipckit write $ref --offset 17
    bytes_are $ref $zeros
  done
  expect 0 inside 'stat -c %s /dev/shm/a'
  out_is 16
}

@test "long input fills the segment, and what is left over is said" {
  inside 'ipckit create shm --size 2M; ipckit create pshm:/a --size 2M; head -c 3M /dev/urandom >/tmp/r' >/dev/null
  local ref
  for ref in $both; do
    expect 1 inside 'cat /tmp/r | ipckit write $1' $ref
    err_has "2097152 bytes written"
    err_has "stdin has more"
    expect 0 inside 'ipckit read $1 | cmp - <(head -c 2M /tmp/r)' $ref
    expect 0 inside 'head -c 2M /tmp/r | ipckit write $1' $ref
    err_is "ipckit write: $ref: 2097152 bytes written"
  done
  expect 1 inside 'cat /tmp/r | ipckit write --json pshm:/a'
  valid_json write
  json '.objects[0].written == 2097152 and .errors[0].status == 1'
}

@test "--grow" {
  ipckit create pshm:/a --size 4 >/dev/null
  expect 0 ipckit write --grow pshm:/a --as u32 1 2
  expect 0 ipckit read pshm:/a --as u32
  out_is "1 2"
  expect 0 inside 'printf end | ipckit write --grow pshm:/a --offset 10'
  bytes_are pshm:/a 01000000020000000000656e64
  expect 0 inside 'seq 1000000 | ipckit write --grow pshm:/a; seq 1000000 | cmp - /dev/shm/a'
  expect 0 inside 'seq 10 | ipckit write --grow pshm:/a; stat -c %s /dev/shm/a' # never shrinks
  out_is 6888896
  refuses_with "for life" ipckit write --grow shm:0 --as u8 1
  expect 1 ipckit write --grow pshm:/a --offset 8E --as u8 1
  err_has "no segment can be so large"
}

@test "what stdin has counts, and not what a file claims to have" {
  ipckit create pshm:/a --size 100 >/dev/null
  # A file of sysfs says 4096 bytes.
  expect 0 inside 'ipckit write pshm:/a </sys/kernel/mm/transparent_hugepage/enabled'
  ipckit create pshm:/b --size 1 >/dev/null
  expect 0 inside 'ipckit write --grow pshm:/b </sys/kernel/mm/transparent_hugepage/enabled
    cmp /dev/shm/b /sys/kernel/mm/transparent_hugepage/enabled'
}

@test "who may write a System V segment and not read it is told what is missing: 6" {
  inside 'ipckit create shm --size 8 --mode 0222' >/dev/null
  expect 6 nobody ipckit write shm:0 --as u8 1
  err_has "the right to read it, too"
}

@test "a value that is none, or does not fit its type, writes nothing" {
  make_two
  local row
  for row in 'u8 1 256' 'u8 1 -1' 'i8 1 128' 'i8 1 -129' 'u16 65536' 'i16 -32769' 'u32 4294967296' 'i32 2147483648' \
    'u64 18446744073709551616' 'i64 -9223372036854775809' 'f32 1e39' 'f64 1e400'; do
    refuses_with "does not fit" ipckit write shm:0 --as $row
    bytes_are shm:0 $zeros
  done
  for row in 'u8 1 x' 'u8 1.5' 'i32 0x' 'i32 1e3' 'u16 +1' 'f32 one' 'f64 0x1p3' 'f64 1,5'; do
    refuses_with "is no such value" ipckit write pshm:/a --as $row
    bytes_are pshm:/a $zeros
  done
  refuses_with "is no such value" ipckit write pshm:/a --as u8 ''
}

@test "command lines that make no sense" {
  make_two
  refuses_with "is no type" ipckit write shm:0 --as word 1
  refuses_with "need --as" ipckit write shm:0 1
  refuses_with "at least one VALUE" ipckit write shm:0 --as u8
  refuses_with "which segment" ipckit write
  refuses_with "ipckit recv" ipckit write msg:0
  refuses_with "ipckit show" ipckit write psem:/s --as u8 1
  expect 3 ipckit write shm:99 --as u8 1
  expect 3 ipckit write pshm:/none --as u8 1
  expect 6 nobody ipckit write shm:0 --as u8 1
  expect 6 nobody ipckit write pshm:/a --as u8 1
}

@test "write permission alone is enough for a POSIX segment" {
  ipckit create pshm:/a --size 16 -m 0602 >/dev/null
  expect 0 nobody ipckit write pshm:/a --as u32 7
  expect 0 ipckit read pshm:/a --as u32 -c 1
  out_is 7
}

@test "memory that is full is an error, and no value is half written" {
  inside '
    mount -t tmpfs -o mode=1777,size=64k tmpfs /dev/shm
    ipckit create pshm:/a --size 1M --sparse' >/dev/null
  expect 1 inside 'head -c 512K /dev/urandom >/tmp/r; cat /tmp/r /tmp/r | ipckit write pshm:/a'
  err_has "No space left on device"
  # Two values, the second of which lies across the end of what there is room for.
  expect 1 inside '
    : >/dev/shm/a; head -c 60K /dev/zero >/dev/shm/filler; ipckit create pshm:/b --size 1M --sparse
    ipckit write -q pshm:/b --offset 4000 --as u8 0; ipckit write pshm:/b --offset 4092 --as u64 0xffffffffffffffff'
  err_has "No space left on device"
  expect 0 ipckit read pshm:/b --offset 4088 --as u64 -c 2
  out_is "0 0"
}

@test "stdin that is non-blocking is waited for" {
  make_two
  expect 0 inside '
    mkfifo /tmp/in
    { sleep 0.2; printf abc; } >/tmp/in &
    /usr/bin/python3 -c "
import os, subprocess
fd = os.open(\"/tmp/in\", os.O_RDONLY)
os.set_blocking(fd, False)
raise SystemExit(subprocess.run([\"ipckit\", \"write\", \"shm:0\"], stdin=fd).returncode)"'
  err_has "3 bytes written"
}

@test "stdin that cannot be read" {
  make_two
  expect 1 inside 'ipckit write shm:0 <&-'
  err_is "ipckit write: stdin: read: Bad file descriptor"
  expect 1 inside 'ipckit write shm:0 </tmp'
  err_is "ipckit write: stdin: read: Is a directory"
  bytes_are shm:0 $zeros
}

@test "a file size limit is an error, not a silent death" {
  ipckit create pshm:/a --size 4 >/dev/null
  expect 1 inside 'ulimit -f 1; seq 100000 | ipckit write --grow pshm:/a'
  err_has "File too large"
}

@test "an aligned number is seen old or new, never half" {
  command -v cc >/dev/null || skip "needs cc"
  ipckit create shm:key=19999 --size 64 >/dev/null
  cat >"$state/watch.c" <<'END'
#include <stdint.h>
#include <stdio.h>
#include <sys/shm.h>
#include <time.h>
int main(void) {
  volatile uint64_t *word = (volatile uint64_t *)shmat(shmget(19999, 0, 0), 0, SHM_RDONLY) + 1;
  unsigned long seen = 0;
  for (time_t end = time(0) + 2; time(0) < end;)
    for (int i = 0; i < 100000; ++i) {
      uint64_t value = *word;
      if (value != 0 && value != UINT64_MAX) { printf("%llx\n", (unsigned long long)value); return 1; }
      seen |= value == 0 ? 1 : 2;
    }
  return seen == 3 ? 0 : 2;
}
END
  cc -O1 -o "$state/watch" "$state/watch.c"
  expect 0 inside '
    "$1" & watcher=$!
    while kill -0 $watcher 2>/dev/null; do
      ipckit write -q shm:0 --offset 8 --as u64 18446744073709551615
      ipckit write -q shm:0 --offset 8 --as u64 0
    done >/dev/null
    wait $watcher' "$inner/state/watch"
}
