#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What ipckit makes, a C program can use, and the other way round.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

# Compiles a program of the C library; stdin is the body of main, whose words are in `words`.
program() {
  command -v cc >/dev/null || skip "needs cc"
  {
    cat <<'END'
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#define CHECK(condition) do { if (!(condition)) { perror(#condition); exit(1); } } while (0)
/* FNV-1a, as ipckit key @WORD has it. */
static key_t key_of_word(const char *word) {
  unsigned key = 2166136261u;
  for (; *word; ++word) key = (key ^ (unsigned char)*word) * 16777619u;
  return (key_t)(key ? key : 1);
}
int main(int count, char **words) {
  (void)count; (void)words; (void)key_of_word;
END
    cat
    echo 'return 0; }'
  } >"$state/program.c"
  cc -Wall -Wextra -Werror -o "$state/$1" "$state/program.c" -pthread -lrt
}

run_program() {
  in_sandbox "$inner/state/$1" "${@:2}"
}

@test "POSIX shared memory" {
  program use <<'END'
  int fd = shm_open("/made", O_RDWR, 0);
  CHECK(fd >= 0);
  struct stat file;
  CHECK(fstat(fd, &file) == 0 && file.st_size == 8192 && (file.st_mode & 0777) == 0640);
  char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK(memory != MAP_FAILED);
  CHECK(memory[0] == 0 && memory[8191] == 0);
  strcpy(memory, "hello");
  fd = shm_open("/theirs", O_RDWR | O_CREAT | O_EXCL, 0600);
  CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
END
  ipckit create pshm:/made --size 8K --mode 0640 >/dev/null
  expect 0 run_program use
  expect 0 in_sandbox head -c 5 /dev/shm/made
  out_is hello
  expect 0 ipckit ls pshm --sort ref -o ref,size,mode --no-headings
  out_is "$(printf 'pshm:/made    8.0K  0640\npshm:/theirs  4.0K  0600')"
  expect 0 ipckit rm pshm:/theirs pshm:/made
}

@test "POSIX semaphores" {
  program use <<'END'
  sem_t *semaphore = sem_open("/made", 0);
  int value = -1;
  CHECK(semaphore != SEM_FAILED);
  CHECK(sem_getvalue(semaphore, &value) == 0 && value == 2);
  CHECK(sem_trywait(semaphore) == 0 && sem_trywait(semaphore) == 0);
  CHECK(sem_trywait(semaphore) == -1 && errno == EAGAIN);
  /* It is one for several processes: a child's post is seen. */
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) { usleep(50000); _exit(sem_post(semaphore)); }
  CHECK(sem_wait(semaphore) == 0);
  CHECK(waitpid(child, &value, 0) == child && value == 0);
  CHECK(sem_post(semaphore) == 0);
  CHECK(sem_open("/theirs", O_CREAT | O_EXCL, 0600, 7) != SEM_FAILED);
END
  ipckit create psem:/made --value 2 >/dev/null
  expect 0 run_program use
  expect 0 ipckit ls psem --sort ref -o ref,value,damaged --no-headings
  output=$(tr -s ' ' <<<"$output")
  out_is "$(printf 'psem:/made 1 no\npsem:/theirs 7 no')"
}

@test "POSIX message queues" {
  program use <<'END'
  mqd_t queue = mq_open("/made", O_RDWR);
  struct mq_attr attributes;
  char text[512];
  unsigned priority;
  CHECK(queue != (mqd_t)-1);
  CHECK(mq_getattr(queue, &attributes) == 0 && attributes.mq_maxmsg == 5 && attributes.mq_msgsize == 512);
  CHECK(mq_send(queue, "hello", 5, 3) == 0 && mq_send(queue, "again", 5, 9) == 0);
  CHECK(mq_receive(queue, text, sizeof text, &priority) == 5 && memcmp(text, "again", 5) == 0 && priority == 9);
  attributes = (struct mq_attr){.mq_maxmsg = 3, .mq_msgsize = 100};
  CHECK(mq_open("/theirs", O_CREAT | O_EXCL | O_RDWR, 0600, &attributes) != (mqd_t)-1);
END
  ipckit create pmsg:/made --max-messages 5 --message-size 512 >/dev/null
  expect 0 run_program use
  expect 0 ipckit ls pmsg --json
  json '.objects | map({(.name): [.messages, .max_messages, .message_size]}) | add == {"/made": [1,5,512], "/theirs": [0,3,100]}'
}

@test "System V message queues, by ftok" {
  program use <<'END'
  struct { long type; char text[16]; } message = {7, "hello"};
  int id = msgget(ftok("/etc/passwd", 'a'), 0);
  struct msqid_ds status;
  CHECK(id >= 0);
  CHECK(msgctl(id, IPC_STAT, &status) == 0 && status.msg_qbytes == 8192 && (status.msg_perm.mode & 0777) == 0600);
  CHECK(msgsnd(id, &message, 5, 0) == 0);
  CHECK(msgget(ftok("/etc/passwd", 'b'), IPC_CREAT | IPC_EXCL | 0640) >= 0);
END
  ipckit create msg:file=/etc/passwd,a --max-bytes 8K >/dev/null
  expect 0 run_program use
  expect 0 ipckit show msg:file=/etc/passwd,a --json
  json '.objects[0] | .messages == 1 and .bytes == 5'
  expect 0 ipckit show msg:file=/etc/passwd,b --json
  json '.objects[0].mode == "0640"'
  expect 0 ipckit rm -f msg:file=/etc/passwd,a msg:file=/etc/passwd,b
}

@test "System V semaphores, by a word" {
  program use <<'END'
  int id = semget(key_of_word("gate"), 2, 0);
  struct sembuf take = {1, -3, IPC_NOWAIT};
  CHECK(id >= 0);
  CHECK(semctl(id, 0, GETVAL) == 1 && semctl(id, 1, GETVAL) == 3);
  CHECK(semop(id, &take, 1) == 0);
  id = semget(key_of_word("theirs"), 3, IPC_CREAT | IPC_EXCL | 0600);
  CHECK(id >= 0 && semctl(id, 2, SETVAL, 5) == 0);
END
  ipckit create sem:@gate --count 2 --value 1,3 >/dev/null
  expect 0 run_program use
  expect 0 ipckit ls sem:@gate sem:@theirs -o values --no-headings
  out_is "$(printf '1,0\n0,0,5')"
}

@test "System V shared memory, by a key" {
  program use <<'END'
  int id = shmget(19999, 65536, 0);
  struct shmid_ds status;
  CHECK(id >= 0);
  CHECK(shmctl(id, IPC_STAT, &status) == 0 && status.shm_segsz == 65536 && (status.shm_perm.mode & 0777) == 0640);
  char *memory = shmat(id, NULL, 0);
  CHECK(memory != (char *)-1);
  CHECK(memory[0] == 0 && memory[65535] == 0);
  memory[0] = 'x';
  CHECK(shmget(20000, 100, IPC_CREAT | IPC_EXCL | 0600) >= 0);
END
  ipckit create shm:key=19999 --size 64K --mode 0640 >/dev/null
  expect 0 run_program use
  expect 0 ipckit show shm:key=19999 --json
  json '.objects[0] | .resident >= 4096 and has("attached") and has("detached") and .maps == 0'
  expect 0 ipckit ls shm:key=20000 -o size --no-headings
  out_is 100
}

@test "what is written into memory, and what is read of it" {
  program use <<'END'
  struct record { int number; float fraction; char text[8]; unsigned long long large; signed char small; } *memory;
  int fd = shm_open("/record", O_RDWR, 0);
  int id = shmget(key_of_word("record"), 0, 0);
  for (int round = 0; round < 2; ++round) {
    memory = round == 0 ? mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : shmat(id, NULL, 0);
    CHECK(memory != (void *)-1);
    CHECK(memory->number == -60 && memory->fraction == 0.1f && strcmp(memory->text, "hello") == 0);
    CHECK(memory->large == 18446744073709551615ull && memory->small == -1);
    memory->number = 19999;
    memory->fraction = 1.5f;
    strcpy(memory->text, "there");
    memory->large = 1;
    memory->small = -128;
  }
END
  ipckit create pshm:/record --size 4K >/dev/null
  ipckit create shm:@record --size 4K >/dev/null
  local ref
  for ref in pshm:/record shm:@record; do
    inside '
      ipckit write -q $1 --as i32 -60
      ipckit write -q $1 --offset 4 --as f32 0.1
      ipckit write -q $1 --offset 8 --as str hello
      ipckit write -q $1 --offset 16 --as u64 18446744073709551615
      ipckit write -q $1 --offset 24 --as i8 -1' $ref >/dev/null
  done
  expect 0 run_program use
  for ref in pshm:/record shm:@record; do
    expect 0 inside '
      ipckit read $1 --as i32 -c 1; ipckit read $1 --offset 4 --as f32 -c 1; ipckit read $1 --offset 8 --as str
      ipckit read $1 --offset 16 --as u64 -c 1; ipckit read $1 --offset 24 --as i8 -c 1' $ref
    out_is "$(printf '%s\n' 19999 1.5 there 1 -128)"
  done
}

@test "FIFOs" {
  ipckit create fifo:/tmp/ctl >/dev/null
  expect 0 inside 'timeout 5 sh -c "echo hello >/tmp/ctl" & timeout 5 cat /tmp/ctl'
  out_is hello
  inside 'mkfifo -m 0640 /tmp/theirs'
  expect 0 ipckit ls fifo:/tmp/theirs -o mode --no-headings
  out_is 0640
}

@test "ipcs and ipcrm of util-linux agree" {
  command -v ipcs >/dev/null || skip "needs ipcs"
  ipckit create shm:key=19999 --size 64K --mode 0640 >/dev/null
  expect 0 in_sandbox ipcs -m
  out_matches '0x00004e1f +0 +root +640 +65536 +0'
  expect 0 in_sandbox ipcrm -M 19999
  expect 3 ipckit show shm:key=19999
}

# Two programs that send and receive a structure by a key, a name or a path: what a C program does all day.
structure_programs() {
  program put <<'END'
  struct job { int number; char name[12]; double value; } job = {4711, "build", 2.5};
  struct { long type; struct job job; } message = {7, job};
  if (strcmp(words[1], "msg") == 0) {
    CHECK(msgsnd(msgget(key_of_word(words[2]), 0), &message, sizeof message.job, 0) == 0);
  } else if (strcmp(words[1], "pmsg") == 0) {
    CHECK(mq_send(mq_open(words[2], O_WRONLY), (const char *)&job, sizeof job, 7) == 0);
  } else {
    CHECK(write(open(words[2], O_WRONLY), &job, sizeof job) == (ssize_t)sizeof job);
  }
END
  program get <<'END'
  struct job { int number; char name[12]; double value; } job;
  struct { long type; struct job job; } message = {0, {0, "", 0}};
  unsigned priority = 0;
  if (strcmp(words[1], "msg") == 0) {
    CHECK(msgrcv(msgget(key_of_word(words[2]), 0), &message, sizeof message.job, 7, 0) == (ssize_t)sizeof message.job);
    job = message.job;
    priority = (unsigned)message.type;
  } else if (strcmp(words[1], "pmsg") == 0) {
    CHECK(mq_receive(mq_open(words[2], O_RDONLY), (char *)&job, sizeof job, &priority) == (ssize_t)sizeof job);
  } else {
    CHECK(read(open(words[2], O_RDONLY), &job, sizeof job) == (ssize_t)sizeof job);
  }
  printf("%u %d %s %g\n", priority, job.number, job.name, job.value);
END
}

# As C has it in memory here: 4 bytes, 12 bytes, and a double.
structure='import struct, sys; sys.stdout.buffer.write(struct.pack("=i12sd", 4711, b"build", 2.5))'

@test "messages of C programs are received, and theirs receive ours: msgsnd, msgrcv" {
  structure_programs
  ipckit create msg:@jobs >/dev/null
  in_sandbox /usr/bin/python3 -c "$structure" >"$state/job"
  expect 0 inside '"$1/put" msg jobs; ipckit recv msg:@jobs -t 7 -v | cmp - "$1/job"' "$inner/state"
  err_is "ipckit recv: type 7, 24 bytes"
  expect 0 inside 'ipckit send msg:@jobs -t 7 <"$1/job"; "$1/get" msg jobs' "$inner/state"
  out_is "7 4711 build 2.5"
  expect 0 inside '
    "$1/put" msg jobs; ipckit recv msg:@jobs --jsonl | ipckit send msg:@jobs --jsonl; "$1/get" msg jobs
    "$1/get" msg jobs & ipckit send msg:@jobs -t 6 other; ipckit send msg:@jobs -t 7 <"$1/job"; wait $!
    ipckit recv msg:@jobs & "$1/put" msg jobs; wait $!' "$inner/state"
}

@test "messages of C programs are received, and theirs receive ours: mq_send, mq_receive" {
  structure_programs
  ipckit create pmsg:/jobs --message-size 24 >/dev/null
  in_sandbox /usr/bin/python3 -c "$structure" >"$state/job"
  expect 0 inside '"$1/put" pmsg /jobs; ipckit recv pmsg:/jobs -v | cmp - "$1/job"' "$inner/state"
  err_is "ipckit recv: priority 7, 24 bytes"
  expect 0 inside 'ipckit send pmsg:/jobs -p 7 <"$1/job"; "$1/get" pmsg /jobs' "$inner/state"
  out_is "7 4711 build 2.5"
  expect 0 inside '
    "$1/put" pmsg /jobs; ipckit recv pmsg:/jobs --jsonl | ipckit send pmsg:/jobs --jsonl; "$1/get" pmsg /jobs
    ipckit recv pmsg:/jobs >/tmp/got & "$1/put" pmsg /jobs; wait $!; cmp /tmp/got "$1/job"' "$inner/state"
  out_is "7 4711 build 2.5"
}

@test "messages of C programs are received, and theirs receive ours: read and write of a FIFO" {
  structure_programs
  ipckit create fifo:/tmp/jobs >/dev/null
  in_sandbox /usr/bin/python3 -c "$structure" >"$state/job"
  expect 0 inside '"$1/put" fifo /tmp/jobs & ipckit recv fifo:/tmp/jobs | cmp - "$1/job"; wait $!' "$inner/state"
  expect 0 inside '"$1/get" fifo /tmp/jobs & ipckit send fifo:/tmp/jobs <"$1/job"; wait $!' "$inner/state"
  out_is "0 4711 build 2.5"
}

@test "--pad makes a structure of fixed size" {
  program get <<'END'
  struct { long type; struct { char name[16]; char text[48]; } body; } message;
  memset(&message, 'x', sizeof message);
  CHECK(msgrcv(msgget(key_of_word("jobs"), 0), &message, sizeof message.body, 0, 0) == (ssize_t)sizeof message.body);
  for (int at = 5; at < 16; ++at) CHECK(message.body.name[at] == 0);
  for (int at = 0; at < 48; ++at) CHECK(message.body.text[at] == 0);
  mqd_t queue = mq_open("/jobs", O_RDONLY);
  CHECK(mq_receive(queue, (char *)&message.body, sizeof message.body, NULL) == (ssize_t)sizeof message.body);
  printf("%s %s\n", message.body.name, message.body.text);
END
  ipckit create msg:@jobs >/dev/null
  ipckit create pmsg:/jobs --message-size 64 >/dev/null
  expect 0 inside '
    ipckit send msg:@jobs --pad 64 hello
    printf "hello\0\0\0\0\0\0\0\0\0\0\0world" | ipckit send pmsg:/jobs --pad 64
    "$1/get"' "$inner/state"
  out_is "hello world"
}
