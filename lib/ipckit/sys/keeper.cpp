// SPDX-License-Identifier: MIT
#include <ipckit/sys/keeper.hpp>

#include <csignal>

#include <ipckit/sys/background.hpp>
#include <ipckit/sys/pidfd.hpp>

namespace ipckit::sys {

Result<Keeper> Keeper::start(const UniqueFd& process, std::span<const int> keep, const char* name)
{
  Background how{.name = name, .keep = {keep.begin(), keep.end()}};
  how.keep.push_back(process.get());
  const auto pid = IPCKIT_TRY(start_background(how, [&process] { await_end(process); }));
  return Keeper{pid};
}

Keeper::~Keeper()
{
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  reap(pid_);
}

}  // namespace ipckit::sys
