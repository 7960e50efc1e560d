// SPDX-License-Identifier: MIT
// Bytes for people, line by line.
#include <ipckit/render/hex.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "support/catch.hpp"

using namespace ipckit::render;

namespace {

std::span<const std::byte> bytes_of(std::string_view text)
{
  return std::as_bytes(std::span{text});
}

std::string hex_of(std::string_view text, std::uint64_t offset = 0)
{
  std::string out;
  append_hex(out, offset, bytes_of(text));
  return out;
}

}  // namespace

TEST_CASE("bytes are shown as hexdump -C shows them", "[render]")
{
  CHECK(hex_of("").empty());
  CHECK(hex_of("Hello world, and\x01\x7f more") ==
        "00000000  48 65 6c 6c 6f 20 77 6f  72 6c 64 2c 20 61 6e 64  |Hello world, and|\n"
        "00000010  01 7f 20 6d 6f 72 65                              |.. more|\n");
}

TEST_CASE("of one message every row is shown, also those that are alike", "[render]")
{
  const auto shown = hex_of(std::string(64, '\0'));
  CHECK(std::ranges::count(shown, '\n') == 4);
  CHECK_FALSE(shown.contains('*'));
}

TEST_CASE("bytes that are no ASCII are dots, so nothing steers the terminal", "[render]")
{
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const auto line = hex_of({&c, 1});
    INFO(line);
    CHECK(line.ends_with(byte >= 0x20 && byte < 0x7f ? std::string("|") + c + "|\n" : "|.|\n"));
  }
}

TEST_CASE("the offset has eight digits, or as many as it needs", "[render]")
{
  CHECK(hex_of("a", 0xfffffff0).starts_with("fffffff0  61"));
  CHECK(hex_of("a", 0x123456789a).starts_with("123456789a  61"));
}

TEST_CASE("a line of fewer bytes is as wide as it is said to be", "[render]")
{
  for (const std::size_t width : {1U, 2U, 4U, 8U, 16U}) {
    std::string line;
    append_hex_line(line, 0, bytes_of(std::string(width, 'x')), width);
    CHECK(line.size() == hex_line_width(width));
  }
}

TEST_CASE("marked bytes are in reverse video, in both halves of the line", "[render]")
{
  std::string line;
  append_hex_line(line, 0, bytes_of("abc"), 4, [](std::size_t at) { return at == 1; });
  CHECK(line ==
        "00000000  61 \x1b[7m62\x1b[0m 63     |a\x1b[7mb\x1b[0m"
        "c|");
}
