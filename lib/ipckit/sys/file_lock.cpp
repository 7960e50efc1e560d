// SPDX-License-Identifier: MIT
#include <ipckit/sys/file_lock.hpp>

#include <sys/file.h>

namespace ipckit::sys {

Result<> lock_file(int fd, Sharing sharing, const Patience& patience, const std::string& subject)
{
  const int how = sharing == Sharing::shared ? LOCK_SH : LOCK_EX;
  IPCKIT_TRY(at_once_or_block(
      "flock", subject, patience, [&] { return ::flock(fd, how | LOCK_NB); },
      [&](const Wait&) { return ::flock(fd, how); }));
  return {};
}

}  // namespace ipckit::sys
