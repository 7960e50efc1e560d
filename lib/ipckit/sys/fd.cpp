// SPDX-License-Identifier: MIT
#include <ipckit/sys/fd.hpp>

#include <cerrno>

#include <unistd.h>

namespace ipckit::sys {

void UniqueFd::reset() noexcept
{
  if (fd_ < 0) return;
  const int saved = errno;  // a destructor between a failed call and the reading of errno must not disturb it
  ::close(std::exchange(fd_, -1));
  errno = saved;
}

}  // namespace ipckit::sys
