// SPDX-License-Identifier: MIT
#pragma once
// Cutting text. Views into what was given, nothing is copied.

#include <string_view>
#include <utility>

namespace ipckit {

/// The text before the first `separator` and what follows it; the second is empty where there is none.
[[nodiscard]] constexpr std::pair<std::string_view, std::string_view> split_once(std::string_view text,
                                                                                 char separator) noexcept
{
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

/// Takes the first line off `text` (without its newline).
[[nodiscard]] constexpr std::string_view take_line(std::string_view& text) noexcept
{
  const auto [line, rest] = split_once(text, '\n');
  text = rest;
  return line;
}

/// Takes the first word off `text`; blanks and tabs separate words. Empty at the end.
[[nodiscard]] constexpr std::string_view take_word(std::string_view& text) noexcept
{
  const auto start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) {
    text = {};
    return {};
  }
  text.remove_prefix(start);
  const auto end = text.find_first_of(" \t");
  const auto word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  return word;
}

}  // namespace ipckit
