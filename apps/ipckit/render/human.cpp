// SPDX-License-Identifier: MIT
#include <ipckit/render/human.hpp>

#include <string_view>

namespace ipckit::render {
namespace {

__extension__ using Wide = unsigned __int128;  // holds ten times 2^64

std::uint64_t rounded(Wide count, std::uint64_t unit) noexcept
{
  return static_cast<std::uint64_t>((count + unit / 2) / unit);
}

}  // namespace

std::string human_bytes(std::uint64_t bytes)
{
  if (bytes < 1024) return std::to_string(bytes);
  constexpr std::string_view letters = "KMGTPE";
  std::size_t letter = 0;
  std::uint64_t unit = 1024;
  while (letter + 1 < letters.size() && rounded(bytes, unit) >= 1024) {
    unit *= 1024;
    ++letter;
  }
  const auto tenths = rounded(Wide{bytes} * 10, unit);
  if (tenths < 100) return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + letters[letter];
  return std::to_string(rounded(bytes, unit)) + letters[letter];
}

std::string human_age(std::chrono::nanoseconds age)
{
  const bool ahead = age < std::chrono::seconds{-1};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(ahead ? -age : age).count();
  const std::string prefix = ahead ? "in " : "";
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  constexpr std::int64_t year = 365 * day;
  if (seconds <= 0) return "0s";
  if (seconds < 2 * minute) return prefix + std::to_string(seconds) + "s";
  if (seconds < 2 * hour) return prefix + std::to_string(seconds / minute) + "m";
  if (seconds < 2 * day) return prefix + std::to_string(seconds / hour) + "h";
  if (seconds < 2 * year) return prefix + std::to_string(seconds / day) + "d";
  return prefix + std::to_string(seconds / year) + "y";
}

std::string plural(std::uint64_t count, const char* one, const char* many)
{
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace ipckit::render
