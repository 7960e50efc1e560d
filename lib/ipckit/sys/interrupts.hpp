// SPDX-License-Identifier: MIT
#pragma once
// Blocking calls that a signal or a deadline ends, none of them lost: what arrives between the last look and the call
// would leave the call asleep, so a timer interrupts again and again until somebody has noticed.

#include <cerrno>
#include <chrono>
#include <concepts>
#include <csignal>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/call.hpp>

namespace ipckit::sys {

/// While it lives, SIGINT, SIGTERM, SIGHUP and SIGQUIT are caught instead of ending the process, unless they are
/// ignored; SIGPIPE is ignored. Process-wide, so one at a time; the calls that it ends are those of the thread that
/// made it.
class Interrupts {
public:
  Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  Interrupts(Interrupts&&) = delete;
  Interrupts& operator=(Interrupts&&) = delete;
  /// Gives every signal back to who had it.
  ~Interrupts();

  /// Whether the process ignores a signal now.
  [[nodiscard]] static bool is_ignored(int signal) noexcept;
  /// The first signal that asked for an end; 0 when none has.
  [[nodiscard]] static int stop_signal() noexcept;
  /// Makes the timer, without which a signal that comes just before a call does not end it; a Wait does so by itself.
  /// Errors of timer_create(2).
  [[nodiscard]] static Result<> prepare();
  /// For a process that was just forked: timers are not inherited, and what its maker was told is none of its business.
  static void forget() noexcept;
  /// The last signal that another process has sent (kill(2)), not the terminal, since this was last asked; 0: none.
  [[nodiscard]] static int take_sent_signal() noexcept;
  /// Makes the end of a child process (SIGCHLD) interrupt a wait, too.
  void wake_for_children();
  /// Whether a child has ended since this was last asked.
  [[nodiscard]] static bool children_ended() noexcept;

private:
  struct Saved {
    int signal;
    struct sigaction before;
  };
  std::vector<Saved> saved_;
};

/// How long a call may wait. As made, not at all.
struct Patience {
  Interrupts* interrupts = nullptr;                            // what ends a wait early; nullptr: do not wait
  std::optional<std::chrono::nanoseconds> limit;               // of each wait; nullopt: for ever
  std::optional<std::chrono::steady_clock::time_point> until;  // the end of several waits that are one; see begun()
  [[nodiscard]] bool none() const noexcept { return interrupts == nullptr; }
  /// The same for an operation that waits more than once: its limit counts from now on, and for all waits together.
  [[nodiscard]] Patience begun() const noexcept;
};

/// One wait that begins now. Errors of `check`: Errc::interrupted (a signal asks for an end, or a child has ended),
/// Errc::timed_out.
class Wait {
public:
  /// The clock of deadlines is CLOCK_MONOTONIC. Errors of timer_create(2).
  [[nodiscard]] static Result<Wait> begin(const Patience& patience);
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  Wait(Wait&& other) noexcept;
  Wait& operator=(Wait&&) = delete;
  ~Wait();

  /// Whether to go on waiting.
  [[nodiscard]] Result<> check(std::string_view operation, std::string_view subject) const;
  /// What is left of the time; nullopt: no end. Never negative.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> left() const noexcept;

private:
  explicit Wait(const Patience& patience) noexcept;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  bool armed_ = false;
};

/// Runs a blocking system call, again after every EINTR (and ETIMEDOUT: the wait has its own clock), until it has an
/// outcome or the wait is over.
template <std::invocable<const Wait&> Call>
[[nodiscard]] auto block(std::string_view operation, std::string_view subject, const Patience& patience, Call attempt)
    -> Result<std::invoke_result_t<Call, const Wait&>>
{
  const Wait wait = IPCKIT_TRY(Wait::begin(patience));
  for (;;) {
    IPCKIT_TRY(wait.check(operation, subject));
    const auto outcome = attempt(wait);
    if (outcome != -1) return outcome;
    if (errno != EINTR && errno != ETIMEDOUT) return std::unexpected(last_error(operation, subject));
  }
}

/// The call that does not wait, and where that would have to (Errc::busy), the one that does.
template <std::invocable Now, std::invocable<const Wait&> Later>
[[nodiscard]] auto at_once_or_block(std::string_view operation, std::string_view subject, const Patience& patience,
                                    Now now, Later later) -> Result<std::invoke_result_t<Now>>
{
  auto outcome = call(operation, subject, std::move(now));
  if (outcome || patience.none() || outcome.error().kind != Errc::busy) return outcome;
  return block(operation, subject, patience, std::move(later));
}

}  // namespace ipckit::sys
