// SPDX-License-Identifier: MIT
#include <ipckit/procfs/meminfo.hpp>

#include <ipckit/base/bytes.hpp>
#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>

namespace ipckit::procfs {
namespace {

/// The bytes of "   22892268 kB".
std::optional<std::uint64_t> parse_kilobytes(std::string_view text) noexcept
{
  const auto count = parse_number<std::uint64_t>(take_word(text));
  if (!count || take_word(text) != "kB") return std::nullopt;
  return saturating_multiply(*count, 1024);
}

}  // namespace

Meminfo parse_meminfo(std::string_view text) noexcept
{
  Meminfo found;
  while (!text.empty()) {
    const auto [name, value] = split_once(take_line(text), ':');
    if (name == "MemAvailable" && !found.available) found.available = parse_kilobytes(value);
    if (name == "SwapTotal" && !found.swap) found.swap = parse_kilobytes(value);
  }
  return found;
}

}  // namespace ipckit::procfs
