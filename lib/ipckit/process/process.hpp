// SPDX-License-Identifier: MIT
#pragma once
// Processes by their pids, as /proc shows them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/base/timestamp.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::process {

struct Process {
  pid_t pid = 0;
  std::string command;  // comm, at most 15 bytes of anything
  Timestamp started;    // when it was started, to a clock tick
  bool kernel_thread = false;
};

/// Errc::not_found when no such process can be seen.
[[nodiscard]] Result<Process> inspect(const object::View& view, pid_t pid);

/// When a process was started, in clock ticks after boot, as /proc/PID/stat has it: with its pid that is a process no
/// other is mistaken for. Errors of inspect.
[[nodiscard]] Result<std::uint64_t> start_ticks(const object::View& view, pid_t pid);

/// The command of the process that an object's field names. Nothing where it is gone, or where the pid is another
/// process now: one that was started more than a second after `by`, when the field was written. A zero `by` is not
/// compared.
[[nodiscard]] std::optional<std::string> command_of(const object::View& view, pid_t pid, Timestamp by);

/// What keeps /proc from listing every process of the machine: a PID namespace of one's own, hidepid=. Empty when
/// nothing does.
[[nodiscard]] std::vector<object::Gap> blind_spots(const object::View& view, object::Kind kind);

/// Whether a process may run that has the pid `pid` in a PID namespace below one's own, whichever that is. Only from
/// the first PID namespace, where /proc shows every process, is no an answer.
[[nodiscard]] bool may_run_below(const object::View& view, pid_t pid);

/// The pids that /proc lists.
[[nodiscard]] Result<std::vector<pid_t>> list(const object::View& view);

}  // namespace ipckit::process
