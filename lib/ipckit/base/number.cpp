// SPDX-License-Identifier: MIT
#include <ipckit/base/number.hpp>

#include <algorithm>
#include <limits>

namespace ipckit {
namespace {

__extension__ using Wide = unsigned __int128;  // holds 2^64 times 10^9

bool all_digits(std::string_view text) noexcept
{
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::uint64_t> parse_decimal(std::string_view text, std::uint64_t unit) noexcept
{
  const auto point = text.find('.');
  const auto whole_text = text.substr(0, point);
  const auto whole = parse_number<std::uint64_t>(whole_text);
  if (!whole || !all_digits(whole_text)) return std::nullopt;
  Wide total = Wide{*whole} * unit;
  if (point != std::string_view::npos) {
    const auto fraction = text.substr(point + 1);
    if (!all_digits(fraction)) return std::nullopt;
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 1;
    for (const char digit : fraction.substr(0, 9)) {
      numerator = numerator * 10 + static_cast<std::uint64_t>(digit - '0');
      denominator *= 10;
    }
    total += Wide{numerator} * unit / denominator;
  }
  if (total > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::uint64_t>(total);
}

}  // namespace ipckit
