// SPDX-License-Identifier: MIT
// Times two streams side by side. A stream is two commands that run at once, one that gives and one that takes:
//
//   stream RUNS INPUT GIVE_A... -- TAKE_A... -- GIVE_B... -- TAKE_B...
//
// INPUT is the file that a giver has as stdin. A taker's stdout is thrown away; its stdin is the giver's stdout where
// the word `|` stands in front of its command, and /dev/null otherwise. The streams run in turn, A B A B …, and once
// each before that. Prints the median wall times in microseconds, the median of the ratios A/B pair by pair, which
// holds when the machine's speed drifts, and the most memory that a process of A and one of B had resident, in KiB.
// Status 1 when a command cannot be started or fails.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace {

using Words = std::vector<char*>;

[[noreturn]] void give_up(const char* what, const char* why)
{
  std::fprintf(stderr, "stream: %s: %s\n", what, why);
  std::exit(1);
}

/// The commands of argv, which `--` separates; each ends with a null pointer for exec.
std::vector<Words> commands_in(char** begin, char** end)
{
  std::vector<Words> commands(1);
  for (char** word = begin; word != end; ++word) {
    if (std::strcmp(*word, "--") == 0) {
      commands.emplace_back();
    } else {
      commands.back().push_back(*word);
    }
  }
  for (Words& command : commands) command.push_back(nullptr);
  return commands;
}

/// Starts a command with these as stdin and stdout.
pid_t start(char** command, int in, int out)
{
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, command[0], &actions, nullptr, command, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) give_up(command[0], std::strerror(error));
  return pid;
}

/// Waits for its end; the most memory it had, in KiB.
long finish(pid_t pid, const char* name)
{
  int status = 0;
  rusage use{};
  if (wait4(pid, &status, 0, &use) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) give_up(name, "failed");
  return use.ru_maxrss;
}

struct Stream {
  Words give;
  Words take;
  std::vector<double> times;
  long memory = 0;
};

void run_once(Stream& stream, const char* input)
{
  const bool piped = std::strcmp(stream.take.front(), "|") == 0;
  char** const take = stream.take.data() + (piped ? 1 : 0);
  int ends[2] = {-1, -1};
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  const int file = open(input, O_RDONLY | O_CLOEXEC);
  if (file < 0) give_up(input, std::strerror(errno));
  if (piped && pipe2(ends, O_CLOEXEC) != 0) give_up("pipe", std::strerror(errno));
  const auto begin = std::chrono::steady_clock::now();
  const pid_t taker = start(take, piped ? ends[0] : nothing, nothing);
  const pid_t giver = start(stream.give.data(), file, piped ? ends[1] : nothing);
  for (const int end : ends) {
    if (end >= 0) close(end);
  }
  stream.memory = std::max(stream.memory, finish(giver, stream.give.front()));
  stream.memory = std::max(stream.memory, finish(taker, take[0]));
  const std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - begin;
  stream.times.push_back(passed.count());
  close(file);
  close(nothing);
}

double median(std::vector<double> values)
{
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv)
{
  const long runs = argc > 3 ? std::strtol(argv[1], nullptr, 10) : 0;
  const auto commands = runs > 0 ? commands_in(argv + 3, argv + argc) : std::vector<Words>{};
  if (commands.size() != 4 || std::ranges::any_of(commands, [](const Words& command) { return command.size() < 2; })) {
    std::fputs("usage: stream RUNS INPUT GIVE_A... -- TAKE_A... -- GIVE_B... -- TAKE_B...\n", stderr);
    return 2;
  }
  Stream a{.give = commands[0], .take = commands[1]};
  Stream b{.give = commands[2], .take = commands[3]};
  std::vector<double> ratios;
  for (long run = 0; run <= runs; ++run) {
    run_once(a, argv[2]);
    run_once(b, argv[2]);
    ratios.push_back(a.times.back() / b.times.back());
  }
  for (auto* values : {&a.times, &b.times, &ratios}) values->erase(values->begin());
  std::printf("%.0f %.0f %.3f %ld %ld\n", median(a.times), median(b.times), median(ratios), a.memory, b.memory);
  return 0;
}
