// SPDX-License-Identifier: MIT
#pragma once
// What sending and receiving have in common on the command line, and what becomes of signals meanwhile.

#include <chrono>
#include <cstdint>
#include <optional>

#include <ipckit/cli/arguments.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/messages/format.hpp>
#include <ipckit/object/ref.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::cli {

/// How long to wait.
struct WaitOptions {
  bool nowait = false;
  std::optional<std::chrono::nanoseconds> timeout;
  /// Not at all by -n and by a timeout of 0.
  [[nodiscard]] bool none() const noexcept { return nowait || (timeout && timeout->count() == 0); }
  [[nodiscard]] sys::Patience patience(sys::Interrupts& interrupts) const noexcept
  {
    return none() ? sys::Patience{} : sys::Patience{.interrupts = &interrupts, .limit = timeout};
  }
};

/// -n and -w.
void declare_wait(Arguments& arguments, WaitOptions& options, const char* nowait_help, const char* timeout_help);

/// Throws UsageError where both were given.
void refuse_contradiction(const WaitOptions& options);

/// -l, -0, --length-prefixed and --jsonl, which exclude each other.
void declare_framing(Arguments& arguments, messages::Format& format, const char* verb_word);

/// The first word, which must be the REF of a queue or FIFO. Throws UsageError.
[[nodiscard]] AskedRef parse_carrier(const std::vector<std::string>& words);

/// Throws UsageError when an option does not go with the kind: `option` was given and belongs to `owner` alone.
void refuse_for_kind(const AskedRef& asked, bool given, const char* option, object::Kind owner);

/// Ends the process by the signal that asked for it, as if it had not been caught.
[[noreturn]] void die_of(int signal);

}  // namespace ipckit::cli
