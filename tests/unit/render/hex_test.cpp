// SPDX-License-Identifier: MIT
// The hex view.
#include <ipckit/render/hex.hpp>

#include "support/catch.hpp"

using ipckit::render::HexView;

namespace {

std::string view_of(std::string_view bytes, std::uint64_t offset = 0, std::size_t piece = 1U << 20U)
{
  std::string out;
  HexView view{offset};
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) view.append(out, bytes.substr(0, piece));
  view.finish(out);
  return out;
}

}  // namespace

TEST_CASE("offset, bytes, and what can be printed", "[render]")
{
  CHECK(view_of("0123456789abcdef\x1b[31m\xff\x7f~ ") ==
        "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
        "00000010  1b 5b 33 31 6d ff 7f 7e  20                       |.[31m..~ |\n"
        "00000019\n");
  CHECK(view_of("x", 0x1ffffffff) ==
        "1ffffffff  78                                                |x|\n"
        "200000000\n");
  CHECK(view_of("").empty());
}

TEST_CASE("rows that repeat are one and a star, however they come", "[render]")
{
  const std::string bytes = std::string(64, 'a') + std::string(16, 'b') + std::string(20, '\0');
  const std::string expected =
      "00000000  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  |aaaaaaaaaaaaaaaa|\n"
      "*\n"
      "00000040  62 62 62 62 62 62 62 62  62 62 62 62 62 62 62 62  |bbbbbbbbbbbbbbbb|\n"
      "00000050  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n"
      "00000060  00 00 00 00                                       |....|\n"
      "00000064\n";
  CHECK(view_of(bytes) == expected);
  CHECK(view_of(bytes, 0, 16) == expected);
  CHECK(view_of(bytes, 0, 48) == expected);
}
