#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs a command on a terminal and plays its user: terminal.py ROWSxCOLUMNS STEP... -- COMMAND...

Steps: until:TEXT waits until TEXT is written after the step before; type:TEXT types it; kill:NAME sends a signal;
stopped waits until the command has stopped; resize:ROWSxCOLUMNS. In the end it waits for the command to end, and prints
JSON: `output` is all that was written, `ended` "exit N" or "signal N", `echo` whether the terminal still echoes.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

DEADLINE = time.monotonic() + 30


def lead(command, told):
    """The leader of the session, as a shell is: a command that stops needs somebody who could let it go on."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)  # until the terminal has its size
        os.execvp(command[0], command)
    os.waitpid(pid, os.WUNTRACED)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, pid)
    os.write(told, f"{pid}\n".encode())
    while True:
        status = os.waitpid(pid, os.WUNTRACED)[1]
        if os.WIFSTOPPED(status):
            os.write(told, b"stopped\n")
            continue
        code = os.waitstatus_to_exitcode(status)
        os.write(told, (f"signal {-code}" if code < 0 else f"exit {code}").encode() + b"\n")
        os._exit(0)


class Terminal:
    """The other side of the terminal."""

    def __init__(self, size, command):
        self.output = ""
        self.seen = 0
        self.states, told = os.pipe()
        leader, self.master = pty.fork()
        if leader == 0:
            lead(command, told)
        os.close(told)
        self.resize(size)
        self.pid = int(self.state())
        os.kill(self.pid, signal.SIGCONT)  # it has waited until the terminal has its size

    def state(self):
        """What the leader of the session tells next: the command's number, and then how it is."""
        while not select.select([self.states], [], [], 0)[0]:
            self.read()
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(self.states, 1)
        return line.decode().strip()

    def resize(self, size):
        rows, columns = (int(number) for number in size.split("x"))
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        """Takes what is there; false when nobody writes any more."""
        if time.monotonic() > DEADLINE:
            sys.exit(f"it took too long; written so far: {self.output!r}")
        if not select.select([self.master], [], [], 0.02)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.output += data.decode("utf-8", "replace")
        return bool(data)

    def until(self, text):
        while text not in self.output[self.seen:]:
            if not self.read():
                sys.exit(f"it ended before it wrote {text!r}: {self.output!r}")
        self.seen = self.output.index(text, self.seen) + len(text)

    def stopped(self):
        state = self.state()
        if state != "stopped":
            sys.exit(f"it should have stopped: {state}")

    def end(self):
        state = self.state()
        while self.read():
            pass
        return state

    def step(self, step):
        name, _, value = step.partition(":")
        value = value.encode().decode("unicode_escape")
        if name == "until":
            self.until(value)
        elif name == "type":
            os.write(self.master, value.encode())
        elif name == "kill":
            os.kill(self.pid, getattr(signal, value))
        elif name == "stopped":
            self.stopped()
        elif name == "resize":
            self.resize(value)
        else:
            sys.exit(f"{step} is no step")


def main():
    mark = sys.argv.index("--")
    terminal = Terminal(sys.argv[1], sys.argv[mark + 1:])
    for step in sys.argv[2:mark]:
        terminal.step(step)
    ended = terminal.end()
    echo = bool(termios.tcgetattr(terminal.master)[3] & termios.ECHO)
    print(json.dumps({"output": terminal.output, "ended": ended, "echo": echo}))


main()
