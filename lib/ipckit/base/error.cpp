// SPDX-License-Identifier: MIT
#include <ipckit/base/error.hpp>

#include <cerrno>

namespace ipckit {

Errc kind_of_errno(int os_error) noexcept
{
  switch (os_error) {
    case ENOENT: return Errc::not_found;
    case EEXIST: return Errc::already_exists;
    case EACCES:
    case EPERM: return Errc::access_denied;
    case EAGAIN:
    case ENOMSG:
    case EBUSY: return Errc::busy;
    case ETIMEDOUT: return Errc::timed_out;
    case EIDRM: return Errc::removed;
    case E2BIG:
    case EMSGSIZE: return Errc::too_large;
    case ENOSYS:
    case EOPNOTSUPP: return Errc::unsupported;
    default: return Errc::system;
  }
}

Error last_error(std::string_view operation, std::string_view subject)
{
  const int os_error = errno;
  return {.kind = kind_of_errno(os_error),
          .operation = std::string(operation),
          .subject = std::string(subject),
          .os_error = os_error,
          .detail = {}};
}

}  // namespace ipckit
