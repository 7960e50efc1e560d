// SPDX-License-Identifier: MIT
#pragma once
// A process that does nothing but hold on to what its maker holds, as long as another process lives: it is still there
// when its maker has been killed.

#include <span>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::sys {

class Keeper {
public:
  /// Forks one that ends with the process of `process`, a pidfd. It has the caller's mappings and, of its descriptors,
  /// those in `keep` alone; no signal but SIGKILL and SIGSTOP reaches it, and it is in a session of its own. `name` is
  /// its comm.
  [[nodiscard]] static Result<Keeper> start(const UniqueFd& process, std::span<const int> keep, const char* name);

  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  Keeper(Keeper&& other) noexcept : pid_{other.pid_} { other.pid_ = -1; }
  Keeper& operator=(Keeper&&) = delete;
  /// Ends it, and has it gone when this returns.
  ~Keeper();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
  explicit Keeper(pid_t pid) noexcept : pid_{pid} {}
  pid_t pid_;
};

}  // namespace ipckit::sys
