#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit set: owner, mode, limits, values, size, pinning.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

make_seven() {
  inside '
    ipckit create msg:@a; ipckit create shm:@a --size 8K; ipckit create sem:@a --value 0,0,0
    ipckit create pmsg:/a; ipckit create pshm:/a --size 64K; ipckit create psem:/a
    ipckit create fifo:/tmp/a' >/dev/null
}

seven='msg:0 shm:0 sem:0 pmsg:/a pshm:/a psem:/a fifo:/tmp/a'

column_is() {
  expect 0 ipckit ls "$1" -o "$2" --no-headings
  out_is "$3"
}

@test "mode and owner of every kind; nothing is printed" {
  make_seven
  local ref
  for ref in $seven; do
    expect 0 ipckit set "$ref" --mode 0640 --owner nobody:nogroup
    out_empty
    err_empty
    expect 0 ipckit ls "$ref" -o mode,uid,gid --no-headings
    out_is "0640  65534  65534"
    expect 0 ipckit set "$ref" --owner 0
    expect 0 ipckit ls "$ref" -o mode,uid,gid --no-headings
    out_is "0640  0  65534"
    expect 0 ipckit set "$ref" -m 0604 --owner :0
    expect 0 ipckit ls "$ref" -o mode,uid,gid --no-headings
    out_is "0604  0  0"
  done
}

@test "the mode is exact, whatever the umask; owners may be numbers without a name" {
  make_seven
  expect 0 inside 'umask 077; ipckit set --mode 0666 --owner 12345:54321 "$@"' $seven
  expect 0 ipckit ls -o mode,uid,gid,owner --no-headings
  out_is "$(printf '0666  12345  54321  12345\n%.0s' {1..7})"
}

@test "several objects, and what fails of them" {
  make_seven
  expect 1 ipckit set msg:0 msg:77 psem:/a --mode 0644
  err_is "ipckit set: msg:77: no such message queue"
  column_is msg:0 mode 0644
  column_is psem:/a mode 0644
  expect 3 ipckit set msg:77 --mode 0644
}

@test "-q prints REFs, JSON the objects as they are now" {
  make_seven
  expect 0 ipckit set -q --mode 0644 $seven
  out_is "$(tr ' ' '\n' <<<"$seven")"
  expect 0 ipckit set --json --mode 0640 $seven
  valid_json set
  json '.objects | length == 7 and all(.mode == "0640" and .action == "changed")'
  expect 0 ipckit set --jsonl --mode 0600 msg:@a
  valid_jsonl set
  json '.ref == "msg:0" and .asked == "msg:@a" and .mode == "0600"'
  expect 3 ipckit set --json --mode 0600 msg:77
  valid_json set
  json '.objects == [] and .errors[0].status == 3'
}

@test "the bytes of a queue" {
  make_seven
  expect 0 ipckit set msg:0 --max-bytes 8K
  column_is msg:0 max_bytes 8.0K
  expect 6 nobody ipckit set msg:0 --max-bytes 4K
  nobody ipckit create msg:@mine >/dev/null
  expect 6 nobody ipckit set msg:@mine --max-bytes 1M
  err_has "kernel.msgmnb"
  column_is msg:0 max_bytes 8.0K
}

@test "values of a set: single ones, or all" {
  make_seven
  expect 0 ipckit set sem:0 --value 1=9
  column_is sem:0 values 0,9,0
  expect 0 ipckit set sem:0 --value 0=1,2=5
  column_is sem:0 values 1,9,5
  expect 0 ipckit set sem:0 --value 7,8,32767
  column_is sem:0 values 7,8,32767
  expect 1 ipckit set sem:0 --value 3=1
  err_has "3 semaphores"
  expect 1 ipckit set sem:0 --value 1,2
  err_has "3 semaphores"
  expect 1 ipckit set sem:0 --value 0=1,3=1
  refuses_with "--value" ipckit set sem:0 --value 1=9,3
  refuses_with "--value" ipckit set sem:0 --value 1=
  refuses_with "--value" ipckit set sem:0 --value =1
  refuses_with "32767" ipckit set sem:0 --value 0=32768
  refuses_with "--value" ipckit set sem:0 --value -1,0,0
  column_is sem:0 values 7,8,32767
}

@test "a value that is set lets waiters go" {
  make_seven
  hold wait-sem 0 1
  expect 0 ipckit set sem:0 --value 1=1
  await is_gone "$started"
  column_is sem:0 values 0,0,0
}

@test "the size of POSIX memory: it grows, allocated as it was made" {
  make_seven
  expect 0 ipckit set pshm:/a --size 128K
  column_is pshm:/a size,allocated "128K  128K"
  ipckit create pshm:/sparse --size 4K --sparse >/dev/null
  expect 0 ipckit set pshm:/sparse --size 1G
  column_is pshm:/sparse size,allocated "1.0G  0"
  expect 1 ipckit set pshm:/a --size 1G
  err_has "No space left on device"
  column_is pshm:/a size,allocated "128K  128K"
}

@test "a segment that somebody has mapped shrinks only with -f" {
  make_seven
  expect 0 ipckit set pshm:/a --size 32K
  hold map-pshm a
  expect 4 ipckit set pshm:/a --size 4K
  err_has "in use"
  err_has "SIGBUS"
  column_is pshm:/a size 32K
  expect 0 ipckit set pshm:/a --size 64K # growing hurts nobody
  expect 0 ipckit set -f pshm:/a --size 4K
  column_is pshm:/a size 4.0K
}

@test "the content of a segment stays" {
  make_seven
  inside 'echo hello >/dev/shm/a; ipckit set pshm:/a --size 128K; ipckit set pshm:/a --size 16K'
  expect 0 in_sandbox head -c 5 /dev/shm/a
  out_is hello
  column_is pshm:/a size 16K
}

@test "a System V segment is pinned and unpinned" {
  make_seven
  expect 0 ipckit set shm:0 --pin --json
  valid_json set
  json '.objects[0].pinned == true'
  expect 0 ipckit ls shm
  out_has pinned
  expect 0 ipckit set shm:0 --unpin --json
  json '.objects[0].pinned == false'
  refuses_with "exclude each other" ipckit set shm:0 --pin --unpin
}

@test "the size of a pipe, while somebody has it open" {
  make_seven
  expect 4 ipckit set fifo:/tmp/a --pipe-size 128K
  err_lacks "SIGBUS"
  hold hold-fifo /tmp/a rw
  expect 0 ipckit set fifo:/tmp/a --pipe-size 128K
  expect 0 ipckit show fifo:/tmp/a --json
  valid_json show
  json '.objects[0].pipe_size == 131072'
  expect 1 ipckit set fifo:/tmp/a --pipe-size 8G
  err_has 2147483647
  nobody ipckit create fifo:/tmp/b >/dev/null
  hold_as_nobody hold-fifo /tmp/b rw
  expect 6 nobody ipckit set fifo:/tmp/b --pipe-size 64M
  err_has "pipe-max-size"
}

@test "options of another kind, or none, are refused" {
  make_seven
  refuses_with "--max-bytes does not go with" ipckit set shm:0 --max-bytes 1
  refuses_with "--value does not go with" ipckit set psem:/a --value 1
  refuses_with "--size does not go with" ipckit set shm:0 --size 1
  refuses_with "--pin does not go with" ipckit set pshm:/a --pin
  refuses_with "--pipe-size does not go with" ipckit set pmsg:/a --pipe-size 1
  refuses_with "--value does not go with" ipckit set sem:0 pshm:/a --value 1,1,1
  refuses_with "what is to be changed" ipckit set msg:0
  refuses_with "what is to be changed" ipckit set -f msg:0
  refuses_with "REF is needed" ipckit set --mode 0600
  refuses_with "is a kind" ipckit set msg --mode 0600
  refuses_with "names nobody" ipckit set msg:0 --owner :
  refuses_with "no user" ipckit set msg:0 --owner nosuchuser
  refuses_with "no group" ipckit set msg:0 --owner 0:nosuchgroup
  refuses_with "--owner" ipckit set msg:0 --owner=-1
  refuses_with "--mode" ipckit set msg:0 --mode 8
  refuses_with "--mode" ipckit set msg:0 --mode=
  column_is sem:0 values 0,0,0
}

@test "unprivileged users change their own, and nothing else: 6" {
  make_seven
  local ref
  for ref in $seven; do
    expect 6 nobody ipckit set "$ref" --mode 0666
    expect 6 nobody ipckit set "$ref" --owner nobody
    err_lines 1
  done
  expect 0 ipckit ls -o mode,uid --no-headings
  out_is "$(printf '0600  0\n%.0s' {1..7})"
  ipckit set --owner nobody:nogroup $seven
  expect 0 nobody ipckit set --mode 0640 $seven
  # His own, though he may not even read it.
  expect 0 nobody ipckit set --mode 0 $seven
  expect 0 nobody ipckit set --mode 0644 $seven
  expect 6 nobody ipckit set pshm:/a --owner root
}

@test "links and files in the place of an object are not followed" {
  inside ': >/tmp/victim; chmod 0600 /tmp/victim
    ln -s /tmp/victim /dev/shm/link; ln -s /tmp/victim /dev/shm/sem.link; ln -s /tmp/victim /tmp/link'
  expect 3 ipckit set pshm:/link psem:/link fifo:/tmp/link --mode 0666 --owner nobody
  expect 3 ipckit set pshm:/link --size 100
  ipckit create psem:/real >/dev/null
  expect 0 ipckit set psem:/real --mode 0640
  expect 0 in_sandbox stat -c '%a %u %s' /tmp/victim
  out_is "600 0 0"
}

@test "mode and owner are changed without /proc, too" {
  make_seven
  hide_proc
  expect 0 ipckit set --mode 0640 $seven
  err_empty
  show_proc
  expect 0 ipckit ls -o mode --no-headings
  out_is "$(printf '0640\n%.0s' {1..7})"
}
