// SPDX-License-Identifier: MIT
#pragma once
// Spans of time as people write them.

#include <chrono>
#include <string_view>

#include <ipckit/base/error.hpp>

namespace ipckit {

/// A span of time: `500ms`, `1.5s`, `2m`, `4h`, `1d`, `1w`; a bare number is seconds. Errc::invalid when it does not
/// parse or is longer than 292 years (what nanoseconds can count).
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace ipckit
