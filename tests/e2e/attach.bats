#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ipckit attach: what is attached, for how long, and the command that runs meanwhile.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

make_all() {
  inside '
    ipckit create shm --size 8; ipckit create pmsg:/q; ipckit create pshm:/m --size 8; ipckit create psem:/s
    ipckit create fifo:/tmp/f; ipckit create msg; ipckit create sem' >/dev/null
}

attachable='shm:0 pmsg:/q pshm:/m psem:/s fifo:/tmp/f'

maps_are() {
  inside '[ "$(ipckit ls $1 -o maps --no-headings)" = "$2" ]' shm:0 "$1"
}

@test "a segment is mapped while the command runs, and not a moment longer" {
  make_all
  expect 0 ipckit attach shm:0 ipckit ls shm:0 -o maps --no-headings
  [ "$output" -ge 1 ]
  maps_are 0
  expect 0 inside 'for i in {1..50}; do ipckit attach shm:0 true; [ "$(ipckit ls shm:0 -o maps --no-headings)" = 0 ]; done'
  expect 0 inside 'for i in {1..20}; do s=$(ipckit create shm --size 1); ipckit attach $s true; ipckit rm $s; done'
}

@test "everything that can be open is open: it is not removed as unused" {
  make_all
  local ref
  for ref in $attachable; do
    expect 4 ipckit attach $ref ipckit rm $ref
    err_has "in use"
    is_there $ref
    expect 0 ipckit rm $ref
  done
}

@test "queues and semaphore sets of System V cannot be attached" {
  make_all
  refuses_with "cannot be attached" ipckit attach msg:0
  refuses_with "cannot be attached" ipckit attach sem:0
  expect 125 ipckit attach sem:0 true
}

@test "bytes in a FIFO live as long" {
  make_all
  expect 0 ipckit attach fifo:/tmp/f sh -c 'echo hello >/tmp/f; head -n 1 </tmp/f'
  out_is hello
}

@test "a doomed segment stays" {
  make_all
  expect 0 ipckit attach shm:0 sh -c 'ipckit write -q shm:0 --as u64 9; ipckit rm -f shm:0; ipckit read shm:0 --as u64'
  out_has 9
  expect 3 ipckit show shm:0
}

@test "the status is the command's" {
  make_all
  expect 0 ipckit attach shm:0 true
  expect 1 ipckit attach shm:0 false
  expect 42 ipckit attach shm:0 sh -c 'exit 42'
  expect 255 ipckit attach shm:0 sh -c 'exit 255'
  expect 137 ipckit attach shm:0 sh -c 'kill -9 $$'
  expect 143 ipckit attach shm:0 sh -c 'kill $$'
  expect 3 ipckit attach shm:0 ipckit show shm:99
}

@test "a command that cannot be run is 126, one that is not there 127" {
  make_all
  expect 127 ipckit attach shm:0 no-such-command
  err_is "ipckit attach: no-such-command: no such command"
  expect 127 ipckit attach shm:0 ""
  err_is "ipckit attach: '': no such command"
  expect 127 ipckit attach shm:0 /no/such/command
  expect 126 ipckit attach shm:0 /etc/passwd
  err_has "Permission denied"
  expect 126 ipckit attach shm:0 /etc
  expect 127 ipckit attach shm:0 ''
  maps_are 0
}

@test "a command is looked for in PATH, and may be a script without a first line" {
  make_all
  inside '
    mkdir /tmp/one /tmp/two; echo "echo script \$1" >/tmp/two/tool; chmod +x /tmp/two/tool; : >/tmp/one/tool'
  expect 0 in_sandbox env PATH="/nowhere:/tmp/one:/tmp/two:$inner/program:$PATH" ipckit attach shm:0 tool word
  out_is "script word"
  expect 0 inside 'cd /tmp/two; ipckit attach shm:0 ./tool word'
  out_is "script word"
  expect 126 in_sandbox env PATH="/tmp/one:$inner/program" ipckit attach shm:0 tool
}

@test "ipckit's own failure is 125 before a command, and as ever without one" {
  make_all
  expect 125 ipckit attach shm:99 true
  err_is "ipckit attach: shm:99: no such shared memory segment"
  expect 3 ipckit attach shm:99
  expect 125 ipckit attach --bogus shm:0 true
  expect 2 ipckit attach --bogus shm:0
  expect 125 ipckit attach nonsense true
  expect 2 ipckit attach nonsense
  expect 2 ipckit attach
  expect 125 nobody ipckit attach shm:0 true
  expect 6 nobody ipckit attach shm:0
  inside 'chmod 0600 /tmp/f'
  expect 6 nobody ipckit attach fifo:/tmp/f
}

@test "where the command begins" {
  make_all
  expect 0 ipckit attach shm:0 echo -h --json -- x
  out_is "-h --json -- x"
  expect 0 ipckit attach shm:0 -- echo x
  out_is x
  expect 0 ipckit attach -- shm:0 echo -x
  out_is -x
  expect 127 ipckit attach shm:0 -- -x
  expect 0 ipckit attach -h
  out_has "CMD..."
  expect 0 ipckit attach shm:0 -h
  out_has "Usage:"
  expect 0 ipckit attach shm:0 cat </dev/null
}

@test "stdin and stdout are the command's, and nobody else has them" {
  make_all
  expect 0 inside 'echo data | ipckit attach pshm:/m cat'
  out_is data
  # The reader of the pipe would wait for a writer that is left over.
  expect 0 inside 'timeout 5 sh -c "ipckit attach shm:0 sh -c \"sleep 0.1; echo x\" | cat"'
  out_is x
  # Descriptors of our own do not reach the command.
  expect 0 ipckit attach pshm:/m sh -c 'ls -l /proc/self/fd'
  out_lacks /dev/shm
  out_lacks socket
  out_lacks pidfd
}

@test "killed first, the object stays attached until the command ends" {
  make_all
  local ref
  for ref in $attachable; do
    inside 'mkfifo /tmp/end'
    start ipckit attach $ref sh -c 'echo $$; read line </tmp/end'
    await inside '[ -s "$1" ]' "$inner/state/${started_output##*/}"
    await inside 'pgrep -x ipckit-attach'
    inside 'kill -9 "$1"' "$started"
    await is_gone "$started"
    expect 4 ipckit rm $ref
    is_there $ref
    inside 'echo >/tmp/end; rm /tmp/end'
    await inside '! pgrep -x ipckit-attach'
    expect 0 ipckit rm $ref
  done
}

@test "killed before the command began, it never begins" {
  make_all
  expect 0 inside '
    for i in {1..30}; do
      rm -f /tmp/ran
      ipckit attach shm:0 sh -c "sleep 0.05; echo >/tmp/ran" & pid=$!
      sleep 0.00$((i % 10))
      kill -9 $pid; wait $pid || true
      for tries in {1..200}; do [ "$(ipckit ls shm:0 -o maps --no-headings)" = 0 ] && break; sleep 0.01; done
      [ "$(ipckit ls shm:0 -o maps --no-headings)" = 0 ]
    done' 2>/dev/null
}

@test "when the keeper is killed, ipckit itself still holds it" {
  make_all
  inside 'mkfifo /tmp/end'
  start ipckit attach shm:0 sh -c 'read line </tmp/end; exit 5'
  await inside 'pgrep -x ipckit-attach'
  maps_are 2
  inside 'pkill -9 -x ipckit-attach'
  await maps_are 1
  expect 4 ipckit rm shm:0
  inside 'echo >/tmp/end'
  await is_gone "$started"
  maps_are 0
}

@test "the keeper ends nothing but itself: signals, a hangup, its parent's end" {
  make_all
  inside 'mkfifo /tmp/end'
  start ipckit attach shm:0 sh -c 'read line </tmp/end'
  await inside 'pgrep -x ipckit-attach'
  inside 'for signal in HUP INT TERM QUIT USR1 USR2 ALRM PIPE TSTP; do pkill -$signal -x ipckit-attach; done'
  maps_are 2
  expect 0 inside 'ls -l /proc/$(pgrep -x ipckit-attach)/fd | grep -cE "/dev/null|pidfd|anon_inode"'
  out_is 4
  expect 0 inside 'ls -l /proc/$(pgrep -x ipckit-attach)/fd | grep -c " -> "'
  out_is 4
  expect 0 inside 'readlink /proc/$(pgrep -x ipckit-attach)/cwd'
  out_is /
  inside 'echo >/tmp/end'
}

@test "without a command: until a signal, and dead of it" {
  make_all
  local signal
  for signal in TERM INT HUP USR1; do
    start bash -c 'trap - INT; exec env --default-signal ipckit attach shm:0'
    await maps_are 1
    inside 'kill -"$1" "$2"' $signal "$started"
    await is_gone "$started"
    maps_are 0
  done
  expect 143 inside '
    ipckit attach shm:0 & pid=$!
    until [ "$(ipckit ls shm:0 -o maps --no-headings)" = 1 ]; do sleep 0.01; done
    kill $pid; wait $pid'
}

@test "signals that are sent to ipckit are handed on to the command" {
  make_all
  local signal
  for signal in TERM HUP INT QUIT USR1 USR2; do
    expect 9 inside '
      rm -f /tmp/ready
      env --default-signal ipckit attach shm:0 bash -c "
        trap \"echo got $1; exit 9\" $1; : >/tmp/ready; while :; do sleep 0.01; done" & pid=$!
      until [ -e /tmp/ready ]; do sleep 0.01; done
      kill -"$1" $pid; wait $pid' $signal
    out_is "got $signal"
  done
  expect 143 inside '
    ipckit attach shm:0 sleep 60 & pid=$!
    until [ "$(ipckit ls shm:0 -o maps --no-headings)" = 2 ]; do sleep 0.01; done
    kill $pid; wait $pid'
}

@test "what was ignored before is ignored, and what ipckit ignores is not" {
  make_all
  expect 0 inside '
    nohup ipckit attach shm:0 sh -c "kill -HUP \$PPID; sleep 0.1; grep SigIgn /proc/self/status" 2>/dev/null | tail -n 1'
  out_matches '1$'
  expect 0 in_sandbox env --default-signal ipckit attach shm:0 grep -E 'SigBlk|SigIgn' /proc/self/status
  out_is "$(printf 'SigBlk:\t%016d\nSigIgn:\t%016d' 0 0)"
}

# Runs a command on a terminal, and types Ctrl-C when it has said that it is ready.
interrupted() {
  cat >"$state/terminal.py" <<'END'
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
output = b""
typed = False
while True:
    try:
        data = os.read(terminal, 1000)
    except OSError:
        break
    output += data
    if not data:
        break
    if b"ready" in output and not typed:
        os.write(terminal, b"\x03")
        typed = True
_, status = os.waitpid(pid, 0)
print(output.decode().replace("\r", "").replace("^C", "").strip())
print("status", os.waitstatus_to_exitcode(status))
END
  expect 0 in_sandbox /usr/bin/python3 "$inner/state/terminal.py" "$@"
}

@test "Ctrl-C reaches the command once, and ipckit waits for it" {
  make_all
  interrupted ipckit attach shm:0 bash -c '
    count=0; trap "count=\$((count + 1))" INT
    echo ready; for i in 1 2 3 4 5 6; do sleep 0.05; done; echo "interrupts: $count"; exit 7'
  out_is "$(printf 'ready\ninterrupts: 1\nstatus 7')"
}

@test "a job that is stopped goes on as a whole" {
  make_all
  # Below a shell that waits for it: the first process of a session is never stopped by the terminal.
  cat >"$state/job.sh" <<'END'
set -m
ipckit attach shm:0 bash -c 'echo started; kill -STOP $$; echo went on; exit 8'
echo "stopped: $?"
jobs | grep -c Stopped
fg >/dev/null
echo "status: $?"
END
  expect 0 on_terminal 80 bash "$inner/state/job.sh"
  out_matches 'started'
  out_matches 'stopped: 1[0-9][0-9]'
  out_matches 'went on'
  out_matches 'status: 8'
}
