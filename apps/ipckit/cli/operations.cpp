// SPDX-License-Identifier: MIT
#include <ipckit/cli/operations.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <ipckit/base/number.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

constexpr std::string_view digits = "0123456789";

[[noreturn]] void refuse(std::string_view word, const std::string& why, const std::string& hint = {})
{
  throw UsageError("'" + render::printable(word) + "' is no operation" + why, hint);
}

std::uint16_t parse_number_of_semaphore(std::string_view word, std::string_view text)
{
  if (text.empty()) return 0;
  if (const auto number = parse_number<std::uint16_t>(text)) return *number;
  refuse(word, ": no set has a semaphore beyond number 65535");
}

std::int16_t parse_change(std::string_view word, char sign, std::string_view text)
{
  const auto amount = parse_number<std::uint16_t>(text);
  if (text.find_first_not_of(digits) != std::string_view::npos) {
    refuse(word, ": a number follows the sign", "one is NUM+K, NUM-K or NUM=0");
  }
  if (sign == '=') {
    if (amount == 0) return 0;
    refuse(word, ": only the value 0 can be waited for so", "a value is set by: ipckit set REF --value NUM=VALUE");
  }
  constexpr auto most = std::numeric_limits<std::int16_t>::max();
  if (amount == 0) refuse(word, ": it would change nothing", "=0 waits for the value 0");
  if (!amount || *amount > most) refuse(word, ": a value is at most 32767");
  const auto change = static_cast<std::int16_t>(*amount);
  return sign == '+' ? change : static_cast<std::int16_t>(-change);
}

}  // namespace

bool looks_like_operation(std::string_view word) noexcept
{
  const auto sign = word.find_first_not_of(digits);
  if (sign == std::string_view::npos || sign + 1 == word.size()) return false;
  return std::string_view("+-=").contains(word[sign]) && digits.contains(word[sign + 1]);
}

sem::Operation parse_operation(std::string_view word)
{
  if (!looks_like_operation(word)) refuse(word, "", "one is NUM+K, NUM-K or NUM=0");
  const auto sign = word.find_first_not_of(digits);
  return {.number = parse_number_of_semaphore(word, word.substr(0, sign)),
          .change = parse_change(word, word[sign], word.substr(sign + 1))};
}

}  // namespace ipckit::cli
