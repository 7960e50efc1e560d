// SPDX-License-Identifier: MIT
#include <ipckit/procfs/maps.hpp>

#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>

namespace ipckit::procfs {
namespace {

/// Puts a hexadecimal number into `field`; false when it is none.
template <class Number>
bool take_hex(std::string_view text, Number& field) noexcept
{
  const auto number = parse_number<Number>(text, 16);
  field = number.value_or(0);
  return number.has_value();
}

}  // namespace

Result<Mapping> parse_mapping(std::string_view line)
{
  Mapping mapping;
  const auto [start, end] = split_once(take_word(line), '-');
  mapping.permissions = take_word(line);
  const auto offset = take_word(line);
  const auto [major, minor] = split_once(take_word(line), ':');
  const auto inode = parse_number<std::uint64_t>(take_word(line));
  const bool good = take_hex(start, mapping.start) && take_hex(end, mapping.end) && take_hex(offset, mapping.offset) &&
                    take_hex(major, mapping.major) && take_hex(minor, mapping.minor) && inode &&
                    mapping.permissions.size() == 4;
  if (!good) return fail(Errc::malformed, "parse", "maps");
  mapping.inode = *inode;
  const auto path = line.find_first_not_of(' ');
  if (path != std::string_view::npos) mapping.path = line.substr(path);
  return mapping;
}

}  // namespace ipckit::procfs
