// SPDX-License-Identifier: MIT
#pragma once
// A process that takes something for a command, keeps it as long as that lives, and gives it back: also when whoever
// started it has been killed, with the command or without it.

#include <memory>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/lock/holding.hpp>
#include <ipckit/lock/taken.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::lock {

struct Telling;  // what it says

class Guardian {
public:
  /// Forks it. Its comm is `ipckit-lock`; it is in a session of its own, has no descriptors but those it needs, and no
  /// signal but SIGKILL and SIGSTOP does anything to it. It begins to take at once, as far as `patience` goes, whose
  /// interrupts are not its own.
  [[nodiscard]] static Result<Guardian> start(const object::View& view, std::unique_ptr<Holding> holding,
                                              const sys::Patience& patience);

  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;
  Guardian(Guardian&& other) noexcept;
  Guardian& operator=(Guardian&&) = delete;
  /// Lets it give back what it has, when no command is guarded, and has it gone when this returns.
  ~Guardian();

  /// Waits until it has taken, and adds to `taken` how that went, whatever the outcome. `interrupts` end the wait:
  /// Errc::interrupted, and nothing is taken then. Else the Errors of Holding::take.
  [[nodiscard]] Result<> await_taken(sys::Interrupts& interrupts, Taken& taken);
  /// Tells it whose lock it is. From now on it gives back when that process has ended, and not before.
  [[nodiscard]] Result<> guard(pid_t command);
  /// Waits until it has given back, which it does when the command has ended. An Error of Holding::give_back, or of a
  /// guardian that was killed: what it had was given back in its place then, if there was a record.
  [[nodiscard]] Result<> finish();

private:
  Guardian(object::View view, std::unique_ptr<Holding> holding, pid_t pid, sys::UniqueFd line) noexcept;
  void reap() noexcept;
  /// One thing that it says while it takes.
  [[nodiscard]] Result<Telling> hear_of_taking(sys::Interrupts& interrupts);
  void dismiss() noexcept;
  /// What to do when it was killed.
  [[nodiscard]] Result<> replace();

  object::View view_;
  std::unique_ptr<Holding> holding_;
  pid_t pid_;
  sys::UniqueFd line_;
  bool recorded_ = false;  // others know from a record what it has
};

}  // namespace ipckit::lock
