// SPDX-License-Identifier: MIT
#pragma once
// An IPC namespace of the test's own: what is made there collides with nothing and goes with it.

#include <optional>
#include <string>

#include <ipckit/sys/fd.hpp>

namespace ipckit::tests {

/// While it lives, this thread is in a new, empty IPC namespace; descendants and threads made meanwhile are, too. An
/// unprivileged caller becomes root of a user namespace for that, and stays it.
class PrivateIpc {
public:
  PrivateIpc();
  PrivateIpc(const PrivateIpc&) = delete;
  PrivateIpc& operator=(const PrivateIpc&) = delete;
  PrivateIpc(PrivateIpc&&) = delete;
  PrivateIpc& operator=(PrivateIpc&&) = delete;
  ~PrivateIpc();

  /// Why there is none; empty when there is one.
  [[nodiscard]] const std::string& missing() const noexcept { return missing_; }

private:
  sys::UniqueFd before_;
  std::string missing_;
};

/// Makes the kernel give the next object of this namespace this id, where it can (kernel.KIND_next_id; KIND is msg, shm
/// or sem). False where it cannot.
[[nodiscard]] bool choose_next_id(const std::string& kind, int id);

/// Whether the caller is root with all users of the machine and the rights to become them and to give things to them.
[[nodiscard]] bool is_real_root();

}  // namespace ipckit::tests

/// Puts the test case into an IPC namespace of its own, or skips it.
#define IPCKIT_IN_PRIVATE_IPC()                    \
  const ::ipckit::tests::PrivateIpc private_ipc{}; \
  if (!private_ipc.missing().empty()) IPCKIT_SKIP(private_ipc.missing())
