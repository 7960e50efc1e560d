// SPDX-License-Identifier: MIT
#include <ipckit/object/key.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fcntl.h>

#include <ipckit/base/number.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::object {

Result<std::int32_t> key_of_file(const std::string& path, std::uint8_t project)
{
  auto found = sys::status_through(AT_FDCWD, path);
  if (!found) {
    found.error().operation = "ftok";
    return std::unexpected(std::move(found).error());
  }
  const sys::FileStatus& file = *found;
  const auto device = static_cast<std::uint32_t>(file.device & 0xffU);
  const auto inode = static_cast<std::uint32_t>(file.inode & 0xffffU);
  return static_cast<std::int32_t>(std::uint32_t{project} << 24U | device << 16U | inode);
}

std::int32_t key_of_word(std::string_view word) noexcept
{
  std::uint32_t hash = 2166136261U;
  for (const char byte : word) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 16777619U;
  }
  return hash == 0 ? 1 : static_cast<std::int32_t>(hash);
}

std::optional<std::int32_t> parse_key(std::string_view text) noexcept
{
  if (text.starts_with("0x") || text.starts_with("0X")) {
    const auto bits = parse_number<std::uint32_t>(text.substr(2), 16);
    return bits ? std::optional(static_cast<std::int32_t>(*bits)) : std::nullopt;
  }
  const auto number = parse_number<std::int64_t>(text);
  if (!number || *number < std::numeric_limits<std::int32_t>::min() ||
      *number > std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(*number));
}

std::string key_text(std::int32_t key)
{
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 10> text{'0', 'x'};
  auto bits = static_cast<std::uint32_t>(key);
  for (std::size_t at = text.size(); at-- > 2; bits >>= 4U) text.at(at) = digits[bits & 0xfU];
  return {text.data(), text.size()};
}

std::optional<std::uint8_t> parse_project(std::string_view text) noexcept
{
  if (text.empty()) return std::nullopt;
  if (std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    const auto number = parse_number<std::uint64_t>(text);
    return number ? std::optional(static_cast<std::uint8_t>(*number & 0xffU)) : std::nullopt;
  }
  if (text.size() == 1) return static_cast<std::uint8_t>(text[0]);
  return std::nullopt;
}

}  // namespace ipckit::object
