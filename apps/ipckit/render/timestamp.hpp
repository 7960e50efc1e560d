// SPDX-License-Identifier: MIT
#pragma once
// Points in time as text.

#include <string>

#include <ipckit/base/timestamp.hpp>

namespace ipckit::render {

/// RFC 3339 in UTC: `2026-11-23T13:25:50Z`; with nanoseconds where there are some. Years outside 0 to 9999, which RFC
/// 3339 cannot write and a planted file may claim, are held at its ends.
void append_rfc3339(std::string& out, Timestamp time);

/// In the local time zone: `2026-11-23 13:25:50`.
[[nodiscard]] std::string local_time(Timestamp time);

}  // namespace ipckit::render
