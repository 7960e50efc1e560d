#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What strangers put in /dev/shm, /dev/mqueue and /tmp: looked at without harm, and never taken for something else.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

hostile_names=(
  'x msg:0' $'x\nmsg:0' $'a\tb' 'q"uote' "apo'strophe" 'back\slash' '$(reboot)' '`id`' 'semi;colon' '-rf' '--help' '*'
  $'\e[31mred' $'\e]0;title\a' $'carriage\rreturn' $'\x7f' $'\xc2\x9b31m' $'\xff\xfe' $'\xc3' $'over\xc0\xaflong'
  $'\xed\xa0\x80' $'\xe2\x80\xae' $'\xe2\x80\xa8' 'per%cent%41' '%00' '%' 'ümlaut' ' ' '  lead' 'trail ' '#' '~' '!' '&' '|' '<>' '(' '{' 'a,b' 'a:b' 'a@b'
  '=' '+' 'shm:0' '@word' 'sem' 'semaphore' '.hidden' '...' $'\x01'
)

plant() {
  inside 'cd "$1"; shift; for name; do : >"./$name"; done' "$1" "${hostile_names[@]}"
}

# Looks at everything in each way; nothing of it steers a terminal, or fails.
look_at_all() {
  local words
  for words in ls 'ls -l' 'ls -q' 'ls --json' 'ls --jsonl' 'ls --full' 'ls --sort name'; do
    expect 0 in_sandbox timeout 10 ipckit $words
    no_control_bytes
    case $words in *--json) valid_json ls ;; *--jsonl) valid_jsonl ls ;; esac
  done
  # The program under test writes the REFs; xargs and the shell take them apart.
  expect 0 inside 'ipckit ls -q | timeout 20 xargs ipckit show'
  no_control_bytes
  expect 0 inside 'ipckit ls -q | timeout 20 xargs ipckit show --json'
  no_control_bytes
  valid_json show
}

# --------------------------------------------------------------------------------------------------------------- names

@test "hostile names in /dev/shm: each is one word, and is read back" {
  plant /dev/shm
  inside 'cd /dev/shm; for name; do cp /dev/null "./sem.$name"; done' "${hostile_names[@]}"
  look_at_all
  expect 0 ipckit ls -q
  out_lines $((2 * ${#hostile_names[@]}))
  expect 0 inside 'ipckit ls -q | while IFS= read -r ref; do [ "$(ipckit show -q "$ref")" = "$ref" ]; done'
  expect 0 inside 'ipckit ls -q | xargs ipckit rm; ls -A /dev/shm'
  out_empty
}

@test "hostile names of FIFOs" {
  inside 'cd /tmp; for name; do mkfifo "./$name"; done' "${hostile_names[@]}"
  look_at_all
  expect 0 inside 'ipckit ls -q | wc -l'
  out_is "${#hostile_names[@]}"
  expect 0 inside 'ipckit ls -q | xargs ipckit rm; ls -A /tmp'
  out_empty
}

@test "hostile names of POSIX queues" {
  inside 'echo 1000 >/proc/sys/fs/mqueue/queues_max
    for name; do /usr/bin/python3 -c "
import ctypes, os, sys
c = ctypes.CDLL(None)
name = os.fsencode(sys.argv[1])
class Attributes(ctypes.Structure):
    _fields_ = [(n, ctypes.c_long) for n in (\"flags\", \"most\", \"size\", \"now\", \"a\", \"b\", \"c\", \"d\")]
fd = c.mq_open(b\"/\" + name, 0o102, 0o600, ctypes.byref(Attributes(0, 1, 1)))
assert fd >= 0, name
" "$name"; done' "${hostile_names[@]:0:20}"
  look_at_all
  expect 0 inside 'ipckit ls -q | wc -l'
  out_is 20
  expect 0 inside 'ipckit ls -q | xargs ipckit rm; ls -A /dev/mqueue'
  out_empty
}

@test "a planted name is never another object" {
  ipckit create msg:@precious >/dev/null
  inside ': >"/dev/shm/x msg:0"; : >"/dev/shm/y
msg:0"; : >/dev/shm/sem."z msg:0"; mkfifo "/tmp/f msg:0" "/tmp/g
msg:0"'
  expect 0 inside 'ipckit ls -q pshm psem fifo | xargs ipckit rm'
  expect 0 refs
  out_is msg:0
}

@test "a name that is not UTF-8 comes as base64, too" {
  inside ": >$'/dev/shm/\xff\xfe'; : >$'/dev/shm/sem.\xff'; mkfifo $'/tmp/\xfe'"
  expect 0 ipckit ls --json
  valid_json ls
  json '.objects[] | select(.kind == "pshm") | .ref == "pshm:/%FF%FE" and .name_base64 == "L//+"'
  json '.objects[] | select(.kind == "psem") | .ref == "psem:/%FF" and .name_base64 == "L/8="'
  json '.objects[] | select(.kind == "fifo") | .ref == "fifo:/tmp/%FE" and (.name_base64 | @base64d | length) > 0'
  expect 0 ipckit ls pshm -o name --no-headings
  out_is '/\xff\xfe'
}

@test "errors say hostile words escaped" {
  local word words
  ipckit create msg:@a >/dev/null
  expect 0 refs
  out_is msg:0
  for word in $'pshm:/\e[2J' $'fifo:/tmp/\e[2J' $'msg:\e' $'pshm:/\xff' $'/tmp/\e[31m\n' $'sem:@\e[31m'; do
    for words in show rm 'set --mode 0600' ls; do
      expect_any ipckit $words "$word"
      no_control_bytes
      [ "$status" -eq 2 ] || [ "$status" -eq 3 ] || complain "status 2 or 3 was expected"
      expect_any ipckit $words "$word" --json
      no_control_bytes
    done
  done
}

@test "hostile names of processes" {
  ipckit create sem:@a --value 1 >/dev/null
  # The name that the kernel keeps is that of the file.
  local program=$'/tmp/\e[31mred\n\xff'
  in_sandbox cp "$mkipc" "$program"
  start "$program" undo-sem 0 0
  await grep -qx ready "$started_output"
  expect 0 ipckit show sem:0
  out_has '\x1b[31mred\x0a\xff'
  no_control_bytes
  expect 0 ipckit show sem:0 --json
  no_control_bytes
  valid_json show
  json '.objects[0].semaphores[0] | .last_command == "\u001b[31mred\n\ufffd" and has("last_command_base64")'
}

@test "hostile names of directories" {
  inside 'mkdir "/tmp/a
b" "/tmp/'$'\e''c"; mkfifo "/tmp/a
b/f" "/tmp/'$'\e''c/g"'
  expect 0 ipckit ls -q --fifo-dir $'/tmp/a\nb' --fifo-dir $'/tmp/\ec'
  [ "$(sort <<<"$output")" = "$(printf 'fifo:/tmp/%%1Bc/g\nfifo:/tmp/a%%0Ab/f')" ] || complain "two FIFOs were expected"
  no_control_bytes
  expect_any in_sandbox env TMPDIR=$'/tmp/\e[31m' XDG_RUNTIME_DIR=$'/etc/passwd/\e' ipckit ls
  no_control_bytes
}

# ------------------------------------------------------------------------------------------------- what is no object

# Everything but objects, in /dev/shm and /tmp, and what it looks like.
plant_things() {
  inside '
    mkdir -p /tmp/outside; echo precious >/tmp/outside/victim; chmod 0600 /tmp/outside/victim
    for place in /dev/shm/ /dev/shm/sem. /tmp/; do
      ln -s /tmp/outside/victim ${place}link
      ln -s /nowhere ${place}dangling
      ln -s link-loop ${place}link-loop
      mkdir ${place}directory
      mknod ${place}zero c 1 5; mknod ${place}block b 7 0; mknod ${place}tty c 5 0
      mkfifo ${place}pipe
      /usr/bin/python3 -c "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])" ${place}socket
    done'
}

state_of_things() {
  inside 'cat /tmp/outside/victim; stat -c "%n %i %a %u %s %h %x %y %z" /tmp/outside/* /dev/shm/* /tmp/*'
}

@test "links, directories, devices, sockets are no objects, and stay as they are" {
  plant_things
  local before
  before=$(state_of_things)
  expect 0 in_sandbox timeout 10 ipckit ls -q --sort ref
  out_is "$(printf 'fifo:%s\n' /dev/shm/pipe /dev/shm/sem.pipe /tmp/pipe)"
  local name words
  for name in link dangling link-loop directory zero block tty socket pipe; do
    for words in show rm 'rm -f' 'set --mode 0666' 'set --owner nobody'; do
      expect 3 in_sandbox timeout 10 ipckit $words "pshm:/$name" "psem:/$name"
    done
    [ "$name" = pipe ] || expect 3 in_sandbox timeout 10 ipckit show "fifo:/tmp/$name"
    [ "$name" = pipe ] || expect 3 in_sandbox timeout 10 ipckit rm -f "fifo:/tmp/$name"
    expect 7 in_sandbox timeout 10 ipckit create "pshm:/$name" --size 1
    expect 7 in_sandbox timeout 10 ipckit create "psem:/$name" --exist-ok
    [ "$name" = pipe ] || expect 7 in_sandbox timeout 10 ipckit create "fifo:/tmp/$name" --exist-ok
    expect 3 in_sandbox timeout 10 ipckit set "pshm:/$name" --size 4K -f
  done
  expect 0 in_sandbox timeout 10 ipckit rm --all -y -f pshm psem
  expect 0 state_of_things
  out_is "$before"
}

@test "a FIFO where shared memory was asked for is told" {
  inside 'mkfifo /dev/shm/pipe'
  expect 3 in_sandbox timeout 10 ipckit show pshm:/pipe
  err_has "fifo:/dev/shm/pipe"
}

@test "no FIFO is ever opened: a writer that waits for a reader still does" {
  inside 'mkfifo /tmp/f /dev/shm/g /dev/shm/sem.h; ipckit create psem:/p' >/dev/null
  local path writers=()
  for path in /tmp/f /dev/shm/g /dev/shm/sem.h; do
    start bash -c 'echo hello >"$0"' "$path"
    writers+=("$started")
  done
  waits_in_open() { [ "$(in_sandbox cat "/proc/$1/wchan")" = wait_for_partner ]; }
  for started in "${writers[@]}"; do await waits_in_open "$started"; done
  expect 0 ipckit ls -q
  out_lines 4
  local words
  for words in ls 'ls -l' 'ls --full' 'ls --json' limits 'show fifo:/tmp/f fifo:/dev/shm/g fifo:/dev/shm/sem.h' \
    'show pshm:/g' 'show psem:/h' 'rm -n fifo:/tmp/f' 'set fifo:/tmp/f --mode 0640' '__complete show fifo:'; do
    expect_any in_sandbox timeout 10 ipckit $words
    [ "$status" -ne 124 ] || complain "it blocked"
  done
  for started in "${writers[@]}"; do waits_in_open "$started" || complain "a writer was released"; done
}

@test "a reader that waits for a writer still does" {
  inside 'mkfifo /tmp/f'
  start cat /tmp/f
  waits_in_open() { [ "$(in_sandbox cat "/proc/$started/wchan")" = wait_for_partner ]; }
  await waits_in_open
  expect 0 ipckit ls -q
  out_is fifo:/tmp/f
  local words
  for words in ls 'ls --full' 'show fifo:/tmp/f' 'rm -n fifo:/tmp/f' 'set fifo:/tmp/f --mode 0640'; do
    expect_any in_sandbox timeout 10 ipckit $words
  done
  waits_in_open || complain "the reader was released"
}

@test "sparse files that claim exabytes are small, and sums do not overflow" {
  inside 'for i in 1 2 3 4; do truncate -s 7E /dev/shm/$i; truncate -s 7E /dev/shm/sem.$i; done'
  expect 0 in_sandbox timeout 10 ipckit ls
  out_has "7.0E"
  out_has "0 allocated, sparse"
  expect 0 in_sandbox timeout 10 ipckit ls --json
  valid_json ls
  json '.objects[] | select(.ref == "pshm:/1") | .size == 8070450532247928832 and .allocated == 0'
  expect 0 ipckit ls -q --larger-than 1
  out_empty
  expect 0 in_sandbox timeout 10 ipckit show pshm:/1 psem:/1 --json
  valid_json show
  expect 0 ipckit limits
  expect 0 ipckit rm pshm:/1
}

@test "the file of a semaphore that has the wrong size, or nonsense inside, is shown as damaged or read without harm" {
  inside ': >/dev/shm/sem.empty; head -c 31 /dev/zero >/dev/shm/sem.short; head -c 33 /dev/zero >/dev/shm/sem.long
    head -c 32 /dev/urandom >/dev/shm/sem.random; head -c 32 /dev/zero | tr "\0" "\377" >/dev/shm/sem.ones
    ipckit create psem:/sound --value 7; : >/dev/shm/sem.' >/dev/null
  expect 0 ipckit ls psem --json
  valid_json ls
  json '[.objects[] | select(.damaged) | .name] | contains(["/empty","/short","/long"])'
  json '.objects[] | select(.name == "/sound") | .damaged == false and .value == 7'
  json '.objects[] | select(.name == "/empty") | .value == null'
  expect 0 ipckit ls psem
  out_has damaged
  expect 0 ipckit show psem:/short
  out_matches 'damaged +yes'
  expect 0 ipckit rm psem:/empty psem:/short psem:/long
}

@test "mounts over files are not entered" {
  inside '
    ipckit create pshm:/over --size 4K; ipckit create psem:/over; mkfifo /tmp/over /tmp/pipe
    : >/tmp/victim; chmod 0600 /tmp/victim
    mount --bind /tmp/victim /dev/shm/over; mount --bind /tmp/victim /dev/shm/sem.over; mount --bind /tmp/pipe /tmp/over
    mkdir /dev/shm/tree; mount -t tmpfs tmpfs /dev/shm/tree; : >/dev/shm/tree/x' >/dev/null
  expect 0 in_sandbox timeout 10 ipckit ls --json
  valid_json ls
  json '[.objects[] | select(.kind == "pshm" or .kind == "psem")] == []'
  local words
  for words in show rm 'rm -f' 'set --mode 0666'; do
    expect_any in_sandbox timeout 10 ipckit $words pshm:/over psem:/over
    [ "$status" -ne 0 ] || complain "a mount was entered"
    err_lines 2
  done
  expect 0 in_sandbox stat -c '%a %s' /tmp/victim
  out_is "600 0"
  inside 'umount /dev/shm/over /dev/shm/sem.over'
  expect 0 ipckit ls -q pshm psem --sort ref
  out_is "$(printf 'psem:/over\npshm:/over')"
}

@test "a dead file system behind a process's descriptor does not hang us" {
  # A FUSE server that does not answer cannot be had here; a descriptor of another mount that is gone can.
  inside 'mkdir /tmp/gone; mount -t tmpfs tmpfs /tmp/gone; mkfifo /tmp/gone/f'
  start bash -c 'exec 8<>/tmp/gone/f; umount -l /tmp/gone; echo ready; sleep 60'
  await grep -qx ready "$started_output"
  expect 0 in_sandbox timeout 10 ipckit ls --full
  expect 0 in_sandbox timeout 10 ipckit ls --full --json
  valid_json ls
}

# ------------------------------------------------------------------------------------------------------------- traces

@test "reading a semaphore's value leaves its access time as it was" {
  ipckit create psem:/a --value 3 >/dev/null
  inside 'mount -o remount,strictatime /dev/shm; touch -d "2001-02-03 04:05:06" /dev/shm/sem.a; touch -m -d "2002-02-03" /dev/shm/sem.a'
  local before
  before=$(in_sandbox stat -c '%x %y %z' /dev/shm/sem.a)
  inside 'ipckit ls; ipckit ls -l --json; ipckit show psem:/a; ipckit rm -n psem:/a; ipckit __complete show psem:' >/dev/null
  expect 0 in_sandbox stat -c '%x %y %z' /dev/shm/sem.a
  out_is "$before"
  expect 0 ipckit ls psem -o value --no-headings
  out_is 3
  # Reading by the plain way would have moved it.
  in_sandbox cat /dev/shm/sem.a >/dev/null
  expect 0 in_sandbox stat -c '%x %y %z' /dev/shm/sem.a
  [ "$output" != "$before" ]
}

@test "a listing by somebody else does not move the access time either" {
  ipckit create psem:/a --value 3 -m 0644 >/dev/null
  inside 'mount -o remount,strictatime /dev/shm; touch -a -d "2001-02-03 04:05:06" /dev/shm/sem.a'
  local before
  before=$(in_sandbox stat -c '%x %y %z' /dev/shm/sem.a)
  expect 0 nobody ipckit ls -q
  out_is psem:/a
  expect 0 in_sandbox stat -c '%x %y %z' /dev/shm/sem.a
  out_is "$before"
}

@test "looking at POSIX queues leaves their times as they were" {
  ipckit create pmsg:/a >/dev/null
  hold send-pmsg a hello
  sleep 1.1
  local before
  before=$(in_sandbox stat -c '%x %y %z' /dev/mqueue/a)
  inside 'ipckit ls; ipckit ls -l --json; ipckit show pmsg:/a; ipckit limits; ! ipckit rm pmsg:/a' >/dev/null 2>&1
  expect 0 in_sandbox stat -c '%x %y %z' /dev/mqueue/a
  out_is "$before"
  # Reading its text would have moved them.
  in_sandbox cat /dev/mqueue/a >/dev/null
  expect 0 in_sandbox stat -c '%x %y %z' /dev/mqueue/a
  [ "$output" != "$before" ]
}

@test "shared memory is not touched: nothing becomes resident, no time moves" {
  inside 'ipckit create shm --size 1M; ipckit create pshm:/a --size 1M --sparse
    mount -o remount,strictatime /dev/shm; touch -a -d "2001-02-03" /dev/shm/a' >/dev/null
  local before
  before=$(in_sandbox stat -c '%x %y %z %b' /dev/shm/a)
  inside 'ipckit ls -l; ipckit show shm:0 pshm:/a; ipckit rm -n pshm:/a shm:0' >/dev/null
  expect 0 in_sandbox stat -c '%x %y %z %b' /dev/shm/a
  out_is "$before"
  expect 0 ipckit show --json shm:0
  valid_json show
  json '.objects[0] | .resident == 0 and (has("attached") | not) and (has("detached") | not)'
}

# ------------------------------------------------------------------------------------------------------- many, moving

@test "20,000 names" {
  inside '/usr/bin/python3 -c "
import os
for i in range(20000):
    os.close(os.open(f\"/dev/shm/{i} \\n\\x1b\", os.O_CREAT | os.O_RDWR, 0o600))
"'
  SECONDS=0
  expect 0 in_sandbox timeout 20 ipckit ls
  no_control_bytes
  out_lines 20001
  expect 0 inside 'ipckit ls -q | timeout 30 xargs -n 10000 ipckit rm; ls -A /dev/shm | wc -l'
  out_is 0
  [ "$SECONDS" -lt 20 ] || complain "it took $SECONDS seconds"
}

@test "files that are swapped for links between two looks: what is outside stays whole" {
  inside 'mkdir /tmp/outside; echo precious >/tmp/outside/victim; chmod 0640 /tmp/outside/victim
    mkfifo /tmp/outside/pipe; chmod 0640 /tmp/outside/pipe; sleep 0.01; cat /tmp/outside/victim' >/dev/null
  local before
  before=$(inside 'stat -c "%n %i %a %u %g %s %h %x %y %z" /tmp/outside/*; cat /tmp/outside/victim')
  hold swap-files /dev/shm /tmp/outside/victim
  local first=$started
  hold swap-files /tmp /tmp/outside/pipe
  expect 0 inside '
    for ((turn = 0; turn < 25; ++turn)); do
      for words in ls "ls -q fifo" "show pshm:/swapped" "show psem:/swapped" "show fifo:/tmp/swapped" \
        "rm -f pshm:/swapped" "rm psem:/swapped" "rm fifo:/tmp/swapped" "rm -f fifo:/tmp/sem.swapped" \
        "set pshm:/swapped --mode 0666 --owner nobody" "set psem:/swapped --mode 0666" "set fifo:/tmp/swapped -m 0666" \
        "set pshm:/swapped --size 0 -f" "create pshm:/swapped --size 4K --exist-ok --any-owner"; do
        status=0
        timeout 10 ipckit $words >/dev/null 2>/tmp/errors || status=$?
        case $status in
          0 | 3 | 4 | 7 | 8 | 10) ;;
          *) echo "status $status: $words"; cat /tmp/errors; exit 1 ;;
        esac
      done
    done'
  out_empty
  end "$first"
  end "$started"
  expect 0 inside 'stat -c "%n %i %a %u %g %s %h %x %y %z" /tmp/outside/*; cat /tmp/outside/victim'
  out_is "$before"
  inside ': >/dev/shm/fresh'
  expect 0 ipckit rm pshm:/fresh
  in_sandbox test ! -e /dev/shm/fresh
}

@test "an unprivileged stranger's swapping harms nobody when root cleans up" {
  inside 'mkdir -m 0755 /tmp/outside; echo precious >/tmp/outside/victim; chmod 0600 /tmp/outside/victim'
  # It ends when what it is about to rename is removed; then it begins again.
  start "${as_nobody[@]}" bash -c 'while :; do "$0" swap-files /dev/shm /tmp/outside/victim; done' "$mkipc"
  await grep -qx ready "$started_output"
  expect 0 inside '
    for ((turn = 0; turn < 200; ++turn)); do
      timeout 10 ipckit rm -f --all -y pshm psem fifo >/dev/null 2>&1 || status=$?
      [ "${status:-0}" -ne 124 ]
    done
    cat /tmp/outside/victim; stat -c "%a %u %h" /tmp/outside/victim'
  out_is "$(printf 'precious\n600 0 1')"
  is_running "$started"
  inside ': >/dev/shm/fresh'
  expect 0 ipckit rm --all -y pshm --name fresh
  in_sandbox test ! -e /dev/shm/fresh
}
