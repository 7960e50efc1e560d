# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2034,SC2154 # expanded in the sandbox; the tests use them; set by who calls
# What the tests of `lock` share. Most of it is for the scripts that run inside: the functions are exported to them.
# It needs moving.bash.
#
#   each KINDS SCRIPT [WORD]...   runs it inside for each of them, which is $kind then, and prints on failure which
#   ${lock[@]}                 there: what follows `ipckit lock` to lock it
#   hold_lock [SCRIPT]         locks in the background, in a session of its own; SCRIPT of sh is CMD, else CMD sleeps.
#                              $locker, $command and $guardian (empty for a sem) are the processes
#   wait_for_lock [CMD...]     a locker in the background that waits: $waiter; CMD, else `true`, runs when it has got it
#   is_held, is_free           whether another gets it now
#   await_freed                whether another gets it soon
#   is_in_order                whether another gets it, the object is whole, and nothing is left over
#   ended_with STATUS PID      whether a process of the background ended so

all_locks='sem guard psem pshm msg pmsg fifo'
# Those whose guardian keeps a record.
recorded_locks='psem msg pmsg fifo'
guarded_locks='guard psem pshm msg pmsg fifo'

each() {
  expect 0 inside '
    set -E; trap "echo \"\$kind: \$BASH_COMMAND: line \$LINENO\" >&2" ERR
    for kind in $1; do use_lock "$kind"; eval "$2"; done' "$@"
}

# Makes what must be there, once, and what keeps it.
use_lock() {
  case $1 in
    sem) lock=(sem:@l) ;;
    guard) lock=(--guard sem:@l) ;;
    psem) lock=(psem:/l) ;;
    pshm) lock=(pshm:/l) ;;
    msg | pmsg) lock=(--token "$1:@l"); lock=("${lock[@]/pmsg:@/pmsg:/}") ;;
    fifo) lock=(--token fifo:/tmp/l) ;;
  esac
  [ ! -e "/tmp/made.$1" ] || return 0
  : >"/tmp/made.$1"
  case $1 in
    msg | pmsg) ipckit create "${lock[1]}" >/dev/null; ipckit send "${lock[1]}" token ;;
    fifo)
      mkfifo /tmp/l
      setsid sleep 1000 <>/tmp/l >/dev/null 2>&1 &
      await_server $! # or the byte would wait for it
      printf + >/tmp/l
      ;;
  esac
}

await_server() {
  await test "/proc/$1/fd/0" -ef /tmp/l
}

# ---------------------------------------------------------------------------------------------------------- lockers

# The guardian or keeper that a locker has started.
guardian_of() {
  pgrep -P "$1" -x ipckit-lock
}

is_guarded() {
  guardian_of "$1" || ended "$1"
}

hold_lock() {
  rm -f /tmp/command
  setsid env --default-signal ipckit lock "${lock[@]}" \
    sh -c 'echo $$ >/tmp/command; eval "$1"' sh "${1:-exec sleep 60}" </dev/null &
  locker=$!
  await test -s /tmp/command
  command=$(</tmp/command)
  [ "$kind" = sem ] || await is_guarded "$locker" # it has no name when it has just been forked
  guardian=$(guardian_of "$locker" || true)
}

# Whether a locker sleeps until it gets it. One with a guardian does when that does.
is_waiting() {
  local pid=$1
  case $kind in sem | pshm) asleep "$1"; return ;; esac
  pid=$(guardian_of "$1") && grep -q '^State:.S' "/proc/$pid/status"
}

wait_for_lock() {
  [ $# -gt 0 ] || set -- true
  setsid env --default-signal ipckit lock "${lock[@]}" "$@" </dev/null &
  waiter=$!
  await is_waiting "$waiter"
}

# ----------------------------------------------------------------------------------------------------------- checks

# More than once: what would let it go needs a moment for that.
is_held() {
  local try
  for try in 1 2 3 4 5; do ends 75 ipckit lock -n "${lock[@]}" true || return 1; done
}

is_free() {
  ends 0 ipckit lock -n "${lock[@]}" true
}

# Two seconds: who waits looks at the records of the dead once a second.
await_freed() {
  ends 0 ipckit lock -w 2.5 "${lock[@]}" true
}

is_whole() {
  case $kind in
    sem | guard) [ "$(ipckit ls sem:@l -o values --no-headings)" = 1 ] ;;
    psem) [ "$(ipckit ls psem:/l -o value --no-headings)" = 1 ] ;;
    pshm) flock -n /dev/shm/l true ;;
    msg) [ "$(ipckit peek --json msg:@l | jq -c '[.objects[0].messages[].data]')" = '["token"]' ] ;;
    pmsg) holds pmsg:/l 1 ;;
    fifo) [ "$(bytes_waiting /tmp/l)" = 1 ] ;;
  esac
}

bytes_waiting() {
  ipckit peek --json "fifo:$1" | jq .objects[0].bytes_waiting
}

nothing_is_left() {
  ! pgrep -x ipckit-lock && ! compgen -G '/dev/shm/ipckit-lock.*'
}

is_in_order() {
  await_freed
  is_whole
  await nothing_is_left
}

# For the lockers that are in the background, and not for what keeps a FIFO.
wait_for_children() {
  local pid
  for pid in $(jobs -p); do
    [ "/proc/$pid/fd/0" -ef /tmp/l ] || wait "$pid"
  done
}

ended_with() {
  local status=0
  wait "$2" 2>/dev/null || status=$? # bash would say who was killed
  [ "$status" -eq "$1" ] || { echo "status $status, not $1" >&2; return 1; }
}

export -f use_lock await_server guardian_of is_guarded hold_lock is_waiting wait_for_lock is_held is_free \
  await_freed is_whole bytes_waiting nothing_is_left is_in_order wait_for_children ended_with
