// SPDX-License-Identifier: MIT
#include <ipckit/sys/background.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <span>

#include <fcntl.h>
#include <linux/close_range.h>
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

/// What the new process does before its work.
void retire(const Background& how, std::span<const int> keep) noexcept
{
  static_cast<void>(std::signal(SIGTERM, SIG_DFL));  // ignored, it would not be pending
  if (how.told_of_death) ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::setsid();
  static_cast<void>(::chdir("/"));  // no file system is kept busy
  ::prctl(PR_SET_NAME, how.name);
  let_go_of_standard_descriptors();
  close_all_but(keep);
}

}  // namespace

Result<pid_t> start_background(const Background& how, const std::function<void()>& work)
{
  auto keep = how.keep;
  std::ranges::sort(keep);
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // not for an instant is it there to be ended by a signal
  auto pid = call("fork", "", [] { return ::fork(); });
  if (pid && *pid == 0) {
    retire(how, keep);
    [&]() noexcept { work(); }();  // nobody is there to catch what it throws
    ::_exit(0);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

void reap(pid_t child) noexcept
{
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace ipckit::sys
