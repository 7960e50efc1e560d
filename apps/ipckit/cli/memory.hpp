// SPDX-License-Identifier: MIT
#pragma once
// What the verbs that read and write memory share: operands, types, and what they say when there is not enough of it.

#include <cstdint>
#include <optional>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/inventory/memory.hpp>
#include <ipckit/object/value.hpp>

namespace ipckit::cli {

/// What --as asks for: numbers of a type, or text that ends with a NUL.
struct As {
  bool text = false;
  object::ValueType type = object::ValueType::u8;  // of numbers
  std::string word;                                // as given
};
/// Throws UsageError for any other word.
[[nodiscard]] As parse_as(const std::string& word);

/// The one segment that the operands begin with. Throws UsageError when it is none, with what to use instead.
[[nodiscard]] AskedRef parse_segment(const std::vector<std::string>& words);

/// A part of a segment.
struct Range {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
/// Whether it lies inside `size` bytes.
[[nodiscard]] constexpr bool is_inside(const Range& range, std::uint64_t size) noexcept
{
  return range.offset <= size && range.length <= size - range.offset;
}

/// The failure of one that does not, without an errno.
[[nodiscard]] Error past_end(const Range& range, std::uint64_t size);

/// "5 bytes".
[[nodiscard]] std::string bytes_text(std::uint64_t count);

}  // namespace ipckit::cli
