// SPDX-License-Identifier: MIT
#pragma once
// Bytes as people look at them: offset, hexadecimal, and what of it can be printed, as hexdump -C has it.

#include <cstdint>
#include <string>
#include <string_view>

namespace ipckit::render {

/// Writes a view piece by piece. Rows that are all alike are one, and a line with a star.
class HexView {
public:
  static constexpr std::size_t row = 16;

  explicit HexView(std::uint64_t offset) noexcept : offset_{offset} {}
  /// Appends the rows of the next bytes: whole rows, but for the last piece.
  void append(std::string& out, std::string_view bytes);
  /// The line that ends it: the offset behind the last byte.
  void finish(std::string& out) const;

private:
  void append_row(std::string& out, std::string_view bytes) const;

  std::uint64_t offset_;
  std::string before_;  // the last row that was written
  bool starred_ = false;
  bool empty_ = true;
};

}  // namespace ipckit::render
