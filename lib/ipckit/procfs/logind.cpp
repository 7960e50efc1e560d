// SPDX-License-Identifier: MIT
#include <ipckit/procfs/logind.hpp>

#include <algorithm>
#include <array>
#include <cctype>

#include <ipckit/base/text.hpp>

namespace ipckit::procfs {
namespace {

std::string_view trimmed(std::string_view text) noexcept
{
  const auto start = text.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r") - start + 1);
}

bool same_word(std::string_view left, std::string_view right) noexcept
{
  return std::ranges::equal(left, right, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
}

std::optional<bool> parse_boolean(std::string_view word) noexcept
{
  constexpr std::array<std::string_view, 6> yes{"1", "yes", "y", "true", "t", "on"};
  constexpr std::array<std::string_view, 6> no{"0", "no", "n", "false", "f", "off"};
  const auto is_word = [&](std::string_view other) { return same_word(word, other); };
  if (std::ranges::any_of(yes, is_word)) return true;
  if (std::ranges::any_of(no, is_word)) return false;
  return std::nullopt;
}

}  // namespace

std::optional<bool> parse_remove_ipc(std::string_view text) noexcept
{
  std::optional<bool> found;
  bool in_login = false;
  while (!text.empty()) {
    const auto line = trimmed(take_line(text));
    if (line.starts_with('[')) in_login = line == "[Login]";
    if (!in_login) continue;
    const auto [name, value] = split_once(line, '=');
    if (trimmed(name) != "RemoveIPC") continue;
    if (const auto parsed = parse_boolean(trimmed(value))) found = parsed;
  }
  return found;
}

}  // namespace ipckit::procfs
