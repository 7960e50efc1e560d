// SPDX-License-Identifier: MIT
#pragma once
// /proc/PID/status (proc_pid_status(5)).

#include <optional>
#include <string_view>

namespace ipckit::procfs {

/// The pid of the process in the innermost PID namespace that it is in: the last number of `NSpid:`, which has one for
/// each namespace from that of the reader down. Nothing where the line is missing, or that is no number.
[[nodiscard]] std::optional<int> innermost_pid(std::string_view text) noexcept;

}  // namespace ipckit::procfs
