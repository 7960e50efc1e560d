// SPDX-License-Identifier: MIT
#pragma once
// /proc/PID/stat (proc(5)).

#include <cstdint>
#include <string>
#include <string_view>

#include <ipckit/base/error.hpp>

namespace ipckit::procfs {

struct ProcessStat {
  int pid = 0;                    // field 1
  std::string command;            // field 2, comm without its brackets; may hold any byte
  char state = '?';               // field 3
  std::uint64_t flags = 0;        // field 9; 0x200000 is PF_KTHREAD
  std::uint64_t start_ticks = 0;  // field 22, clock ticks after boot
  bool operator==(const ProcessStat&) const = default;
};

/// Errc::malformed when a field is missing or no number.
[[nodiscard]] Result<ProcessStat> parse_process_stat(std::string_view text);

}  // namespace ipckit::procfs
