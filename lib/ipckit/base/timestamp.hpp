// SPDX-License-Identifier: MIT
#pragma once
// A point in time as the kernel keeps it.

#include <compare>
#include <cstdint>

namespace ipckit {

/// Seconds since 1970-01-01 UTC by CLOCK_REALTIME, and nanoseconds of that second. System V times have whole seconds
/// only; their nanoseconds are 0.
struct Timestamp {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  auto operator<=>(const Timestamp&) const = default;
};

}  // namespace ipckit
