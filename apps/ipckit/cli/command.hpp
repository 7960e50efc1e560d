// SPDX-License-Identifier: MIT
#pragma once
// Running a command to its end, as a verb does that holds something meanwhile.

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/cli/context.hpp>
#include <ipckit/cli/exit_status.hpp>

namespace ipckit::cli {

struct CommandRun {
  std::vector<std::string> words;
  std::vector<std::string> environment;  // NAME=VALUE, added to the caller's
  /// Called when the process exists and before it becomes the command; when it fails, the command does not run.
  std::function<Result<>(pid_t)> before = [](pid_t) { return Result<>{}; };
};

/// The caller's environment and NAME=VALUE entries behind it.
[[nodiscard]] std::vector<std::string> environment_with(const std::vector<std::string>& added);

/// Why a command could not be started, as a sentence, and the status that tells so: 126 or 127.
struct NotStarted {
  std::string text;
  Exit status;
};
[[nodiscard]] NotStarted explain_not_started(const Error& error, const std::string& word);

/// Runs a command and waits for its end. Its status, 128+n where signal n killed it, 126 or 127 (which is said) where
/// it could not be started. An Error: ipckit itself failed, and nothing ran.
///
/// Signals from the terminal reach the command by themselves; those that are sent to ipckit alone (SIGINT, SIGQUIT,
/// SIGTERM, SIGHUP, SIGUSR1, SIGUSR2) are handed on. It stops when the command does, and goes on with it.
[[nodiscard]] Result<Exit> run_command(const CommandRun& run, Context& context);

/// Ends the program by becoming the command, which has its process and what that holds; comes back only where it could
/// not be started, with 126 or 127, and has said why.
[[nodiscard]] Exit become_command(const std::vector<std::string>& words, Context& context);

}  // namespace ipckit::cli
