// SPDX-License-Identifier: MIT
#include <ipckit/render/timestamp.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>

namespace ipckit::render {
namespace {

/// `value` with leading zeros.
void append_padded(std::string& out, std::uint64_t value, std::size_t width)
{
  std::array<char, 20> digits{};
  for (std::size_t at = width; at-- > 0; value /= 10) digits.at(at) = static_cast<char>('0' + value % 10);
  out.append(digits.data(), width);
}

}  // namespace

void append_rfc3339(std::string& out, Timestamp time)
{
  constexpr std::int64_t day = 86400;
  constexpr std::int64_t year_0 = -62167219200;
  constexpr std::int64_t year_9999_end = 253402300799;
  const std::int64_t seconds = std::clamp(time.seconds, year_0, year_9999_end);
  const std::int64_t days = (seconds >= 0 ? seconds : seconds - (day - 1)) / day;
  const auto of_day = static_cast<std::uint64_t>(seconds - days * day);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  append_padded(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, of_day / 3600, 2);
  out += ':';
  append_padded(out, of_day / 60 % 60, 2);
  out += ':';
  append_padded(out, of_day % 60, 2);
  if (time.nanoseconds != 0) {
    out += '.';
    append_padded(out, time.nanoseconds, 9);
  }
  out += 'Z';
}

std::string local_time(Timestamp time)
{
  const time_t seconds = time.seconds;
  std::tm parts{};
  if (::localtime_r(&seconds, &parts) == nullptr) return std::to_string(time.seconds);
  std::array<char, 64> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return {text.data(), length};
}

}  // namespace ipckit::render
