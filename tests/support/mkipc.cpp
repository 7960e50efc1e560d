// SPDX-License-Identifier: MIT
// mkipc: puts IPC objects into the states that the end-to-end tests need. It holds, waits, fills and churns by the C
// library alone, so that a test never proves ipckit with ipckit. `mkipc --help` lists what it can do.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr unsigned default_seconds = 60;  // nothing of a test that was killed stays for longer

using Words = std::span<const std::string_view>;

[[noreturn]] void die(const char* what)
{
  std::perror(what);
  std::exit(1);
}

/// The result of a system call that says -1 when it fails.
template <class Value>
Value check(Value value, const char* what)
{
  if (value == static_cast<Value>(-1)) die(what);
  return value;
}

/// Word number `at` as a number; `otherwise` where there is no such word.
long number(Words words, std::size_t at, long otherwise)
{
  if (at >= words.size()) return otherwise;
  long value = 0;
  const char* const end = words[at].data() + words[at].size();
  const auto [stop, error] = std::from_chars(words[at].data(), end, value);
  if (error == std::errc{} && stop == end) return value;
  std::fprintf(stderr, "mkipc: %s is no number\n", words[at].data());
  std::exit(2);
}

int whole(Words words, std::size_t at)
{
  return static_cast<int>(number(words, at, 0));
}

std::string name_of(std::string_view word)
{
  return word.starts_with('/') ? std::string(word) : "/" + std::string(word);
}

void say_ready()
{
  std::puts("ready");
  std::fflush(stdout);
}

/// Says "ready" and stays for a while.
void hold(Words words, std::size_t seconds_at)
{
  say_ready();
  const long seconds = number(words, seconds_at, default_seconds);
  std::this_thread::sleep_for(std::chrono::seconds{seconds});
}

/// Whether a thread of ours stands in one of the system calls.
bool is_inside(pid_t thread, const std::vector<long>& calls)
{
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/syscall");
  long call = -1;
  if (!(file >> call)) return false;  // "running"
  return std::ranges::find(calls, call) != calls.end();
}

/// Runs `block`, which stays in one of the system calls, and says "ready" from another thread as soon as it is there.
template <class Block>
void blocked_in(std::vector<long> calls, Block block)
{
  ::alarm(default_seconds);
  const std::jthread watcher([blocked = ::gettid(), &calls](const std::stop_token& done) {
    while (!done.stop_requested()) {
      if (is_inside(blocked, calls)) {
        say_ready();
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  });
  block();
}

struct Message {
  long type;
  char text[65536];
};

// --------------------------------------------------------------------------------------------------------- System V

void hold_shm(Words words)
{
  const bool read_only = words.size() > 2 && words[2] == "ro";
  const void* const address = ::shmat(whole(words, 0), nullptr, read_only ? SHM_RDONLY : 0);
  if (address == reinterpret_cast<void*>(-1)) die("shmat");
  hold(words, 1);
}

void wait_sem(Words words)
{
  const auto change = static_cast<short>(number(words, 2, -1));
  sembuf operation{.sem_num = static_cast<unsigned short>(whole(words, 1)), .sem_op = change, .sem_flg = 0};
  blocked_in({SYS_semop, SYS_semtimedop}, [&] { check(::semop(whole(words, 0), &operation, 1), "semop"); });
}

void op_sem(Words words)
{
  sembuf operation{.sem_num = static_cast<unsigned short>(whole(words, 1)),
                   .sem_op = static_cast<short>(whole(words, 2)),
                   .sem_flg = IPC_NOWAIT};
  check(::semop(whole(words, 0), &operation, 1), "semop");
}

void undo_sem(Words words)
{
  sembuf operation{.sem_num = static_cast<unsigned short>(whole(words, 1)), .sem_op = -1, .sem_flg = SEM_UNDO};
  check(::semop(whole(words, 0), &operation, 1), "semop");
  hold(words, 2);
}

void recv_msg(Words words)
{
  Message message{};
  ssize_t length = 0;
  blocked_in({SYS_msgrcv}, [&] {
    length = check(::msgrcv(whole(words, 0), &message, sizeof message.text, number(words, 1, 0), 0), "msgrcv");
  });
  std::printf("%.*s\n", static_cast<int>(length), message.text);
}

void send_msg(Words words)
{
  Message message{.type = number(words, 2, 1), .text = {}};
  const auto length = words[1].copy(message.text, sizeof message.text);
  check(::msgsnd(whole(words, 0), &message, length, IPC_NOWAIT), "msgsnd");
  say_ready();
}

void block_send_msg(Words words)
{
  const Message message{.type = 1, .text = {}};
  const auto bytes = static_cast<std::size_t>(number(words, 1, 1));
  blocked_in({SYS_msgsnd}, [&] { check(::msgsnd(whole(words, 0), &message, bytes, 0), "msgsnd"); });
}

void fill_msg(Words words)
{
  Message message{.type = 1, .text = {}};
  std::memset(message.text, 'x', sizeof message.text);
  const auto bytes = static_cast<std::size_t>(number(words, 2, 1));
  for (long count = number(words, 1, 1); count > 0; --count) {
    check(::msgsnd(whole(words, 0), &message, bytes, IPC_NOWAIT), "msgsnd");
  }
  say_ready();
}

void churn_msg(Words /*words*/)
{
  ::alarm(default_seconds);
  say_ready();
  for (;;) {
    const int id = check(::msgget(IPC_PRIVATE, 0600), "msgget");
    check(::msgctl(id, IPC_RMID, nullptr), "msgctl");
  }
}

// ------------------------------------------------------------------------------------------------------------ POSIX

void map(int fd, std::size_t length)
{
  if (::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED) die("mmap");
}

int open_pshm(Words words)
{
  return check(::shm_open(name_of(words[0]).c_str(), O_RDWR, 0), "shm_open");
}

void hold_pshm(Words words)
{
  open_pshm(words);
  hold(words, 1);
}

void map_pshm(Words words)
{
  const int fd = open_pshm(words);
  map(fd, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
  ::close(fd);
  hold(words, 1);
}

void unlinked_map(Words words)
{
  const std::string name = "/mkipc-unlinked-" + std::to_string(::getpid());
  const auto length = static_cast<std::size_t>(number(words, 0, 65536));
  const int fd = check(::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600), "shm_open");
  check(::ftruncate(fd, static_cast<off_t>(length)), "ftruncate");
  map(fd, length);
  check(::shm_unlink(name.c_str()), "shm_unlink");
  ::close(fd);
  hold(words, 1);
}

sem_t* open_psem(Words words)
{
  sem_t* const semaphore = ::sem_open(name_of(words[0]).c_str(), 0);
  if (semaphore == SEM_FAILED) die("sem_open");
  return semaphore;
}

void hold_psem(Words words)
{
  open_psem(words);
  hold(words, 1);
}

void post_psem(Words words)
{
  check(::sem_post(open_psem(words)), "sem_post");
}

void wait_psem(Words words)
{
  sem_t* const semaphore = open_psem(words);
  blocked_in({SYS_futex}, [&] { check(::sem_wait(semaphore), "sem_wait"); });
}

int access_flags(Words words, std::size_t at, int otherwise)
{
  if (at >= words.size()) return otherwise;
  if (words[at] == "r") return O_RDONLY;
  if (words[at] == "w") return O_WRONLY;
  return words[at] == "rw" ? O_RDWR : otherwise;
}

mqd_t open_pmsg(Words words, int flags)
{
  return check(::mq_open(name_of(words[0]).c_str(), flags), "mq_open");
}

void hold_pmsg(Words words)
{
  open_pmsg(words, access_flags(words, 1, O_RDONLY));
  hold(words, 2);
}

void send_pmsg(Words words)
{
  const mqd_t queue = open_pmsg(words, O_WRONLY | O_NONBLOCK);
  check(::mq_send(queue, words[1].data(), words[1].size(), static_cast<unsigned>(number(words, 2, 0))), "mq_send");
  say_ready();
}

void recv_pmsg(Words words)
{
  const mqd_t queue = open_pmsg(words, O_RDONLY);
  mq_attr attributes{};
  check(::mq_getattr(queue, &attributes), "mq_getattr");
  std::string text(static_cast<std::size_t>(attributes.mq_msgsize), '\0');
  blocked_in({SYS_mq_timedreceive}, [&] {
    text.resize(static_cast<std::size_t>(check(::mq_receive(queue, text.data(), text.size(), nullptr), "mq_receive")));
  });
  std::puts(text.c_str());
}

void hold_fifo(Words words)
{
  const int flags = access_flags(words, 1, O_RDWR);
  // Opened for both first, so that it never blocks for want of the other end.
  const int both = check(::open(words[0].data(), O_RDWR | O_NONBLOCK | O_NOFOLLOW), "open");
  if (flags != O_RDWR) {
    check(::open(words[0].data(), flags | O_NONBLOCK | O_NOFOLLOW), "open");
    ::close(both);
  }
  hold(words, 2);
}

// -------------------------------------------------------------------------------------------------------- jobserver

/// Where MAKEFLAGS says that the tokens are.
std::string jobserver_path()
{
  const char* const flags = std::getenv("MAKEFLAGS");
  const std::string_view text = flags == nullptr ? "" : flags;
  constexpr std::string_view option = "--jobserver-auth=fifo:";
  const auto at = text.find(option);
  if (at == std::string_view::npos) {
    std::fputs("mkipc: MAKEFLAGS names no FIFO\n", stderr);
    std::exit(2);
  }
  const auto path = text.substr(at + option.size());
  return std::string(path.substr(0, path.find(' ')));
}

int run_to_end(Words words)
{
  std::vector<std::string> copies(words.begin(), words.end());
  std::vector<char*> pointers;
  for (std::string& copy : copies) pointers.push_back(copy.data());
  pointers.push_back(nullptr);
  const pid_t child = check(::fork(), "fork");
  if (child == 0) {
    ::execvp(pointers[0], pointers.data());
    std::perror(pointers[0]);
    ::_exit(127);
  }
  int status = 0;
  check(::waitpid(child, &status, 0), "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// A client as the manual of GNU make describes it, without the job that it may run unasked.
void job(Words words)
{
  const std::string path = jobserver_path();
  const int taking = check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open");
  const int giving = check(::open(path.c_str(), O_WRONLY | O_CLOEXEC), "open");
  char token = 0;
  if (check(::read(taking, &token, 1), "read") != 1) die("read: the end");
  const int status = run_to_end(words);
  check(::write(giving, &token, 1), "write");
  std::exit(status);
}

// ---------------------------------------------------------------------------------------------------------- hostile

std::atomic<bool> stop_swapping = false;

void stop_on_signal(int /*signal*/)
{
  stop_swapping = true;
}

/// Puts something else under `path` in one step: a regular file, a symbolic link, a FIFO, nothing.
void swap_one(const std::string& path, const std::string& victim, unsigned turn)
{
  const std::string passing = path + ".passing";
  ::unlink(passing.c_str());
  switch (turn % 4) {
    case 0: ::close(check(::open(passing.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600), "open")); break;
    case 1: check(::symlink(victim.c_str(), passing.c_str()), "symlink"); break;
    case 2: check(::mkfifo(passing.c_str(), 0600), "mkfifo"); break;
    default: ::unlink(path.c_str()); return;
  }
  check(::rename(passing.c_str(), path.c_str()), "rename");
}

void swap_files(Words words)
{
  ::alarm(default_seconds);
  std::signal(SIGALRM, stop_on_signal);
  std::signal(SIGTERM, stop_on_signal);
  std::signal(SIGINT, stop_on_signal);
  const std::string directory(words[0]);
  const std::string victim = words.size() > 1 ? std::string(words[1]) : "/etc/hostname";
  const std::vector<std::string> paths{directory + "/swapped", directory + "/sem.swapped"};
  for (unsigned turn = 0; !stop_swapping; ++turn) {
    for (const std::string& path : paths) swap_one(path, victim, turn);
    if (turn == 0) say_ready();
  }
  for (const std::string& path : paths) ::unlink(path.c_str());
}

// ---------------------------------------------------------------------------------------------------------- choosing

struct Command {
  const char* name;
  std::size_t least;  // words that it cannot do without
  const char* words;
  const char* help;
  void (*run)(Words);
};

constexpr Command commands[]{
    {"hold-shm", 1, "ID [SECONDS [ro]]", "keeps a segment attached", hold_shm},
    {"wait-sem", 2, "ID NUM [CHANGE]", "blocks in semop(2); CHANGE is -1, or 0 to wait for zero", wait_sem},
    {"op-sem", 3, "ID NUM CHANGE", "does one operation of semop(2), and does not wait", op_sem},
    {"undo-sem", 2, "ID NUM [SECONDS]", "takes one with SEM_UNDO and keeps it", undo_sem},
    {"send-msg", 2, "ID TEXT [TYPE]", "sends one message", send_msg},
    {"fill-msg", 3, "ID COUNT BYTES", "sends COUNT messages of BYTES bytes", fill_msg},
    {"block-send-msg", 2, "ID BYTES", "blocks in msgsnd(2) on a full queue", block_send_msg},
    {"recv-msg", 1, "ID [TYPE]", "blocks in msgrcv(2) on an empty queue, then prints the message", recv_msg},
    {"churn-msg", 0, "", "makes and removes queues until it is killed", churn_msg},
    {"hold-pshm", 1, "NAME [SECONDS]", "keeps a segment open", hold_pshm},
    {"map-pshm", 1, "NAME [SECONDS]", "keeps a segment mapped, but not open", map_pshm},
    {"unlinked-map", 0, "[BYTES [SECONDS]]", "keeps a segment mapped that has no name any more", unlinked_map},
    {"hold-psem", 1, "NAME [SECONDS]", "keeps a semaphore open", hold_psem},
    {"post-psem", 1, "NAME", "sem_post(3)", post_psem},
    {"wait-psem", 1, "NAME", "blocks in sem_wait(3)", wait_psem},
    {"hold-pmsg", 1, "NAME [r|w|rw [SECONDS]]", "keeps a queue open", hold_pmsg},
    {"send-pmsg", 2, "NAME TEXT [PRIORITY]", "sends one message", send_pmsg},
    {"recv-pmsg", 1, "NAME", "blocks in mq_receive(3) on an empty queue, then prints the message", recv_pmsg},
    {"hold-fifo", 2, "PATH r|w|rw [SECONDS]", "keeps a FIFO open, without waiting for another end", hold_fifo},
    {"job", 1, "CMD...", "takes a token of the jobserver in MAKEFLAGS, runs CMD and gives the token back", job},
    {"swap-files", 1, "DIR [VICTIM]",
     "until it is killed, swaps DIR/swapped and DIR/sem.swapped: file, link to VICTIM, FIFO, nothing", swap_files},
};

int print_help(std::FILE* stream)
{
  std::fputs(
      "Usage: mkipc COMMAND WORD...\n"
      "Prints \"ready\" as soon as what it does is done or held, or blocks. What holds does so for 60 seconds when\n"
      "no SECONDS are given; what blocks or churns ends after 60 seconds by SIGALRM.\n\n",
      stream);
  for (const auto& command : commands) {
    std::fprintf(stream, "  %s %s\n      %s\n", command.name, command.words, command.help);
  }
  return stream == stdout ? 0 : 2;
}

}  // namespace

int main(int argc, char** argv)
{
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.empty()) return print_help(stderr);
  if (words[0] == "--help" || words[0] == "-h") return print_help(stdout);
  for (const auto& command : commands) {
    if (words[0] != command.name) continue;
    if (words.size() <= command.least) break;
    command.run(Words{words}.subspan(1));
    return 0;
  }
  return print_help(stderr);
}
