#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit wait: every condition of every kind, how soon it is noticed, what it costs, and that nothing is changed.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper
load moving

# For scripts that run inside.
#   waits WORD...     starts ipckit wait in the background and returns when it sleeps; its number is in $waiter
#   still             whether it still waits
#   came [STATUS]     waits for its end, wants that status (0), and prints how many milliseconds it took
#   missed            the same, and within a second
waits() {
  ipckit wait "$@" 2>/tmp/wait.err 5>&- 6>&- 7>&- &
  waiter=$!
  await asleep "$waiter"
  sleep 0.1 # through the first looks, which follow each other closely
  still
}

still() {
  ! ended "$waiter"
}

# The event is whatever comes between `waits` and this; it has happened when this is called.
came() {
  local begun status=0
  begun=$(now)
  wait "$waiter" || status=$?
  [ "$status" -eq "${1:-0}" ] || { echo "status $status: $(</tmp/wait.err)" >&2; return 1; }
  echo "took $(($(now) - begun)) ms" >&2
  [ $(($(now) - begun)) -lt "${limit:-1000}" ]
}

export -f waits still came

make_kinds() {
  inside '
    ipckit create msg:@m; ipckit create shm:@s --size 64; ipckit create sem:@s --count 2 --value 1,2
    ipckit create pmsg:/q --max-messages 2 --message-size 64; ipckit create pshm:/m --size 64
    ipckit create psem:/s --value 2; ipckit create fifo:/tmp/f' >/dev/null
}

every_ref='msg:@m shm:@s sem:@s pmsg:/q pshm:/m psem:/s fifo:/tmp/f'
posix_files='pmsg:/q pshm:/m psem:/s'

# ------------------------------------------------------------------------------------------------------ being, and not

@test "the first example: something comes to be" {
  expect 0 inside '(sleep 0.3; ipckit create pshm:/ready --size 1) & ipckit wait pshm:/ready --for exists -w 5 && echo up'
  out_has up
  err_empty
}

@test "what is true already ends at once, and prints nothing" {
  make_kinds
  local ref
  for ref in $every_ref; do
    expect 0 ipckit wait $ref --for exists
    out_empty
    err_empty
    expect 4 ipckit wait -n $ref --for gone
    err_is "ipckit wait: $ref: it is still there"
  done
  inside 'ipckit rm "$@"' $every_ref
  for ref in $every_ref; do
    expect 0 ipckit wait $ref --for gone
    expect 4 ipckit wait -n $ref --for exists
    err_is "ipckit wait: $ref: it does not exist"
  done
}

@test "each kind comes to be, and goes, and is noticed at once" {
  local kind
  for kind in 'msg:@m' 'shm:@s --size 8' 'sem:@s' 'pmsg:/q' 'pshm:/m --size 8' 'psem:/s' 'fifo:/tmp/f'; do
    expect 0 inside '
      waits $1 --for exists -w 30; ipckit create "$@" >/dev/null; came
      waits $1 --for gone -w 30; ipckit rm $1; came' $kind
    echo "$kind: $(paste -sd ' ' <<<"$stderr")" >&3
  done
}

@test "by a path that comes to be only with its directory" {
  expect 0 inside 'waits fifo:/tmp/a/b/f --for exists -w 30; mkdir -p /tmp/a/b; ipckit create fifo:/tmp/a/b/f; came'
  expect 0 inside 'waits fifo:/tmp/a/b/f --for gone -w 30; mv /tmp/a /tmp/c; came'
}

@test "by a relative path" {
  expect 0 inside 'mkdir /tmp/d; cd /tmp/d; waits fifo:f --for exists -w 30; mkfifo /tmp/d/f; came'
  expect 0 inside 'cd /tmp/d; ipckit wait ./f --any --for exists'
  out_is fifo:/tmp/d/f
}

@test "a name that moves" {
  expect 0 inside 'ipckit create pshm:/old --size 1; waits pshm:/new --for exists -w 30; mv /dev/shm/old /dev/shm/new; came'
  expect 0 inside 'waits pshm:/new --for gone -w 30; mv /dev/shm/new /dev/shm/old; came'
}

@test "what is made anew under its name has gone all the same" {
  make_kinds
  expect 0 inside '
    waits pshm:/m --for gone -w 30; ipckit create pshm:/n --size 1; mv /dev/shm/n /dev/shm/m; came
    waits msg:@m --for gone -w 30
    kill -STOP $waiter; ipckit rm msg:@m; ipckit create msg:@m; kill -CONT $waiter; came'
}

@test "something else under the name is no object" {
  inside 'mkdir /dev/shm/d; : >/tmp/plain'
  expect 3 ipckit wait pshm:/d --for exists -w 1
  err_has "what is there is"
  expect 3 ipckit wait fifo:/tmp/plain --for exists -w 1
  err_has "a regular file"
}

@test "a segment that is doomed is there by its id, and has gone by its key" {
  make_kinds
  hold hold-shm 0
  expect 0 inside '
    waits shm:@s --for gone -w 30; ipckit rm -f shm:@s; came
    ipckit wait shm:0 --for exists; ends 4 ipckit wait -n shm:0 --for gone'
  expect 0 inside 'waits shm:0 --for gone -w 30; kill -9 "$1"; came' "$started"
}

# ------------------------------------------------------------------------------------------------------------ contents

@test "a queue fills and empties" {
  make_kinds
  local ref
  for ref in msg:@m pmsg:/q; do
    expect 0 inside '
      ipckit wait $1 --for empty; ipckit wait $1 --for writable; ends 4 ipckit wait -n $1 --for nonempty
      waits $1 --for nonempty -w 30; ipckit send $1 x; came
      ends 4 ipckit wait -n $1 --for empty
      waits $1 --for empty -w 30; ipckit recv $1; came' $ref
    echo "$ref: $(paste -sd ' ' <<<"$stderr")" >&3
  done
}

@test "a full queue gets room" {
  make_kinds
  inside 'ipckit send pmsg:/q a b; ipckit set msg:@m --max-bytes 2; ipckit send msg:@m a b'
  local ref
  for ref in msg:@m pmsg:/q; do
    expect 0 inside '
      ends 4 ipckit wait -n $1 --for writable; grep -q "it is full" /tmp/err
      waits $1 --for writable -w 30; ipckit recv -q $1 2>/dev/null || ipckit recv $1; came' $ref
  done
}

@test "messages without bytes fill a queue, too" {
  inside 'ipckit create msg:@m; ipckit set msg:@m --max-bytes 2; ipckit send msg:@m "" ""'
  expect 4 ipckit wait -n msg:@m --for writable
}

@test "values of a semaphore, and of all semaphores of a set" {
  make_kinds
  expect 0 inside '
    ipckit wait psem:/s --for value=2; ends 4 ipckit wait -n psem:/s --for zero
    waits psem:/s --for zero -w 30; "$mkipc" wait-psem /s; "$mkipc" wait-psem /s; came'
  expect 0 inside '
    ends 4 ipckit wait -n sem:@s --for value=1; ipckit set sem:@s --value 1,1; ipckit wait sem:@s --for value=1
    waits sem:@s --for zero -w 30; ipckit set sem:@s --value 0=0; sleep 0.1; still; ipckit set sem:@s --value 1=0; came'
}

@test "a FIFO: bytes, and room for them" {
  make_kinds
  expect 0 inside '
    ends 4 ipckit wait -n fifo:/tmp/f --for nonempty; ends 4 ipckit wait -n fifo:/tmp/f --for writable
    ipckit wait fifo:/tmp/f --for empty
    waits fifo:/tmp/f --for writable -w 30; exec 5<>/tmp/f; came
    waits fifo:/tmp/f --for nonempty -w 30; echo x >&5; came
    waits fifo:/tmp/f --for empty -w 30; read -r line <&5; came
    dd if=/dev/zero bs=65536 count=1 of=/tmp/f 2>/dev/null
    ends 4 ipckit wait -n fifo:/tmp/f --for writable
    waits fifo:/tmp/f --for writable -w 30; head -c 4096 <&5 >/dev/null; came'
  echo "fifo: $(paste -sd ' ' <<<"$stderr")" >&3
}

@test "a FIFO that only a reader has open has room as long as a write is never split" {
  make_kinds
  expect 0 inside '
    exec 5<>/tmp/f 6</tmp/f; head -c 61000 /dev/zero >&5; exec 5>&-
    ipckit wait -n fifo:/tmp/f --for writable
    exec 5<>/tmp/f; head -c 4000 /dev/zero >&5; exec 5>&-
    ends 4 ipckit wait -n fifo:/tmp/f --for writable'
}

@test "bytes go with the last who holds the FIFO, and a writer alone makes it not writable" {
  make_kinds
  expect 0 inside '
    exec 5<>/tmp/f; echo x >&5; ipckit wait -n fifo:/tmp/f --for nonempty
    waits fifo:/tmp/f --for empty -w 30; exec 5>&-; came
    exec 5<>/tmp/f 6>/tmp/f; exec 5>&-
    ends 4 ipckit wait -n fifo:/tmp/f --for writable'
}

# ----------------------------------------------------------------------------------------------------------------- use

@test "a segment is mapped, and let go" {
  make_kinds
  expect 0 inside '
    ipckit wait shm:@s --for unused; ends 4 ipckit wait -n shm:@s --for used; grep -q "nobody uses it" /tmp/err
    waits shm:@s --for used -w 30; "$mkipc" hold-shm 0 & holder=$!; came
    ends 4 ipckit wait -n shm:@s --for unused; grep -q "it is in use: pid $holder (" /tmp/err
    waits shm:@s --for unused -w 30; kill -9 $holder; came'
}

@test "files of /dev/shm and POSIX queues are opened and closed" {
  make_kinds
  local ref
  for ref in $posix_files; do
    expect 0 inside '
      ipckit wait $1 --for unused; ends 4 ipckit wait -n $1 --for used
      waits $1 --for used -w 30; ipckit attach $1 & holder=$!; came
      ends 4 ipckit wait -n $1 --for unused; grep -q "it is in use: pid $holder (ipckit)" /tmp/err
      waits $1 --for unused -w 30; kill -9 $holder; came' $ref
    echo "$ref: $(paste -sd ' ' <<<"$stderr")" >&3
  done
}

@test "messages inside are no use of a queue" {
  make_kinds
  expect 0 inside 'ipckit send pmsg:/q x; ipckit wait -n pmsg:/q --for unused; ends 4 ipckit wait -n pmsg:/q --for used'
}

@test "a mapping whose descriptor is closed is a use, and its end is noticed" {
  make_kinds
  hold map-pshm /m
  expect 0 inside 'waits pshm:/m --for unused -w 30; kill -9 "$1"; came' "$started"
}

@test "two who wait for the same are no use of it, and do not keep each other busy" {
  make_kinds
  expect 0 inside '
    ipckit attach pshm:/m & holder=$!; await ends 0 ipckit wait -n pshm:/m --for used
    waits pshm:/m --for unused -w 30; first=$waiter; waits pshm:/m --for unused -w 30
    before=$(awk "{print \$14+\$15}" /proc/$first/stat); sleep 1
    after=$(awk "{print \$14+\$15}" /proc/$first/stat); [ $((after - before)) -le 10 ]
    kill -9 $holder; came; wait $first'
}

@test "a FIFO is opened and closed; that takes a look at all processes, and is said" {
  make_kinds
  expect 0 inside '
    ipckit wait fifo:/tmp/f --for unused; ends 4 ipckit wait -n fifo:/tmp/f --for used
    limit=4000 waits fifo:/tmp/f --for used -w 30; ipckit attach fifo:/tmp/f & holder=$!; limit=4000 came
    [ "$(tail -n 1 /tmp/wait.err)" = "ipckit wait: fifo:/tmp/f: all processes have to be looked at: looks when it is opened or closed, and every 2 s" ]
    # The sandbox is a PID namespace of its own.
    [ "$(head -n 1 /tmp/wait.err)" = "ipckit wait: fifo:/tmp/f: processes outside this PID namespace cannot be seen, nor what they have open" ]
    ends 4 ipckit wait -n fifo:/tmp/f --for unused
    waits fifo:/tmp/f --for unused -w 30; kill -9 $holder; limit=4000 came'
  echo "fifo: $(paste -sd ' ' <<<"$stderr")" >&3
}

@test "whose it is not cannot be told: it goes on looking, and says so once" {
  inside 'ipckit create pshm:/m --size 1 -m 0666' >/dev/null
  expect 10 nobody ipckit wait -n pshm:/m --for unused
  err_has "cannot tell whether it is in use"
  expect 5 nobody ipckit wait -w 0.3 pshm:/m --for unused
  err_has "goes on looking"
  err_has "all processes have to be looked at"
  err_has "timed out: cannot tell"
  # A use by a process of one's own is seen.
  start "${as_nobody[@]}" ipckit attach pshm:/m
  await inside 'ipckit wait -n pshm:/m --for used'
  expect 0 nobody ipckit wait -n pshm:/m --for used
  expect 4 nobody ipckit wait -n pshm:/m --for unused
}

@test "a FIFO that processes of others may hold" {
  inside 'mkfifo -m 0666 /tmp/open; mkfifo -m 0600 /tmp/own; chown 65534 /tmp/own'
  expect 10 nobody ipckit wait -n fifo:/tmp/open --for unused
  expect 10 nobody ipckit wait -n fifo:/tmp/open --for empty
  [ "$(tail -n 1 <<<"$stderr")" = "ipckit wait: fifo:/tmp/open: cannot tell: processes of others cannot be seen" ]
  expect 0 nobody ipckit wait -n fifo:/tmp/own --for unused
  start ipckit attach fifo:/tmp/open
  await inside 'ipckit wait -n fifo:/tmp/open --for used'
  expect 10 nobody ipckit wait -n fifo:/tmp/open --for nonempty
}

# ------------------------------------------------------------------------------------------------------- several REFs

@test "all have to be true at the same time" {
  inside 'ipckit create msg:@a; ipckit create msg:@b' >/dev/null
  expect 0 inside '
    waits msg:@a msg:@b --for nonempty -w 30; ipckit send msg:@a x; sleep 0.1; still
    ipckit recv msg:@a; ipckit send msg:@b x; sleep 0.1; still
    ipckit send msg:@a x; came'
}

@test "queues that are polled, too, and what is true already costs nothing" {
  inside 'ipckit create pmsg:/a; ipckit create pmsg:/b; ipckit send pmsg:/a x' >/dev/null
  expect 0 inside '
    waits pmsg:/a pmsg:/b --for nonempty -w 30
    before=$(awk "{print \$14+\$15}" /proc/$waiter/stat); sleep 1
    after=$(awk "{print \$14+\$15}" /proc/$waiter/stat); [ $((after - before)) -le 5 ]
    ipckit recv pmsg:/a; ipckit send pmsg:/b x; sleep 0.1; still; ipckit send pmsg:/a y; came'
}

@test "with --any one is enough, and is printed" {
  inside 'ipckit create msg:@a; ipckit create pmsg:/b; ipckit create fifo:/tmp/c' >/dev/null
  expect 0 inside 'waits --any msg:@a pmsg:/b fifo:/tmp/c --for nonempty -w 30 >/tmp/out; ipckit send pmsg:/b x; came; cat /tmp/out'
  out_is pmsg:/b
  inside 'ipckit send msg:@a x'
  expect 0 ipckit wait --any msg:@a pmsg:/b --for nonempty
  out_is "$(printf 'msg:0\npmsg:/b')"
  expect 0 ipckit wait --any msg:@a pmsg:/b --for nonempty true
  out_empty
}

@test "with --any one that goes is told, and the others are waited for" {
  inside 'ipckit create msg:@a; ipckit create msg:@b' >/dev/null
  expect 0 inside '
    waits --any msg:@a msg:@b --for nonempty -w 30; ipckit rm msg:@a; sleep 0.1; still; ipckit send msg:@b x; came
    grep -q "msg:@a: removed while waiting" /tmp/wait.err'
  expect 3 ipckit wait --any msg:77 msg:78 --for empty
  err_lines 2
}

@test "all failures at the first look are told" {
  inside 'ipckit create msg:@a' >/dev/null
  expect 4 ipckit wait msg:77 msg:@a pshm:/nope --for exists -n
  err_lines 2
  expect 3 ipckit wait msg:77 msg:@a pmsg:/nope --for empty
  err_is "$(printf '%s\n' 'ipckit wait: msg:77: no such message queue' 'ipckit wait: pmsg:/nope: no such POSIX message queue')"
}

# ---------------------------------------------------------------------------------------------------- how it can end

@test "removed while waiting is 8, also when it is made anew; not there at first is 3" {
  make_kinds
  local case
  for case in 'msg:@m nonempty' 'shm:@s used' 'sem:@s zero' 'pmsg:/q nonempty' 'pshm:/m used' 'psem:/s zero' \
    'psem:/s used' 'fifo:/tmp/f nonempty' 'fifo:/tmp/f used'; do
    expect 0 inside 'ipckit create $1 --size 1 --exist-ok 2>/dev/null || ipckit create $1 --exist-ok || true
      waits $1 --for $2 -w 30; ipckit rm -f $1; limit=4000 came 8; grep -q "removed while waiting" /tmp/wait.err' $case
    echo "$case: $(tail -n 1 <<<"$stderr")" >&3
    expect 3 ipckit wait ${case% *} --for ${case#* }
  done
  expect 0 inside '
    ipckit create msg:@m; waits msg:@m --for nonempty -w 30
    kill -STOP $waiter; ipckit rm msg:@m; ipckit create msg:@m; kill -CONT $waiter; came 8
    grep -q "and made anew" /tmp/wait.err'
}

@test "timed out is 5, and a timeout of 0 does not wait" {
  make_kinds
  expect 5 ipckit wait msg:@m -w 0.2 --for nonempty
  err_is "ipckit wait: msg:@m: timed out: it is empty"
  expect 5 ipckit wait pmsg:/q -w 200ms --for nonempty
  expect 5 ipckit wait pshm:/m -w 0.2 --for gone
  expect 4 ipckit wait msg:@m -w 0 --for nonempty
  expect 5 inside 'begun=$(now); status=0; ipckit wait msg:@m -w 0.3 --for nonempty || status=$?; took=$(($(now) - begun))
    [ $took -ge 300 ] && [ $took -lt 2000 ]; exit $status'
}

@test "a signal ends it, and it is dead of it" {
  make_kinds
  local signal
  for signal in 2 15; do
    expect $((128 + signal)) inside '
      env --default-signal ipckit wait msg:@m --for nonempty & pid=$!; await asleep $pid; kill -'$signal' $pid; wait $pid'
  done
}

@test "permission denied is 6" {
  make_kinds
  inside 'chmod 0600 /dev/mqueue/q /dev/shm/sem.s'
  expect 6 nobody ipckit wait -n sem:@s --for zero
  expect 6 nobody ipckit wait -n psem:/s --for zero
  expect 6 nobody ipckit wait -n pmsg:/q --for nonempty
  # That it is there can be seen, and what the kernel tells of its queues everybody.
  expect 0 nobody ipckit wait -n pmsg:/q --for exists
  expect 4 nobody ipckit wait -n pmsg:/q --for gone
  expect 0 nobody ipckit wait -n msg:@m --for empty
  expect 0 nobody ipckit wait -n shm:@s --for unused
}

@test "words that make no sense" {
  make_kinds
  refuses_with "what is to be waited for?" ipckit wait msg:@m
  refuses_with "which object?" ipckit wait --for exists
  refuses_with "did you mean 'exists'?" ipckit wait msg:@m --for exist
  refuses_with "is no condition" ipckit wait msg:@m --for value
  refuses_with "is no condition" ipckit wait msg:@m --for value=x
  refuses_with "is more than" ipckit wait sem:@s --for value=32768
  refuses_with "is more than" ipckit wait psem:/s --for value=4294967295
  refuses_with "--nowait and --timeout exclude each other" ipckit wait -n -w 1 msg:@m --for empty
  refuses_with "nobody has it open; it has exists, gone, empty, nonempty or writable" ipckit wait msg:@m --for used
  refuses_with "it has exists, gone, unused or used" ipckit wait shm:@s --for empty
  refuses_with "is no kind" ipckit wait msg:@m psmh:/x --for exists
  expect 125 ipckit wait shm:@s --for empty true
  expect 125 ipckit wait msg:@m --for exists --json true
}

@test "every kind has the conditions of the table, and no other" {
  make_kinds
  local ref condition means
  while read -r condition kind means; do
    ref=$(tr ' ' '\n' <<<"$every_ref" | grep "^$kind:")
    if [ "$condition" = value ]; then condition=value=1; fi
    if [ "$means" = - ]; then
      expect 2 ipckit wait -n $ref --for $condition
    else
      expect_any ipckit wait -n $ref --for $condition
      [[ " 0 4 " == *" $status "* ]] || complain "$ref --for $condition"
    fi
  done < <(ipckit __dump-cli | jq -r '.conditions[] | .condition as $c | .means | to_entries[] | "\($c) \(.key) \(.value)"')
}

# --------------------------------------------------------------------------------------------------------- the command

@test "the command runs then, in the place of ipckit" {
  make_kinds
  expect 0 ipckit wait msg:@m --for empty echo -w --json x
  out_is "-w --json x"
  expect 7 ipckit wait msg:@m --for empty sh -c 'exit 7'
  expect 0 ipckit wait msg:@m --for empty -- echo y
  out_is y
  expect 137 ipckit wait msg:@m pmsg:/q --for empty sh -c 'kill -9 $$'
  expect 0 inside '
    waits msg:@m --for nonempty -w 30 sh -c "echo \$\$" >/tmp/out; ipckit send msg:@m x; came
    [ "$(cat /tmp/out)" = $waiter ]'
  # With nothing of ours open.
  expect 0 ipckit wait pmsg:/q fifo:/tmp/f --for empty sh -c 'ls -l /proc/self/fd'
  out_lacks inotify
  out_lacks /q
  expect 0 in_sandbox env --default-signal ipckit wait pmsg:/q --for empty grep -E 'SigBlk|SigIgn' /proc/self/status
  out_is "$(printf 'SigBlk:\t%016d\nSigIgn:\t%016d' 0 0)"
}

@test "a path is a REF where a FIFO is there, and else the command" {
  make_kinds
  expect 0 ipckit wait msg:@m /tmp/f --for empty /bin/echo x
  out_is x
  expect 0 ipckit wait msg:@m --for empty /bin/echo /tmp/f
  out_is /tmp/f
}

@test "what did not happen is 75 before a command, ipckit's own failure 125" {
  make_kinds
  expect 75 ipckit wait -n msg:@m --for nonempty true
  err_is "ipckit wait: msg:@m: it is empty"
  expect 75 ipckit wait -w 0.1 msg:@m --for nonempty true
  expect 9 ipckit wait -E 9 -n msg:@m --for nonempty true
  expect 0 ipckit wait -E 0 -n msg:@m --for nonempty false
  expect 125 ipckit wait -E 256 -n msg:@m --for nonempty true
  refuses_with "goes with a command" ipckit wait -E 9 -n msg:@m --for nonempty
  expect 125 ipckit wait msg:77 --for nonempty true
  expect 125 inside 'ipckit create msg:@gone; ipckit wait msg:@gone --for nonempty true & pid=$!; await asleep $pid
    ipckit rm msg:@gone; wait $pid'
  expect 75 inside 'ipckit wait -n msg:@m --for nonempty touch /tmp/ran'
  expect 1 inside '[ -e /tmp/ran ]'
}

@test "a command that is not there is told before anything is waited for" {
  make_kinds
  expect 127 ipckit wait msg:@m --for nonempty no-such-command
  err_is "ipckit wait: no-such-command: no such command"
  expect 126 ipckit wait msg:@m --for nonempty /etc/passwd
}

# ---------------------------------------------------------------------------------------------------------------- JSON

@test "JSON says what is true" {
  make_kinds
  expect 0 ipckit wait --json --any msg:@m psem:/s pmsg:/q fifo:/tmp/f --for exists
  valid_json wait
  expect 4 ipckit wait --json -n --any msg:@m pmsg:/q --for nonempty
  valid_json wait
  json '.objects == [{"ref":"msg:0","kind":"msg","asked":"msg:@m","condition":"nonempty","holds":false},
                     {"ref":"pmsg:/q","kind":"pmsg","condition":"nonempty","holds":false}]'
  json '[.errors[].status] == [4, 4]'
  expect 0 ipckit wait --json psem:/s --for value=2
  valid_json wait
  json '.objects[0].value == 2 and .objects[0].holds'
  expect 3 ipckit wait --json sem:@nope --for zero
  valid_json wait
  json '.objects[0].ref == null and .objects[0].holds == null and .errors[0].status == 3'
  expect 0 ipckit wait --jsonl sem:@nope --for gone
  valid_jsonl wait
}

# ------------------------------------------------------------------------------------------------- what it does not do

# All that the kernel keeps of the objects.
state_of_all() {
  inside 'cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm | sed "s/ \+/ /g"
    stat -c "%n %i %x %y %z" /dev/shm/m /dev/shm/sem.s /dev/mqueue/q /tmp/f
    ipckit ls -o ref,messages,use --no-headings'
}

@test "nothing is changed by looking" {
  make_kinds
  inside 'ipckit send msg:@m x; ipckit send pmsg:/q x; exec 5<>/tmp/f; echo x >&5; sleep 60 & disown; exec 5>&-'
  inside 'touch -d "2 days ago" /dev/shm/m /dev/shm/sem.s'
  local before after
  before=$(state_of_all)
  while read -r condition kind means; do
    ref=$(tr ' ' '\n' <<<"$every_ref" | grep "^$kind:")
    if [ "$condition" = value ]; then condition=value=7; fi
    if [ "$means" != - ]; then expect_any ipckit wait -w 0.05 $ref --for $condition; fi
  done < <(ipckit __dump-cli | jq -r '.conditions[] | .condition as $c | .means | to_entries[] | "\($c) \(.key) \(.value)"')
  after=$(state_of_all)
  [ "$before" = "$after" ] || complain "$(diff <(echo "$before") <(echo "$after"))"
}

@test "the seat of mq_notify stays free" {
  make_kinds
  expect 0 inside 'waits pmsg:/q --for nonempty -w 30; grep -q "NOTIFY_PID:0" /dev/mqueue/q'
}

@test "a FIFO is never opened: who waits for a partner goes on waiting" {
  make_kinds
  expect 0 inside '
    cat /tmp/f & reader=$!
    for condition in exists empty nonempty used unused writable; do ipckit wait -w 0.1 fifo:/tmp/f --for $condition || true; done
    kill -0 $reader; echo x >/tmp/f; wait $reader'
  out_is x
}

@test "a FIFO's reader sees the end when the last writer closes, whoever waits" {
  make_kinds
  expect 0 inside '
    exec 5<>/tmp/f 6</tmp/f 7>/tmp/f; exec 5>&-
    waits fifo:/tmp/f --for nonempty -w 30
    exec 7>&-; timeout 5 cat <&6; still'
}

# ------------------------------------------------------------------------------------------------------------ its cost

@test "less than a hundredth of a CPU" {
  make_kinds
  inside 'ipckit send msg:@m x'
  local case
  for case in 'msg:@m empty' 'shm:@s used' 'sem:@s zero' 'psem:/s zero' 'pmsg:/q nonempty' 'pshm:/m used' \
    'fifo:/tmp/f nonempty' 'fifo:/tmp/f used' 'pshm:/nope exists' 'pmsg:/nope exists' 'msg:@nope exists'; do
    expect 0 inside '
      waits $1 --for $2 -w 30
      before=$(awk "{print \$14+\$15}" /proc/$waiter/stat); sleep 1
      after=$(awk "{print \$14+\$15}" /proc/$waiter/stat); kill $waiter
      echo $((after - before)); [ $((after - before)) -le 5 ]' $case
    echo "$case: $output %" >&3
  done
}

@test "a busy FIFO makes it no busier" {
  make_kinds
  expect 0 inside '
    exec 5<>/tmp/f; dd if=/tmp/f of=/dev/null bs=64 2>/dev/null & reader=$!; dd if=/dev/zero of=/tmp/f bs=64 2>/dev/null & writer=$!
    ipckit wait fifo:/tmp/f -w 30 --for unused & waiter=$!; await asleep $waiter
    before=$(awk "{print \$14+\$15}" /proc/$waiter/stat); sleep 1
    after=$(awk "{print \$14+\$15}" /proc/$waiter/stat); kill -9 $waiter $reader $writer
    echo $((after - before)); [ $((after - before)) -le 10 ]'
}

# ------------------------------------------------------------------------------------------- where the kernel says no

@test "without inotify it looks" {
  needs_strace
  make_kinds
  local failure
  for failure in inotify_init1:error=EMFILE inotify_init1:error=ENOSYS inotify_add_watch:error=ENOSPC; do
    expect 0 inside '
      denied() { # returns when inotify was denied
        rm -f /tmp/trace
        with_injected "$failure" ipckit wait "$@" -w 30 2>/tmp/wait.err 5>&- &
        waiter=$!
        await grep -q INJECTED /tmp/trace
      }
      failure=$1 limit=3000
      denied pshm:/new --for exists; ipckit create pshm:/new --size 1; came
      denied pmsg:/q --for nonempty; ipckit send pmsg:/q x; came
      denied pshm:/new --for gone; ipckit rm pshm:/new; came
      denied fifo:/tmp/f --for nonempty; exec 5<>/tmp/f; echo x >&5; came; exec 5>&-
      ipckit recv pmsg:/q; limit=5000
      denied pshm:/m --for used; ipckit attach pshm:/m & holder=$!; came
      grep -q "the kernel does not tell when it is opened or closed: looks every 2 s" /tmp/wait.err
      kill -9 $holder' $failure
  done
}

@test "without /proc it looks" {
  make_kinds
  hide_proc
  expect 0 inside 'ipckit wait -w 30 pshm:/new --for exists & pid=$!; sleep 0.3; ipckit create pshm:/new --size 1; wait $pid'
  expect 0 inside 'ipckit wait -w 30 pmsg:/q --for nonempty & pid=$!; sleep 0.3; ipckit send pmsg:/q x; wait $pid'
  expect 10 ipckit wait -n fifo:/tmp/f --for used
  expect 10 ipckit wait -n fifo:/tmp/f --for nonempty
  err_has "/proc cannot be read"
  show_proc
}

@test "POSIX queues that no mounted directory lists" {
  make_kinds
  in_sandbox umount /dev/mqueue
  expect 0 inside '
    waits pmsg:/new --for exists -w 30; ipckit create pmsg:/new; came
    waits pmsg:/new --for gone -w 30; ipckit rm pmsg:/new; came'
}

@test "unprivileged" {
  inside 'chmod 1777 /tmp'
  expect 0 nobody bash -c '
    PATH=$PATH; ipckit create pmsg:/n >/dev/null
    ipckit wait pmsg:/n --for nonempty -w 30 & a=$!; ipckit wait pshm:/n --for exists -w 30 & b=$!
    ipckit wait pmsg:/late --for exists -w 30 & c=$!; ipckit wait fifo:/tmp/n --for nonempty -w 30 2>/dev/null & d=$!
    sleep 0.3; ipckit send pmsg:/n x; ipckit create pshm:/n --size 1; ipckit create pmsg:/late
    wait $a && wait $b && wait $c; ipckit wait pmsg:/n --for unused -w 30 && ipckit wait pshm:/n --for unused -w 30; kill $d 2>/dev/null; true'
}

# ------------------------------------------------------------------------------------------------------------- in words

@test "the examples of the manual work" {
  inside 'ipckit create msg:@jobs; ipckit create pmsg:/work' >/dev/null
  local script
  script=$(sed -n '/^\.SH EXAMPLES/,/^\.SH NOTES/p' "$BATS_TEST_DIRNAME/../../man/ipckit-wait.1" |
    sed -n '/^\.EX/,/^\.EE/p' | grep -v '^\.E[XE]' | sed 's/\\-/-/g; s/\\(aq/'"'"'/g')
  expect 0 inside "$script"
  out_has up
  out_has hello
  out_has '"action":"removed"'
  out_has full
}

@test "the examples of the help are understood" {
  inside 'ipckit create msg:@jobs; ipckit create pmsg:/work; ipckit create sem:@gate; ipckit create msg:@a; ipckit create msg:@b
    ipckit send msg:@a x; ipckit create pshm:/ready --size 1; printf "#!/bin/sh\necho next\n" >/tmp/next; chmod +x /tmp/next' >/dev/null
  local script
  script=$(ipckit help wait | sed -n '/^Examples:/,$p' | grep '^ *ipckit')
  expect 0 inside "cd /tmp; $script"
  out_is "$(printf '%s\n' up next msg:1)"
}

@test "conditions and REFs are completed" {
  make_kinds
  expect 0 ipckit __complete wait msg:0 --for ''
  out_has nonempty
  out_has value=
  expect 0 ipckit __complete wait msg:0 --for un
  out_is unused
  expect 0 ipckit __complete wait pm
  out_has pmsg:/q
  expect 0 ipckit __complete wait msg:0 pmsg:
  out_has pmsg:/q
  expect 0 ipckit __complete wait msg:0 --for empty gre
  out_is :commands
}

@test "the file that a key was made from may go" {
  inside ': >/tmp/key; ipckit create msg:file=/tmp/key' >/dev/null
  expect 0 inside 'waits msg:file=/tmp/key --for nonempty -w 30; rm /tmp/key; sleep 0.1; still; ipckit send msg:0 x; came'
}

@test "hundreds of objects at once" {
  inside 'for i in {1..200}; do ipckit create pshm:/n$i --size 1; done' >/dev/null
  expect 0 inside '
    refs=(pshm:/n{1..200}); waits "${refs[@]}" --for gone -w 60
    before=$(awk "{print \$14+\$15}" /proc/$waiter/stat); sleep 1
    after=$(awk "{print \$14+\$15}" /proc/$waiter/stat); echo $((after - before)); [ $((after - before)) -le 15 ]
    rm /dev/shm/n{1..199}; sleep 0.2; still; rm /dev/shm/n200; limit=3000 came'
  echo "200 objects: $output %" >&3
}
