// SPDX-License-Identifier: MIT
#pragma once
// A command for each message, with the message on its stdin; some of them at once.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/object/transfer.hpp>
#include <ipckit/sys/spawn.hpp>

namespace ipckit::messages {

/// A command that has ended, and the message that it was given.
struct Job {
  pid_t pid = 0;
  object::Message message;  // its data are in `data`
  std::string data;
  int status = 0;  // of the command: 0 to 255, or 128 and the number of the signal that killed it
};

class Jobs {
public:
  /// `command` is started for each message, with IPCKIT_REF, and IPCKIT_TYPE or IPCKIT_PRIORITY in its environment, and
  /// the message as a file on its stdin.
  Jobs(sys::Command command, std::string ref, object::Kind kind, std::size_t at_once)
      : command_{std::move(command)}, ref_{std::move(ref)}, kind_{kind}, at_once_{at_once}
  {
  }

  [[nodiscard]] bool full() const noexcept { return running_.size() >= at_once_; }
  [[nodiscard]] bool none() const noexcept { return running_.empty(); }
  /// Errors of memfd_create(2), fork(2) and execve(2): the command does not run, and the message is still the caller's.
  /// `input` is what the command reads of the message, which is kept as it came.
  [[nodiscard]] Result<> start(const object::Message& message, std::span<const std::byte> input);
  /// Those that have ended since it was last asked.
  [[nodiscard]] std::vector<Job> ended();
  /// Sends a signal to all that run.
  void signal(int number) const noexcept;

private:
  sys::Command command_;
  std::string ref_;
  object::Kind kind_;
  std::size_t at_once_;
  std::vector<Job> running_;
};

}  // namespace ipckit::messages
