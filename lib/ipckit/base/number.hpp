// SPDX-License-Identifier: MIT
#pragma once
// Whole numbers and decimals in text, parsed to the last character or not at all.

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ipckit {

/// The number that the whole of `text` is, in `base`; nothing when a character is left over or it does not fit.
/// Leading zeros are decimal. No blanks, no '+'.
template <std::integral Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, int base = 10) noexcept
{
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// A decimal such as `1.5` times `unit`, rounded down to a whole number: up to nine digits after the point count.
/// Nothing when it is no decimal or passes 2^64 - 1. `.5` and `1.` are no decimals.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text, std::uint64_t unit) noexcept;

}  // namespace ipckit
