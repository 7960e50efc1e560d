// SPDX-License-Identifier: MIT
#pragma once
// Bytes for people, as hexdump -C shows them: offset, sixteen bytes, what of them is printable ASCII.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace ipckit::render {

/// Bytes of a full line.
inline constexpr std::size_t hex_line_bytes = 16;

/// Columns that a line of so many bytes takes, with an offset of eight digits.
[[nodiscard]] constexpr std::size_t hex_line_width(std::size_t bytes) noexcept
{
  return 8 + 2 + bytes * 3 + (bytes > 8 ? 1 : 0) + 1 + bytes + 2;
}

/// Which bytes of a line stand out, by their place in it; an empty one marks none.
using Marked = std::function<bool(std::size_t)>;

/// One line without its newline. `width` is how many bytes a full line has; marked ones are in reverse video.
void append_hex_line(std::string& out, std::uint64_t offset, std::span<const std::byte> bytes,
                     std::size_t width = hex_line_bytes, const Marked& marked = {});

/// What becomes of rows that are all alike: each is shown, or the first one and a line with a star.
enum class Repeats : std::uint8_t { shown, starred };

/// Bytes written piece by piece, a line for each sixteen.
class HexView {
public:
  static constexpr std::size_t row = hex_line_bytes;

  explicit HexView(std::uint64_t offset, Repeats repeats = Repeats::starred) noexcept
      : offset_{offset}, repeats_{repeats}
  {
  }
  /// Appends the rows of the next bytes: whole rows, but for the last piece.
  void append(std::string& out, std::string_view bytes);
  /// The line that ends it: the offset behind the last byte.
  void finish(std::string& out) const;

private:
  std::uint64_t offset_;
  Repeats repeats_;
  std::string before_;  // the last row that was written
  bool starred_ = false;
  bool empty_ = true;
};

/// All of `bytes`, every row, the first of which is at `offset`.
void append_hex(std::string& out, std::uint64_t offset, std::span<const std::byte> bytes);

}  // namespace ipckit::render
