// SPDX-License-Identifier: MIT
#include <ipckit/sys/keeper.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <vector>

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {
namespace {

/// Closes the descriptors from `first` to `last`. Kernels before 5.9 have no close_range; one by one will do there, as
/// far as numbers go that a program usually has.
void close_between(unsigned first, unsigned last) noexcept
{
  if (first > last || ::syscall(SYS_close_range, first, last, 0) == 0) return;
  constexpr unsigned usual = 1024;
  for (unsigned fd = first; fd <= last && fd < usual; ++fd) ::close(static_cast<int>(fd));
}

/// `keep` is sorted.
void close_all_but(std::span<const int> keep) noexcept
{
  unsigned next = STDERR_FILENO + 1;
  for (const int fd : keep) {
    const auto number = static_cast<unsigned>(fd);
    if (number > next) close_between(next, number - 1);
    next = std::max(next, number + 1);
  }
  close_between(next, std::numeric_limits<unsigned>::max());
}

/// Whoever reads what we write must not wait for us.
void let_go_of_standard_descriptors() noexcept
{
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (nothing >= 0) {
      ::dup2(nothing, fd);
    } else {
      ::close(fd);
    }
  }
  if (nothing > STDERR_FILENO) ::close(nothing);
}

/// What a process does first that was just forked: it leaves the session, the working directory and the standard
/// descriptors of its maker to others. `keep` is sorted.
void retire(std::span<const int> keep, const char* name) noexcept
{
  ::setsid();
  static_cast<void>(::chdir("/"));  // no file system is kept busy
  ::prctl(PR_SET_NAME, name);
  let_go_of_standard_descriptors();
  close_all_but(keep);
}

[[noreturn]] void become_retired(std::span<const int> keep, const char* name, const std::function<void()>& run) noexcept
{
  retire(keep, name);
  run();
  ::_exit(0);
}

}  // namespace

Result<pid_t> fork_retired(std::span<const int> keep, const char* name, const std::function<void()>& run)
{
  std::vector<int> sorted(keep.begin(), keep.end());
  std::ranges::sort(sorted);
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // not for an instant is it there to be ended by a signal
  auto pid = call("fork", "", [] { return ::fork(); });
  if (pid && *pid == 0) become_retired(sorted, name, run);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

void reap(pid_t pid) noexcept
{
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<Keeper> Keeper::start(const UniqueFd& process, std::span<const int> keep, const char* name)
{
  std::vector<int> kept(keep.begin(), keep.end());
  kept.push_back(process.get());
  const auto until_end = [&process] {
    pollfd end{.fd = process.get(), .events = POLLIN, .revents = 0};
    while (::poll(&end, 1, -1) < 0 && errno == EINTR) {
    }
  };
  return Keeper{IPCKIT_TRY(fork_retired(kept, name, until_end))};
}

Keeper::~Keeper()
{
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  reap(pid_);
}

}  // namespace ipckit::sys
