// SPDX-License-Identifier: MIT
#include <ipckit/procfs/locks.hpp>

#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>

namespace ipckit::procfs {

Result<FileLock> parse_file_lock(std::string_view line)
{
  FileLock lock;
  const bool numbered = take_word(line).ends_with(':');
  lock.type = take_word(line);
  lock.waits = lock.type == "->";
  if (lock.waits) lock.type = take_word(line);
  static_cast<void>(take_word(line));  // ADVISORY, MANDATORY, ACTIVE, BREAKING
  lock.access = take_word(line);
  const auto pid = parse_number<int>(take_word(line));
  const auto [major_text, rest] = split_once(take_word(line), ':');
  const auto [minor_text, inode_text] = split_once(rest, ':');
  const auto major_number = parse_number<std::uint32_t>(major_text, 16);
  const auto minor_number = parse_number<std::uint32_t>(minor_text, 16);
  const auto inode = parse_number<std::uint64_t>(inode_text);
  if (!numbered || !pid || !major_number || !minor_number || !inode) return fail(Errc::malformed, "parse", "locks");
  lock.pid = *pid;
  lock.major = *major_number;
  lock.minor = *minor_number;
  lock.inode = *inode;
  return lock;
}

}  // namespace ipckit::procfs
