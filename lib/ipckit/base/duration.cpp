// SPDX-License-Identifier: MIT
#include <ipckit/base/duration.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <ipckit/base/number.hpp>

namespace ipckit {
namespace {

std::optional<std::uint64_t> nanoseconds_in(std::string_view unit)
{
  constexpr std::uint64_t second = 1'000'000'000;
  constexpr std::uint64_t day = 86400 * second;
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> units{{{"", second},
                                                                              {"ns", 1},
                                                                              {"us", 1'000},
                                                                              {"ms", 1'000'000},
                                                                              {"s", second},
                                                                              {"m", 60 * second},
                                                                              {"min", 60 * second},
                                                                              {"h", 3600 * second},
                                                                              {"d", day},
                                                                              {"w", 7 * day}}};
  for (const auto& [name, length] : units) {
    if (name == unit) return length;
  }
  return std::nullopt;
}

}  // namespace

Result<std::chrono::nanoseconds> parse_duration(std::string_view text)
{
  const auto end = text.find_first_not_of("0123456789.");
  const auto unit = nanoseconds_in(end == std::string_view::npos ? std::string_view{} : text.substr(end));
  const auto count = unit ? parse_decimal(text.substr(0, end), *unit) : std::nullopt;
  if (!count || *count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return fail(Errc::invalid, "duration", text);
  }
  return std::chrono::nanoseconds{static_cast<std::int64_t>(*count)};
}

}  // namespace ipckit
