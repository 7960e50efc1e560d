#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit lock: one at a time, what is made for it, what it says, and that the command notices nothing of it. What
# happens when somebody is killed is in lock-crash.bats.
# shellcheck disable=SC2016,SC2154 # expanded in the sandbox; set by helper.bash

load helper
load moving
load locking

runs=${IPCKIT_LOCK_RUNS:-40}
another_user=(setpriv --reuid=1234 --regid=1234 --clear-groups --inh-caps=-all)

# ------------------------------------------------------------------------------------------------------ one at a time

@test "the examples: a second one is 75, fifty at once count right, a killed one's command still has it" {
  expect 0 inside '
    ipckit lock sem:@deploy sh -c "echo mine; sleep 1" & sleep .2; status_of ipckit lock -n sem:@deploy true'
  out_is $'mine\n75'
  expect 0 inside '
    ipckit lock psem:/p sleep 1 & sleep .2; kill -9 $!; wait $! 2>/dev/null || true; ipckit lock -w 61 -v psem:/p true'
  err_matches 'psem:/p: waited (0\.[6-9]|1\.[0-2]) s for pid [0-9]+ \(sleep\)$'
}

@test "fifty at once count right, with each kind" {
  each "$all_locks" '
    echo 0 >/tmp/f
    for i in $(seq 50); do ipckit lock "${lock[@]}" sh -c "n=\$(cat /tmp/f); echo \$((n+1)) >/tmp/f" & done; wait_for_children
    [ "$(</tmp/f)" = 50 ]; is_in_order'
}

@test "a lock that has just been let go can be had at once" {
  each "$all_locks" 'for ((run = 0; run < '"$runs"'; ++run)); do ipckit lock -n "${lock[@]}" true; done; is_in_order'
  each "$all_locks" 'for ((run = 0; run < 10; ++run)); do ! ipckit lock -n "${lock[@]}" false; done; is_in_order'
}

@test "a writer takes all of a sem, and readers one each" {
  inside 'ipckit create sem:@rw --value 5'
  expect 0 inside '
    kind=sem lock=(sem:@rw)
    hold_lock; first=$command; hold_lock; second=$command
    ends 75 ipckit lock -n --take 5 sem:@rw true; ends 75 ipckit lock -n --take 4 sem:@rw true
    ends 0 ipckit lock -n --take 3 sem:@rw true; ends 0 ipckit lock -n sem:@rw true
    ipckit lock --take 5 sem:@rw sh -c "echo writer >>/tmp/log" & writer=$!
    await asleep $writer
    kill $first $second; wait $writer; cat /tmp/log
    lock=(--take 5 sem:@rw); hold_lock
    ends 75 ipckit lock -n sem:@rw true
    kill $command; ended_with 143 $locker
    ipckit ls sem:@rw -o values --no-headings'
  out_is $'writer\n5'
  # More than there will ever be.
  expect 75 ipckit lock -w 0.1 --take 6 sem:@rw true
  expect 0 inside 'ipckit lock --guard --take 5 sem:@rw sh -c "ipckit ls sem:@rw -o values --no-headings"; ipckit ls sem:@rw -o values --no-headings'
  out_is $'0\n5'
}

@test "another semaphore of a set" {
  inside 'ipckit create sem:@n --count 3 --value 1,1,2'
  local guard
  for guard in '' --guard; do
    # shellcheck disable=SC2086 # a word, or none
    expect 0 ipckit lock $guard --number 1 sem:@n ipckit ls sem:@n -o values --no-headings
    out_is 1,0,2
    # shellcheck disable=SC2086 # a word, or none
    expect 0 ipckit lock $guard --number 2 --take 2 sem:@n ipckit ls sem:@n -o values --no-headings
    out_is 1,1,0
    # shellcheck disable=SC2086 # a word, or none
    expect 125 ipckit lock $guard --number 3 sem:@n true
    err_has "3 semaphores"
  done
  expect 0 inside 'ipckit ls sem:@n -o values --no-headings'
  out_is 1,1,2
}

@test "a pshm is shared by those who say so, and with flock(1)" {
  expect 0 inside '
    kind=pshm lock=(-s pshm:/s); hold_lock; first=$command
    hold_lock; second=$command
    ends 75 ipckit lock -n pshm:/s true; ends 0 ipckit lock -n --shared pshm:/s true
    ends 1 flock -n /dev/shm/s true; ends 0 flock -s -n /dev/shm/s true
    kill $first; await ended $first; ends 75 ipckit lock -n pshm:/s true
    kill $second; await_shared() { ipckit lock -n pshm:/s true; }; await await_shared
    lock=(pshm:/s); hold_lock
    ends 75 ipckit lock -n -s pshm:/s true; ends 1 flock -s -n /dev/shm/s true
    kill $command; ended_with 143 $locker
    flock -s /dev/shm/s sleep 60 & await sh -c "! flock -n /dev/shm/s true"
    ends 75 ipckit lock -n pshm:/s true; ends 0 ipckit lock -n -s pshm:/s true; kill $!'
}

# --------------------------------------------------------------------------------------------------- what can be locked

@test "what has no lock is refused, with what to do instead" {
  inside 'ipckit create shm --size 1; ipckit create msg:@q; ipckit create pmsg:/q; ipckit create fifo:/tmp/q; ipckit create pshm:/m --size 1' >/dev/null
  expect 125 ipckit lock shm:0 true
  err_has "set --pin"
  local ref
  for ref in msg:@q pmsg:/q fifo:/tmp/q; do
    expect 125 ipckit lock "$ref" true
    err_has "has no lock"
    err_has "--token"
  done
  for ref in pshm:/m psem:/m sem:@m; do
    expect 125 ipckit lock --token "$ref" true
    err_has "--token"
  done
  expect 125 ipckit lock -s sem:@m true
  expect 125 ipckit lock --take 2 psem:/m true
  expect 125 ipckit lock --number 1 pshm:/m true
  expect 125 ipckit lock --guard psem:/m true
  is_missing sem:@m
  is_missing psem:/m
}

@test "words that make no sense are 125 before a command, and touch nothing" {
  local words
  for words in '--take 0' '--take 32768' '--take many' '--number 40000' '-w never' '-n -w 1' '-E 256' '-E -1' '--bogus' '--status-fd 99' '-m 999'; do
    # shellcheck disable=SC2086 # two words
    expect 125 ipckit lock $words sem:@x true
    out_empty
  done
  refuses ipckit lock
  refuses ipckit lock sem:@x
  expect 125 ipckit lock nonsense true
  is_missing sem:@x
}

# --------------------------------------------------------------------------------------------------------------- making

@test "what is missing is made: value 1, 0600, and told" {
  expect 0 in_sandbox bash -c 'umask 777; ipckit lock -v sem:@a true; ipckit lock -v psem:/a true; ipckit lock -v pshm:/a true'
  err_lines 3
  err_matches 'made'
  expect 0 ipckit ls --sort ref -o ref,mode,use --no-headings
  out_has "value 1"
  expect 0 inside 'ipckit ls -o mode --no-headings | sort -u; ipckit ls sem:@a -o values --no-headings; stat -c %s /dev/shm/a'
  out_is $'0600\n1\n0'
  expect 0 inside '
    for ref in sem:@b psem:/b pshm:/b; do ipckit lock -m 0640 $ref true; ipckit ls $ref -o mode --no-headings; done'
  out_is $'0640\n0640\n0640'
  # What is there is taken as it is.
  expect 0 inside 'ipckit create psem:/c --value 3; ipckit lock psem:/c true; ipckit ls psem:/c -o value,mode --no-headings'
  out_matches '3 +0600'
  expect 0 inside 'set=$(ipckit create sem --value 2); ipckit lock "$set" ipckit ls "$set" -o values --no-headings'
  out_is 1
}

@test "nothing is made with --no-create" {
  local ref
  for ref in sem:@a psem:/a pshm:/a; do
    expect 125 ipckit lock --no-create "$ref" true
    err_has "no such"
    is_missing "$ref"
    expect 0 ipckit lock "$ref" true
    expect 0 ipckit lock --no-create "$ref" true
  done
  expect 125 ipckit lock sem:7 true
  expect 125 ipckit lock --token msg:@none true
  expect 125 ipckit lock --token pmsg:/none true
  expect 125 ipckit lock --token fifo:/tmp/none true
  is_missing msg:@none
}

@test "a hundred at once make one, with the value 1" {
  local ref
  for ref in sem:@many psem:/many pshm:/many; do
    expect 0 inside '
      mkfifo /tmp/gate; exec 9<>/tmp/gate
      for i in {1..100}; do
        { read -rn 1 -u 9; exec 9>&-; status=0
          ipckit lock -v "$1" sh -c "echo in >>/tmp/log; mkdir /tmp/inside && rmdir /tmp/inside || echo two >>/tmp/log" || status=$?
          echo $status >>/tmp/statuses; } &
      done 2>/tmp/said
      printf "%100s" "" | tr " " x >&9
      wait_for_children
      sort /tmp/statuses | uniq -c; sort /tmp/log | uniq -c; grep -c "made" /tmp/said
      rm /tmp/gate /tmp/statuses /tmp/log' "$ref"
    out_matches '^ +100 0'$'\n'' +100 in'$'\n''1$'
  done
  expect 0 ipckit ls sem psem -o use --no-headings
  out_is $'value 1\nvalue 1'
  expect 0 inside 'ls -A /dev/shm'
  out_is $'many\nsem.many'
}

@test "makers who are killed half way leave nothing that sticks" {
  needs_strace
  local call
  for call in semget semtimedop,semop semctl; do
    expect 0 inside '
      for when in 1 2 3 4; do
        with_injected "$1:signal=KILL:when=$when" ipckit lock sem:@m true >/dev/null 2>&1 || true
        ends 0 ipckit lock -w 5 sem:@m true
        [ "$(ipckit ls sem -o values --no-headings)" = 1 ] # and no other set is there
        ipckit rm sem:@m
      done' "$call"
  done
  # Two are killed one after the other.
  expect 0 inside '
    for first in semget:signal=KILL:when=2 semtimedop,semop:signal=KILL:when=2 semctl:signal=KILL:when=1; do
      for second in semget:signal=KILL:when=2 semtimedop,semop:signal=KILL:when=1 semctl:signal=KILL:when=2; do
        with_injected $first ipckit lock sem:@m true >/dev/null 2>&1 || true
        with_injected $second ipckit lock sem:@m true >/dev/null 2>&1 || true
        ends 0 ipckit lock -w 5 sem:@m true
        [ "$(ipckit ls sem -o values --no-headings)" = 1 ]
        ipckit rm sem:@m
      done
    done'
  local ref
  for ref in psem:/m pshm:/m; do
    expect 0 inside '
      for call in openat linkat ftruncate,fallocate,fchmod mmap pwrite64,write; do
        for when in 1 2 3 5 8; do
          with_injected "$call:signal=KILL:when=$when" ipckit lock "$1" true >/dev/null 2>&1 || true
          ends 0 ipckit lock -w 5 "$1" true
          [ "${1%%:*}" = pshm ] || [ "$(ipckit ls "$1" -o value --no-headings)" = 1 ]
          ipckit rm "$1"
        done
      done
      await eval "[ -z \"\$(ls -A /dev/shm)\" ]"' "$ref"
  done
}

@test "many make at once, and some are killed: the value is 1" {
  expect 0 inside '
    for run in {1..15}; do
      pids=()
      for i in {1..8}; do ipckit lock -w 20 sem:@m true 2>/dev/null & pids+=($!); done
      for ((rest = RANDOM % 900; rest > 0; --rest)); do :; done
      for i in 1 3 4 6; do kill -9 ${pids[i]} 2>/dev/null || true; done
      for pid in "${pids[@]}"; do wait $pid 2>/dev/null || [ $? -gt 128 ]; done
      ends 0 ipckit lock -w 5 sem:@m true
      # The set of the makers is gone with the next who makes.
      [ "$(ipckit ls sem:@m -o values --no-headings)" = 1 ]
      ipckit rm sem:@m; ipckit lock sem:@m true
      [ "$(ipckit ls sem -o values --no-headings)" = 1 ]
      ipckit rm sem:@m
    done'
}

# ------------------------------------------------------------------------------------------------------------ squatting

@test "what a stranger has put in its place is refused" {
  local ref
  for ref in sem:@l psem:/l pshm:/l; do
    expect 0 nobody ipckit lock -m 0666 "$ref" true
    expect 125 ipckit lock "$ref" true
    err_has nobody
    err_has "--any-owner"
    expect 125 in_sandbox "${another_user[@]}" ipckit lock "$ref" true
    err_has nobody
    expect 0 ipckit lock --any-owner "$ref" true
    expect 0 in_sandbox "${another_user[@]}" ipckit lock --any-owner "$ref" true
    # Where none would be made, it is somebody's on purpose.
    expect 0 in_sandbox "${another_user[@]}" ipckit lock --no-create "$ref" true
    expect 0 nobody ipckit lock "$ref" true
    expect 0 ipckit rm "$ref"
    # Root's may be taken by everybody who can.
    expect 0 ipckit lock -m 0666 "$ref" true
    expect 0 nobody ipckit lock "$ref" true
    expect 0 ipckit rm "$ref"
    expect 0 ipckit lock "$ref" true
    expect 125 nobody ipckit lock "$ref" true
    err_has "ermission denied"
  done
}

@test "a set that a stranger has made and given to root, or to another, is his" {
  nobody ipckit create sem:@given --value 5 -m 0666 >/dev/null
  nobody ipckit set sem:@given --owner 0
  expect 125 ipckit lock -n sem:@given echo ran
  out_empty
  err_has "belongs to nobody"
  expect 125 in_sandbox "${another_user[@]}" ipckit lock -n sem:@given echo ran
  out_empty
  expect 0 ipckit ls sem:@given -o values --no-headings
  out_is 5
}

# The key by which those are kept apart who make the set of sem:@WORD as root: makers_of WORD.
makers_of() {
  local key
  key=$(($(ipckit key "@$1")))
  echo "sem:@ipckit-lock.0.$((key < 2147483648 ? key : key - 4294967296))" # a key_t
}

@test "whoever squats the key of those who make a set is named at once" {
  local makers began
  makers=$(makers_of victim)
  nobody ipckit create "$makers" --value 1 -m 0666 >/dev/null
  began=$SECONDS
  expect 125 ipckit lock -n sem:@victim echo ran
  [ $((SECONDS - began)) -lt 5 ]
  out_empty
  err_lines 2
  err_matches "sem:@victim: key 0x[0-9a-f]{8}, by which those who make it are kept apart, is taken by a set of nobody"
  local hint
  hint=$(grep -oE 'ipckit rm sem:key=0x[0-9a-f]{8}' <<<"$stderr")
  is_missing sem:@victim
  expect 0 ipckit ls "$makers" -o values --no-headings
  out_is 1
  # What it says helps.
  # shellcheck disable=SC2086 # the words of a command
  expect 0 in_sandbox $hint
  expect 0 ipckit lock -n sem:@victim echo ran
  out_is ran
}

@test "what else has the key of those who make a set is not touched" {
  local makers
  makers=$(makers_of own)
  ipckit create "$makers" --count 3 >/dev/null
  expect 125 ipckit lock -n sem:@own true
  err_has "is taken by a set of root"
  ipckit create sem:@own --value 1 >/dev/null
  expect 0 ipckit lock -n sem:@own true
  expect 0 ipckit ls "$makers" -o values --no-headings
  out_is 0,0,0
}

@test "a link, a directory and a FIFO in the place of a psem or pshm are not followed" {
  expect 0 inside '
    cd /dev/shm; ln -s /tmp/elsewhere l; ln -s /tmp/elsewhere sem.l; mkdir d sem.d; mkfifo f sem.f
    for name in l d f; do ends 125 timeout 5 ipckit lock pshm:/$name true; ends 125 timeout 5 ipckit lock psem:/$name true; done
    [ ! -e /tmp/elsewhere ]'
}

# ------------------------------------------------------------------------------------------------- removed in the meantime

@test "removed and made anew during the wait: the lock is on the new one" {
  each 'sem guard psem pshm' '
    hold_lock; wait_for_lock sh -c "echo \$\$ >/tmp/second; exec sleep 60"
    ipckit rm -f "${lock[-1]}"; kill $command; ended_with 143 $locker
    await test -s /tmp/second
    is_held # under that name
    kill $(</tmp/second); ended_with 143 $waiter; is_in_order; rm /tmp/second'
}

@test "removed during the wait with --no-create: an error, and no command" {
  each 'sem guard psem pshm' '
    hold_lock; lock=(--no-create "${lock[@]}"); wait_for_lock touch /tmp/ran
    ipckit rm -f "${lock[-1]}"; kill $command; ended_with 143 $locker
    ended_with 125 $waiter; [ ! -e /tmp/ran ]; ! ipckit show "${lock[-1]}" >/dev/null 2>&1'
  each 'msg pmsg fifo' '
    hold_lock; wait_for_lock touch /tmp/ran
    ipckit rm -f "${lock[-1]}"; ended_with 125 $waiter; [ ! -e /tmp/ran ]; kill $command; wait $locker || true'
}

# ---------------------------------------------------------------------------------------------------- waiting, and telling

@test "-n does not wait, -w no longer than that, and -E says what it is then" {
  each "$all_locks" '
    hold_lock
    ends 75 ipckit lock -n "${lock[@]}" touch /tmp/ran; ends 75 ipckit lock -w 0 "${lock[@]}" touch /tmp/ran
    ends 9 ipckit lock -n -E 9 "${lock[@]}" touch /tmp/ran; ends 0 ipckit lock -n -E 0 "${lock[@]}" touch /tmp/ran
    before=$(now); ends 75 ipckit lock -w 0.2 "${lock[@]}" touch /tmp/ran; after=$(now)
    [ $((after - before)) -ge 200 ]; [ $((after - before)) -lt 1500 ]
    ends 42 ipckit lock -w 1ms --conflict-exit-code 42 "${lock[@]}" touch /tmp/ran
    [ ! -e /tmp/ran ]
    # Not got says nothing, unless it is asked.
    ipckit lock -n "${lock[@]}" true 2>/tmp/said || true; [ ! -s /tmp/said ]
    ipckit lock -n -v "${lock[@]}" true 2>/tmp/said || true; grep -qE "it is taken|no token is left" /tmp/said
    kill $command; ended_with 143 $locker; is_in_order
    # The status of a command is its own.
    ends 75 ipckit lock -E 3 "${lock[@]}" sh -c "exit 75"'
}

@test "-v says how long it took and who had it; so does the line of JSON" {
  each "$all_locks" '
    ipckit lock -v "${lock[@]}" true 2>/tmp/said; grep -q "got at once" /tmp/said
    hold_lock
    setsid ipckit lock -v --json "${lock[@]}" true 2>/tmp/said & waiter=$!
    await is_waiting $waiter; sleep 0.1
    kill $command; ended_with 143 $locker; ended_with 0 $waiter
    had=$command; [ $kind != guard ] || had=$guardian
    grep -qE "waited [0-9]\.[0-9] s for pid $had \((sleep|ipckit-lock)\)\$" /tmp/said
    sed -n 2p /tmp/said | jq -e ".acquired == true and .waited >= 0.1 and .waited < 5 and .waited_for.pid == $had and
      .created == false and .ref == \"$(ipckit ls -q "${lock[-1]}")\"" >/dev/null
    [ $(wc -l </tmp/said) = 2 ]'
}

@test "--json is one line on stderr, --status-fd one where it says" {
  expect 0 ipckit lock --json psem:/j echo out
  out_is out
  err_is '{"ref":"psem:/j","acquired":true,"waited":0.000,"created":true}'
  expect 0 ipckit lock --json psem:/j true
  err_is '{"ref":"psem:/j","acquired":true,"waited":0.000,"created":false}'
  expect 0 inside '
    ipckit lock --status-fd 7 psem:/j sh -c "[ ! -e /proc/self/fd/7 ] && cat /tmp/line" 7>/tmp/line'
  out_is '{"ref":"psem:/j","acquired":true,"waited":0.000,"created":false}'
  err_empty
  expect 0 inside 'ipckit lock --status-fd 1 sem:@j echo out'
  out_matches '^\{"ref":"sem:[0-9]+","acquired":true,"waited":0.000,"created":true\}'$'\nout$'
  expect 0 inside '
    ipckit lock psem:/j sh -c "
      ipckit lock -n --json psem:/j true; echo \$?; ipckit lock -w 0.01 --status-fd 5 psem:/j true 5>&1; echo \$?
      ipckit lock --no-create --json psem:/none true; echo \$?" 2>&1'
  out_has '{"ref":"psem:/j","acquired":false,"reason":"busy"}'$'\n75'
  out_has '{"ref":"psem:/j","acquired":false,"reason":"timed_out"}'$'\n75'
  out_has '{"ref":"psem:/none","acquired":false,"reason":"failed"}'
}

@test "a reader of --status-fd that has gone is told of, and kills nobody" {
  local ref
  for ref in sem:@j psem:/j pshm:/j; do
    expect 3 inside '
      mkfifo /tmp/line; cat /tmp/line >/dev/null & exec 7>/tmp/line; kill $!; wait $! || true; rm /tmp/line
      ipckit lock --status-fd 7 "$1" sh -c "echo ran; exit 3"' "$ref"
    out_is ran
    err_lines 1
    err_matches '^ipckit lock: --status-fd: nobody reads it any more$'
  done
}

@test "the lines are what the schema has for them" {
  each "$all_locks" '
    { ipckit lock --json "${lock[@]}" true
      hold_lock
      ipckit lock -n --json "${lock[@]}" true || true; ipckit lock -w 0.01 --json "${lock[@]}" true || true
      setsid ipckit lock --json "${lock[@]}" true & waiter=$!
      await is_waiting $waiter; kill $command; ended_with 0 $waiter; ended_with 143 $locker
      ipckit lock --json sem:77 true || true
    } 2>&1'
  [ "$(grep -c '^{' <<<"$output")" -eq 35 ] || complain "five lines of each kind were expected"
  local line
  # One of each shape: the validator takes its time to start.
  grep '^{' <<<"$output" | jq -sc 'unique_by([keys, .reason, .created]) | .[]' >"$state/lines"
  [ "$(wc -l <"$state/lines")" -ge 6 ]
  while read -r line; do
    echo "$line" >"$state/stdout"
    valid_json lock
  done <"$state/lines"
}

# ------------------------------------------------------------------------------------------------- the command notices nothing

@test "the status is the command's" {
  each "$all_locks" '
    ends 0 ipckit lock "${lock[@]}" true; ends 7 ipckit lock "${lock[@]}" sh -c "exit 7"
    ends 255 ipckit lock "${lock[@]}" sh -c "exit 255"; ends 137 ipckit lock "${lock[@]}" sh -c "kill -9 \$\$"
    ends 143 ipckit lock "${lock[@]}" sh -c "kill \$\$"; ends 139 ipckit lock "${lock[@]}" sh -c "kill -SEGV \$\$"
    ends 127 ipckit lock "${lock[@]}" no-such-command; grep -q "no-such-command: no such command" /tmp/err
    ends 126 ipckit lock "${lock[@]}" /etc; ends 126 ipckit lock "${lock[@]}" /etc/passwd
    ends 127 ipckit lock "${lock[@]}" ""
    is_in_order'
}

@test "where the command begins" {
  expect 0 ipckit lock sem:@l echo x -n --json -- x
  out_is "x -n --json -- x"
  expect 0 ipckit lock sem:@l -- echo x
  out_is x
  expect 0 ipckit lock sem:@l -n echo x
  out_is x
  expect 127 ipckit lock sem:@l -- -x
  expect 0 ipckit lock -h
  out_has "CMD..."
}

@test "stdin and stdout are the command's, and nobody else has them" {
  each "$all_locks" '
    [ "$(echo data | ipckit lock "${lock[@]}" cat)" = data ]
    # The reader of the pipe would wait for a writer that is left over.
    [ "$(timeout 5 sh -c "ipckit lock \"\$@\" sh -c \"echo x; kill -9 \\\$PPID; exit\" | cat" sh "${lock[@]}" 2>/dev/null || true)" = x ] || [ $kind = sem ]
    await_freed'
}

@test "the command's descriptors, directory, umask, environment and signals are what they were" {
  each "$all_locks" '
    look="ls /proc/self/fd | tr \"\\n\" \" \"; pwd; umask; env | grep -v ^_= | sort; ulimit -a; nice; cat /proc/self/oom_score_adj
      grep -E \"^(Sig(Blk|Ign|Cgt|Pnd)|ShdPnd|Umask|NoNewPrivs|Seccomp|Cap|NSpgid|NSsid|CoreDumping|THP)\" /proc/self/status"
    ipckit lock "${lock[@]}" true # it is there, and no line says that it was made
    mkdir -p /tmp/here; cd /tmp/here; umask 027
    same() { sh -c "$look" >/tmp/without 2>&1; ipckit lock "${lock[@]}" sh -c "$look" >/tmp/with 2>&1; diff /tmp/without /tmp/with >&2; }
    same </dev/null
    (trap "" HUP INT USR1 PIPE CHLD; same)
    env --default-signal --block-signal=USR2,TERM bash -euc "$(declare -p lock look kind); $(declare -f same); same"
    exec 7</dev/null; same; exec 7<&-'
}

@test "a command that was waited for has its signals as they were" {
  command -v python3 >/dev/null || skip "needs python3"
  local look='grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status'
  each "$all_locks" '
    set_last="import os, signal, sys; signal.signal(signal.SIGRTMAX, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMAX}); os.execvp(sys.argv[1], sys.argv[1:])"
    python3 -c "$set_last" sh -c "$3" >/tmp/without
    hold_lock
    setsid env --default-signal python3 -c "$set_last" ipckit lock "${lock[@]}" sh -c "$3" >/tmp/with & waiter=$!
    await is_waiting $waiter
    kill $command; ended_with 143 $locker; ended_with 0 $waiter
    diff /tmp/without /tmp/with >&2' "$look"
}

@test "Ctrl-C reaches the command once" {
  inside 'ipckit create msg:@l; ipckit send msg:@l token' >/dev/null
  local words
  for words in sem:@l '--guard sem:@l' psem:/l pshm:/l '--token msg:@l'; do
    # shellcheck disable=SC2086 # several words
    expect 0 in_sandbox /usr/bin/python3 "$inner/source/tests/e2e/terminal.py" 24x80 until:ready 'type:\x03' until:over -- \
      ipckit lock $words bash -c '
        count=0; trap "count=\$((count + 1))" INT
        echo ready; until [ "$count" -gt 0 ]; do sleep 0.02; done; sleep 0.05; echo "interrupts: $count, over"; exit 7'
    json '.ended == "exit 7" and (.output | test("interrupts: 1, over"))'
    # shellcheck disable=SC2086 # several words
    expect 0 in_sandbox /usr/bin/python3 "$inner/source/tests/e2e/terminal.py" 24x80 until:ready 'type:\x03' -- \
      ipckit lock $words sh -c 'echo ready; exec sleep 60'
    json '.ended == "exit 130" or .ended == "signal 2"'
    # shellcheck disable=SC2086 # several words
    expect 0 ipckit lock -n $words true
  done
}

@test "Ctrl-Z stops both, and they go on together" {
  inside 'ipckit create msg:@l; ipckit send msg:@l token' >/dev/null
  local words
  for words in sem:@l '--guard sem:@l' psem:/l pshm:/l '--token msg:@l'; do
    # shellcheck disable=SC2086 # several words
    expect 0 in_sandbox /usr/bin/python3 "$inner/source/tests/e2e/terminal.py" 24x80 until:ready 'type:\x1a' stopped kill:SIGCONT \
      'type:word\r' until:got -- ipckit lock $words sh -c 'echo ready; read -r word; echo "got $word"; exit 8'
    json '.ended == "exit 8" and (.output | test("got word"))'
    # Below a shell with jobs, by fg.
    cat >"$state/job.sh" <<END
set -m
ipckit lock $words bash -c 'echo started; kill -STOP \$\$; echo went on; exit 8'
echo "stopped: \$?"
ipckit lock -n $words true; echo "meanwhile: \$?"
fg >/dev/null
echo "status: \$?"
END
    expect 0 on_terminal 80 bash "$inner/state/job.sh"
    out_matches 'stopped: 1[0-9][0-9]'
    out_matches 'meanwhile: 75'
    out_matches 'went on'
    out_matches 'status: 8'
  done
}

# --------------------------------------------------------------------------------------------------------------- tokens

@test "a message comes back as it was: its bytes, its type, its priority" {
  inside '
    head -c 1000 /dev/urandom >/tmp/bytes; printf "\0\377\n\0" >>/tmp/bytes
    ipckit create msg:@t; ipckit send -t 9 msg:@t </tmp/bytes; ipckit create pmsg:/t; ipckit send -p 7 pmsg:/t </tmp/bytes' >/dev/null
  expect 0 inside '
    for ref in msg:@t pmsg:/t; do
      for run in 1 2 3; do ipckit lock --token $ref sh -c "ipckit ls $ref -o messages --no-headings"; done
      ipckit lock --token $ref sleep 60 & locker=$!
      await holds $ref 0; await pgrep -P $locker -x sleep
      kill -9 $locker $(pgrep -P $locker); await ended $locker
      await holds $ref 0 # by its record only, until the next
      ipckit lock --token -w 5 $ref true
    done
    ipckit recv -v -t 9 msg:@t >/tmp/m 2>/tmp/about; cmp /tmp/bytes /tmp/m; cat /tmp/about
    ipckit recv -v pmsg:/t >/tmp/m 2>/tmp/about; cmp /tmp/bytes /tmp/m; cat /tmp/about'
  out_matches 'type 9'
  out_matches 'priority 7'
}

@test "an empty message is a token, too, and so is one of the largest size" {
  expect 0 inside '
    ipckit create msg:@t; ipckit create pmsg:/t; ipckit send msg:@t ""; ipckit send pmsg:/t ""
    for ref in msg:@t pmsg:/t; do
      ipckit lock --token $ref sh -c "ipckit lock -n --token $ref true; [ \$? = 75 ]"; holds $ref 1; [ "$(ipckit recv $ref | wc -c)" = 0 ]
      head -c 8192 /dev/urandom >/tmp/large; ipckit send $ref </tmp/large
      ipckit lock --token $ref true; ipckit recv $ref | cmp - /tmp/large
    done' >/dev/null
}

@test "a message that is too large for a token stays where it is" {
  expect 0 inside '
    echo 20000 >/proc/sys/kernel/msgmax; echo 40000 >/proc/sys/kernel/msgmnb
    ipckit create msg:@t >/dev/null; head -c 8193 /dev/zero | ipckit send msg:@t
    status_of ipckit lock --token msg:@t touch /tmp/ran; cat /tmp/err; [ ! -e /tmp/ran ]
    ipckit ls msg:@t -o messages,bytes --no-headings'
  out_matches '^125'
  out_has 8192
  out_matches '1 +8.0K'
}

@test "a pool: as many as there are tokens" {
  each 'msg pmsg fifo' '
    case $kind in fifo) printf ++ >/tmp/l ;; *) ipckit send "${lock[-1]}" token; ipckit send "${lock[-1]}" token ;; esac
    hold_lock; first=$command; hold_lock; second=$command; hold_lock; is_held
    kill $first; await_freed; kill $second $command; await nothing_is_left
    case $kind in fifo) [ $(bytes_waiting /tmp/l) = 3 ] ;; *) holds "${lock[-1]}" 3 ;; esac'
}

@test "a byte comes back as it was" {
  expect 0 inside '
    mkfifo /tmp/t; sleep 60 <>/tmp/t & await_fifo() { [ /proc/$1/fd/0 -ef /tmp/t ]; }; await await_fifo $!
    printf "\0\377a" >/tmp/t
    for run in 1 2 3; do ipckit lock --token fifo:/tmp/t true; done
    head -c 3 /tmp/t | od -An -tx1; kill $!'
  out_is " 00 ff 61"
}

# ------------------------------------------------------------------------------------------------- the guardian, and its record

@test "the guardian: its name, its session, what it has open, and that it goes with the lock" {
  each "$guarded_locks" '
    hold_lock
    [ "$(cat /proc/$guardian/comm)" = ipckit-lock ]
    [ "$(cut -d " " -f 6 /proc/$guardian/stat)" = $guardian ] # its session
    [ "$(readlink /proc/$guardian/cwd)" = / ]
    for fd in 0 1 2; do [ "$(readlink /proc/$guardian/fd/$fd)" = /dev/null ]; done
    others=$(find /proc/$guardian/fd -type l -printf "%l\n" | grep -vxE "/dev/null|anon_inode:\[pidfd\]" | sort | sed "s/:\[.*//; s/\.0\..*//" | tr "\n" " ")
    case $kind in
      guard) wanted="socket " ;;
      psem) wanted="/dev/shm/ipckit-lock /dev/shm/ipckit-lock /dev/shm/sem.l socket " ;;
      pshm) wanted="/dev/shm/l " ;;
      msg) wanted="/dev/shm/ipckit-lock /dev/shm/ipckit-lock socket " ;;
      pmsg) wanted="/dev/shm/ipckit-lock /dev/shm/ipckit-lock /l socket " ;;
      fifo) wanted="/dev/shm/ipckit-lock /dev/shm/ipckit-lock /tmp/l socket " ;;
    esac
    [ "$others" = "$wanted" ] || { echo "$kind has: $others" >&2; false; }
    # Nothing but SIGKILL and SIGSTOP does anything to it.
    for signal in HUP INT QUIT TERM USR1 USR2 ALRM PIPE TSTP CHLD XFSZ; do kill -$signal $guardian; done
    is_held; [ "$(guardian_of $locker)" = $guardian ]
    kill $command; ended_with 143 $locker
    [ ! -e /proc/$guardian ]; nothing_is_left'
}

@test "an unprivileged user locks, whatever the umask" {
  expect 0 nobody bash -euo pipefail -c '
    set -E; trap "echo \"\$kind: \$BASH_COMMAND: line \$LINENO\" >&2" ERR
    for kind in $1; do
      use_lock "$kind"; umask 777
      hold_lock() { :; }
      ipckit lock "${lock[@]}" true 2>/tmp/said.$kind
      umask 022; [ ! -s /tmp/said.$kind ]; is_in_order
    done' inside "$all_locks"
}

@test "no record can be kept: it says so, locks all the same, and leaves nothing" {
  each "$recorded_locks" '
    ipckit lock "${lock[@]}" true
    head -c 1G /dev/zero >/dev/shm/full 2>/dev/null || true
    ends 0 ipckit lock "${lock[@]}" sh -c "exit 0"
    grep -q "no record of the lock can be kept (.*No space left" /tmp/err; [ $(wc -l </tmp/err) = 1 ]
    hold_lock 2>/dev/null; is_held; kill $command; ended_with 143 $locker
    rm /dev/shm/full; is_in_order'
  each "$recorded_locks" '
    mount -o remount,ro /dev/shm
    # A psem is opened for writing.
    if [ $kind != psem ]; then ends 0 ipckit lock "${lock[@]}" true; grep -q "no record" /tmp/err; fi
    mount -o remount,rw /dev/shm; is_in_order'
  inside 'chmod 0755 /dev/shm; mkfifo /tmp/mine; chown nobody /tmp/mine; sleep 60 <>/tmp/mine >/dev/null 2>&1 &
    await test /proc/$!/fd/0 -ef /tmp/mine; printf + >/tmp/mine'
  expect 0 nobody ipckit lock --token fifo:/tmp/mine echo ran
  out_is ran
  err_has "no record of the lock can be kept"
}

@test "a stranger in the place of the records is not believed, and keeps nobody from having them" {
  each "$recorded_locks" '
    hold_lock; name=$(echo /dev/shm/ipckit-lock.*); cp -r "$name" /tmp/forged
    kill $command; ended_with 143 $locker; is_in_order
    # It says that somebody had it who has ended. Were it believed, there would be one too many.
    for way in directory link file; do
      chown -R nobody /tmp/forged
      case $way in directory) cp -a /tmp/forged "$name" ;; link) ln -s /tmp/forged "$name" ;; file) : >"$name"; chown nobody "$name" ;; esac
      is_free; [ ! -s /tmp/err ]; is_whole
      hold_lock; kill -9 $locker $guardian $command
      ended_with 137 $locker; await ended $guardian; await ended $command
      is_free; is_whole
      [ -n "$(ls /tmp/forged)" ]; rm -r "$name"; is_in_order
    done; rm -r /tmp/forged'
}

@test "a stranger who has all names of the records: it says so, and locks all the same" {
  expect 0 inside '
    ipckit lock psem:/l sh -c "echo /dev/shm/ipckit-lock.*" >/tmp/name
    for number in "" .{1..9}; do ln -s /tmp "$(</tmp/name)$number"; done
    ends 0 ipckit lock psem:/l true; grep -q "no record" /tmp/err
    [ "$(ls -A /tmp | grep -cE "^[0-9]+$")" = 0 ]'
}

@test "records are no objects: nothing lists them" {
  expect 0 inside 'ipckit lock psem:/l ipckit ls -q'
  out_is psem:/l
}
