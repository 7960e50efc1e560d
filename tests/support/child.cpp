// SPDX-License-Identifier: MIT
#include "support/child.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/private_ipc.hpp"
#include "support/temporary.hpp"

namespace ipckit::tests {
namespace {

constexpr int could_not_become = 99;

/// What a child does first: it must not outlive a test that crashes.
pid_t fork_bound()
{
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return pid;
}

}  // namespace

Child::Child(const std::function<bool()>& prepare)
{
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
  pid_ = fork_bound();
  if (pid_ == 0) {
    ::close(ends[0]);
    if (!prepare()) ::_exit(1);
    if (::write(ends[1], "r", 1) != 1) ::_exit(1);
    ::close(ends[1]);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  char byte = 0;
  ready_ = ::read(ends[0], &byte, 1) == 1;
  ::close(ends[0]);
}

Child::~Child()
{
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Background::Background(const std::function<void()>& run) : pid_{fork_bound()}
{
  if (pid_ != 0) return;
  run();
  ::_exit(0);
}

Background::~Background()
{
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

int status_of_child(const std::function<int()>& run)
{
  const pid_t pid = fork_bound();
  if (pid == 0) ::_exit(run());
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) throw std::runtime_error("waitpid");
  return status;
}

std::optional<int> exit_status_as(uid_t user, const std::function<int()>& run)
{
  if (!is_real_root()) return std::nullopt;
  const int status = status_of_child([&] {
    if (::setgroups(0, nullptr) != 0 || ::setgid(user) != 0 || ::setuid(user) != 0) return could_not_become;
    return run();
  });
  if (!WIFEXITED(status) || WEXITSTATUS(status) == could_not_become) return std::nullopt;
  return WEXITSTATUS(status);
}

bool eventually(const std::function<bool()>& condition)
{
  using namespace std::chrono_literals;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    if (condition()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

bool eventually_asleep(pid_t pid)
{
  return eventually([path = "/proc/" + std::to_string(pid) + "/stat"] {
    const std::string stat = read_file(path);
    const auto name_end = stat.rfind(')');
    return name_end != std::string::npos && stat.substr(name_end).starts_with(") S");
  });
}

}  // namespace ipckit::tests
