#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit lock when somebody is killed, or changes: for each kind the lock is not free as long as the command runs, is
# never stuck when it has ended, and what was taken is whole afterwards. The table of ipckit-lock(1), cell by cell.
# shellcheck disable=SC2016,SC2154 # expanded in the sandbox; set by helper.bash

load helper
load moving
load locking

tries=${IPCKIT_LOCK_TRIES:-4}

# --------------------------------------------------------------------------------------- killed, while a command runs

@test "SIGKILL of ipckit: held until the command ends, and then the next gets it" {
  each "$guarded_locks" '
    hold_lock; wait_for_lock; kill -9 $locker; ended_with 137 $locker
    is_held; kill -0 $command
    kill -9 $command; ended_with 0 $waiter; is_in_order'
  # A sem is held by the command itself, which is the process that was killed.
  each sem 'hold_lock; [ $locker = $command ]; kill -9 $locker; ended_with 137 $locker; is_free; is_in_order'
}

@test "SIGKILL of the command: free when ipckit has told the status" {
  each "$all_locks" 'hold_lock; kill -9 $command; ended_with 137 $locker; is_free; is_in_order'
  each "$all_locks" 'hold_lock; wait_for_lock; kill -9 $command; ended_with 137 $locker; ended_with 0 $waiter; is_in_order'
}

@test "SIGKILL of ipckit and of the command: free" {
  each "$all_locks" '
    hold_lock; kill -9 $locker $command; ended_with 137 $locker; await ended $command; await_freed; is_in_order'
  each "$guarded_locks" '
    hold_lock; wait_for_lock; kill -9 $command $locker; ended_with 137 $locker; ended_with 0 $waiter; is_in_order'
}

@test "SIGKILL of their process group: free, whoever else was in it" {
  each "$all_locks" '
    hold_lock "sleep 60 & exec sleep 60"; wait_for_lock
    kill -9 -- -$locker; ended_with 137 $locker; ended_with 0 $waiter; is_in_order'
}

@test "SIGTERM and SIGINT to ipckit: they end the command, and the status says so" {
  each "$all_locks" '
    hold_lock; kill -TERM $locker; ended_with 143 $locker; ! kill -0 $command 2>/dev/null; is_free; is_in_order
    hold_lock; kill -INT $locker; ended_with 130 $locker; ! kill -0 $command 2>/dev/null; is_free; is_in_order'
}

@test "SIGTERM and SIGINT to the command: free when it has ended" {
  each "$all_locks" '
    hold_lock; kill -TERM $command; ended_with 143 $locker; is_free; is_in_order
    hold_lock; kill -INT $command; ended_with 130 $locker; is_free; is_in_order'
}

@test "a command that does not care about SIGTERM and SIGINT: held, whoever gets them" {
  each "$all_locks" '
    hold_lock "trap \"\" TERM INT; exec sleep 60"
    kill -TERM $locker; kill -INT $locker; is_held
    kill -TERM $command; kill -INT $command; is_held
    kill -0 $locker; kill -0 $command
    kill -9 $command; ended_with 137 $locker; is_free; is_in_order'
}

# -------------------------------------------------------------------------------------------- what the command may do

@test "a command that forks and ends: free, although its child lives on" {
  each "$all_locks" '
    hold_lock "sleep 60 & echo \$! >/tmp/child; exit 7"; ended_with 7 $locker
    is_free; is_in_order
    kill -0 $(</tmp/child); kill -9 $(</tmp/child)'
}

@test "a command that closes all of its descriptors: held" {
  inside 'echo "for fd in /proc/\$\$/fd/*; do fd=\${fd##*/}; exec {fd}>&-; done; exec sleep 60" >/tmp/close'
  each "$all_locks" '
    hold_lock "exec bash /tmp/close"
    await eval "[ \$(cat /proc/$command/comm) = sleep ] && [ -z \"\$(ls /proc/$command/fd)\" ]"
    is_held
    [ -z "$guardian" ] || { kill -9 $locker; ended_with 137 $locker; is_held; }
    kill -9 $command; is_in_order'
}

# A program of another user, which reads /tmp/end and ends then. It cannot be killed by everybody who locks.
make_setuid() { # USER
  inside '
    cp "$(command -v cat)" /tmp/other; chown "$1" /tmp/other; chmod 4755 /tmp/other
    mkfifo -m 0666 /tmp/end' "$1"
}

becomes_other='
  hold_lock "exec /tmp/other /tmp/end"
  await eval "[ \$(cat /proc/$command/comm) = other ] && [ \$(stat -c %u /proc/$command) != $UID ]"'

@test "a command that becomes a setuid program: held until that ends" {
  make_setuid nobody
  each "$all_locks" "$becomes_other"'
    is_held; : >/tmp/end; ended_with 0 $locker; is_free; is_in_order'
  each "$guarded_locks" "$becomes_other"'
    kill -9 $locker; ended_with 137 $locker; is_held; : >/tmp/end; await_freed; is_in_order'
}

@test "a user's command that becomes a program of root: held until that ends" {
  make_setuid root
  local nobodys='
    set -E; trap "echo \"\$kind: \$BASH_COMMAND: line \$LINENO\" >&2" ERR
    for kind in $1; do use_lock "$kind"; eval "$2"; done'
  expect 0 nobody bash -euo pipefail -c "$nobodys" inside "$all_locks" "$becomes_other"'
    [ $(stat -c %u /proc/$command) = 0 ]
    is_held; : >/tmp/end; ended_with 0 $locker; is_free; is_in_order'
  inside 'rm -f /tmp/command /tmp/l /tmp/made.* /dev/shm/*; ipckit rm -fy --all msg pmsg sem'
  expect 0 nobody bash -euo pipefail -c "$nobodys" inside "$recorded_locks pshm" "$becomes_other"'
    kill -9 $locker; ended_with 137 $locker; is_held
    kill -9 $guardian; await ended $guardian
    [ $kind = pshm ] || is_held
    : >/tmp/end; await_freed; is_in_order'
}

@test "a command that leaves its IPC namespace drops a sem, but not what a guardian keeps" {
  local leave='hold_lock "exec unshare --ipc sh -c \"echo >/tmp/left; exec sleep 60\""; await test -e /tmp/left; rm /tmp/left'
  each sem "$leave"'; is_free; kill -0 $command; kill -9 $command; ended_with 137 $locker; is_in_order'
  each "$guarded_locks" "$leave"'
    is_held; kill -9 $locker; ended_with 137 $locker; is_held; kill -9 $command; is_in_order'
}

# ------------------------------------------------------------------------------------------ the guardian killed as well

@test "SIGKILL of the guardian alone: held until the command ends, and then free" {
  each "$recorded_locks pshm" '
    hold_lock; kill -9 $guardian; await ended $guardian; is_held; kill -0 $command
    kill -TERM $command; ended_with 143 $locker; is_free; is_in_order'
  each "$recorded_locks pshm" '
    hold_lock; wait_for_lock; kill -9 $guardian; await ended $guardian; is_held
    kill -TERM $command; ended_with 143 $locker; ended_with 0 $waiter; is_in_order'
}

@test "SIGKILL of the guardian of a sem: free, the kernel's rule" {
  each guard '
    hold_lock; kill -9 $guardian; await ended $guardian; is_free; kill -0 $command
    kill -TERM $command; ended_with 143 $locker; is_in_order'
}

@test "SIGKILL of ipckit and its guardian: the record tells that the command runs, and when it has ended" {
  each "$recorded_locks" '
    hold_lock; kill -9 $locker $guardian; ended_with 137 $locker; await ended $guardian
    is_held; kill -0 $command
    kill -9 $command; await ended $command; is_free; is_in_order'
  # Who waited before, or came before the command's end, too.
  each "$recorded_locks" '
    hold_lock; wait_for_lock; first=$waiter
    kill -9 $guardian $locker; ended_with 137 $locker; await ended $guardian
    wait_for_lock; is_held
    kill -9 $command; await ended $command; before=$(now)
    ended_with 0 $first; ended_with 0 $waiter; [ $(($(now) - before)) -lt 3500 ]
    is_in_order'
}

@test "SIGKILL of ipckit and its guardian frees a pshm and a guarded sem: the kernel's rule" {
  each 'guard pshm' '
    hold_lock; kill -9 $locker $guardian; ended_with 137 $locker; await ended $guardian
    is_free; kill -0 $command; kill -9 $command; is_in_order'
}

@test "SIGKILL of all of them: the next gets it at once" {
  each "$all_locks" '
    for order in 1 2 3; do
      hold_lock
      case $order in
        1) kill -9 $locker $guardian $command ;;
        2) kill -9 $guardian $command $locker ;;
        3) kill -9 $command $guardian $locker ;;
      esac
      await ended $locker; await ended $command
      [ -z "$guardian" ] || await ended $guardian
      is_free; wait $locker || true; is_in_order
    done'
}

@test "SIGKILL of all of them: who waits gets it" {
  each "$all_locks" '
    hold_lock; wait_for_lock
    kill -9 $guardian $command $locker; before=$(now)
    ended_with 137 $locker; ended_with 0 $waiter; [ $(($(now) - before)) -lt 2500 ]
    is_in_order'
}

@test "a whole cgroup is killed: the next, and who waits, get it" {
  expect_any inside '
    mkdir /tmp/cgroup; mount -t cgroup2 cgroup2 /tmp/cgroup
    mkdir "/tmp/cgroup/ipckit-test.$1"; [ -w "/tmp/cgroup/ipckit-test.$1/cgroup.kill" ]' $$
  [ "$status" -eq 0 ] || skip "needs the right to make a cgroup of version 2, and a kernel of 5.14"
  local result=0
  each "$all_locks" '
    group=$(echo /tmp/cgroup/ipckit-test.*)
    for waits in no yes; do
      rm -f /tmp/command
      setsid sh -c "echo 0 >$group/cgroup.procs; exec \"\$@\"" sh \
        ipckit lock "${lock[@]}" sh -c "echo \$\$ >/tmp/command; exec sleep 60" </dev/null &
      locker=$!
      await test -s /tmp/command
      [ $kind = sem ] || [ $(wc -l <$group/cgroup.procs) = 3 ]
      [ $waits = no ] || wait_for_lock
      echo 1 >$group/cgroup.kill
      await eval "grep -qx \"populated 0\" $group/cgroup.events"
      if [ $waits = yes ]; then ended_with 0 $waiter; else is_free; fi
      wait $locker || true
      is_in_order
    done' || result=1
  # It is a directory of the machine, and nobody else removes it.
  inside 'cd /tmp/cgroup/ipckit-test.*; echo 1 >cgroup.kill; await grep -qx "populated 0" cgroup.events; cd /; rmdir /tmp/cgroup/ipckit-test.*'
  [ "$result" -eq 0 ]
}

# A command with the objects of the sandbox, and all of the machine's processes in its /proc.
outside() {
  PATH="$inner/program:$PATH" nsenter --target "$sandbox" --ipc --mount --wd \
    unshare --mount sh -c 'mount -t proc proc /proc && exec "$@"' sh "$@" 3>&-
}

@test "all processes of a PID namespace are killed: the next gets it who sees all processes there are" {
  [ "$(stat -Lc %i /proc/self/ns/pid)" = 4026531836 ] || skip "needs the first PID namespace"
  # The command gets about a number that no process of the machine has, here or in a namespace.
  local taken number
  taken=$(cat /proc/[0-9]*/status 2>/dev/null | sed -n 's/^NSpid:.*\t//p')
  number=$(($(</proc/sys/kernel/pid_max) - 100))
  while grep -qE "^($(seq -s '|' "$number" $((number + 20))))\$" <<<"$taken"; do number=$((number - 50)); done
  each psem '
    echo $3 >/proc/sys/kernel/ns_last_pid
    hold_lock; kill -9 $guardian $locker; ended_with 137 $locker; await ended $guardian
    setsid sh -c "await() { until [ -e /tmp/over ]; do sleep 0.01; done; }; await; kill -9 $command" &' "$number"
  expect 75 outside ipckit lock -n psem:/l true
  in_sandbox touch /tmp/over
  await inside '[ ! -e "/proc/$(</tmp/command)" ]'
  await outside ipckit lock -n psem:/l true # a new process may have had its number for a moment
  expect 0 inside 'ls -d /dev/shm/ipckit-lock.* 2>/dev/null || true; ipckit ls psem:/l -o value --no-headings'
  out_is 1
}

# ------------------------------------------------------------------------------------------------------ who waits dies

@test "who waits is killed, or ended by a signal: nothing is lost or left" {
  each "$all_locks" '
    hold_lock
    wait_for_lock touch /tmp/ran; kill -9 $waiter; ended_with 137 $waiter
    wait_for_lock touch /tmp/ran; kill -TERM $waiter; ended_with 143 $waiter
    wait_for_lock touch /tmp/ran; kill -INT $waiter; ended_with 130 $waiter
    wait_for_lock touch /tmp/ran; kill -9 -- -$waiter; ended_with 137 $waiter
    wait_for_lock touch /tmp/ran; kill -TERM -- -$waiter; ended_with 143 $waiter
    is_held
    kill -9 $command; ended_with 137 $locker; is_in_order; [ ! -e /tmp/ran ]'
}

@test "a waiting guardian is killed: ipckit says so, and nothing is lost or left" {
  each 'guard psem msg pmsg fifo' '
    hold_lock
    wait_for_lock touch /tmp/ran; kill -9 $(guardian_of $waiter); ended_with 125 $waiter
    wait_for_lock touch /tmp/ran; doomed=$(guardian_of $waiter); kill -9 $waiter $doomed; ended_with 137 $waiter
    await ended $doomed
    is_held
    kill -9 $command; ended_with 137 $locker; is_in_order; [ ! -e /tmp/ran ]'
}

# A moment of no certain length, up to some thousandths of a second.
linger() {
  local rest
  for ((rest = RANDOM % 700; rest > 0; --rest)); do :; done
}
export -f linger

@test "it becomes free in the moment in which who waits is killed: nothing is lost" {
  each "$all_locks" '
    for ((try = 0; try < '"$tries"'; ++try)); do
      hold_lock; wait_for_lock true
      kill -9 $command; linger; kill -9 $waiter 2>/dev/null || true
      ended_with 137 $locker; wait $waiter 2>/dev/null || true
    done
    is_in_order'
}

@test "it becomes free in the moment in which a signal ends who waits: that, or its command, is ended" {
  each "$all_locks" '
    for ((try = 0; try < '"$tries"'; ++try)); do
      for signal in TERM INT; do
        hold_lock; wait_for_lock sleep 60
        kill -9 $command; linger; kill -$signal $waiter
        ended_with 137 $locker
        await ended $waiter
        ended_with $((128 + $(kill -l $signal))) $waiter
        is_free
      done
    done
    is_in_order'
}

# ------------------------------------------------------------------------------------------- the file of a psem is cut

@test "the file of a psem is cut short: a sentence, and no process dies of it" {
  expect 7 inside 'ipckit lock psem:/cut sh -c "truncate -s 0 /dev/shm/sem.cut; exit 7"'
  err_is "ipckit lock: psem:/cut: what was taken could not be given back: what is there is damaged: its file was cut short meanwhile"
  inside 'rm /dev/shm/sem.cut'
  expect 0 inside '
    kind=psem lock=(psem:/cut)
    hold_lock; wait_for_lock touch /tmp/ran
    truncate -s 0 /dev/shm/sem.cut
    ended_with 125 $waiter; kill -0 $guardian $command
    kill -9 $command; ended_with 137 $locker
    [ ! -e /tmp/ran ]; await nothing_is_left
    rm /dev/shm/sem.cut; is_free; is_free'
}
