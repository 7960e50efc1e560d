#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# An hour of work with all seven kinds, as a user would type it.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

session='
  ipckit create msg:@jobs --max-bytes 16K
  ipckit create shm:key=19999 --size 64K --mode 0640
  ipckit create sem:@gate --count 2 --value 1,3
  ipckit create pmsg:/work --max-messages 5 --message-size 512
  ipckit create pshm:/frame --size 1M
  ipckit create psem:/slots --value 4
  ipckit create fifo:/tmp/ctl.pipe
'

@test "make, list, show and remove one of each" {
  expect 0 inside "$session"
  out_is "$(printf '%s\n' msg:0 shm:0 sem:0 pmsg:/work pshm:/frame psem:/slots fifo:/tmp/ctl.pipe)"
  err_empty
  expect 0 ipckit ls --no-headings
  out_lines 7
  expect 0 inside 'ipckit ls --json |
    jq -e ".objects | map(.kind) | sort == [\"fifo\",\"msg\",\"pmsg\",\"psem\",\"pshm\",\"sem\",\"shm\"]"'
  expect 0 inside 'ipckit ls -q | xargs -r ipckit show --json | jq -e "[.objects[].ref] | length == 7"'
  expect 0 inside 'ipckit show sem:@gate --json | jq -e ".objects[0].semaphores[1].value == 3"'
  expect 0 inside 'ipckit ls -q | xargs -r ipckit rm'
  out_empty
  err_outside_only
  expect 0 inside 'ipckit ls -q | wc -l'
  out_is 0
}

@test "the same, unprivileged" {
  expect 0 nobody bash -euc "$session"
  out_lines 7
  expect 0 nobody bash -c 'ipckit ls -q --mine | xargs -r ipckit show --json | jq -e "[.objects[].ref] | length == 7"'
  expect 0 nobody bash -c 'ipckit ls -q --mine | xargs -r ipckit rm'
  expect 0 refs
  out_empty
}

@test "what is not there, and what is no verb" {
  expect 3 ipckit show msg:999
  err_is "ipckit show: msg:999: no such message queue"
  expect 2 ipckit lss
  err_has "did you mean 'ls'?"
}

@test "the examples of the help work" {
  inside '
    ipckit create sem:@deploy --value 3; ipckit create msg:@jobs; ipckit create shm:@cache --size 64K
    ipckit create pmsg:/work --max-messages 5 --message-size 512; ipckit create pshm:/frame --size 1M -m 0640' >/dev/null
  expect 0 inside 'q=$(ipckit create msg); ipckit show "$q"'
  out_has msg:1
  expect 0 ipckit ls shm pshm --sort size --no-headings
  out_lines 2
  expect 0 ipckit ls --mine --older-than 4h -q
  expect 0 ipckit ls queue -o ref,messages,use
  out_lines 4
  expect 0 ipckit show sem:@deploy
  out_has sem:0
  expect 0 inside 'ipckit ls -q | xargs -r ipckit show'
  expect 0 ipckit set msg:@jobs --max-bytes 16K
  expect 0 ipckit set sem:@deploy --value 0=1
  expect 0 ipckit set pshm:/frame --mode 0660 --owner :0
  expect 0 ipckit set shm:@cache --pin
  expect 0 inside 'ipckit create shm:@state --size 4K; ipckit create pshm:/log --size 0; mkfifo /run/feed'
  expect 0 inside 'head -c 1M /dev/urandom >/tmp/frame.raw; ipckit write pshm:/frame </tmp/frame.raw'
  expect 0 inside 'ipckit read pshm:/frame | cmp - /tmp/frame.raw'
  expect 0 ipckit write shm:@state --as i32 1 60
  expect 0 ipckit write shm:@state --offset 64 --as str idle
  expect 0 ipckit read shm:@state --as i32 -c 2
  out_is "1 60"
  expect 0 ipckit read shm:@state --offset 64 --as str
  out_is idle
  expect 0 ipckit read pshm:/frame --size 256 --hex
  out_lines 17
  expect 0 inside 'ipckit write pshm:/log --grow </etc/passwd; cmp /dev/shm/log /etc/passwd'
  expect 0 ipckit attach shm:@state sh -c 'exit 0' --fast
  expect 0 inside 'mkfifo /tmp/js; ipckit attach fifo:/tmp/js --tokens 4 ipckit peek fifo:/tmp/js; rm /tmp/js'
  out_is ++++
  expect 0 ipckit rm shm:@state pshm:/log fifo:/run/feed
  expect 0 ipckit limits
  expect 0 ipckit limits --check 80
  expect 0 ipckit key /etc/hosts a
  expect 0 ipckit key @deploy
  inside '"$mkipc" send-msg 0 hello 1; mkfifo /tmp/ctl' >/dev/null
  expect 0 ipckit peek msg:@jobs
  expect 0 inside '[ "$(ipckit peek msg:@jobs --index 0 --raw)" = hello ]'
  expect 0 ipckit peek msg:@jobs --index 0 --hex
  expect 0 ipckit watch msg:@jobs -c 1
  expect 0 ipckit watch shm:@cache --as i32 --size 64 -c 1
  expect 0 ipckit watch all --jsonl -c 1
  out_lines 7
  inside 'rm /tmp/ctl; "$mkipc" recv-msg 0' >/dev/null
  expect 0 inside '
    ipckit send msg:@jobs -t 5 "build 4711"; echo request >/tmp/request.bin; ipckit send pmsg:/work -p 9 </tmp/request.bin
    seq 100 | ipckit send msg:@jobs --lines
    ipckit recv msg:@jobs -t 5 -w 1.5s; echo; ipckit recv pmsg:/work
    ipckit recv msg:@jobs -c 10 --exec cat; echo
    ipckit recv msg:@jobs --all --jsonl >/tmp/saved; wc -l </tmp/saved'
  out_is "$(printf '%s\n' 'build 4711' request 12345678910 90)"
  expect 0 ipckit rm --all -n queue --name 'ci-*'
  expect 0 ipckit rm msg:@jobs pshm:/frame
  expect 0 refs
  out_lines 4
}
