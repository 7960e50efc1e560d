// SPDX-License-Identifier: MIT
#pragma once
// Keys of System V objects, and the two ways to make one from something memorable.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ipckit/base/error.hpp>

namespace ipckit::object {

/// The key of ftok(3): the low 8 bits of `project`, the low 8 bits of the file's device and the low 16 bits of its
/// inode number. Links are followed, as ftok does. Unlike ftok's own -1, an error cannot be taken for a key.
[[nodiscard]] Result<std::int32_t> key_of_file(const std::string& path, std::uint8_t project);

/// The key that a word stands for: FNV-1a, 32 bits, over its bytes; a result of 0 (IPC_PRIVATE) becomes 1.
[[nodiscard]] std::int32_t key_of_word(std::string_view word) noexcept;

/// A key in text: decimal (a leading 0 is decimal, a minus sign is accepted) or hexadecimal after `0x`; 32 bits, signed
/// or unsigned. Nothing where it does not parse. May be 0.
[[nodiscard]] std::optional<std::int32_t> parse_key(std::string_view text) noexcept;

/// The key as ipcs(1) shows it: `0x00004e1f`.
[[nodiscard]] std::string key_text(std::int32_t key);

/// The project of ftok(3) in text: a number of which 8 bits count, or one character.
[[nodiscard]] std::optional<std::uint8_t> parse_project(std::string_view text) noexcept;

}  // namespace ipckit::object
