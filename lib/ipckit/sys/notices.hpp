// SPDX-License-Identifier: MIT
#pragma once
// The kernel's word that something has happened: inotify(7) and poll(2). Nothing of a file is opened or read for it.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include <poll.h>
#include <sys/inotify.h>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::sys {

/// What inotify has told of since it was asked before.
struct Noticed {
  std::uint64_t opened = 0;  // IN_OPEN
  std::uint64_t left = 0;    // IN_CLOSE_NOWRITE: closed by who could only read
  std::uint64_t other = 0;   // everything else
  bool over = false;         // the watch is no more, IN_IGNORED, or watches something that has another name now

  [[nodiscard]] bool any() const noexcept { return opened + left + other > 0 || over; }
  /// More than somebody's look, who has opened it for reading and closed it.
  [[nodiscard]] bool more_than_looks() const noexcept { return opened != left || other > 0 || over; }
};

/// An inotify instance with one watch.
class Notices {
public:
  /// Watches what an open descriptor, O_PATH included, stands for, by way of /proc; `events` are those of inotify(7).
  /// Errc::access_denied without read permission, Errc::not_found without /proc; ENOSPC and EMFILE where the user's
  /// watches and instances are used up (fs.inotify.max_user_*).
  [[nodiscard]] static Result<Notices> of(int fd, std::uint32_t events, const std::string& subject);

  /// What poll(2) finds readable when there is something to take.
  [[nodiscard]] int descriptor() const noexcept { return instance_.get(); }
  /// Takes all that there is.
  [[nodiscard]] Noticed take() noexcept;

private:
  explicit Notices(UniqueFd instance) noexcept : instance_{std::move(instance)} {}
  UniqueFd instance_;
};

/// Sleeps until one of the descriptors is ready, `longest` has passed or a signal was caught: ppoll(2). Where the
/// kernel cannot do that, for a moment.
void sleep_until_ready(std::span<pollfd> descriptors, std::chrono::nanoseconds longest) noexcept;

/// The time that this thread has had on a CPU, CLOCK_THREAD_CPUTIME_ID.
[[nodiscard]] std::chrono::nanoseconds thread_cpu_time() noexcept;

}  // namespace ipckit::sys
