// SPDX-License-Identifier: MIT
#include <ipckit/procfs/process_stat.hpp>

#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>

namespace ipckit::procfs {

Result<ProcessStat> parse_process_stat(std::string_view text)
{
  // comm may itself hold blanks and brackets: it ends at the last closing one.
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return fail(Errc::malformed, "parse", "stat");
  }
  auto head = text.substr(0, open);
  const auto pid = parse_number<int>(take_word(head));
  ProcessStat stat{.pid = pid.value_or(0), .command = std::string(text.substr(open + 1, close - open - 1))};
  bool good = pid.has_value();
  auto rest = text.substr(close + 1);
  const auto newline = rest.find('\n');
  rest = rest.substr(0, newline);
  constexpr int flags_field = 9;
  constexpr int start_field = 22;
  for (int field = 3; field <= start_field; ++field) {
    const auto word = take_word(rest);
    if (field == 3) stat.state = word.empty() ? '?' : word[0];
    if (field != flags_field && field != start_field) continue;
    const auto number = parse_number<std::uint64_t>(word);
    good = good && number.has_value();
    (field == flags_field ? stat.flags : stat.start_ticks) = number.value_or(0);
  }
  if (!good) return fail(Errc::malformed, "parse", "stat");
  return stat;
}

}  // namespace ipckit::procfs
