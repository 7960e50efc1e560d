#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit ls: every object of all seven kinds in one table.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

make_seven() {
  inside '
    ipckit create msg:@a; ipckit create shm:@a --size 8K; ipckit create sem:@a --value 1,3
    ipckit create pmsg:/a --max-messages 5 --message-size 512; ipckit create pshm:/a --size 64K
    ipckit create psem:/a --value 4; ipckit create fifo:/tmp/a' >/dev/null
}

# A command, so many seconds later.
later() {
  command -v cc >/dev/null || skip "needs cc"
  if [ ! -e "$state/later.so" ]; then
    cc -shared -fPIC -x c -o "$state/later.so" - <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
  int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, time);
  if (clock == CLOCK_REALTIME) time->tv_sec += atol(getenv("LATER"));
  return result;
}
END
  fi
  local seconds=$1
  shift
  LATER=$seconds preloaded "$inner/state/later.so" "$@"
}

@test "seven kinds, one table" {
  make_seven
  expect 0 ipckit ls
  err_empty
  out_lines 8
  out_matches '^REF +KEY +OWNER +MODE +SIZE +AGE +IDLE +USE'
  out_matches 'msg:0 +0x[0-9a-f]{8} +root +0600 +16K +[0-9]+s +[0-9]+s +0 messages, 0 of 16K'
  out_matches 'shm:0 +0x[0-9a-f]{8} +root +0600 +8.0K +[0-9]+s +[0-9]+s +0 maps'
  out_matches 'sem:0 +0x[0-9a-f]{8} +root +0600 +- +[0-9]+s +[0-9]+s +values 1,3'
  out_matches 'pmsg:/a +- +root +0600 +2.5K +[0-9]+s +[0-9]+s +0 of 5 messages'
  out_matches 'pshm:/a +- +root +0600 +64K +[0-9]+s +[0-9]+s +64K allocated'
  out_matches 'psem:/a +- +root +0600 +32 +[0-9]+s +[0-9]+s +value 4'
  out_matches 'fifo:/tmp/a +- +root +0600 +- +[0-9]+s +[0-9]+s +-'
}

@test "use: messages, full, maps, doomed, pinned, sparse" {
  inside '
    ipckit create msg:@a --max-bytes 20; ipckit create msg:@b; ipckit create shm:@a --size 8K; ipckit create shm:@b --size 8K
    ipckit create pmsg:/a --max-messages 2; ipckit create pshm:/a --size 64K --sparse; ipckit create sem --value 7
    ipckit set shm:@b --pin' >/dev/null
  hold fill-msg 0 2 10
  hold send-msg 1 hello
  hold send-pmsg a one
  hold hold-shm 0
  expect 0 ipckit ls -o ref,use --no-headings
  out_matches 'msg:0 +2 messages, 20 of 20 \(full\)'
  out_matches 'msg:1 +1 message, 5 of 16K'
  out_matches 'shm:0 +1 map'
  out_matches 'shm:1 +0 maps, pinned'
  out_matches 'pmsg:/a +1 of 2 messages'
  out_matches 'pshm:/a +0 allocated, sparse'
  out_matches 'sem:0 +value 7'
  hold send-pmsg a two
  ipckit rm -f shm:0 2>/dev/null
  expect 0 ipckit ls -o ref,use --no-headings
  out_matches 'pmsg:/a +2 of 2 \(full\)'
  out_matches 'shm:0 +doomed, 1 map'
}

@test "nothing there: headings only; nothing at all with -q" {
  expect 0 ipckit ls
  out_lines 1
  err_empty
  expect 0 ipckit ls -q
  out_empty
  expect 0 ipckit ls --jsonl
  out_empty
  expect 0 ipckit ls --no-headings
  out_empty
  expect 0 ipckit ls --json
  valid_json ls
  json '.objects == [] and .errors == [] and .incomplete == []'
}

@test "JSON of all kinds" {
  make_seven
  expect 0 ipckit ls --json
  valid_json ls
  json '([.objects[].kind] | sort) == ["fifo","msg","pmsg","psem","pshm","sem","shm"]'
  json '.objects[] | select(.kind == "sem") | .values == [1,3] and .count == 2 and .id == 0 and (has("operated") | not)'
  json '.objects[] | select(.kind == "shm") | .size == 8192 and .maps == 0 and .doomed == false and (has("attached") | not)'
  json '.objects[] | select(.kind == "pmsg") | .size == 2560 and .max_messages == 5 and .message_size == 512 and .messages == 0'
  json '.objects[] | select(.kind == "pshm") | .name == "/a" and .allocated == 65536 and (has("key") | not) and (has("id") | not)'
  json '.objects[] | select(.kind == "psem") | .value == 4 and .damaged == false'
  json '.objects[] | select(.kind == "fifo") | .name == "/tmp/a" and (has("size") | not)'
  json '.objects | all(.mode == "0600" and .uid == 0 and .owner == "root")'
  expect 0 ipckit ls --jsonl
  valid_jsonl ls
  out_lines 7
  expect 0 ipckit ls -l --json
  valid_json ls
}

@test "key order is stable" {
  make_seven
  local text
  expect 0 ipckit ls --jsonl
  text=$(jq -c keys_unsorted <"$state/stdout")
  expect 0 ipckit ls --jsonl
  [ "$text" = "$(jq -c keys_unsorted <"$state/stdout")" ]
  [[ "$text" == '["ref","kind",'* ]] || complain "ref and kind come first"
}

@test "-q prints canonical REFs, one a line" {
  make_seven
  expect 0 ipckit ls -q
  output=$(sort <<<"$output")
  out_is "$(printf '%s\n' fifo:/tmp/a msg:0 pmsg:/a psem:/a pshm:/a sem:0 shm:0)"
  expect 0 inside 'ipckit ls -q | xargs ipckit show -q | wc -l'
  out_is 7
}

@test "kinds and groups choose" {
  make_seven
  local pair
  for pair in 'msg:msg:0' 'fifo:fifo:/tmp/a' 'queue:msg:0 pmsg:/a' 'segment:pshm:/a shm:0' 'semaphore:psem:/a sem:0' \
    'sysv:msg:0 sem:0 shm:0' 'posix:pmsg:/a psem:/a pshm:/a' 'msg sem:msg:0 sem:0'; do
    expect 0 ipckit ls -q ${pair%%:*}
    [ "$(sort <<<"$output" | tr '\n' ' ')" = "${pair#*:} " ] || complain "${pair#*:} was expected"
  done
  expect 0 ipckit ls -q all
  out_lines 7
  expect 0 ipckit ls -q all msg
  out_lines 7
}

@test "REFs and kinds unite, each object stands there once" {
  make_seven
  ipckit create msg >/dev/null
  expect 0 ipckit ls -q msg:0
  out_is msg:0
  expect 0 ipckit ls -q psem msg:1 msg:1 psem:/a
  [ "$(sort <<<"$output" | tr '\n' ' ')" = "msg:1 psem:/a " ] || complain "two were expected"
  expect 1 ipckit ls -q psem msg:77
  out_is psem:/a
  err_has "msg:77: no such message queue"
  expect 3 ipckit ls msg:77
  expect 3 ipckit ls --json msg:77
  valid_json ls
  json '.objects == [] and .errors[0].ref == "msg:77" and .errors[0].status == 3'
}

@test "filters intersect" {
  inside '
    ipckit create pshm:/ci-1 --size 4K; ipckit create pshm:/ci-2 --size 64K; ipckit create psem:/ci-3; ipckit create pmsg:/x
    ipckit create shm --size 128K; mkfifo /tmp/ci-4' >/dev/null
  nobody ipckit create pshm:/ci-5 --size 32K -m 0644 >/dev/null
  expect 0 ipckit ls -q --name 'ci-*' --sort ref
  out_is "$(printf '%s\n' fifo:/tmp/ci-4 psem:/ci-3 pshm:/ci-1 pshm:/ci-2 pshm:/ci-5)"
  expect 0 ipckit ls -q --name '/ci-*' --sort ref
  out_is "$(printf '%s\n' psem:/ci-3 pshm:/ci-1 pshm:/ci-2 pshm:/ci-5)"
  expect 0 ipckit ls -q --name '/tmp/*'
  out_is fifo:/tmp/ci-4
  expect 0 ipckit ls -q --name x --name ci-3 --sort ref
  out_is "$(printf '%s\n' pmsg:/x psem:/ci-3)"
  expect 0 ipckit ls -q --name 'ci-[12]' --larger-than 4K
  out_is pshm:/ci-2
  expect 0 ipckit ls -q --larger-than 32K --sort ref
  out_is "$(printf '%s\n' pmsg:/x pshm:/ci-2 shm:0)"
  expect 0 ipckit ls -q --user nobody
  out_is pshm:/ci-5
  expect 0 ipckit ls -q --user 65534 --user root pshm
  out_lines 3
  expect 0 ipckit ls -q --mine --user nobody
  out_empty
  expect 0 nobody ipckit ls -q --mine pshm psem shm
  out_is pshm:/ci-5
  expect 0 ipckit ls -q pshm:/ci-1 --name 'ci-2'
  out_empty
}

@test "a large sparse file is no large object" {
  ipckit create pshm:/sparse --size 1G --sparse >/dev/null
  expect 0 ipckit ls -q --larger-than 1K
  out_empty
  expect 0 ipckit ls -q
  out_is pshm:/sparse
}

@test "age is since creation or change, idle since the newest time" {
  make_seven
  expect 0 later 7200 ipckit ls -o age,idle --no-headings
  out_is "$(printf '2h  2h\n%.0s' {1..7})"
  expect 0 later 7200 ipckit ls -q --older-than 1h
  out_lines 7
  expect 0 later 7200 ipckit ls -q --older-than 3h
  out_empty
  expect 0 later 86400 ipckit ls -q --idle-for 23.5h
  out_lines 7
  expect 0 later 86400 ipckit ls -q --idle-for 1.5d
  out_empty
  expect 0 later 90 ipckit ls -q --idle-for 80 msg
  out_lines 1
  expect 0 later 90 ipckit ls -q --idle-for 100s msg
  out_empty
  expect 0 later -7300 ipckit ls -o age --no-headings msg
  out_is "in 2h"
  expect 0 later 7200 ipckit ls --json -o age,idle msg
  json '.objects[0].age >= 7200 and .objects[0].age < 7300'
}

@test "use moves idle, not age" {
  inside 'ipckit create pshm:/a --size 4K; ipckit create pshm:/b --size 4K' >/dev/null
  in_sandbox touch -d '+5 hours' /dev/shm/a
  expect 0 later 86400 ipckit ls -o ref,age,idle --no-headings --sort ref
  out_matches 'pshm:/a +24h +1[89]h.pshm:/b +24h +24h'
  expect 0 later 86400 ipckit ls -q --idle-for 20h
  out_is pshm:/b
}

@test "oldest first; --sort and --reverse" {
  # The clock of files ticks every few milliseconds.
  inside 'ipckit create pshm:/c --size 64K; sleep 0.02
    ipckit create pshm:/b --size 4K; sleep 0.02; ipckit create pshm:/a --size 8K' >/dev/null
  expect 0 ipckit ls -q
  out_is "$(printf '%s\n' pshm:/c pshm:/b pshm:/a)"
  expect 0 ipckit ls -q --reverse
  out_is "$(printf '%s\n' pshm:/a pshm:/b pshm:/c)"
  expect 0 ipckit ls -q --sort size
  out_is "$(printf '%s\n' pshm:/b pshm:/a pshm:/c)"
  expect 0 ipckit ls -q --sort SIZE --reverse
  out_is "$(printf '%s\n' pshm:/c pshm:/a pshm:/b)"
  expect 0 ipckit ls -q --sort ref
  out_is "$(printf '%s\n' pshm:/a pshm:/b pshm:/c)"
  expect 0 ipckit ls -q --sort last-used
  out_lines 3
}

@test "sorting by number is by number; what has none comes last" {
  inside 'for i in {0..11}; do ipckit create sem; done; ipckit create msg; ipckit create psem:/p' >/dev/null
  expect 0 ipckit ls -q --sort id sem
  out_is "$(printf 'sem:%s\n' {0..11})"
  expect 0 ipckit ls -q --sort id
  [ "$(tail -n 1 <<<"$output")" = psem:/p ]
  expect 0 ipckit ls -q --sort messages
  [ "$(head -n 1 <<<"$output")" = msg:0 ]
}

@test "columns are chosen, appended, listed" {
  make_seven
  expect 0 ipckit ls -o ref,size pshm
  out_is "$(printf 'REF      SIZE\npshm:/a   64K')"
  expect 0 ipckit ls -o Ref,MAX-BYTES,max_bytes --no-headings msg
  out_is "msg:0  16K"
  expect 0 ipckit ls --columns=+uid,links pshm
  out_matches '^REF +KEY +OWNER +MODE +SIZE +AGE +IDLE +USE +UID +LINKS'
  expect 0 ipckit ls -o+uid --no-headings msg
  out_matches ' 0$'
  expect 0 ipckit ls -o ref,values --json sem
  valid_json ls
  json '.objects == [{"ref":"sem:0","values":[1,3]}]'
  expect 0 ipckit ls --columns-help
  local column
  for column in ref kind id key name owner mode size age idle use messages values value doomed; do
    out_matches "(^|
)$column "
  done
  # Every column that is listed can be shown.
  expect 0 ipckit ls --json -o "$(tail -n +2 <<<"$output" | cut -d' ' -f1 | paste -sd,)"
  valid_json ls
  expect 0 ipckit ls -o "$(ipckit ls --columns-help | tail -n +2 | cut -d' ' -f1 | paste -sd,)"
  out_lines 8
  refuses ipckit ls -o ''
  refuses ipckit ls -o ,
  refuses ipckit ls -o ref,,size
  refuses ipckit ls --sort ''
}

@test "-l shows all columns, every cell filled" {
  make_seven
  expect 0 ipckit ls -l
  out_lines 8
  local line words count=
  while read -r line; do
    read -ra words <<<"$(sed -E 's/ {2,}/\n/g' <<<"$line" | wc -l)"
    [ "${count:=${words[0]}}" = "${words[0]}" ] || complain "a cell is empty: $line"
  done <<<"$output"
  [ "$count" -gt 40 ]
}

@test "FIFOs are looked for one deep in /tmp, /run, /dev/shm and where the environment says" {
  inside 'mkdir -p /tmp/one/two /run/one /run/user /tmp/tmpdir /tmp/extra
    mkfifo /tmp/a /run/b /dev/shm/c /tmp/one/deep /run/user/d /tmp/tmpdir/e /tmp/extra/f'
  expect 0 ipckit ls -q fifo --sort ref
  out_is "$(printf 'fifo:%s\n' /dev/shm/c /run/b /tmp/a)"
  expect 0 in_sandbox env XDG_RUNTIME_DIR=/run/user TMPDIR=/tmp/tmpdir ipckit ls -q fifo --sort ref --fifo-dir extra
  out_is "$(printf 'fifo:%s\n' /dev/shm/c /run/b /run/user/d /tmp/a /tmp/extra/f /tmp/tmpdir/e)"
  # The same directory by another name is looked into once.
  inside 'ln -s /tmp /run/link'
  expect 0 in_sandbox env TMPDIR=/run/link XDG_RUNTIME_DIR=/tmp/ ipckit ls -q fifo --fifo-dir /tmp/one/.. --sort ref
  out_is "$(printf 'fifo:%s\n' /dev/shm/c /run/b /tmp/a)"
}

@test "a directory that cannot be searched is said" {
  inside 'mkdir -m 0700 /tmp/closed; : >/tmp/file'
  expect 0 nobody ipckit ls -q --fifo-dir /tmp/closed
  err_has "/tmp/closed"
  err_has "Permission denied"
  expect_any nobody ipckit ls --json --fifo-dir /tmp/closed
  valid_json ls
  json '.incomplete | any(.what == "directory" and .kind == "fifo")'
  expect_any ipckit ls -q --fifo-dir /tmp/nowhere
  err_has "/tmp/nowhere"
  expect_any ipckit ls -q --fifo-dir /tmp/file
  err_has "/tmp/file"
}

@test "--full finds FIFOs wherever a process holds one" {
  inside 'mkdir -p /tmp/deep/er; mkfifo /tmp/deep/er/f /tmp/deep/er/g'
  hold hold-fifo /tmp/deep/er/f rw
  expect 0 ipckit ls -q
  out_empty
  expect 0 ipckit ls -q --full
  out_is fifo:/tmp/deep/er/f
  # Removed but held: no path leads there.
  in_sandbox rm /tmp/deep/er/f
  expect 0 ipckit ls -q --full
  out_empty
}

@test "nothing of a kind, but something of its twin: stderr says so" {
  inside 'ipckit create pmsg:/a; ipckit create pmsg:/b; ipckit create sem' >/dev/null
  expect 0 ipckit ls msg
  out_lines 1
  err_is "ipckit ls: no message queue, but 2 POSIX message queues (ipckit ls pmsg)"
  expect 0 ipckit ls psem
  err_is "ipckit ls: no POSIX semaphore, but 1 System V semaphore set (ipckit ls sem)"
  expect 0 ipckit ls shm
  err_empty
  expect 0 ipckit ls queue
  err_empty
  expect 0 ipckit ls msg pmsg
  err_empty
  expect 0 ipckit ls
  err_empty
}

@test "options that make no sense are refused" {
  refuses_with "exclude each other" ipckit ls --json --jsonl
  refuses_with "exclude each other" ipckit ls -q --json
  refuses_with "no user" ipckit ls --user nosuchuser
  refuses_with "--user" ipckit ls --user ''
  refuses_with "--user" ipckit ls --user=-1
  refuses_with "--older-than" ipckit ls --older-than 5x
  refuses_with "--older-than" ipckit ls --older-than ''
  refuses_with "--idle-for" ipckit ls --idle-for -5
  refuses_with "--larger-than" ipckit ls --larger-than many
  refuses_with "--name" ipckit ls --name ''
  refuses_with "--fifo-dir" ipckit ls --fifo-dir ''
  refuses_with "--color" ipckit ls --color sometimes
  expect 2 ipckit ls --name= -q
  expect 2 ipckit ls --user= root
}

@test "many objects: 30,000 semaphores sets and files are listed at once" {
  inside '/usr/bin/python3 -c "
import ctypes, os
c = ctypes.CDLL(None)
for i in range(10000):
    c.semget(0, 1, 0o600)
    c.msgget(0, 0o600)
    os.close(os.open(f\"/dev/shm/f{i}\", os.O_CREAT | os.O_RDWR, 0o600))
"'
  SECONDS=0
  expect 0 inside 'ipckit ls -q | wc -l'
  out_is 30000
  expect 0 inside 'ipckit ls | wc -l'
  out_is 30001
  expect 0 inside 'ipckit ls --json | jq ".objects | length"'
  out_is 30000
  [ "$SECONDS" -le 20 ] || complain "it took $SECONDS seconds"
}
