// SPDX-License-Identifier: MIT
#pragma once
// Amounts as people read them.

#include <chrono>
#include <cstdint>
#include <string>

namespace ipckit::render {

/// Bytes in powers of 1024, two digits at least: `512`, `3.1K`, `16K`, `1.0M`.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);

/// A span of time by its largest unit: `12s`, `4m`, `3h`, `2d`, `5y`; `0s` below a second, `in 3m` when it lies ahead.
[[nodiscard]] std::string human_age(std::chrono::nanoseconds age);

/// `1 message`, `7 messages`.
[[nodiscard]] std::string plural(std::uint64_t count, const char* one, const char* many);

}  // namespace ipckit::render
