// SPDX-License-Identifier: MIT
#pragma once
// Another process: one that holds something, or one whose end is what is tested.

#include <functional>
#include <optional>

#include <sys/types.h>

namespace ipckit::tests {

/// A process that runs `prepare` and then stays until this object goes. It is killed then. When `prepare` says false,
/// it ends at once, and `ready` says so.
class Child {
public:
  explicit Child(const std::function<bool()>& prepare);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&&) = delete;
  Child& operator=(Child&&) = delete;
  ~Child();

  [[nodiscard]] bool ready() const noexcept { return ready_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
  pid_t pid_ = -1;
  bool ready_ = false;
};

/// A process that runs `run`, which may block for ever: it is killed when this object goes.
class Background {
public:
  explicit Background(const std::function<void()>& run);
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  Background(Background&&) = delete;
  Background& operator=(Background&&) = delete;
  ~Background();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
  pid_t pid_ = -1;
};

/// How a process ended that did nothing but `run`: its status as waitpid(2) gives it. `run` says what to exit with.
[[nodiscard]] int status_of_child(const std::function<int()>& run);

/// Runs `run` in a process of another user; nothing where the caller cannot become that user.
[[nodiscard]] std::optional<int> exit_status_as(uid_t user, const std::function<int()>& run);

/// Waits up to five seconds for something to become true.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

/// Waits up to five seconds until a process of one thread sleeps, which one that is to be woken does.
[[nodiscard]] bool eventually_asleep(pid_t pid);

}  // namespace ipckit::tests
