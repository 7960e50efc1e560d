#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit rm: what was named and nothing else; what is in use stays unless forced.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

make_seven() {
  inside '
    ipckit create msg:@a; ipckit create shm:@a --size 4K; ipckit create sem:@a --value 0,0
    ipckit create pmsg:/a; ipckit create pshm:/a --size 4K; ipckit create psem:/a
    ipckit create fifo:/tmp/a' >/dev/null
  refs_are "$seven"
}

seven='msg:0 shm:0 sem:0 pmsg:/a pshm:/a psem:/a fifo:/tmp/a'

refs_are() {
  local found
  found=$(refs | sort | tr '\n' ' ')
  [ "$found" = "$(tr ' ' '\n' <<<"$1" | sed '/^$/d' | sort | tr '\n' ' ')" ] || complain "what is there is $found, not $1"
}

# ------------------------------------------------------------------------------------------------------------- by name

@test "each kind is removed by its canonical REF, in silence" {
  make_seven
  local ref
  for ref in $seven; do
    expect 0 ipckit rm "$ref"
    out_empty
    case $ref in fifo:*) err_outside_only ;; *) err_empty ;; esac
    is_missing "$ref"
  done
  refs_are ""
  expect 0 inside 'ls -A /dev/shm /dev/mqueue; test ! -e /tmp/a'
}

@test "every other form of a REF will do" {
  make_seven
  expect 0 ipckit rm msg:@a "shm:$(ipckit key @a)" "sem:key=$(ipckit key @a)" /dev/mqueue/a pshm:a /dev/shm/sem.a ./a
  refs_are ""
}

@test "several are removed at once; the others are tried when one fails" {
  make_seven
  expect 1 ipckit rm msg:0 msg:77 psem:/a
  err_is "ipckit rm: msg:77: no such message queue"
  refs_are "shm:0 sem:0 pmsg:/a pshm:/a fifo:/tmp/a"
}

@test "what is not there is 3, or nothing with --ignore-missing" {
  local ref
  for ref in $seven msg:@x; do
    expect 3 ipckit rm "$ref"
    err_lines 1
    expect 0 ipckit rm --ignore-missing "$ref"
    err_empty
  done
  make_seven
  expect 0 ipckit rm --ignore-missing msg:77 msg:0
  is_missing msg:0
}

@test "-v says what was removed, -q prints its REF, JSON both" {
  make_seven
  expect 0 ipckit rm -v msg:@a
  out_empty
  err_is "ipckit rm: msg:@a: removed"
  expect 0 ipckit rm -q shm:@a pshm:a
  out_is "$(printf 'shm:0\npshm:/a')"
  expect 0 ipckit rm --json sem:@a psem:/a
  valid_json rm
  json '.objects == [{"ref":"sem:0","kind":"sem","asked":"sem:@a","action":"removed"},
    {"ref":"psem:/a","kind":"psem","action":"removed"}] and .errors == []'
  expect 0 ipckit rm --jsonl pmsg:/a fifo:a
  valid_jsonl rm
  out_lines 2
  refs_are ""
}

@test "JSON says what was not removed, and why" {
  make_seven
  hold send-msg 0 hello
  expect 1 ipckit rm --json msg:0 msg:77
  valid_json rm
  json '.objects == [] and (.errors | map(.status)) == [4,3] and .errors[0].ref == "msg:0"'
  is_there msg:0
  expect 4 ipckit rm --jsonl msg:0
  out_empty
  expect 4 ipckit rm -q msg:0
  out_empty
}

@test "a kind, a group, nothing, or a word that is none are refused" {
  make_seven
  refuses_with "rm --all shm" ipckit rm shm
  refuses_with "rm --all shm" ipckit rm --yes shm
  refuses_with "rm --all all" ipckit rm -f all
  refuses_with "is a kind" ipckit rm msg:0 posix
  refuses_with "A REF is needed" ipckit rm
  refuses_with "A REF is needed" ipckit rm -y -f
  refuses ipckit rm ''
  refuses ipckit rm msg:0 ''
  refs_are "$seven"
}

@test "a kind and an empty variable remove nothing" {
  make_seven
  expect 2 inside 'empty=; ipckit rm --yes shm $empty'
  expect 2 inside 'empty=; ipckit rm --yes --force shm "$empty"'
  expect 2 inside 'empty=; ipckit rm --all $empty -y'
  expect 2 inside 'empty=; ipckit rm --all shm --user "$empty" -y'
  expect 2 inside 'empty=; ipckit rm --all shm --name "$empty" -y'
  expect 2 inside 'empty=; ipckit rm --all shm --name= -y'
  expect 2 inside 'empty=; ipckit rm --all shm --older-than "$empty" -y'
  expect 2 inside 'empty=; ipckit rm --all shm --larger-than "$empty" -y'
  expect 2 inside 'empty=; ipckit rm --all fifo --fifo-dir "$empty" -y'
  refs_are "$seven"
}

@test "filters without --all are refused" {
  make_seven
  refuses_with --all ipckit rm shm:0 --mine
  refuses_with --all ipckit rm --user root shm:0
  refuses_with --all ipckit rm --older-than 0 shm:0
  refuses_with --all ipckit rm --fifo-dir /tmp shm:0
  refs_are "$seven"
}

# ------------------------------------------------------------------------------------------------------------ in use

@test "a mapped System V segment stays: 4; with -f it is doomed" {
  make_seven
  hold hold-shm 0
  expect 4 ipckit rm shm:0
  err_matches '^ipckit rm: shm:0: in use: 1 mapping'
  err_has "-f"
  err_lines 2
  is_there shm:0
  expect 0 ipckit rm -f shm:0
  err_matches '^ipckit rm: shm:0: doomed'
  expect 0 ipckit ls shm --json
  json '.objects[0].doomed == true and .objects[0].maps == 1'
  expect 0 ipckit ls shm
  out_has "doomed, 1 map"
  end "$started"
  is_missing shm:0
}

@test "a segment mapped read-only stays, too" {
  make_seven
  hold hold-shm 0 60 ro
  expect 4 ipckit rm shm:0
  is_there shm:0
}

@test "POSIX shared memory that is open or mapped stays: 4; with -f it is doomed" {
  make_seven
  local how
  for how in hold-pshm map-pshm; do
    hold "$how" a
    expect 4 ipckit rm pshm:/a
    err_matches '^ipckit rm: pshm:/a: in use'
    is_there pshm:/a
    end "$started"
  done
  hold map-pshm a
  expect 0 ipckit rm -f pshm:/a --json
  valid_json rm
  json '.objects[0].action == "doomed"'
  err_has "doomed"
  is_missing pshm:/a
}

@test "a POSIX semaphore that is open or waited on stays: 4; with -f it is doomed" {
  make_seven
  hold hold-psem a
  expect 4 ipckit rm psem:/a
  end "$started"
  hold wait-psem a
  expect 4 ipckit rm psem:/a
  err_matches '^ipckit rm: psem:/a: in use'
  is_there psem:/a
  expect 0 ipckit rm -f psem:/a
  err_has "doomed"
}

@test "the maker of a POSIX semaphore holds it, though its mapping says deleted" {
  start /usr/bin/python3 -c '
import ctypes, time
c = ctypes.CDLL(None)
c.sem_open.restype = ctypes.c_void_p
assert c.sem_open(b"/made", 0o100, 0o600, 1)
print("ready", flush=True)
time.sleep(60)'
  await grep -qx ready "$started_output"
  expect 0 inside "grep -c '/dev/shm/sem.*deleted' /proc/$started/maps"
  expect 4 ipckit rm psem:/made
  end "$started"
  expect 0 ipckit rm psem:/made
}

@test "a POSIX queue that is open stays: 4; with -f it is doomed" {
  make_seven
  local how
  for how in r w rw; do
    hold hold-pmsg a "$how"
    expect 4 ipckit rm pmsg:/a
    err_matches '^ipckit rm: pmsg:/a: in use'
    end "$started"
  done
  hold recv-pmsg a
  expect 4 ipckit rm pmsg:/a
  is_there pmsg:/a
  expect 0 ipckit rm -f pmsg:/a
  err_has "doomed"
}

@test "queues with messages inside stay: 4, and the messages are counted" {
  make_seven
  hold fill-msg 0 3 10
  expect 4 ipckit rm msg:0
  err_has "3 messages inside"
  hold send-pmsg a hello
  expect 4 ipckit rm pmsg:/a
  err_has "1 message inside"
  expect 0 ipckit rm -f msg:0 pmsg:/a
  refs_are "shm:0 sem:0 pshm:/a psem:/a fifo:/tmp/a"
}

@test "a semaphore set that is waited on stays: 4, and the waiters are counted" {
  make_seven
  hold wait-sem 0 1
  expect 4 ipckit rm sem:0
  err_has "1 waiter"
  hold wait-sem 0 0
  expect 4 ipckit rm sem:0
  err_has "2 waiters"
  expect 0 ipckit rm -f sem:0
  await grep -q 'Identifier removed' "$started_output"
}

@test "a set whose zero is waited for stays: 4" {
  expect 0 ipckit create sem:@b --value 1
  hold wait-sem 0 0 0
  expect 4 ipckit rm sem:0
}

@test "a FIFO that somebody holds stays: 4, and who it is is named" {
  make_seven
  local how
  for how in r w rw; do
    hold hold-fifo /tmp/a "$how"
    expect 4 ipckit rm fifo:/tmp/a
    err_has "pid $started"
    is_there fifo:/tmp/a
    end "$started"
  done
  hold hold-fifo /tmp/a rw
  expect 0 ipckit rm -f fifo:/tmp/a
  is_missing fifo:/tmp/a
}

@test "who holds it is named" {
  make_seven
  hold hold-shm 0
  expect 4 ipckit rm shm:0
  err_has "$started"
  hold map-pshm a
  expect 4 ipckit rm pshm:/a
  err_has "$started"
  hold wait-psem a
  expect 4 ipckit rm psem:/a
  err_has "$started"
  hold hold-pmsg a
  expect 4 ipckit rm pmsg:/a
  err_has "$started"
  hold wait-sem 0 0
  expect 4 ipckit rm sem:0
  err_has "$started"
}

@test "a failed rm leaves no lease and no trace" {
  make_seven
  hold map-pshm a
  local before
  before=$(in_sandbox stat -c '%i %x %y %z %h' /dev/shm/a)
  expect 4 ipckit rm pshm:/a
  expect 0 in_sandbox stat -c '%i %x %y %z %h' /dev/shm/a
  out_is "$before"
  expect 0 inside 'grep -c LEASE /proc/locks || true'
  out_is 0
}

# ------------------------------------------------------------------------------------------------------------ dry run

@test "-n removes nothing and prints what would go" {
  make_seven
  expect 0 ipckit rm -n $seven
  out_lines 7
  out_has "would remove msg:0"
  refs_are "$seven"
  expect 0 ipckit rm -n --json $seven
  valid_json rm
  json '.objects | length == 7 and all(.action == "would-remove")'
  expect 0 ipckit rm --all -n all fifo -q
  out_lines 7
  expect 0 ipckit rm --all --dry-run sysv
  out_lines 3
  expect 3 ipckit rm -n msg:77
  refs_are "$seven"
}

@test "-n does not promise what would be refused" {
  make_seven
  hold hold-shm 0
  expect 4 ipckit rm -n shm:0
  out_lacks "would remove"
  expect 0 ipckit rm -n -f shm:0
  expect 6 nobody ipckit rm -n msg:0
  out_lacks "would remove"
  refs_are "$seven"
}

# ---------------------------------------------------------------------------------------------------------------- sets

@test "--all needs kinds, and takes no REF" {
  make_seven
  refuses_with "of which kind" ipckit rm --all
  refuses_with "of which kind" ipckit rm --all --mine -y
  refuses_with "is a REF" ipckit rm --all shm:0 -y
  refuses_with "is a REF" ipckit rm --all shm msg:0 -y
  refs_are "$seven"
}

@test "--all without -y where nobody can be asked: the list, 2, nothing removed" {
  make_seven
  expect 2 ipckit rm --all shm msg
  out_empty
  err_has "shm:0"
  err_has "msg:0"
  err_has "-y"
  err_lacks "Usage:"
  expect 2 inside 'yes | ipckit rm --all all fifo'
  expect 2 ipckit rm --all -f all
  refs_are "$seven"
}

@test "--all -y removes all of the kinds" {
  make_seven
  expect 0 ipckit rm --all -y shm
  refs_are "msg:0 sem:0 pmsg:/a pshm:/a psem:/a fifo:/tmp/a"
  expect 0 ipckit rm --all --yes sysv psem
  refs_are "pmsg:/a pshm:/a fifo:/tmp/a"
  expect 0 ipckit rm --all -y shm
  out_empty
  expect 0 ipckit rm --all shm # nothing to ask for
}

@test "FIFOs go in bulk only when they are named" {
  make_seven
  expect 0 ipckit rm --all -y all
  err_has "FIFOs are left alone"
  refs_are "fifo:/tmp/a"
  expect 0 ipckit rm --all -y all fifo
  refs_are ""
}

@test "FIFOs in other directories are left alone, unless --fifo-dir names them" {
  inside 'mkdir /tmp/deep; mkfifo /tmp/deep/f /tmp/near'
  expect 0 ipckit rm --all -y fifo
  expect 0 inside 'test -p /tmp/deep/f; test ! -e /tmp/near'
  expect 0 ipckit rm --all -y fifo --fifo-dir /tmp/deep
  expect 0 in_sandbox test ! -e /tmp/deep/f
}

@test "what of a set is in use stays, the rest goes: 1" {
  make_seven
  hold hold-shm 0
  expect 1 ipckit rm --all -y shm msg
  err_has "shm:0: in use"
  refs_are "shm:0 sem:0 pmsg:/a pshm:/a psem:/a fifo:/tmp/a"
  expect 4 ipckit rm --all -y shm
  expect 0 ipckit rm --all -y -f shm
}

@test "filters choose from the set" {
  inside '
    ipckit create pshm:/ci-1 --size 4K; ipckit create pshm:/ci-2 --size 64K; ipckit create pshm:/prod --size 128K
    setpriv --reuid=65534 --regid=65534 --clear-groups ipckit create pshm:/theirs --size 4K' >/dev/null
  expect 0 ipckit rm --all -n -q pshm --name 'ci-*'
  out_is "$(printf 'pshm:/ci-1\npshm:/ci-2')"
  expect 0 ipckit rm --all -n -q pshm --name '/ci-*' --larger-than 32K
  out_is pshm:/ci-2
  expect 0 ipckit rm --all -n -q pshm --user nobody
  out_is pshm:/theirs
  expect 0 ipckit rm --all -n -q pshm --mine
  out_lines 3
  expect 0 ipckit rm --all -n -q pshm --mine --user nobody
  out_empty
  expect 0 ipckit rm --all -n -q pshm --older-than 1h
  out_empty
  expect 0 ipckit rm --all -n -q pshm --idle-for 1d
  out_empty
  expect 0 ipckit rm --all -y pshm --name 'ci-*'
  refs_are "pshm:/prod pshm:/theirs"
}

@test "JSON of a set" {
  make_seven
  expect 0 ipckit rm --all -y posix --json
  valid_json rm
  json '[.objects[] | .ref] | sort == ["pmsg:/a","psem:/a","pshm:/a"]'
  json '.objects | all(.action == "removed" and (has("asked") | not))'
}

# --------------------------------------------------------------------------------------------------------- on a terminal

@test "on a terminal --all lists and asks; only yes is yes" {
  make_seven
  local answer
  for answer in n '' Nay; do # '' is the end of input
    expect 2 answering "$answer" 80 ipckit rm --all shm
    out_has "shm:0"
    out_matches "Remove .*1 object\\?"
    out_lacks "these 1"
    out_has "[y/N]"
  done
  refs_are "$seven"
  expect 0 answering y 80 ipckit rm --all shm
  refs_are "msg:0 sem:0 pmsg:/a pshm:/a psem:/a fifo:/tmp/a"
  expect 0 answering yes 80 ipckit rm --all msg
  refs_are "sem:0 pmsg:/a pshm:/a psem:/a fifo:/tmp/a"
  expect 0 on_terminal 80 ipckit rm --all sem -y
  out_lacks "[y/N]"
  refs_are "pmsg:/a pshm:/a psem:/a fifo:/tmp/a"
}

# --------------------------------------------------------------------------------------------------------------- rights

@test "unprivileged users may not remove what is not theirs: 6, forced or not" {
  make_seven
  local ref
  for ref in $seven; do
    expect 6 nobody ipckit rm "$ref"
    err_lacks "-f removes it"
    expect 6 nobody ipckit rm -f "$ref"
  done
  refs_are "$seven"
}

@test "--all of an unprivileged user leaves others' alone, and says so" {
  make_seven
  nobody bash -c 'ipckit create msg; ipckit create pshm:/mine --size 1; ipckit create sem' >/dev/null
  expect 0 nobody ipckit rm --all -y sysv posix
  err_has "6 objects of other users left alone"
  refs_are "$seven"
}

@test "unprivileged users remove their own" {
  nobody bash -c 'ipckit create msg:@a; ipckit create shm:@a --size 4K; ipckit create sem:@a
    ipckit create pmsg:/a; ipckit create pshm:/a --size 4K; ipckit create psem:/a' >/dev/null
  refs_are "msg:0 shm:0 sem:0 pmsg:/a pshm:/a psem:/a"
  expect 0 nobody ipckit rm msg:@a shm:@a sem:@a pmsg:/a pshm:/a psem:/a
  err_empty
  refs_are ""
}

@test "root removes what belongs to others, whatever its mode" {
  nobody bash -c 'ipckit create msg:@a -m 0; ipckit create shm:@a --size 4K -m 0; ipckit create sem:@a -m 0
    ipckit create pmsg:/a -m 0; ipckit create pshm:/a --size 4K -m 0; ipckit create psem:/a -m 0
    ipckit create fifo:/tmp/a -m 0' >/dev/null
  refs_are "$seven"
  expect 0 ipckit rm $seven
  err_outside_only
  refs_are ""
}

@test "the owner removes his own even when its mode forbids to look" {
  nobody bash -c 'ipckit create msg:@a -m 0; ipckit create pshm:/a --size 4K -m 0; ipckit create psem:/a -m 0' >/dev/null
  refs_are "msg:0 pshm:/a psem:/a"
  expect_any nobody ipckit rm msg:@a pshm:/a psem:/a
  expect 0 nobody ipckit rm -f --ignore-missing msg:@a pshm:/a psem:/a
  refs_are ""
}

# --------------------------------------------------------------------------------------------------------- replacements

# Compiles a library that does something in front of a call of the C library.
shim() {
  command -v cc >/dev/null || skip "needs cc"
  cat >"$state/shim.c"
  cc -shared -fPIC -o "$state/shim.so" "$state/shim.c"
}

shimmed() {
  preloaded "$inner/state/shim.so" "$@"
}

@test "a segment that is replaced between the look and the removal stays: 8" {
  shim <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
int fcntl(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (command == F_SETLEASE) rename("/dev/shm/other", "/dev/shm/a");
  int (*real)(int, int, ...) = dlsym(RTLD_NEXT, "fcntl64");
  return real(fd, command, argument);
}
int fcntl64(int, int, ...) __attribute__((alias("fcntl")));
END
  inside 'ipckit create pshm:/a --size 4K; ipckit create pshm:/other --size 8K' >/dev/null
  expect 8 shimmed ipckit rm pshm:/a
  err_has "another object has taken its place"
  expect 0 ipckit ls pshm -o ref,size --no-headings
  out_is "pshm:/a  8.0K"
}

@test "rm by key removes the object that it looked at, never the next one with the key" {
  shim <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <sys/msg.h>
int msgctl(int id, int command, struct msqid_ds *data) {
  int (*real)(int, int, struct msqid_ds *) = dlsym(RTLD_NEXT, "msgctl");
  if (command == IPC_RMID) {
    real(id, IPC_RMID, NULL);
    msgget(0x4e1f, IPC_CREAT | IPC_EXCL | 0600);
  }
  return real(id, command, data);
}
END
  ipckit create msg:key=19999 >/dev/null
  expect_any shimmed ipckit rm msg:key=19999
  [ "$status" -eq 3 ] || [ "$status" -eq 8 ] || complain "status 3 or 8 was expected"
  expect 0 ipckit ls msg -o ref,key --no-headings
  out_is "msg:1  0x00004e1f"
}

@test "a file in the place of a FIFO, or a link to one, is not removed" {
  inside 'mkfifo /tmp/real; ln -s /tmp/real /tmp/link; : >/tmp/file; mkdir /tmp/directory'
  expect 3 ipckit rm -f fifo:/tmp/link fifo:/tmp/file fifo:/tmp/directory fifo:/tmp/directory/
  expect 3 ipckit rm -f /tmp/link /tmp/file
  expect 0 inside 'test -p /tmp/real; test -L /tmp/link; test -f /tmp/file; test -d /tmp/directory'
  expect 0 ipckit rm /tmp/real
  in_sandbox test ! -e /tmp/real
}
