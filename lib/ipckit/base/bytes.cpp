// SPDX-License-Identifier: MIT
#include <ipckit/base/bytes.hpp>

#include <cstddef>
#include <optional>
#include <string>

#include <ipckit/base/number.hpp>

namespace ipckit {
namespace {

constexpr std::string_view letters = "KMGTPE";

std::uint64_t power(std::uint64_t base, std::size_t exponent) noexcept
{
  std::uint64_t result = 1;
  while (exponent-- > 0) result *= base;
  return result;
}

/// Bytes in one of the unit that `suffix` names: "", "B", "K", "KiB" (1024), "KB" (1000).
std::optional<std::uint64_t> unit_of(std::string_view suffix)
{
  if (suffix.empty() || suffix == "B" || suffix == "b") return 1;
  const char letter = suffix[0] >= 'a' && suffix[0] <= 'z' ? static_cast<char>(suffix[0] - 'a' + 'A') : suffix[0];
  const auto exponent = letters.find(letter);
  if (exponent == std::string_view::npos) return std::nullopt;
  const auto rest = suffix.substr(1);
  if (rest.empty() || rest == "iB" || rest == "ib") return power(1024, exponent + 1);
  if (rest == "B" || rest == "b") return power(1000, exponent + 1);
  return std::nullopt;
}

}  // namespace

Result<Bytes> parse_size(std::string_view text)
{
  const auto end = text.find_first_not_of("0123456789.");
  const auto suffix = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  const auto unit = unit_of(suffix);
  const auto count = unit ? parse_decimal(text.substr(0, end), *unit) : std::nullopt;
  if (!count) return fail(Errc::invalid, "size", text);
  return Bytes{*count};
}

}  // namespace ipckit
