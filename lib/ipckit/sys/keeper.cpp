// SPDX-License-Identifier: MIT
#include <ipckit/sys/keeper.hpp>

#include <cerrno>
#include <csignal>

#include <poll.h>

#include <ipckit/sys/background.hpp>

namespace ipckit::sys {

Result<Keeper> Keeper::start(const UniqueFd& process, std::span<const int> keep, const char* name)
{
  Background how{.name = name, .keep = {keep.begin(), keep.end()}};
  how.keep.push_back(process.get());
  const auto pid = IPCKIT_TRY(start_background(how, [&process] {
    pollfd end{.fd = process.get(), .events = POLLIN, .revents = 0};
    while (::poll(&end, 1, -1) < 0 && errno == EINTR) {
    }
  }));
  return Keeper{pid};
}

Keeper::~Keeper()
{
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  reap(pid_);
}

}  // namespace ipckit::sys
