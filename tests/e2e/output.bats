#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is written where: streams, terminals, colours, widths, JSON.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

make_seven() {
  inside '
    ipckit create msg:@jobs; ipckit create shm:key=19999 --size 64K; ipckit create sem:@gate --value 1,3
    ipckit create pmsg:/work; ipckit create pshm:/a-rather-long-name-of-a-segment --size 1M
    ipckit create psem:/slots; ipckit create fifo:/tmp/ctl' >/dev/null
}

every_reader='ls limits show:msg:0 key:@a help ls:-q ls:--json ls:--jsonl show:--json:msg:0 limits:--json key:--json:@a'

words_of() {
  tr ':' '\n' <<<"${1/msg:0/msg%0}" | sed 's/%/:/'
}

@test "stdout that is full: an error on stderr, status 1" {
  make_seven
  local reader words
  for reader in $every_reader; do
    mapfile -t words < <(words_of "$reader")
    expect 1 inside 'ipckit "$@" >/dev/full' "${words[@]}"
    err_has "stdout"
    err_has "No space left on device"
    err_lines 1
  done
}

@test "stdout that is closed: an error on stderr, status 1, and no file is written instead" {
  make_seven
  local reader words
  for reader in $every_reader; do
    mapfile -t words < <(words_of "$reader")
    expect 1 inside 'ipckit "$@" >&-' "${words[@]}"
    err_has "stdout"
  done
}

@test "create and set whose REF cannot be written say so" {
  expect 1 inside 'ipckit create msg:@a >/dev/full'
  err_has "stdout"
  expect 1 inside 'ipckit create pshm:/a --size 4K >&-'
  err_has "stdout"
  # With stdout closed the new file's descriptor must not become stdout.
  expect 0 in_sandbox od -An -tx1 /dev/shm/a
  out_lacks "70" # a p, as in pshm:/a
  expect 1 inside 'ipckit set msg:@a --mode 0640 -q >/dev/full'
  err_has "stdout"
  expect 0 inside 'ipckit rm msg:@a >/dev/full' # there is nothing to write
}

@test "closed stdin and stderr do no harm" {
  make_seven
  expect 0 inside 'ipckit ls -q <&- 2>&-'
  out_lines 7
  expect 3 inside 'ipckit show msg:77 2>&-'
  out_empty
  err_empty
  expect 3 inside 'ipckit show msg:77 2>/dev/full'
  expect 2 inside 'ipckit bogus 2>&- >&- <&-'
  expect 0 inside 'ipckit create pshm:/b --size 4K <&- 2>&-'
  expect 2 inside 'ipckit rm --all shm <&- 2>&-'
  expect 0 refs
  out_lines 8
}

@test "a reader that has gone is a quiet end" {
  inside 'for i in {1..300}; do echo "f$i"; done | sed "s,^,/dev/shm/,;s,\$,-$(printf "x%.0s" {1..200})," | xargs touch'
  local what
  for what in ls 'ls -q' 'ls --json' 'ls -l' limits; do
    expect 0 inside 'set +o pipefail; ipckit $1 | head -n 1; echo "${PIPESTATUS[0]}"' "$what"
    err_empty
    out_lines 2
    [ "$(tail -n 1 <<<"$output")" = 0 ] || [ "$(tail -n 1 <<<"$output")" = 141 ] || complain "a quiet end was expected"
  done
}

# ------------------------------------------------------------------------------------------------------------- colour

@test "colour on a terminal; never piped, never with NO_COLOR" {
  make_seven
  expect 0 ipckit ls
  out_lacks $'\e'
  expect 0 on_terminal 120 ipckit ls
  out_has $'\e[1m'
  expect 0 on_terminal 120 env NO_COLOR=1 ipckit ls
  out_lacks $'\e'
  expect 0 on_terminal 120 env NO_COLOR= ipckit ls # empty is not set
  out_has $'\e[1m'
  expect 0 on_terminal 120 ipckit ls --color never
  out_lacks $'\e'
  expect 0 on_terminal 120 env NO_COLOR=1 ipckit ls --color always
  out_has $'\e[1m'
  expect 0 ipckit ls --color=always
  out_has $'\e[1m'
  expect 0 ipckit limits --color always
  out_has $'\e[1m'
  expect 0 on_terminal 120 ipckit ls -q
  out_lacks $'\e'
  expect 0 on_terminal 120 ipckit ls --json
  out_lacks $'\e'
}

@test "what is wrong stands out" {
  make_seven
  hold hold-shm 0
  ipckit rm -f shm:0 2>/dev/null
  expect 0 ipckit ls --color always shm
  out_matches $'\e''\[[0-9;]+mdoomed, 1 map'$'\e''\[0m'
}

@test "--no-headings leaves the headings out" {
  make_seven
  expect 0 ipckit ls --no-headings
  out_lines 7
  out_lacks REF
  expect 0 ipckit ls -l --no-headings
  out_lines 7
  expect 0 on_terminal 80 ipckit ls --no-headings
  out_lacks REF
}

# ------------------------------------------------------------------------------------------------------------- widths

widest() {
  local line widest=0
  while IFS= read -r line; do
    if [ "${#line}" -gt "$widest" ]; then widest=${#line}; fi
  done <<<"$1"
  echo "$widest"
}

@test "on a terminal the table fits; REF is never cut, USE is last" {
  make_seven
  local columns
  for columns in 80 120 200; do
    expect 0 on_terminal "$columns" ipckit ls --color never
    [ "$(widest "$output")" -le "$columns" ] || complain "wider than $columns"
    out_has "pshm:/a-rather-long-name-of-a-segment"
    out_matches '^REF .* USE'
  done
  expect 0 on_terminal 40 ipckit ls --color never
  out_has "pshm:/a-rather-long-name-of-a-segment"
  out_matches '^REF .* USE'
}

@test "MODE and IDLE are there when there is room" {
  make_seven
  expect 0 on_terminal 200 ipckit ls --color never
  out_matches '^REF +KEY +OWNER +MODE +SIZE +AGE +IDLE +USE'
  expect 0 on_terminal 70 ipckit ls --color never
  out_matches '^REF +KEY +OWNER +SIZE +AGE +USE'
}

@test "what is cut is marked, and only on a terminal" {
  ipckit create sem --value "$(printf '%s,' {1..15})16" >/dev/null
  expect 0 on_terminal 60 ipckit ls --color never
  out_has "…"
  [ "$(widest "$output")" -le 60 ]
  expect 0 ipckit ls
  out_has "values 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"
  expect 0 on_terminal 60 ipckit ls --color never -o ref,values
  out_has "1,2,3"
}

@test "a terminal without a size shows everything" {
  make_seven
  expect 0 on_terminal 0 ipckit ls --color never
  out_matches '^REF +KEY +OWNER +MODE +SIZE +AGE +IDLE +USE'
}

@test "piped: one line a row, every cell filled, aligned" {
  make_seven
  expect 0 ipckit ls
  out_lines 8
  local line
  while IFS= read -r line; do
    [ "$(wc -w <<<"$line")" -ge 8 ] || complain "a cell is empty: $line"
    [[ "$line" != *" " ]] || complain "blanks at the end: $line"
  done <<<"$output"
  local use
  use=$(head -n 1 <<<"$output" | grep -bo USE | cut -d: -f1)
  while IFS= read -r line; do
    [ "${line:use-1:1}" = ' ' ] && [ "${line:use:1}" != ' ' ] || complain "not aligned: $line"
  done <<<"$output"
}

@test "the same columns piped as on a wide terminal" {
  make_seven
  local piped
  piped=$(ipckit ls -o ref,key,owner,mode,size,use)
  expect 0 on_terminal 200 ipckit ls -o ref,key,owner,mode,size,use --color never
  out_is "$piped"
  out_lines 8
}

@test "names of wide characters keep the table in order" {
  inside ': >/tmp/x; mkfifo "/tmp/ümläut"'
  expect 0 ipckit ls -o ref,name --no-headings
  out_is "fifo:/tmp/%C3%BCml%C3%A4ut  /tmp/ümläut"
}

# --------------------------------------------------------------------------------------------------------------- JSON

@test "times are RFC 3339 in UTC, modes and keys are strings, sizes numbers" {
  make_seven
  expect 0 in_sandbox env TZ=Pacific/Auckland ipckit ls --json
  valid_json ls
  json '.objects | all(.changed | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?Z$"))'
  json '.objects | all(.mode == "0600")'
  json '.objects[] | select(.kind == "shm") | .key == "0x00004e1f" and (.size | type) == "number"'
  local now changed
  now=$(date +%s)
  changed=$(json_value '.objects[0].changed | fromdateiso8601')
  [ "$((now - changed))" -ge 0 ] && [ "$((now - changed))" -lt 60 ]
}

@test "text shows local time" {
  make_seven
  expect 0 in_sandbox env TZ=UTC0 ipckit ls -o changed --no-headings msg
  local utc=$output
  expect 0 in_sandbox env TZ=XXX-5 ipckit ls -o changed --no-headings msg
  [ "$(($(date -ud "$output" +%s) - $(date -ud "$utc" +%s)))" -eq 18000 ] || complain "five hours later than $utc"
}

@test "what is unknown is null, what does not apply is absent" {
  make_seven
  expect 0 nobody ipckit ls --json
  valid_json ls
  json '.objects[] | select(.kind == "sem") | has("values") and .values == null'
  json '.objects[] | select(.kind == "pmsg") | .messages == null and .size == null'
  json '.objects[] | select(.kind == "psem") | .value == null'
  json '.objects[] | select(.kind == "fifo") | [has("size","key","id","value","messages")] | any | not'
  json '[.incomplete[] | .what + ":" + .kind] | sort == ["attributes:pmsg","values:psem","values:sem"]'
}

@test "an owner without a name is a number, and null as a name" {
  make_seven
  ipckit set msg:0 --owner 4242:4343
  expect 0 ipckit ls --json msg
  valid_json ls
  json '.objects[0] | .owner == null and .uid == 4242 and .group == null and .gid == 4343 and .creator == "root"'
  expect 0 ipckit ls msg -o owner,group --no-headings
  out_is "4242  4343"
}

@test "JSON is one document even when all failed" {
  expect 3 ipckit show --json msg:1 msg:2
  valid_json show
  json '.objects == [] and (.errors | length) == 2'
  expect 3 ipckit rm --json msg:1
  valid_json rm
  expect 3 ipckit set --json --mode 0600 msg:1
  valid_json set
}

@test "stderr and stdout on one terminal: what was listed stands before what is said of it" {
  make_seven
  expect 1 on_terminal 100 ipckit show -q msg:0 msg:77 shm:0
  out_is "$(printf 'msg:0\nipckit show: msg:77: no such message queue\nshm:0')"
}

@test "the locale changes nothing" {
  make_seven
  local plain
  plain=$(in_sandbox env LC_ALL=C ipckit ls -o ref,size,use,mode)
  expect 0 in_sandbox env LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 ipckit ls -o ref,size,use,mode
  out_is "$plain"
  out_lines 8
}
