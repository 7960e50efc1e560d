// SPDX-License-Identifier: MIT
#pragma once
// /proc/meminfo (proc(5)).

#include <cstdint>
#include <optional>
#include <string_view>

namespace ipckit::procfs {

struct Meminfo {
  std::optional<std::uint64_t> available;  // MemAvailable, bytes: what can be used without swapping
  std::optional<std::uint64_t> swap;       // SwapTotal, bytes
  bool operator==(const Meminfo&) const = default;
};

/// What of it the text says. Lines of another shape are passed over, figures beyond 2^64 bytes are the largest there
/// is; the first line of a name counts.
[[nodiscard]] Meminfo parse_meminfo(std::string_view text) noexcept;

}  // namespace ipckit::procfs
