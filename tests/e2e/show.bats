#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit show: all that the kernel keeps of one object.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

make_seven() {
  inside '
    ipckit create msg:@a; ipckit create shm:@a --size 8K; ipckit create sem:@a --value 1,3
    ipckit create pmsg:/a --max-messages 5 --message-size 512; ipckit create pshm:/a --size 64K
    ipckit create psem:/a --value 4; ipckit create fifo:/tmp/a' >/dev/null
}

seven='msg:0 shm:0 sem:0 pmsg:/a pshm:/a psem:/a fifo:/tmp/a'

shows() {
  out_matches "(^|
)  $1 +$2(\$|
)"
}

@test "one block for each object, in the order that was asked for" {
  make_seven
  expect 0 ipckit show $seven
  err_outside_only
  [ "$(grep -v '^ ' <<<"$output" | sed '/^$/d' | tr '\n' ' ')" = "$seven " ] || complain "the headings are not the REFs"
  [ "$(grep -c '^$' <<<"$output")" -ge 6 ]
  expect 0 ipckit show psem:/a msg:0 psem:/a
  [ "$(grep -v '^ ' <<<"$output" | sed '/^$/d' | tr '\n' ' ')" = "psem:/a msg:0 psem:/a " ] || complain "wrong order"
}

@test "JSON of every kind" {
  make_seven
  expect 0 ipckit show --json $seven
  valid_json show
  [ "$(json_value '.objects[].ref' | tr '\n' ' ')" = "$seven " ]
  expect 0 ipckit show --jsonl msg:@a /dev/shm/a
  valid_jsonl show
  out_has '"asked":"msg:@a"'
  out_has '"asked":"/dev/shm/a"'
  expect 0 ipckit show -q msg:@a ./a
  out_is "$(printf 'msg:0\nfifo:/tmp/a')"
  expect 1 ipckit show --json msg:0 msg:77
  valid_json show
  json '(.objects | length) == 1 and .errors[0].ref == "msg:77" and .errors[0].status == 3'
}

@test "a message queue: who sent and received last, and when" {
  make_seven
  expect 0 ipckit show msg:0
  shows messages 0
  shows 'sent' never
  shows 'received' never
  hold send-msg 0 hello
  expect 0 ipckit show msg:0 --json
  valid_json show
  json '.objects[0] | .messages == 1 and .bytes == 5 and has("sent") and (has("received") | not)
    and .last_sender > 0 and (has("last_receiver") | not) and .last_sender_command == null'
  # A sender that lives is named.
  inside 'ipckit create msg --max-bytes 4' >/dev/null
  hold send-msg 1 1234
  hold block-send-msg 1 2
  expect 0 ipckit show msg:1
  out_has messages
}

@test "a shared memory segment: who made it, who maps it, what is resident" {
  make_seven
  expect 0 ipckit show shm:0
  shows maps 0
  shows attached never
  shows resident 0
  hold hold-shm 0
  expect 0 ipckit show shm:0 --json
  valid_json show
  json ".objects[0] | .maps == 1 and .last_pid == $started and .last_command == \"mkipc\" and has(\"attached\")"
  json '.objects[0] | .creator_pid > 0 and .creator_command == null and .resident == 0 and .swapped == 0'
  expect 0 ipckit show shm:0
  out_has mkipc
}

@test "a semaphore set: values, waiters and last pid of each semaphore" {
  make_seven
  ipckit set sem:0 --value 0,3
  hold wait-sem 0 0
  hold wait-sem 0 1 0
  hold wait-sem 0 1 0
  expect 0 ipckit show sem:0
  shows count 2
  shows values 0,3
  out_matches '
 +0 +0 +1 +0 '
  out_matches '
 +1 +3 +0 +2 '
  expect 0 ipckit show sem:0 --json
  valid_json show
  json '.objects[0].semaphores | map([.number,.value,.waiting_to_take,.waiting_for_zero]) == [[0,0,1,0],[1,3,0,2]]'
  ipckit set sem:0 --value 1,3
  hold undo-sem 0 1
  expect 0 ipckit show sem:0 --json
  json ".objects[0].semaphores[1] | .value == 2 and .last_pid == $started and .last_command == \"mkipc\""
  json '.objects[0] | has("operated")'
}

@test "a POSIX queue: geometry and messages" {
  make_seven
  hold send-pmsg a hello
  expect 0 ipckit show pmsg:/a
  shows messages 1
  shows 'max messages' 5
  shows 'message size' 512
  expect 0 ipckit show pmsg:/a --json
  valid_json show
  json '.objects[0] | .messages == 1 and .max_messages == 5 and .message_size == 512 and .size == 2560'
}

@test "POSIX memory and semaphores" {
  make_seven
  expect 0 ipckit show pshm:/a psem:/a
  shows allocated '64K \(65536 bytes\)'
  shows value 4
  shows damaged no
  shows created '[0-9-]+ [0-9:]+ \([0-9]+s ago\)'
}

@test "a FIFO: bytes waiting and pipe size, while it is held" {
  make_seven
  start bash -c 'exec 8<>/tmp/a; printf hello >&8; echo ready; sleep 60'
  await grep -qx ready "$started_output"
  expect 0 ipckit show fifo:/tmp/a --json
  valid_json show
  json '.objects[0] | .bytes_waiting == 5 and .pipe_size == 65536'
  expect 0 ipckit show fifo:/tmp/a
  shows 'bytes waiting' 5
  # Nothing was taken.
  expect 0 in_sandbox timeout 5 head -c 5 /tmp/a
  out_is hello
}

@test "a FIFO whose holders cannot all be seen: unknown, and said" {
  make_seven
  ipckit set fifo:/tmp/a --mode 0666
  start bash -c 'exec 8<>/tmp/a; printf hello >&8; echo ready; sleep 60'
  await grep -qx ready "$started_output"
  expect 0 nobody ipckit show fifo:/tmp/a --json
  valid_json show
  json '.objects[0].bytes_waiting == null'
  json '.incomplete[0] | .what == "processes" and .count > 0'
  err_has "could not be inspected"
}

@test "what may not be read is unknown, and said" {
  make_seven
  expect 0 nobody ipckit show --json sem:0
  valid_json show
  json '.objects[0] | .values == null'
  json '.incomplete | any(.what == "values" and .kind == "sem")'
  err_has "semaphore set could not be read"
  expect 0 nobody ipckit show --json psem:/a
  valid_json show
  json '.objects[0] | .value == null and .damaged == null'
  json '.incomplete | any(.what == "values" and .kind == "psem")'
  expect 0 nobody ipckit show --json pmsg:/a
  valid_json show
  json '.objects[0] | .messages == null and .max_messages == null'
  json '.incomplete | any(.what == "attributes" and .kind == "pmsg")'
  # The rest needs no permission.
  expect 0 nobody ipckit show --json msg:0 shm:0 pshm:/a
  valid_json show
  json '.objects | length == 3'
  json '.incomplete == []'
}

@test "the value of a semaphore is read by those who may, wherever they are in the group" {
  ipckit create psem:/g --value 2 -m 0640 >/dev/null
  ipckit set psem:/g --owner ":65534"
  expect 0 nobody ipckit show psem:/g --json
  json '.objects[0].value == 2'
  err_empty
}

@test "a process that was given the dead maker's pid is not its maker" {
  expect 0 inside '
    ipckit create shm --size 1 >/dev/null
    maker=$(ipckit show shm:0 --json | jq ".objects[0].creator_pid")
    sleep 2.2
    for i in {1..20}; do
      echo $((maker - 1)) >/proc/sys/kernel/ns_last_pid
      sleep 60 </dev/null >/dev/null 2>&1 &
      if [ $! -eq "$maker" ]; then break; fi
    done
    echo "$maker" $!'
  read -r maker given <<<"$output"
  [ "$maker" = "$given" ] || skip "the kernel did not give the pid again"
  expect 0 ipckit show shm:0 --json
  json ".objects[0] | .creator_pid == $maker and .creator_command == null"
}

@test "looking changes nothing" {
  make_seven
  hold send-msg 0 hello
  hold send-pmsg a hello
  local before after
  before=$(ipckit show --json $seven)
  sleep 1.1
  inside 'ipckit ls; ipckit ls --full; ipckit ls -l; ipckit limits; ipckit show "$@"' $seven >/dev/null
  after=$(ipckit show --json $seven)
  [ "$before" = "$after" ] || complain "$(diff <(jq . <<<"$before") <(jq . <<<"$after"))"
}
