// SPDX-License-Identifier: MIT
#pragma once
// A process of ours that works on when its maker has been killed: fork(2), setsid(2).

#include <functional>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/error.hpp>

namespace ipckit::sys {

struct Background {
  const char* name = "";       // its comm, at most 15 bytes
  std::vector<int> keep;       // the descriptors that it needs
  bool told_of_death = false;  // SIGTERM is pending in it when the thread that made it has ended (PR_SET_PDEATHSIG)
};

/// Forks a process that does `work` and then ends with 0, and says its pid. It has the caller's memory, a session of
/// its own, / as working directory, /dev/null for its standard descriptors and no others but those in `keep`. Every
/// signal is blocked in it, so that nothing but SIGKILL and SIGSTOP does anything to it; SIGTERM has its default
/// disposition.
[[nodiscard]] Result<pid_t> start_background(const Background& how, const std::function<void()>& work);

/// Waits for a child to end; whatever is known of it then is forgotten.
void reap(pid_t child) noexcept;

}  // namespace ipckit::sys
