#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit key: what a path or a word stands for.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

@test "the key of a file is that of ftok(3)" {
  command -v cc >/dev/null || skip "needs cc"
  cat >"$state/ftok.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
int main(int count, char **words) {
  for (int at = 1; at + 1 < count; at += 2) printf("0x%08x\n", (unsigned)ftok(words[at], atoi(words[at + 1])));
}
END
  cc -o "$state/ftok" "$state/ftok.c"
  local words=(/etc/passwd 1 /etc/passwd 97 /etc 200 /dev/null 255 / 7)
  expect 0 in_sandbox "$inner/state/ftok" "${words[@]}"
  local wanted=$output
  expect 0 inside 'while [ $# -gt 0 ]; do ipckit key "$1" "$2"; shift 2; done' "${words[@]}"
  out_is "$wanted"
}

@test "the project is a character or a number of which 8 bits count; 1 without it" {
  expect 0 ipckit key /etc/passwd a
  out_matches '^0x61[0-9a-f]{6}$'
  local text=$output
  expect 0 ipckit key /etc/passwd 97
  out_is "$text"
  expect 0 ipckit key /etc/passwd 353
  out_is "$text"
  expect 0 ipckit key /etc/passwd
  out_matches '^0x01'
  text=$output
  expect 0 ipckit key /etc/passwd 1
  out_is "$text"
  expect 0 ipckit key /etc/passwd 0
  out_matches '^0x00'
}

@test "links are followed, as ftok does" {
  inside 'ln -s /etc/passwd /tmp/link'
  expect 0 ipckit key /tmp/link
  out_matches '^0x01[0-9a-f]{6}$'
  local text=$output
  expect 0 ipckit key /etc/passwd
  out_is "$text"
}

@test "the key of a word is FNV-1a of its bytes, 0 made 1" {
  local word wanted
  for word in a deploy gate jobs 'two words' ümlaut '@' %41 ''; do
    [ -n "$word" ] || continue
    wanted=$(/usr/bin/python3 -c '
import os, sys
key = 2166136261
for byte in os.fsencode(sys.argv[1]):
    key = (key ^ byte) * 16777619 & 0xffffffff
print(f"0x{key or 1:08x}")' "$word")
    expect 0 ipckit key "@$word"
    out_is "$wanted"
  done
  expect 0 ipckit key @deploy
  out_is 0x5cd3477e
}

@test "a word whose hash is 0 has key 1" {
  # FNV-1a 32 of these bytes is 0.
  expect 0 ipckit key $'@\xcc\x24\x31\xc4'
  out_is 0x00000001
}

@test "create and show agree with it" {
  ipckit create sem:@deploy >/dev/null
  expect 0 ipckit ls sem -o key --no-headings
  out_is "$(ipckit key @deploy)"
  ipckit create msg:file=/etc/passwd,b >/dev/null
  expect 0 ipckit ls msg -o key --no-headings
  out_is "$(ipckit key /etc/passwd b)"
  expect 0 ipckit show -q "shm:$(ipckit key @x)" "msg:$(ipckit key /etc/passwd b)" || [ "$status" -eq 1 ]
  out_is msg:0
}

@test "JSON" {
  expect 0 ipckit key @deploy --json
  valid_json key
  json '.objects == [{"key":"0x5cd3477e","decimal":1557350270,"word":"deploy"}]'
  expect 0 ipckit key /etc/passwd a --json
  valid_json key
  json '.objects[0] | .path == "/etc/passwd" and .project == 97 and (.key | startswith("0x61"))'
  expect 0 ipckit key @jobs --jsonl
  valid_jsonl key
  json '.decimal < 0' # as key_t
  expect 0 ipckit key $'@\xff' --json
  valid_json key
  json '.objects[0].word_base64 == "/w=="'
  expect 3 ipckit key /nowhere --json
  valid_json key
  json '.objects == [] and .errors[0].status == 3 and .errors[0].errno == "ENOENT" and .errors[0].ref == "/nowhere"'
}

@test "what is not there is 3, what may not be reached 6" {
  expect 3 ipckit key /nowhere
  out_empty
  err_is "ipckit key: /nowhere: no such file"
  inside 'mkdir -m 0700 /tmp/closed; : >/tmp/closed/file'
  expect 6 nobody ipckit key /tmp/closed/file
  expect 1 ipckit key /etc/passwd/x
  err_has "Not a directory"
}

@test "words that make no sense are refused" {
  refuses_with "PATH or an @WORD" ipckit key
  refuses_with "empty" ipckit key ''
  refuses_with "followed by a word" ipckit key @
  refuses_with "no project" ipckit key @word a
  refuses_with "too many" ipckit key /etc/passwd a b
  refuses_with "is no project" ipckit key /etc/passwd ab
  refuses_with "is no project" ipckit key /etc/passwd ''
  refuses_with "unknown option" ipckit key -q /etc/passwd
}

@test "a file whose name begins with @ or - is named by ./ or --" {
  inside ': >/tmp/@x; : >/tmp/-x'
  expect 0 ipckit key ./@x
  expect 0 ipckit key -- -x
  out_matches '^0x01[0-9a-f]{6}$'
  local text=$output
  expect 0 ipckit key ./-x
  out_is "$text"
}
