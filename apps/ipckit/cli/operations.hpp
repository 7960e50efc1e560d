// SPDX-License-Identifier: MIT
#pragma once
// Operations on semaphores as words: "0-1" takes one from number 0, "1+2" gives two to number 1, "2=0" waits until
// number 2 is 0. Without a number it is 0: "-1", "+2", "=0".

#include <string_view>

#include <ipckit/sem/operate.hpp>

namespace ipckit::cli {

/// Whether a word begins as an operation does: digits or none, a sign, a digit. Others are left to be a command.
[[nodiscard]] bool looks_like_operation(std::string_view word) noexcept;

/// The operation: of a number up to 65535, by 1 to 32767 (a short of struct sembuf has no more). Throws UsageError.
[[nodiscard]] sem::Operation parse_operation(std::string_view word);

}  // namespace ipckit::cli
