// SPDX-License-Identifier: MIT
#include <ipckit/render/sanitize.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace ipckit::render {
namespace {

constexpr std::string_view hex = "0123456789abcdef";

unsigned char byte_at(std::string_view text, std::size_t at) noexcept
{
  return static_cast<unsigned char>(text[at]);
}

std::uint32_t code_point(std::string_view sequence) noexcept
{
  constexpr std::array<unsigned, 5> lead_bits{0, 0x7fU, 0x1fU, 0x0fU, 0x07U};
  std::uint32_t code = byte_at(sequence, 0) & lead_bits.at(sequence.size());
  for (std::size_t at = 1; at < sequence.size(); ++at) code = code << 6U | (byte_at(sequence, at) & 0x3fU);
  return code;
}

/// Characters that steer or deceive: C0, DEL, C1, zero-width ones, line separators, marks of direction.
bool is_hostile(std::uint32_t code) noexcept
{
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c ||
         (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
         (code >= 0xe0000 && code <= 0xe007f);
}

void append_hex_bytes(std::string& out, std::string_view bytes)
{
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += hex[byte >> 4U];
    out += hex[byte & 0xfU];
  }
}

void append_u(std::string& out, std::uint32_t unit)
{
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += hex[unit >> shift & 0xfU];
}

/// A character that JSON or a terminal must not see as it is.
void append_json_escape(std::string& out, std::uint32_t code)
{
  switch (code) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (code < 0x10000) {
    append_u(out, code);
    return;
  }
  append_u(out, 0xd800U + ((code - 0x10000U) >> 10U));
  append_u(out, 0xdc00U + ((code - 0x10000U) & 0x3ffU));
}

}  // namespace

std::optional<std::size_t> utf8_length(std::string_view text) noexcept
{
  const unsigned char first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t length = 2U + (first >= 0xe0 ? 1U : 0U) + (first >= 0xf0 ? 1U : 0U);
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return std::nullopt;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte_at(text, at) & 0xc0U) != 0x80) return std::nullopt;
  }
  const auto code = code_point(text.substr(0, length));
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (overlong || surrogate || code > 0x10ffff) return std::nullopt;
  return length;
}

bool is_utf8(std::string_view text) noexcept
{
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (!length) return false;
    text.remove_prefix(*length);
  }
  return true;
}

std::string printable(std::string_view text)
{
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const auto sequence = text.substr(0, length.value_or(1));
    if (!length || is_hostile(code_point(sequence))) {
      append_hex_bytes(out, sequence);
    } else {
      out += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

void append_json_string(std::string& out, std::string_view text)
{
  out += '"';
  while (!text.empty()) {
    // Most text is a run of plain characters: taken at once.
    std::size_t plain = 0;
    while (plain < text.size() && byte_at(text, plain) >= 0x20 && byte_at(text, plain) < 0x7f && text[plain] != '"' &&
           text[plain] != '\\') {
      ++plain;
    }
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto length = utf8_length(text);
    if (!length) {
      out += "\xef\xbf\xbd";
    } else if (const auto code = code_point(text.substr(0, *length)); *length == 1 || is_hostile(code)) {
      append_json_escape(out, code);
    } else {
      out += text.substr(0, *length);
    }
    text.remove_prefix(length.value_or(1));
  }
  out += '"';
}

std::string base64(std::string_view bytes)
{
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8U | (i < count ? byte_at(bytes, at + i) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= count ? digits[group >> (18U - 6U * i) & 0x3fU] : '=';
  }
  return out;
}

std::size_t display_width(std::string_view text) noexcept
{
  std::size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xc0U) != 0x80 ? 1U : 0U;
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width)
{
  if (display_width(text) <= width) return std::string(text);
  std::string cut;
  for (std::size_t shown = 0; shown + 1 < width; ++shown) {
    const auto length = utf8_length(text).value_or(1);
    cut += text.substr(0, length);
    text.remove_prefix(length);
  }
  return width == 0 ? cut : cut + "…";
}

}  // namespace ipckit::render
