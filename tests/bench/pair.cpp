// SPDX-License-Identifier: MIT
// Times two commands side by side: `pair RUNS COMMAND_A -- COMMAND_B`, in turn, A B A B …, output thrown away. Prints
// the median wall time of each in microseconds and the median of the ratios A/B pair by pair, which holds when the
// machine's speed drifts. `{}` in an argument is the number of the run, counted over both: 0 for A, 1 for B, 2 for A …
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
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace {

/// Wall time of one run, from the start to the end of the process.
double run_once(const std::vector<std::string>& words, const posix_spawn_file_actions_t& actions)
{
  static unsigned long count = 0;
  std::vector<std::string> numbered = words;
  for (std::string& word : numbered) {
    if (const auto at = word.find("{}"); at != std::string::npos) word.replace(at, 2, std::to_string(count));
  }
  ++count;
  std::vector<char*> pointers;
  for (std::string& word : numbered) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  char** const command = pointers.data();
  const auto begin = std::chrono::steady_clock::now();
  pid_t pid = 0;
  if (const int error = posix_spawnp(&pid, command[0], &actions, nullptr, command, environ); error != 0) {
    std::fprintf(stderr, "pair: %s: %s\n", command[0], std::strerror(error));
    std::exit(1);
  }
  int status = 0;
  if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::fprintf(stderr, "pair: %s failed\n", command[0]);
    std::exit(1);
  }
  const std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - begin;
  return passed.count();
}

double median(std::vector<double> values)
{
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv)
{
  const long runs = argc > 4 ? std::strtol(argv[1], nullptr, 10) : 0;
  char** const mark =
      std::find_if(argv + 1, argv + argc, [](const char* word) { return std::strcmp(word, "--") == 0; });
  if (runs < 1 || mark == argv + argc || mark + 1 == argv + argc) {
    std::fputs("usage: pair RUNS COMMAND_A... -- COMMAND_B...\n", stderr);
    return 2;
  }
  const std::vector<std::string> first(argv + 2, mark);
  const std::vector<std::string> second(mark + 1, argv + argc);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<double> a;
  std::vector<double> b;
  std::vector<double> ratios;
  run_once(first, actions);
  run_once(second, actions);
  for (long run = 0; run < runs; ++run) {
    a.push_back(run_once(first, actions));
    b.push_back(run_once(second, actions));
    ratios.push_back(a.back() / b.back());
  }
  std::printf("%.0f %.0f %.3f\n", median(a), median(b), median(ratios));
  return 0;
}
