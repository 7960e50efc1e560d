#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Machines that are not as usual: without rights, without /proc, without mounts, in containers.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

make_seven() {
  inside '
    ipckit create msg:@a; ipckit create shm:@a --size 8K; ipckit create sem:@a --value 1,3
    ipckit create pmsg:/a; ipckit create pshm:/a --size 64K; ipckit create psem:/a --value 4; ipckit create fifo:/tmp/a' >/dev/null
}

seven='msg:0 shm:0 sem:0 pmsg:/a pshm:/a psem:/a fifo:/tmp/a'

lists() {
  expect 0 "$@"
  output=$(sort <<<"$output" | tr '\n' ' ')
}

# A command in namespaces of its own, inside the sandbox.
container() {
  in_sandbox unshare --pid --fork --mount-proc "$@"
}

elsewhere() {
  in_sandbox unshare --ipc "$@"
}

all_of_them='fifo:/tmp/a msg:0 pmsg:/a psem:/a pshm:/a sem:0 shm:0 '

# --------------------------------------------------------------------------------------------------------------- rights

@test "an unprivileged user sees all objects of others, and is told what he cannot" {
  make_seven
  lists nobody ipckit ls -q
  out_is "$all_of_them"
  expect 0 nobody ipckit ls
  out_matches 'sem:0 .* 2 values not readable'
  out_matches 'psem:/a .* value not readable'
  out_matches 'msg:0 .* 0 messages, 0 of 16K'
  out_matches 'shm:0 .* 0 maps'
  err_has "the values of 1 semaphore set could not be read"
  err_has "the attributes of 1 POSIX message queue could not be read"
  err_has "the values of 1 POSIX semaphore could not be read"
  expect 0 nobody ipckit ls --json
  valid_json ls
  json '.objects | length == 7'
  json '.incomplete | length == 3 and all(.count == 1)'
}

@test "without capabilities, root's own is seen in full, others' as by anybody" {
  make_seven
  nobody bash -c 'ipckit create msg:@b; ipckit create sem:@b; ipckit create shm:@b --size 1' >/dev/null
  expect 0 powerless ipckit ls --json
  valid_json ls
  json '.objects | length == 10'
  json '.objects[] | select(.ref == "sem:0") | .values == [1,3]'
  json '.objects[] | select(.ref == "sem:1") | .values == null'
  json '.objects[] | select(.ref == "shm:1") | .size == 1'
  json '.incomplete | any(.what == "values" and .kind == "sem" and .count == 1)'
  err_has "the values of 1 semaphore set could not be read"
  expect 6 powerless ipckit rm msg:1
  expect 6 powerless ipckit rm -f sem:1
  expect 0 powerless ipckit rm msg:0
}

@test "a key that may not be opened is found all the same" {
  make_seven
  expect 0 nobody ipckit show -q msg:@a shm:@a sem:@a
  out_is "$(printf 'msg:0\nshm:0\nsem:0')"
}

@test "without rights nothing of a listing comes from root's hidden directories" {
  inside 'mkdir -m 0700 /tmp/hidden; mkfifo /tmp/hidden/f'
  expect 0 nobody ipckit ls -q --fifo-dir /tmp/hidden
  out_empty
  err_has "/tmp/hidden"
  expect 6 nobody ipckit show fifo:/tmp/hidden/f
  expect 6 nobody ipckit rm fifo:/tmp/hidden/f
  expect 6 nobody ipckit create fifo:/tmp/hidden/g
}

@test "a directory of shared memory that may not be read is said" {
  make_seven
  in_sandbox chmod 0700 /dev/shm
  expect_any nobody ipckit ls
  [ "$status" -eq 6 ] || [ "$status" -eq 1 ] || complain "status 6 or 1 was expected"
  err_has "Permission denied"
  out_has msg:0
  expect_any nobody ipckit ls --json
  valid_json ls
  json '(.errors + .incomplete) | any(.kind == "pshm" or .ref == "pshm")'
}

# ------------------------------------------------------------------------------------------------------------- /proc

@test "without /proc/sysvipc everything is listed" {
  make_seven
  in_sandbox mount -t tmpfs -o ro tmpfs /proc/sysvipc
  lists ipckit ls -q
  out_is "$all_of_them"
  err_empty
  lists nobody ipckit ls -q sysv
  out_is "msg:0 sem:0 shm:0 "
  expect 0 ipckit ls -o ref,resident --no-headings shm
  out_is "shm:0  ?"
  err_has "resident"
  expect 0 ipckit show shm:0 --json
  valid_json show
  json '.objects[0] | .resident == null and .swapped == null'
  json '.incomplete[0].what == "resident"'
  expect 0 ipckit rm sem:0 msg:0 shm:0
}

@test "without /proc everything is listed" {
  make_seven
  hide_proc
  lists ipckit ls -q
  out_is "$all_of_them"
  expect 0 ipckit ls --json
  valid_json ls
  json '.objects | length == 7'
  json '.objects[] | select(.kind == "sem") | .values == [1,3]'
  json '.objects[] | select(.kind == "psem") | .value == 4'
  expect 0 ipckit show $seven
  expect 0 ipckit limits
}

@test "without /proc what can be removed is removed; whether a FIFO is held cannot be told: 10" {
  make_seven
  hide_proc
  expect 0 ipckit rm msg:0 shm:0 sem:0 pmsg:/a pshm:/a psem:/a
  expect 10 ipckit rm fifo:/tmp/a
  expect 0 ipckit show fifo:/tmp/a --json
  valid_json show
  json '.objects[0].bytes_waiting == null'
  json '.incomplete[0].what == "proc"'
  expect 0 ipckit ls --full
  err_has "/proc"
  expect 0 ipckit rm -f fifo:/tmp/a
}

@test "without /proc what is held stays, too" {
  make_seven
  hold hold-shm 0
  hold map-pshm a
  hold hold-psem a
  hold hold-pmsg a
  hold wait-sem 0 0 -5
  hide_proc
  expect 4 ipckit rm shm:0 pshm:/a psem:/a pmsg:/a sem:0
}

@test "processes that hide are no proof that nobody holds a FIFO" {
  ipckit create fifo:/tmp/a --mode 0666 >/dev/null
  ipckit set fifo:/tmp/a --owner nobody:nogroup
  hold hold-fifo /tmp/a rw
  expect 10 nobody ipckit rm fifo:/tmp/a
  in_sandbox mount -o remount,hidepid=invisible /proc || skip "no hidepid= here"
  expect 0 nobody ipckit show fifo:/tmp/a --json
  valid_json show
  json '.objects[0].bytes_waiting == null'
  expect 10 nobody ipckit rm fifo:/tmp/a
  in_sandbox test -p /tmp/a
}

@test "in a PID namespace of its own, as in a container" {
  make_seven
  hold hold-shm 0
  hold map-pshm a
  hold hold-psem a
  hold hold-pmsg a
  hold wait-sem 0 0 -5
  hold hold-fifo /tmp/a rw
  expect 0 container ipckit ls --json
  valid_json ls
  json '.objects | length == 7'
  # The maker's number means nothing here.
  json '.objects[] | select(.kind == "shm") | .creator_pid == null and .maps == 1'
  # Who holds them cannot be seen from there; that somebody does is known to the kernel.
  expect 4 container ipckit rm shm:0 pshm:/a psem:/a pmsg:/a sem:0
  expect 0 refs
  out_lines 7
  # That nobody is seen to hold the FIFO proves nothing.
  expect 0 container ipckit show fifo:/tmp/a --json
  valid_json show
  json '.objects[0].bytes_waiting == null'
}

# ------------------------------------------------------------------------------------------------------------- mounts

@test "/dev/mqueue is not mounted: root lists the queues, others are told that names cannot be listed" {
  make_seven
  in_sandbox umount /dev/mqueue
  expect 0 ipckit ls -q pmsg
  out_is pmsg:/a
  err_empty
  # No mount has appeared.
  expect 0 inside 'grep -c mqueue /proc/mounts || true'
  out_is 0
  expect 0 nobody ipckit ls -q pmsg
  out_empty
  err_has "cannot be listed"
  err_lacks "no POSIX message queue"
  expect 0 nobody ipckit ls --json
  valid_json ls
  json '.objects | length == 6'
  json '.incomplete | any(.what == "names" and .kind == "pmsg")'
  expect 0 nobody ipckit limits pmsg --json
  valid_json limits
  json '.objects[] | select(.limit == "queues_max") | .used == null'
}

@test "/dev/mqueue is not mounted: a queue that is named works for everybody" {
  in_sandbox umount /dev/mqueue
  expect 0 nobody ipckit create pmsg:/x --max-messages 3
  out_is pmsg:/x
  expect 0 nobody ipckit show pmsg:/x --json
  valid_json show
  json '.objects[0] | .ref == "pmsg:/x" and .max_messages == 3 and .mode == "0600" and .uid == 65534'
  expect 0 nobody ipckit ls -q pmsg:/x
  out_is pmsg:/x
  expect 0 nobody ipckit set pmsg:/x --mode 0640
  expect 0 ipckit show pmsg:/x --json
  json '.objects[0].mode == "0640"'
  hold_as_nobody hold-pmsg x
  expect 4 nobody ipckit rm pmsg:/x
  end "$started"
  expect 0 nobody ipckit rm pmsg:/x
  expect 3 nobody ipckit show pmsg:/x
}

@test "/dev/mqueue of another IPC namespace is not listed as ours" {
  make_seven
  # The mount is of the sandbox; who comes with a new IPC namespace still sees it.
  expect 0 elsewhere "${as_nobody[@]}" ipckit ls -q pmsg
  out_empty
  err_has "another IPC namespace"
  expect 0 elsewhere "${as_nobody[@]}" ipckit ls --json pmsg
  valid_json ls
  json '.objects == [] and (.incomplete | any(.what == "foreign" and .kind == "pmsg"))'
  # Root looks into his own.
  expect 0 elsewhere bash -c 'ipckit create pmsg:/b; ipckit ls -q pmsg'
  out_is "$(printf 'pmsg:/b\npmsg:/b')"
  expect 3 elsewhere ipckit show pmsg:/a
  expect 3 elsewhere ipckit rm pmsg:/a
  expect 3 elsewhere "${as_nobody[@]}" ipckit rm pmsg:/a
  is_there pmsg:/a
}

@test "the same name in the namespace of the mount and in ours: ours is meant" {
  ipckit create pmsg:/a --max-messages 3 -m 0666 >/dev/null
  expect 0 elsewhere bash -c 'ipckit create pmsg:/a --max-messages 7 -m 0666
    setpriv --reuid=65534 --regid=65534 --clear-groups ipckit show pmsg:/a --json'
  out_has '"max_messages":7'
  expect 0 elsewhere bash -c 'ipckit create pmsg:/a --max-messages 7 -m 0666 >/dev/null
    setpriv --reuid=65534 --regid=65534 --clear-groups ipckit ls -q pmsg'
  out_empty
  err_has "another IPC namespace"
}

@test "without /dev/shm there is no POSIX memory, and no error" {
  make_seven
  inside 'mount -t tmpfs tmpfs /dev; test ! -e /dev/shm'
  lists ipckit ls -q
  out_is "fifo:/tmp/a msg:0 pmsg:/a sem:0 shm:0 "
  err_empty
  expect 3 ipckit create pshm:/x --size 1
  err_lines 1
  expect 3 ipckit show pshm:/x
}

@test "a read-only /dev/shm" {
  make_seven
  in_sandbox mount -o remount,ro /dev/shm
  lists ipckit ls -q
  out_is "$all_of_them"
  expect 1 ipckit create pshm:/x --size 1
  err_has "Read-only file system"
  expect 1 ipckit rm pshm:/a
  err_has "Read-only file system"
  expect 1 ipckit set pshm:/a --mode 0666
}

@test "directories of the environment that are not there are no error" {
  make_seven
  expect 0 in_sandbox env TMPDIR=/nowhere XDG_RUNTIME_DIR=/nowhere/either ipckit ls -q
  out_lines 7
  err_empty
}

# ----------------------------------------------------------------------------------------------------- other machines

@test "kernels without STAT_ANY, openat2, O_TMPFILE, fsopen, fchmodat2: the older ways do" {
  command -v cc >/dev/null || skip "needs cc"
  make_seven
  # A filter that answers ENOSYS or EINVAL as an older kernel would.
  cat >"$state/older.c" <<'END'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define MISSING(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), REFUSE(ENOSYS)
#define NO_COMMAND(number, argument, value) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4), LOAD(args[argument]), \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1), REFUSE(EINVAL), LOAD(nr)
int main(int count, char **words) {
  (void)count;
  struct sock_filter filter[] = {
    LOAD(nr),
    MISSING(437), /* openat2 */
    MISSING(430), /* fsopen */
    MISSING(452), /* fchmodat2 */
    MISSING(434), /* pidfd_open */
    MISSING(438), /* pidfd_getfd */
    NO_COMMAND(SYS_msgctl, 1, 13), /* MSG_STAT_ANY */
    NO_COMMAND(SYS_shmctl, 1, 15), /* SHM_STAT_ANY */
    NO_COMMAND(SYS_semctl, 2, 20), /* SEM_STAT_ANY */
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    perror("prctl");
    return 99;
  }
  execvp(words[1], words + 1);
  perror(words[1]);
  return 99;
}
END
  cc -o "$state/older" "$state/older.c"
  older=$inner/state/older
  lists in_sandbox $older ipckit ls -q
  out_is "$all_of_them"
  expect 0 in_sandbox $older ipckit ls --json
  valid_json ls
  json '.objects[] | select(.kind == "sem") | .values == [1,3]'
  lists nobody $older ipckit ls -q
  out_is "$all_of_them"
  expect 0 nobody $older ipckit ls --json
  valid_json ls
  json '.objects[] | select(.kind == "msg") | .messages == 0 and .max_bytes == null and .size == null'
  # Not even the text: then it is said.
  in_sandbox mount -t tmpfs -o ro tmpfs /proc/sysvipc
  lists nobody $older ipckit ls -q sysv
  err_has "could not be read"
  out_is " "
  expect 0 nobody $older ipckit ls --json
  valid_json ls
  json '.incomplete | any(.what == "objects" and .kind == "msg" and .count == 1)'
  in_sandbox umount /proc/sysvipc
  expect 0 in_sandbox $older ipckit show $seven
  expect 0 in_sandbox $older ipckit set --mode 0644 $seven
  expect 0 in_sandbox $older ipckit create pshm:/b --size 4K -m 0640
  expect 0 in_sandbox $older ipckit create psem:/b -m 0640
  inside 'ln -s /etc/passwd /dev/shm/link'
  expect 3 in_sandbox $older ipckit show pshm:/link
  expect 3 in_sandbox $older ipckit rm -f pshm:/link
  hold map-pshm a
  expect 4 in_sandbox $older ipckit rm pshm:/a
  expect 0 in_sandbox $older ipckit rm msg:0 shm:0 sem:0 pmsg:/a psem:/a pshm:/b psem:/b fifo:/tmp/a
}
