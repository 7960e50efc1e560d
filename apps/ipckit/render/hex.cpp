// SPDX-License-Identifier: MIT
#include <ipckit/render/hex.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace ipckit::render {
namespace {

void append_offset(std::string& out, std::uint64_t offset)
{
  fmt::format_to(std::back_inserter(out), "{:08x}", offset);
}

void append_byte(std::string& out, char byte)
{
  constexpr std::string_view digits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += ' ';
  out += digits[value >> 4U];
  out += digits[value & 15U];
}

}  // namespace

void HexView::append(std::string& out, std::string_view bytes)
{
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, row);
    bytes.remove_prefix(piece.size());
    if (!empty_ && piece == before_) {
      if (!starred_) out += "*\n";
      starred_ = true;
    } else {
      append_row(out, piece);
      before_ = piece;
      starred_ = false;
    }
    empty_ = false;
    offset_ += piece.size();
  }
}

void HexView::append_row(std::string& out, std::string_view bytes) const
{
  append_offset(out, offset_);
  for (std::size_t index = 0; index < row; ++index) {
    if (index % 8 == 0) out += ' ';
    if (index < bytes.size()) {
      append_byte(out, bytes[index]);
    } else {
      out += "   ";
    }
  }
  out += "  |";
  for (const char c : bytes) out += c >= ' ' && c <= '~' ? c : '.';
  out += "|\n";
}

void HexView::finish(std::string& out) const
{
  if (empty_) return;
  append_offset(out, offset_);
  out += '\n';
}

}  // namespace ipckit::render
