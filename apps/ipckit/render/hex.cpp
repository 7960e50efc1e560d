// SPDX-License-Identifier: MIT
#include <ipckit/render/hex.hpp>

#include <string_view>

namespace ipckit::render {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t half = 8;  // bytes before the wider gap

void append_offset(std::string& out, std::uint64_t offset)
{
  constexpr int least = 8;
  int count = least;
  while (count < 16 && offset >> static_cast<unsigned>(count * 4) != 0) ++count;
  while (count-- > 0) out += digits[offset >> static_cast<unsigned>(count * 4) & 0xfU];
}

/// `text` as it is, or in reverse video.
void append_marked(std::string& out, std::string_view text, bool mark)
{
  if (mark) out += "\x1b[7m";
  out += text;
  if (mark) out += "\x1b[0m";
}

bool is_marked(const Marked& marked, std::size_t at)
{
  return marked && marked(at);
}

}  // namespace

void append_hex_line(std::string& out, std::uint64_t offset, std::span<const std::byte> bytes, std::size_t width,
                     const Marked& marked)
{
  append_offset(out, offset);
  out += ' ';
  for (std::size_t at = 0; at < width; ++at) {
    out += at == half ? "  " : " ";
    if (at >= bytes.size()) {
      out += "  ";
      continue;
    }
    const auto byte = std::to_integer<unsigned>(bytes[at]);
    const std::string pair{digits[byte >> 4U], digits[byte & 0xfU]};
    append_marked(out, pair, is_marked(marked, at));
  }
  out += "  |";
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char c = std::to_integer<char>(bytes[at]);
    const std::string_view shown = c >= ' ' && c <= '~' ? std::string_view(&c, 1) : ".";
    append_marked(out, shown, is_marked(marked, at));
  }
  out += '|';
}

void HexView::append(std::string& out, std::string_view bytes)
{
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, row);
    bytes.remove_prefix(piece.size());
    if (repeats_ == Repeats::starred && !empty_ && piece == before_) {
      if (!starred_) out += "*\n";
      starred_ = true;
    } else {
      append_hex_line(out, offset_, std::as_bytes(std::span{piece}));
      out += '\n';
      before_ = piece;
      starred_ = false;
    }
    empty_ = false;
    offset_ += piece.size();
  }
}

void HexView::finish(std::string& out) const
{
  if (empty_) return;
  append_offset(out, offset_);
  out += '\n';
}

void append_hex(std::string& out, std::uint64_t offset, std::span<const std::byte> bytes)
{
  HexView{offset, Repeats::shown}.append(out, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace ipckit::render
