// SPDX-License-Identifier: MIT
#pragma once
// What ipckit's exit statuses mean; ipckit-status(7) has the same table, and a test compares them.

#include <array>
#include <cstdint>
#include <string_view>

namespace ipckit::cli {

enum class Exit : std::uint8_t {
  done = 0,
  refused = 1,    // the system refused, or several operands had different ends
  usage = 2,      // the command line makes no sense
  not_found = 3,  // no such object
  busy = 4,       // would block or busy: empty, full, taken, in use
  timed_out = 5,
  denied = 6,        // permission denied
  exists = 7,        // it exists already
  removed = 8,       // removed or replaced meanwhile
  check_failed = 9,  // the check says no
  cannot_tell = 10,  // nothing bad seen, but something that decides was not visible
  // Of verbs that run a command, as env(1), nohup(1) and timeout(1) have them; else the status is the command's.
  not_acquired = 75,  // what was to be held meanwhile could not be had
  own_failure = 125,  // ipckit itself failed
  cannot_run = 126,   // the command is there, but could not be run
  no_command = 127,   // there is no such command
};

struct ExitMeaning {
  Exit status;
  std::string_view meaning;
};
inline constexpr std::array exit_meanings{
    ExitMeaning{Exit::done, "done"},
    ExitMeaning{Exit::refused, "the system refused, or the operands had different ends"},
    ExitMeaning{Exit::usage, "the command line makes no sense"},
    ExitMeaning{Exit::not_found, "no such object"},
    ExitMeaning{Exit::busy, "would block or busy: empty, full, taken, in use"},
    ExitMeaning{Exit::timed_out, "timed out"},
    ExitMeaning{Exit::denied, "permission denied"},
    ExitMeaning{Exit::exists, "it exists already"},
    ExitMeaning{Exit::removed, "removed, or replaced by another object, meanwhile"},
    ExitMeaning{Exit::check_failed, "the check says no: a limit is passed"},
    ExitMeaning{Exit::cannot_tell, "cannot tell: something that decides was not visible"},
    ExitMeaning{Exit::not_acquired, "not acquired: taken, or timed out; the command did not run"},
    ExitMeaning{Exit::own_failure, "ipckit itself failed, and the command that it was to run did not run"},
    ExitMeaning{Exit::cannot_run, "the command could not be run"},
    ExitMeaning{Exit::no_command, "there is no such command"},
};

}  // namespace ipckit::cli
