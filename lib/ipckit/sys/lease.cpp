// SPDX-License-Identifier: MIT
#include <ipckit/sys/lease.hpp>

#include <cerrno>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace ipckit::sys {
namespace {

/// Blocks SIGIO and says what was blocked before.
sigset_t block_sigio() noexcept
{
  sigset_t wanted;
  sigset_t before;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGIO);
  pthread_sigmask(SIG_BLOCK, &wanted, &before);
  return before;
}

/// Takes a SIGIO that came while it was blocked off the queue, and puts the mask back. A SIGIO that the caller itself
/// had blocked is left for the caller.
void restore_signals(const sigset_t& before) noexcept
{
  if (sigismember(&before, SIGIO) == 0) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGIO);
    const timespec at_once{};
    while (sigtimedwait(&wanted, nullptr, &at_once) > 0) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

Result<WriteLease> WriteLease::take(const UniqueFd& file, const std::string& subject)
{
  const sigset_t before = block_sigio();
  if (::fcntl(file.get(), F_SETLEASE, F_WRLCK) == 0) {
    // Whoever wants the file meanwhile makes the kernel signal its owner, which is the process, and any thread may get
    // it: let it be this one, which has it blocked.
    const f_owner_ex owner{.type = F_OWNER_TID, .pid = ::gettid()};
    ::fcntl(file.get(), F_SETOWN_EX, &owner);
    return WriteLease{file.get(), before};
  }
  Error error = last_error("lease", subject);
  restore_signals(before);
  error.kind = error.os_error == EAGAIN ? Errc::busy : Errc::unseen;
  return std::unexpected(std::move(error));
}

void wait_out_a_look(int attempt) noexcept
{
  // Probers who met must not meet again: each waits for a time of its own.
  constexpr long shortest = 200'000;
  constexpr long spread = 1'000'000;
  const long own = static_cast<long>(::getpid()) * 7919 * (attempt + 1) * 104'729 % spread;
  const timespec moment{.tv_sec = 0, .tv_nsec = shortest + (own < 0 ? -own : own)};
  static_cast<void>(::clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, nullptr));  // cut short by a signal, it will do
}

WriteLease::WriteLease(WriteLease&& other) noexcept : file_{std::exchange(other.file_, -1)}, before_{other.before_} {}

WriteLease::~WriteLease()
{
  if (file_ < 0) return;
  ::fcntl(file_, F_SETLEASE, F_UNLCK);
  restore_signals(before_);
}

bool WriteLease::undisturbed() const noexcept
{
  return ::fcntl(file_, F_GETLEASE) == F_WRLCK;
}

}  // namespace ipckit::sys
