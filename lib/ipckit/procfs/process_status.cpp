// SPDX-License-Identifier: MIT
#include <ipckit/procfs/process_status.hpp>

#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>

namespace ipckit::procfs {

std::optional<int> innermost_pid(std::string_view text) noexcept
{
  while (!text.empty()) {
    auto line = take_line(text);
    if (take_word(line) != "NSpid:") continue;
    std::string_view last;
    for (auto word = take_word(line); !word.empty(); word = take_word(line)) last = word;
    return parse_number<int>(last);
  }
  return std::nullopt;
}

}  // namespace ipckit::procfs
