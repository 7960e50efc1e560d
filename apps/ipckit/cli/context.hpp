// SPDX-License-Identifier: MIT
#pragma once
// What a verb runs with: where it looks, where it writes, who runs it, when.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include <ipckit/base/timestamp.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/render/output.hpp>

namespace ipckit::cli {

/// The variables that ipckit heeds; empty ones are as good as none.
struct Environment {
  std::optional<std::string> runtime_directory;    // XDG_RUNTIME_DIR
  std::optional<std::string> temporary_directory;  // TMPDIR
  bool no_colour = false;                          // NO_COLOR, set to anything
};

/// Of a verb that runs a command: whose status the program ends with.
enum class CommandState : std::uint8_t {
  none,   // no command was given
  given,  // it has not run: a failure is ipckit's own
  ended,  // the status is the command's
};

struct Context {
  std::string_view verb;
  object::View view;
  Environment environment;
  render::Output& out;
  render::Output& err;
  Timestamp now;
  uid_t user = 0;
  CommandState command = CommandState::none;
  bool resets_signal = false;  // we ignore SIGXFSZ: a command gets its default disposition back

  /// `ipckit VERB: text` on stderr.
  void say(std::string_view text) const;
  /// A question on the terminal; false unless it is answered with yes.
  [[nodiscard]] bool confirm(const std::string& question) const;
  /// Whether there is somebody to ask: stdin and stderr are terminals.
  [[nodiscard]] bool can_ask() const noexcept;
};

[[nodiscard]] Environment read_environment();

}  // namespace ipckit::cli
