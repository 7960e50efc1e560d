#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit create: one object, exactly as wished for, and nothing that exists is touched.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

column_is() {
  expect 0 ipckit ls "$1" -o "$2" --no-headings
  out_is "$3"
}

@test "each kind is made, and its canonical REF printed" {
  expect 0 ipckit create msg:@jobs --max-bytes 8K
  out_is msg:0
  err_empty
  expect 0 ipckit create shm:key=19999 --size 64K --mode 0640
  out_is shm:0
  expect 0 ipckit create sem:@gate --count 2 --value 1,3
  out_is sem:0
  expect 0 ipckit create pmsg:/work --max-messages 5 --message-size 512
  out_is pmsg:/work
  expect 0 ipckit create pshm:frame --size 1M
  out_is pshm:/frame
  expect 0 ipckit create psem:/slots --value 4
  out_is psem:/slots
  expect 0 ipckit create fifo:ctl.pipe
  out_is fifo:/tmp/ctl.pipe
  expect 0 refs
  out_lines 7
  column_is msg:0 max_bytes 8.0K
  column_is shm:0 size 64K
  column_is shm:0 key 0x00004e1f
  column_is sem:0 values 1,3
  column_is pmsg:/work max_messages,message_size "5  512"
  column_is pshm:/frame size,allocated "1.0M  1.0M"
  column_is psem:/slots value 4
}

@test "a bare System V kind is private" {
  expect 0 ipckit create msg
  out_is msg:0
  expect 0 ipckit create msg
  out_is msg:1
  expect 0 ipckit create shm --size 1
  expect 0 ipckit create sem
  expect 0 ipckit ls -o key --no-headings
  out_is "$(printf 'private\nprivate\nprivate\nprivate')"
}

@test "bare paths of POSIX objects are made" {
  expect 0 ipckit create /dev/shm/a --size 1
  out_is pshm:/a
  expect 0 ipckit create /dev/shm/sem.b
  out_is psem:/b
  expect 0 ipckit create /dev/mqueue/c
  out_is pmsg:/c
  refuses_with "fifo:/tmp/d" ipckit create /tmp/d
  in_sandbox test ! -e /tmp/d
}

@test "the mode is 0600, whatever the umask" {
  inside '
    umask 0277
    for ref in msg:@a sem:@a pmsg:/a psem:/a fifo:/tmp/a; do ipckit create $ref; done
    ipckit create shm:@a --size 1; ipckit create pshm:/a --size 1' >/dev/null
  expect 0 ipckit ls -o mode --no-headings
  out_is "$(printf '0600\n%.0s' {1..7})"
}

@test "--mode is exact, whatever the umask" {
  inside '
    umask 077
    for ref in msg:@a sem:@a pmsg:/a psem:/a fifo:/tmp/a; do ipckit create $ref -m 0666; done
    ipckit create shm:@a --size 1 --mode 666; ipckit create pshm:/a --size 1 -m 0666' >/dev/null
  expect 0 ipckit ls -o mode --no-headings
  out_is "$(printf '0666\n%.0s' {1..7})"
  expect 0 ipckit create sem:@none -m 0
  expect 0 ipckit ls -o mode --no-headings sem:@none
  out_is 0000
}

@test "a mode is octal and has nine bits" {
  local mode
  for mode in 9 1777 0x1ff rw -1 '' 0o600 u+r 08; do
    refuses_with "--mode" ipckit create msg:@a --mode="$mode"
  done
  expect 0 refs
  out_empty
}

@test "sizes are bytes, or with a suffix" {
  local pair
  for pair in 4096:4096 64K:65536 64KiB:65536 1.5M:1572864 1MB:1000000 2kB:2000 1MiB:1048576; do
    expect 0 ipckit create pshm:/s --size "${pair%:*}" --json
    valid_json create
    json ".objects[0].size == ${pair#*:}"
    ipckit rm pshm:/s
  done
  for pair in 1Q -1 1.5.5M '' K 1e3 ' 4' 99999999999999999999 100E; do
    refuses_with "--size" ipckit create pshm:/s --size="$pair"
  done
}

@test "a POSIX segment is allocated at once, unless it is to be sparse" {
  expect 0 ipckit create pshm:/full --size 1M --json
  json '.objects[0].allocated == 1048576'
  expect 0 ipckit create pshm:/sparse --size 1M --sparse --json
  json '.objects[0].allocated == 0 and .objects[0].size == 1048576'
  expect 0 ipckit create pshm:/empty --size 0 --json
  json '.objects[0].size == 0'
  refuses_with "at least one byte" ipckit create shm --size 0
}

@test "what does not fit into /dev/shm leaves nothing behind, and says which limit" {
  expect 1 ipckit create pshm:/big --size 1G
  out_empty
  err_matches '^ipckit create: pshm:/big: .*No space left on device'
  err_has "/dev/shm"
  err_lines 2
  expect 0 in_sandbox ls -A /dev/shm
  out_empty
  expect 0 inside 'df --output=used /dev/shm | tail -n1'
  out_matches '^ *0$'
  expect 0 ipckit create pshm:/big --size 1G --sparse
}

@test "limits that refuse are named, with what was asked for" {
  expect 1 nobody ipckit create pmsg:/a --max-messages 11
  err_has "fs.mqueue.msg_max"
  err_has 11
  expect 1 nobody ipckit create pmsg:/a --message-size 9000
  err_has "fs.mqueue.msgsize_max"
  err_has 9000
  expect 1 ipckit create sem --count 32001
  err_has "kernel.sem"
  expect 6 nobody ipckit create msg --max-bytes 1M
  err_has "kernel.msgmnb"
  inside 'echo 3 >/proc/sys/kernel/msgmni; for i in 1 2 3; do ipckit create msg; done' >/dev/null
  expect 1 ipckit create msg
  err_has "kernel.msgmni"
  err_has "at most 3"
  inside 'echo 2 >/proc/sys/kernel/shmmni; ipckit create shm --size 1; ipckit create shm --size 1' >/dev/null
  expect 1 ipckit create shm --size 1
  err_has "kernel.shmmni"
  inside 'echo 4096 >/proc/sys/kernel/shmmax; ipckit rm shm:0'
  expect 1 ipckit create shm --size 4097
  err_has "kernel.shmmax"
  # A queue that was to be larger than it may be is not left behind.
  expect 0 refs msg
  out_lines 3
}

@test "counts and values agree" {
  expect 0 ipckit create sem --count 3
  column_is sem:0 values 0,0,0
  expect 0 ipckit create sem --count 3 --value 2
  column_is sem:1 values 2,2,2
  expect 0 ipckit create sem --value 4,5
  column_is sem:2 values 4,5
  expect 0 ipckit create sem --value 32767
  expect 0 ipckit create psem:/top --value 2147483647
  column_is psem:/top value 2147483647
  refuses_with "32767" ipckit create sem --value 32768
  refuses_with "2147483647" ipckit create psem:/x --value 2147483648
  refuses_with "one value" ipckit create psem:/x --value 1,2
  refuses_with "--count says 3" ipckit create sem --count 3 --value 1,2
  refuses_with "at least one" ipckit create sem --count 0
  refuses_with "--value" ipckit create sem --value 1,,2
  refuses_with "--value" ipckit create sem --value -1
  refuses_with "--value" ipckit create sem --value 1,2=3
}

@test "options of another kind are refused" {
  refuses_with "--size does not go with msg" ipckit create msg --size 4K
  refuses_with "--huge does not go with pshm" ipckit create pshm:/a --size 4K --huge
  refuses_with "--no-reserve does not go with pshm" ipckit create pshm:/a --size 4K --no-reserve
  refuses_with "--sparse does not go with shm" ipckit create shm --size 4K --sparse
  refuses_with "--count does not go with psem" ipckit create psem:/a --count 2
  refuses_with "--value does not go with msg" ipckit create msg --value 2
  refuses_with "--max-messages does not go with msg" ipckit create msg --max-messages 2
  refuses_with "--message-size does not go with fifo" ipckit create fifo:/tmp/a --message-size 2
  refuses_with "--max-bytes does not go with pmsg" ipckit create pmsg:/a --max-bytes 2
  refuses_with "needs --size" ipckit create shm
  refuses_with "needs --size" ipckit create pshm:/a
}

@test "what cannot be made is refused" {
  refuses_with "A REF or a System V kind" ipckit create
  refuses_with "one operand too many" ipckit create msg sem
  refuses_with "pmsg:/NAME" ipckit create pmsg
  refuses_with "fifo:PATH" ipckit create fifo
  refuses_with "is a group" ipckit create queue
  refuses_with "given by the kernel" ipckit create msg:5
  refuses_with "psem:/x" ipckit create pshm:/sem.x --size 1
  expect 0 refs
  out_empty
}

@test "--no-reserve is accepted; --huge makes huge pages or says what is missing" {
  expect 0 ipckit create shm --size 64K --no-reserve
  if [ "$(cat /proc/sys/vm/nr_hugepages)" -gt 0 ]; then skip "huge pages are set aside here, and not for a test"; fi
  expect 1 ipckit create shm --size 4M --huge
  err_has "vm.nr_hugepages"
  expect 0 refs
  out_lines 1
}

# ------------------------------------------------------------------------------------------------------------- existing

make_all() {
  inside '
    ipckit create msg:@a; ipckit create shm:@a --size 4K; ipckit create sem:@a --value 1,2
    ipckit create pmsg:/a --max-messages 5; ipckit create pshm:/a --size 4K; ipckit create psem:/a --value 3
    ipckit create fifo:/tmp/a' >/dev/null
}

@test "what exists is not touched: status 7" {
  make_all
  local before ref
  before=$(ipckit ls --json)
  for ref in msg:@a sem:@a pmsg:/a psem:/a fifo:/tmp/a; do
    expect 7 ipckit create "$ref" --mode 0666
    err_has "$ref: it exists already"
    out_empty
  done
  expect 7 ipckit create shm:@a --size 4K --mode 0666
  expect 7 ipckit create pshm:/a --size 1M --mode 0666
  expect 0 ipckit ls --json
  out_is "$before"
}

@test "--exist-ok returns what exists, without changing it" {
  make_all
  local before ref
  before=$(ipckit ls --json)
  for ref in msg:@a sem:@a pmsg:/a psem:/a fifo:/tmp/a; do
    case $ref in sem:*) expect 0 ipckit create sem:@a --count 2 --exist-ok ;; *) expect 0 ipckit create "$ref" --mode 0666 --exist-ok ;; esac
    err_empty
    out_lines 1
  done
  expect 0 ipckit create psem:/a --value 9 --exist-ok # a value is no geometry
  expect 0 ipckit create shm:@a --size 4K --exist-ok
  out_is shm:0
  expect 0 ipckit create pshm:/a --size 4K --exist-ok
  expect 0 ipckit create pmsg:/a --max-messages 5 --exist-ok
  expect 0 ipckit ls --json
  out_is "$before"
  expect 0 ipckit create psem:/new --exist-ok --value 2
  column_is psem:/new value 2
}

@test "--exist-ok refuses another geometry, and says how it differs" {
  make_all
  expect 7 ipckit create shm:@a --size 8K --exist-ok
  err_has "4096, not 8192"
  expect 7 ipckit create pshm:/a --size 8K --exist-ok
  err_has "4096, not 8192"
  expect 7 ipckit create sem:@a --count 3 --exist-ok
  err_has "2, not 3"
  expect 7 ipckit create pmsg:/a --max-messages 6 --exist-ok
  err_has "5, not 6"
  expect 7 ipckit create pmsg:/a --message-size 77 --exist-ok
  expect 7 ipckit create msg:@a --max-bytes 1 --exist-ok
  out_empty
}

@test "--exist-ok refuses what is of another kind, or damaged" {
  inside ': >/tmp/file; ln -s /tmp/file /tmp/link; mkdir /dev/shm/dir; mkfifo /dev/shm/fifo; ln -s /tmp/file /dev/shm/link
    echo nonsense >/dev/shm/sem.short'
  expect 7 ipckit create fifo:/tmp/file --exist-ok
  err_has "regular file"
  expect 7 ipckit create fifo:/tmp/link --exist-ok
  expect 7 ipckit create pshm:/dir --size 1 --exist-ok
  expect 7 ipckit create pshm:/fifo --size 1 --exist-ok
  expect 7 ipckit create pshm:/link --size 1 --exist-ok
  expect 7 ipckit create psem:/short --exist-ok
  err_has damaged
  expect 7 ipckit create fifo:/tmp/file
  err_lacks "takes it as it is"
}

@test "what somebody else made where we would have is refused, unless --any-owner" {
  nobody bash -c 'ipckit create msg:@a; ipckit create shm:@a --size 4K; ipckit create sem:@a
    ipckit create pmsg:/a; ipckit create pshm:/a --size 4K; ipckit create psem:/a; ipckit create fifo:/tmp/a' >/dev/null
  local ref
  for ref in msg:@a sem:@a pmsg:/a psem:/a fifo:/tmp/a "shm:@a --size 4K" "pshm:/a --size 4K"; do
    expect 6 ipckit create $ref --exist-ok
    err_has "nobody"
    err_has "--any-owner"
    out_empty
    expect 0 ipckit create $ref --exist-ok --any-owner
  done
  # To its owner it is his own, and what root made is trusted.
  expect 0 nobody ipckit create msg:@a --exist-ok
  ipckit create psem:/roots --mode 0666 >/dev/null
  expect 0 nobody ipckit create psem:/roots --exist-ok
}

@test "what somebody made and gave away is still his" {
  nobody ipckit create msg:@a --mode 0666 >/dev/null
  ipckit set msg:@a --owner 0:0
  expect 6 ipckit create msg:@a --exist-ok
}

@test "a FIFO needs its directory, and the right to write there" {
  expect 3 ipckit create fifo:/tmp/no/where
  err_has "directory does not exist"
  expect 6 nobody ipckit create fifo:/run/e2e/x
  err_has "Permission denied"
  inside ': >/tmp/file'
  expect 1 ipckit create fifo:/tmp/file/x
  err_has "Not a directory"
}

@test "a name with a slash behind it is no place for a FIFO, and the reason is true" {
  expect_any ipckit create fifo:/tmp/
  [ "$status" -eq 2 ] || [ "$status" -eq 7 ] || complain "status 2 or 7 was expected"
  err_lacks "directory does not exist"
}

@test "a key of a file that is not there is an error of its own" {
  expect 1 ipckit create msg:file=/nowhere
  err_is "ipckit create: msg:file=/nowhere: ftok: No such file or directory"
}

@test "JSON says what was made, and what was there" {
  expect 0 ipckit create sem:@gate --value 1,3 --json
  valid_json create
  json '.objects[0] | .ref == "sem:0" and .kind == "sem" and .asked == "sem:@gate" and .action == "created"
    and .values == [1,3] and .key == "0x1660eb12" and .mode == "0600" and .uid == 0'
  expect 0 ipckit create sem:@gate --count 2 --exist-ok --json
  valid_json create
  json '.objects[0].action == "exists"'
  expect 0 ipckit create pshm:/a --size 4096 --jsonl
  valid_jsonl create
  json '.action == "created" and .size == 4096 and (has("asked") | not)'
  expect 0 ipckit create msg -q
  out_is msg:0
  local ref
  for ref in shm pmsg:/j psem:/j fifo:/tmp/j msg:@j; do
    case $ref in shm) expect 0 ipckit create shm --size 1 --json ;; *) expect 0 ipckit create "$ref" --json ;; esac
    valid_json create
  done
}

@test "JSON says what failed" {
  ipckit create msg:@a >/dev/null
  expect 7 ipckit create msg:@a --json
  valid_json create
  json '.objects == [] and (.errors | length) == 1'
  json '.errors[0] | .ref == "msg:@a" and .status == 7 and .errno == "EEXIST" and .operation == "msgget"'
  err_has "exists already"
  expect 1 ipckit create pshm:/big --size 1G --json
  valid_json create
  json '.errors[0].errno == "ENOSPC" and .errors[0].status == 1'
}

@test "unprivileged users make all kinds" {
  expect 0 nobody bash -ec 'ipckit create msg:@a; ipckit create shm:@a --size 4K; ipckit create sem:@a --value 1 -m 0644
    ipckit create pmsg:/a; ipckit create pshm:/a --size 4K -m 0644; ipckit create psem:/a --value 2; ipckit create fifo:/tmp/a'
  out_lines 7
  expect 0 ipckit ls -o kind,owner,mode --no-headings
  output=$(tr -s ' ' <<<"$output" | sort)
  out_is "$(printf '%s\n' 'fifo nobody 0600' 'msg nobody 0600' 'pmsg nobody 0600' 'psem nobody 0600' \
    'pshm nobody 0644' 'sem nobody 0644' 'shm nobody 0600')"
}

@test "without /proc all kinds are made all the same" {
  hide_proc
  expect 0 inside '
    ipckit create pshm:/a --size 4K -m 0640; ipckit create psem:/a --value 2; ipckit create pmsg:/a --max-messages 2
    ipckit create msg:@a; ipckit create fifo:/tmp/a'
  err_empty
  show_proc
  expect 0 ipckit ls pshm:/a -o mode --no-headings
  out_is 0640
}

@test "a /dev/shm that cannot reserve space will do, and is left clean" {
  inside 'mount -t ramfs ramfs /dev/shm && chmod 1777 /dev/shm' || skip "cannot mount ramfs"
  expect 0 ipckit create pshm:/sparse --size 4K --sparse
  expect 0 ipckit create psem:/a --value 2
  expect 0 ipckit create pshm:/full --size 4K
  expect 0 in_sandbox ls -A /dev/shm
  out_is "$(printf 'full\nsem.a\nsparse')"
  expect 0 ipckit ls psem -o value --no-headings
  out_is 2
}
