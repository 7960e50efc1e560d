// SPDX-License-Identifier: MIT
#include <ipckit/procfs/blocked_call.hpp>

#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>

namespace ipckit::procfs {

std::optional<BlockedCall> parse_blocked_call(std::string_view text) noexcept
{
  const auto number = parse_number<long>(take_word(text));
  if (!number || *number < 0) return std::nullopt;
  BlockedCall call{.number = *number};
  for (auto& argument : call.arguments) {
    const auto word = take_word(text);
    if (!word.starts_with("0x")) return std::nullopt;
    const auto value = parse_number<std::uint64_t>(word.substr(2), 16);
    if (!value) return std::nullopt;
    argument = *value;
  }
  return call;
}

}  // namespace ipckit::procfs
