// SPDX-License-Identifier: MIT
#include <ipckit/render/output.hpp>

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ipckit::render {

void Output::flush() noexcept
{
  drain(buffer_);
  buffer_.clear();
}

void Output::drain(std::string_view rest) noexcept
{
  while (!rest.empty() && failure_ == 0) {
    const auto count = ::write(fd_, rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      // Somebody else has made the pipe non-blocking, as some do with one that they share.
      pollfd room{.fd = fd_, .events = POLLOUT, .revents = 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      failure_ = errno;
    }
  }
}

void Output::expect_much() const noexcept
{
  constexpr int wanted = 1 << 18;
  const int now = ::fcntl(fd_, F_GETPIPE_SZ);
  if (now > 0 && now < wanted) ::fcntl(fd_, F_SETPIPE_SZ, wanted);
}

bool Output::is_terminal() const noexcept
{
  return ::isatty(fd_) == 1;
}

unsigned Output::columns() const noexcept
{
  winsize size{};
  return ::ioctl(fd_, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace ipckit::render
