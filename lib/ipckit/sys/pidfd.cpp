// SPDX-License-Identifier: MIT
#include <ipckit/sys/pidfd.hpp>

#include <cerrno>
#include <limits>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {

Result<UniqueFd> open_process(pid_t pid)
{
  return UniqueFd{
      IPCKIT_TRY(call("pidfd_open", "", [&] { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }))};
}

void await_end(const UniqueFd& process) noexcept
{
  pollfd end{.fd = process.get(), .events = POLLIN, .revents = 0};
  while (::poll(&end, 1, -1) < 0 && errno == EINTR) {
  }
}

Result<UniqueFd> borrow_descriptor(pid_t pid, int number)
{
  const UniqueFd process = IPCKIT_TRY(open_process(pid));
  return UniqueFd{IPCKIT_TRY(
      call("pidfd_getfd", "", [&] { return static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), number, 0)); }))};
}

Result<std::uint64_t> bytes_waiting(int pipe)
{
  int count = 0;
  IPCKIT_TRY(check("ioctl", "FIONREAD", [&] { return ::ioctl(pipe, FIONREAD, &count); }));
  return static_cast<std::uint64_t>(count);
}

Result<std::uint64_t> pipe_size(int pipe)
{
  const int size = IPCKIT_TRY(call("fcntl", "F_GETPIPE_SZ", [&] { return ::fcntl(pipe, F_GETPIPE_SZ); }));
  return static_cast<std::uint64_t>(size);
}

Result<std::uint64_t> set_pipe_size(int pipe, std::uint64_t size)
{
  if (size > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    return fail(Errc::too_large, "fcntl", "F_SETPIPE_SZ", "a pipe has at most 2147483647 bytes");
  }
  const int given =
      IPCKIT_TRY(call("fcntl", "F_SETPIPE_SZ", [&] { return ::fcntl(pipe, F_SETPIPE_SZ, static_cast<int>(size)); }));
  return static_cast<std::uint64_t>(given);
}

}  // namespace ipckit::sys
