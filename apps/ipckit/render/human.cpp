// SPDX-License-Identifier: MIT
#include <ipckit/render/human.hpp>

#include <array>

namespace ipckit::render {

std::string human_bytes(std::uint64_t bytes)
{
  if (bytes < 1024) return std::to_string(bytes);
  constexpr std::array letters{'K', 'M', 'G', 'T', 'P', 'E'};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.5 && unit + 1 < letters.size()) {
    value /= 1024;
    ++unit;
  }
  std::string text;
  if (value < 9.95) {
    const auto tenths = static_cast<unsigned>(value * 10 + 0.5);
    text = std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
  } else {
    text = std::to_string(static_cast<unsigned>(value + 0.5));
  }
  return text + letters.at(unit);
}

std::string human_age(std::chrono::nanoseconds age)
{
  if (age < std::chrono::seconds{-1}) return "in " + human_age(-age);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  constexpr std::int64_t year = 365 * day;
  if (seconds <= 0) return "0s";
  if (seconds < 2 * minute) return std::to_string(seconds) + "s";
  if (seconds < 2 * hour) return std::to_string(seconds / minute) + "m";
  if (seconds < 2 * day) return std::to_string(seconds / hour) + "h";
  if (seconds < 2 * year) return std::to_string(seconds / day) + "d";
  return std::to_string(seconds / year) + "y";
}

std::string plural(std::uint64_t count, const char* one, const char* many)
{
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace ipckit::render
