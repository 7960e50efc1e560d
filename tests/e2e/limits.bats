#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit limits: every limit with its use, and the check of a monitoring script.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

limit() {
  ipckit limits --json | jq -c ".objects[] | select(.limit == \"$1\")"
}

limit_is() {
  local found
  found=$(limit "$1")
  all_true "$2" <<<"$found" || complain "$1 is $found, not $2"
}

@test "every limit is there, with what sets it" {
  expect 0 ipckit limits
  local name
  for name in msgmni msgmax msgmnb shmmni shmmax shmall semmni semmns semmsl semopm semvmx queues_max msg_max \
    msgsize_max msgqueue shm_space shm_inodes sem_value_max pipe_max_size pipe_user_pages pipe_buf; do
    out_matches "  $name  "
  done
  for name in kernel.msgmni kernel.shmall kernel.sem fs.mqueue.queues_max RLIMIT_MSGQUEUE /dev/shm fs.pipe-max-size; do
    out_has "$name"
  done
  expect 0 ipckit limits --json
  valid_json limits
  expect 0 ipckit limits --jsonl
  valid_jsonl limits
}

@test "values are those of the kernel" {
  local pair
  for pair in msgmni:kernel/msgmni msgmax:kernel/msgmax msgmnb:kernel/msgmnb shmmni:kernel/shmmni \
    queues_max:fs/mqueue/queues_max msg_max:fs/mqueue/msg_max msgsize_max:fs/mqueue/msgsize_max \
    pipe_max_size:fs/pipe-max-size; do
    limit_is "${pair%:*}" ".value == $(in_sandbox cat "/proc/sys/${pair#*:}")"
  done
  local sem
  read -ra sem <<<"$(in_sandbox cat /proc/sys/kernel/sem)"
  limit_is semmsl ".value == ${sem[0]}"
  limit_is semmns ".value == ${sem[1]}"
  limit_is semopm ".value == ${sem[2]}"
  limit_is semmni ".value == ${sem[3]}"
  limit_is shm_space ".value == 268435456 and .unit == \"bytes\""
  inside 'echo 77 >/proc/sys/kernel/msgmni'
  limit_is msgmni ".value == 77"
}

@test "use is counted" {
  inside '
    echo 10 >/proc/sys/kernel/msgmni
    for i in 1 2 3; do ipckit create msg; done
    ipckit create shm --size 64K; ipckit create sem --count 7; ipckit create sem --count 3
    ipckit create pmsg:/a; ipckit create pshm:/a --size 64M; ipckit create psem:/a' >/dev/null
  limit_is msgmni '.used == 3 and .percent == 30'
  limit_is shmmni '.used == 1'
  limit_is shmall '.used == 16'
  limit_is semmni '.used == 2'
  limit_is semmns '.used == 10'
  limit_is queues_max '.used == 1'
  limit_is shm_space '.used == 67112960 and .percent == 25'
  limit_is shm_inodes '.used == 3' # the directory, too
  limit_is msgmax '(has("used") | not) and (has("percent") | not)'
  limit_is semvmx '.value == 32767 and .set_by == "fixed"'
}

@test "the bytes of one's own POSIX queues are counted as the kernel charges them" {
  ulimit -Sq 100000
  inside 'ipckit create pmsg:/a --max-messages 10 --message-size 1024' >/dev/null
  limit_is msgqueue '.value == 100000 and .used >= 10240 and .used <= 12000'
  ulimit -Sq unlimited 2>/dev/null || skip "the hard limit of RLIMIT_MSGQUEUE is not unlimited"
  limit_is msgqueue '.unlimited == true and (has("value") | not) and (has("percent") | not)'
}

@test "a mount without a size has no limit" {
  inside 'mount -t tmpfs -o size=0,nr_inodes=0,mode=1777 tmpfs /dev/shm'
  limit_is shm_space '.unlimited == true and (has("value") | not)'
  limit_is shm_inodes '.unlimited == true'
}

@test "kinds and groups choose" {
  expect 0 ipckit limits sem --jsonl
  json_value .kind >"$state/kinds"
  [ "$(sort -u "$state/kinds")" = sem ]
  expect 0 ipckit limits queue --jsonl
  [ "$(json_value .kind | sort -u | tr '\n' ' ')" = "msg pmsg " ]
  refuses_with "is a REF" ipckit limits msg:0
  refuses_with "did you mean" ipckit limits semm
}

@test "--check is 9 when a limit is used so far, and shows those only" {
  expect 0 ipckit limits --check 50
  expect 0 ipckit limits --check 50 --no-headings
  out_empty
  inside 'echo 4 >/proc/sys/kernel/msgmni; for i in 1 2 3; do ipckit create msg; done' >/dev/null
  expect 9 ipckit limits --check 75
  out_has msgmni
  out_lines 2
  expect 9 ipckit limits --check 75% --json
  valid_json limits
  json '[.objects[].limit] == ["msgmni"]'
  expect 0 ipckit limits --check 75.5
  expect 0 ipckit limits --check 75 shm sem
  expect 9 ipckit limits --check=70 msg
  local text
  for text in '' x 80x -1 1e2 'nan' inf; do
    refuses_with "--check" ipckit limits "--check=$text"
  done
}

@test "the table: headings or none, aligned" {
  expect 0 ipckit limits msg
  out_matches '^KIND  LIMIT +AT-MOST  USED  USE%  MEANING +SET-BY'
  out_lines 4
  expect 0 ipckit limits msg --no-headings
  out_lines 3
  out_lacks AT-MOST
}

@test "an unprivileged user sees the same values" {
  ipckit limits --jsonl msg shm sem pshm fifo | jq -c '[.limit, .value]' >"$state/root"
  nobody ipckit limits --jsonl msg shm sem pshm fifo | jq -c '[.limit, .value]' >"$state/nobody"
  [ "$(wc -l <"$state/root")" -ge 16 ]
  diff "$state/root" "$state/nobody"
}

@test "without /proc what comes from there is unknown, the rest is right" {
  hide_proc
  expect 0 ipckit limits --json
  valid_json limits
  json '.objects[] | select(.limit == "msgmni") | .value > 0'
  json '.objects[] | select(.limit == "msg_max") | .value == null'
  json '.objects[] | select(.limit == "pipe_max_size") | .value == null'
}

@test "logind's RemoveIPC is warned of where logind is" {
  expect 0 ipckit limits msg
  err_empty
  inside 'mkdir -p /run/systemd/seats; echo >/run/systemd/seats/seat0'
  expect 0 ipckit limits msg
  err_has RemoveIPC
  inside 'mkdir -p /run/systemd/logind.conf.d; printf "[Login]\nRemoveIPC=no\n" >/run/systemd/logind.conf.d/50-off.conf'
  expect 0 ipckit limits msg
  err_empty
}
