// SPDX-License-Identifier: MIT
#pragma once
// The kernel's own answer to "does anybody else have this file open or mapped?": a write lease, fcntl(2) F_SETLEASE. It
// is granted exactly when no other open file description exists anywhere: in any process, namespace, mapping whose
// descriptor is closed, or descriptor in flight in a socket.

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::sys {

/// A write lease on a regular file. While it is held, others' open(2) sleeps (or fails with EAGAIN under O_NONBLOCK),
/// so hold it only for as long as the step that it protects. SIGIO, which the kernel sends when somebody waits for it,
/// goes to this thread alone and is blocked in it meanwhile.
class WriteLease {
public:
  /// Takes the lease. Errc::busy: somebody else has the file open or mapped.
  /// Errc::unseen: the kernel would not answer (not the owner and no CAP_LEASE, leases switched off, a file system
  /// without them).
  [[nodiscard]] static Result<WriteLease> take(const UniqueFd& file, const std::string& subject);

  WriteLease(const WriteLease&) = delete;
  WriteLease& operator=(const WriteLease&) = delete;
  WriteLease(WriteLease&& other) noexcept;
  WriteLease& operator=(WriteLease&&) = delete;
  ~WriteLease();

  /// Whether nobody has asked for the file since it was taken (F_GETLEASE still says F_WRLCK).
  [[nodiscard]] bool undisturbed() const noexcept;

private:
  WriteLease(int file, const sigset_t& before) noexcept : file_{file}, before_{before} {}
  int file_;
  sigset_t before_;  // the thread's signal mask when it was taken
};

/// How often to try again when a file is busy: who only looks at it (a listing, another prober) has it open for
/// microseconds, a holder still has it a moment later.
inline constexpr int lease_attempts = 8;
/// Waits for about a millisecond between two attempts; the file should be closed meanwhile, or two who do this see each
/// other as holders.
void wait_out_a_look(int attempt) noexcept;

/// What `open` opens, tried again while somebody holds a lease on it: O_NONBLOCK makes that EAGAIN, and whoever holds
/// one for longer than a step is no prober.
template <class Open>
[[nodiscard]] Result<UniqueFd> open_past_lease(Open open)
{
  for (int attempt = 1;; ++attempt) {
    Result<UniqueFd> opened = open();
    if (opened || opened.error().os_error != EAGAIN || attempt == lease_attempts) return opened;
    wait_out_a_look(attempt);
  }
}

}  // namespace ipckit::sys
