// SPDX-License-Identifier: MIT
#pragma once
// Waiting for a condition of one object: looking at it without changing it, and knowing when to look again. The
// conditions are in condition.hpp; who waits for several objects sleeps on all of them at once.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>

#include <ipckit/base/error.hpp>
#include <ipckit/inventory/condition.hpp>
#include <ipckit/inventory/entry.hpp>
#include <ipckit/object/ref.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/process/pipe_level.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/notices.hpp>

namespace ipckit::inventory {

/// When to look at something that may have changed: soon after the kernel has told of something, then ever later, and
/// never so often that the looking takes more than a hundredth of a CPU.
class Pace {
public:
  using Clock = std::chrono::steady_clock;

  /// The longest time between two looks.
  void at_least_every(std::chrono::nanoseconds longest) noexcept { longest_ = longest; }
  /// As many share the hundredth of a CPU.
  void share_with(std::size_t number) noexcept { share_ = 100 * static_cast<std::int64_t>(number); }
  /// A look that took so much time of the CPU is over at `now`.
  void looked(Clock::time_point now, std::chrono::nanoseconds cost) noexcept;
  /// Something has happened: looks again at once, or as soon as may be.
  void stir(Clock::time_point now) noexcept;
  /// When the next look is due.
  [[nodiscard]] Clock::time_point next() const noexcept { return next_; }
  /// Whether something has happened since the last look.
  [[nodiscard]] bool is_stirred() const noexcept { return stirred_; }

private:
  std::chrono::nanoseconds longest_ = std::chrono::milliseconds{20};
  std::chrono::nanoseconds pause_ = std::chrono::milliseconds{1};
  Clock::time_point next_;      // the default is long ago
  Clock::time_point earliest_;  // the cost of the last look is paid for
  std::int64_t share_ = 100;
  bool stirred_ = false;
};

/// One object that is waited for.
class Awaited {
public:
  Awaited(object::View view, object::Ref ref, Wish wish);

  /// Whether the wish is true now. Errors: Errc::not_found, no such object when it was looked at first; Errc::removed,
  /// it has gone or been replaced since; Errc::unseen, it cannot be told now; any other, it never will.
  [[nodiscard]] Result<bool> look();

  /// Lets the kernel tell of changes from now on, where it does. Whoever waits looks once more after this. `number`
  /// objects are waited for together.
  void listen(std::size_t number);
  /// Whether the kernel tells of every change that matters; else they are found out by looking.
  [[nodiscard]] bool is_told() const noexcept { return notices_.has_value(); }
  /// Whether a look goes through all processes; known when one was taken.
  [[nodiscard]] bool scans() const noexcept { return scans_; }

  /// Whether a change may be found out two seconds late.
  [[nodiscard]] bool is_slow() const noexcept;

  /// Adds what is to be slept on.
  void add_descriptors(std::vector<pollfd>& descriptors) const;
  /// Takes in what the kernel has told meanwhile.
  void hear();
  /// When to look again, whatever the kernel tells.
  [[nodiscard]] Pace::Clock::time_point next_look() const noexcept { return pace_.next(); }

  /// The canonical REF; nothing as long as a key or the like has led to no object.
  [[nodiscard]] std::optional<object::Ref> ref() const;
  /// The object as it was seen last; nothing before.
  [[nodiscard]] const std::optional<Entry>& seen() const noexcept { return seen_; }

private:
  [[nodiscard]] Result<bool> judge();
  [[nodiscard]] Result<Entry> find();
  [[nodiscard]] Result<bool> judge_missing(Error error) const;
  [[nodiscard]] Result<bool> judge_present(const Entry& now);
  [[nodiscard]] Result<bool> judge_use(const Entry& now);
  [[nodiscard]] Result<bool> judge_pipe(const fifo::Fifo& now);
  [[nodiscard]] bool is_about_presence() const noexcept;
  void listen_to_queue();
  void listen_to_names();
  void listen_to_file();
  void take_notices(Result<sys::Notices> notices);
  void take_notices(const Result<sys::UniqueFd>& directory);
  void keep_pace() noexcept;
  [[nodiscard]] short poll_events() const noexcept;

  object::View view_;
  object::Ref ref_;
  Wish wish_;
  Means means_;
  std::optional<std::int32_t> key_;
  std::optional<Entry> seen_;
  process::PipeObserver pipe_;
  std::optional<sys::Notices> notices_;
  sys::UniqueFd queue_;  // a POSIX queue that poll(2) tells of
  bool scans_ = false;
  bool holds_ = false;  // the answer of the last look
  Pace pace_;
};

/// Whether both are the same object: one that was removed and made anew under its key, name or path is another.
[[nodiscard]] bool same_object(const Entry& left, const Entry& right) noexcept;

}  // namespace ipckit::inventory
