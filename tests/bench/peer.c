// SPDX-License-Identifier: MIT
// The least that a C program has to do to move messages, the peer of `ipckit send` and `ipckit recv`:
//
//   peer msg-send|msg-recv ID COUNT SIZE         bare msgsnd(2) and msgrcv(2)
//   peer pmsg-send|pmsg-recv /NAME COUNT SIZE    bare mq_send(3) and mq_receive(3)
//   peer fifo-send|fifo-recv PATH COUNT SIZE     bare write(2) and read(2)
//
// What is received is dropped. Status 1 when a call fails.

#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

enum { most = 65536 };

static struct {
  long type;
  char text[most];
} letter = {.type = 1};

static int failed(const char* call)
{
  perror(call);
  return 1;
}

static int msg_send(int id, long count, size_t size)
{
  for (long sent = 0; sent < count; ++sent)
    if (msgsnd(id, &letter, size, 0) != 0) return failed("msgsnd");
  return 0;
}

static int msg_receive(int id, long count)
{
  for (long taken = 0; taken < count; ++taken)
    if (msgrcv(id, &letter, most, 0, 0) < 0) return failed("msgrcv");
  return 0;
}

static int pmsg_send(const char* name, long count, size_t size)
{
  const mqd_t queue = mq_open(name, O_WRONLY);
  if (queue < 0) return failed("mq_open");
  for (long sent = 0; sent < count; ++sent)
    if (mq_send(queue, letter.text, size, 0) != 0) return failed("mq_send");
  return 0;
}

static int pmsg_receive(const char* name, long count)
{
  const mqd_t queue = mq_open(name, O_RDONLY);
  if (queue < 0) return failed("mq_open");
  for (long taken = 0; taken < count; ++taken)
    if (mq_receive(queue, letter.text, most, NULL) < 0) return failed("mq_receive");
  return 0;
}

static int fifo_send(const char* path, long count, size_t size)
{
  const int pipe = open(path, O_WRONLY);
  if (pipe < 0) return failed("open");
  for (long sent = 0; sent < count; ++sent)
    if (write(pipe, letter.text, size) != (ssize_t)size) return failed("write");
  return 0;
}

static int fifo_receive(const char* path, long count, size_t size)
{
  const int pipe = open(path, O_RDONLY);
  if (pipe < 0) return failed("open");
  for (long taken = 0; taken < count; ++taken)
    if (read(pipe, letter.text, size) != (ssize_t)size) return failed("read");
  return 0;
}

int main(int argc, char** argv)
{
  const size_t size = argc == 5 ? strtoul(argv[4], NULL, 10) : most + 1;
  if (size > most) {
    fputs("usage: peer KIND-send|KIND-recv OBJECT COUNT SIZE\n", stderr);
    return 2;
  }
  const char* const what = argv[1];
  const char* const object = argv[2];
  const long count = strtol(argv[3], NULL, 10);
  memset(letter.text, 'x', size);
  if (strcmp(what, "msg-send") == 0) return msg_send(atoi(object), count, size);
  if (strcmp(what, "msg-recv") == 0) return msg_receive(atoi(object), count);
  if (strcmp(what, "pmsg-send") == 0) return pmsg_send(object, count, size);
  if (strcmp(what, "pmsg-recv") == 0) return pmsg_receive(object, count);
  if (strcmp(what, "fifo-send") == 0) return fifo_send(object, count, size);
  if (strcmp(what, "fifo-recv") == 0) return fifo_receive(object, count, size);
  fprintf(stderr, "peer: no such work: %s\n", what);
  return 2;
}
