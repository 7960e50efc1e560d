// SPDX-License-Identifier: MIT
#pragma once
// /proc/PID/task/TID/syscall (proc(5)): the system call in which a thread is blocked.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ipckit::procfs {

struct BlockedCall {
  long number = 0;  // SYS_…; of a 32-bit program its own numbers
  std::array<std::uint64_t, 6> arguments{};
  bool operator==(const BlockedCall&) const = default;
};

/// Nothing when the thread runs, is blocked outside a system call, or the text does not parse.
[[nodiscard]] std::optional<BlockedCall> parse_blocked_call(std::string_view text) noexcept;

}  // namespace ipckit::procfs
