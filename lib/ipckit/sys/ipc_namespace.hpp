// SPDX-License-Identifier: MIT
#pragma once
// IPC namespaces: which one this thread is in, and being in another for the length of a scope.

#include <cstdint>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::sys {

/// The inode of this thread's IPC namespace, the number in `ipc:[4026531839]`. Errc::not_found without /proc or without
/// CONFIG_IPC_NS.
[[nodiscard]] Result<std::uint64_t> own_ipc_namespace();

/// While it lives, this thread (and only this thread) is in another IPC namespace: setns(2) with CLONE_NEWIPC. Made for
/// the caller's own namespace it does nothing.
class InIpcNamespace {
public:
  /// Enters the namespace that `descriptor` stands for; a negative one is the caller's own. Errc::access_denied without
  /// CAP_SYS_ADMIN over that namespace's user namespace and one's own.
  [[nodiscard]] static Result<InIpcNamespace> enter(int descriptor);

  InIpcNamespace(const InIpcNamespace&) = delete;
  InIpcNamespace& operator=(const InIpcNamespace&) = delete;
  InIpcNamespace(InIpcNamespace&&) noexcept = default;
  InIpcNamespace& operator=(InIpcNamespace&&) = delete;
  /// Goes back. There is nothing left to do where that fails: the namespace it came from is held open, and the right to
  /// enter it was shown on the way out; were it refused all the same, the process ends rather than work on strangers'
  /// objects.
  ~InIpcNamespace();

private:
  explicit InIpcNamespace(UniqueFd before) noexcept : before_{std::move(before)} {}
  UniqueFd before_;
};

}  // namespace ipckit::sys
