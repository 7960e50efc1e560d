// SPDX-License-Identifier: MIT
#pragma once
// Starting a command: fork(2), execve(2).

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::sys {

struct Command {
  std::vector<std::string> words;        // the program, looked for in PATH unless it has a slash, and its arguments
  std::vector<std::string> environment;  // NAME=VALUE, all of it; the last of a name counts
  int input = -1;                        // becomes its stdin; -1: it has the caller's
  int output = -1;                       // becomes its stdout; likewise
  std::optional<sigset_t> mask;          // its signal mask; else the caller's
  std::vector<int> default_signals;      // whose disposition is put back to the default; caught ones are anyway
};

/// A process that is about to become a command and waits to be told so. It ends without having done anything when this
/// object goes, or the process that owns it.
class HeldCommand {
public:
  /// Errc::invalid without words.
  [[nodiscard]] static Result<HeldCommand> prepare(const Command& command);

  HeldCommand(const HeldCommand&) = delete;
  HeldCommand& operator=(const HeldCommand&) = delete;
  HeldCommand(HeldCommand&& other) noexcept;
  HeldCommand& operator=(HeldCommand&&) = delete;
  ~HeldCommand();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// Lets it go on. When it could not be started, the Error is that of execve(2), with its errno: ENOENT and ENOTDIR
  /// where there is no such program. Then the process is gone; else it is the caller's child.
  [[nodiscard]] Result<pid_t> release();

private:
  HeldCommand(pid_t pid, UniqueFd line, std::string name) noexcept;
  pid_t pid_;
  UniqueFd line_;  // written to: it may start; read from: the errno, or the end when it has started
  std::string name_;
};

/// Whether there is a program of that name that may be run, as far as can be told without running it. The Error is that
/// of HeldCommand::release.
[[nodiscard]] Result<> can_start(const Command& command);

/// Becomes the command: this process, its open descriptors that are not close-on-exec and what it holds under SEM_UNDO
/// go over to it. Comes back only when that fails, with the Error of HeldCommand::release; the signals are as the
/// command would have had them then.
[[nodiscard]] Error become(const Command& command);

/// Starts a command at once: prepare and release.
[[nodiscard]] Result<pid_t> spawn(const Command& command);

/// Runs a command to its end; what it wrote to stdout, where it ended with 0. Errc::not_found where it did not, or
/// could not be started.
[[nodiscard]] Result<std::string> output_of(Command command);

/// Sleeps until a child process has ended and can be waited for, or a signal is caught.
void wait_for_child() noexcept;

}  // namespace ipckit::sys
