// SPDX-License-Identifier: MIT
#include <ipckit/sys/stream.hpp>

#include <cerrno>
#include <climits>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ipckit/sys/call.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/pipe.hpp>

namespace ipckit::sys {
namespace {

Result<> wait_until(int fd, short events, const Patience& patience, const std::string& subject)
{
  pollfd look{.fd = fd, .events = events, .revents = 0};
  const char* const operation = events == POLLIN ? "read" : "write";  // what the wait is for
  if (patience.none()) return fail(Errc::busy, operation, subject);
  IPCKIT_TRY(block(operation, subject, patience, [&](const Wait&) { return ::poll(&look, 1, -1); }));
  return {};
}

}  // namespace

short ready_now(int fd, short events) noexcept
{
  pollfd look{.fd = fd, .events = events, .revents = 0};
  return ::poll(&look, 1, 0) > 0 ? look.revents : short{0};
}

Result<std::size_t> read_some(int fd, std::span<std::byte> buffer, const std::string& subject)
{
  const auto count = IPCKIT_TRY(call("read", subject, [&] { return ::read(fd, buffer.data(), buffer.size()); }));
  return static_cast<std::size_t>(count);
}

Result<std::size_t> read_next(int fd, std::span<std::byte> buffer, const std::string& subject)
{
  for (;;) {
    auto count = read_some(fd, buffer, subject);
    if (count || count.error().kind != Errc::busy) return count;
    pollfd look{.fd = fd, .events = POLLIN, .revents = 0};
    IPCKIT_TRY(check("poll", subject, [&] { return ::poll(&look, 1, -1); }));
  }
}

Result<std::size_t> read_waiting(int fd, std::span<std::byte> buffer, const Patience& patience,
                                 const std::string& subject)
{
  const auto shared = patience.begun();
  for (;;) {
    if (ready_now(fd, POLLIN) != 0) {
      // Somebody else may have been faster, and a descriptor that blocks then does.
      const auto count = ::read(fd, buffer.data(), buffer.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR && errno != EAGAIN) return std::unexpected(last_error("read", subject));
    }
    IPCKIT_TRY(wait_until(fd, POLLIN, shared, subject));
  }
}

Result<> wait_readable(int fd, const Patience& patience, const std::string& subject)
{
  return wait_until(fd, POLLIN, patience, subject);
}

bool is_readable(int fd) noexcept
{
  return ready_now(fd, POLLIN) != 0;
}

void await_writer(int pipe) noexcept
{
  if (is_readable(pipe)) return;
  const auto copy = make_pipe();
  if (!copy) return;
  // tee(2) of an empty pipe says whether somebody writes: EAGAIN, or 0 where nobody does.
  constexpr int moment = 100;  // milliseconds
  const auto copied = ::tee(pipe, copy->writer.get(), 1, SPLICE_F_NONBLOCK);
  if (copied >= 0 || errno != EAGAIN) return;
  pollfd look{.fd = pipe, .events = POLLIN, .revents = 0};
  ::poll(&look, 1, moment);
}

bool is_hung_up(int fd) noexcept
{
  return (ready_now(fd, POLLIN) & POLLHUP) != 0;
}

Result<> write_waiting(int fd, std::span<const std::byte> bytes, std::size_t& done, const Patience& patience,
                       const std::string& subject)
{
  done = 0;
  // A write that may sleep must be one that a signal ends, even when that comes a moment too early.
  const bool may_sleep = bytes.size() > PIPE_BUF || (ready_now(fd, POLLOUT) & POLLOUT) == 0;
  if (patience.interrupts != nullptr && may_sleep) IPCKIT_TRY(Interrupts::prepare());
  while (done < bytes.size()) {
    const auto count = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
      continue;
    }
    if (errno == EINTR) {
      if (patience.interrupts != nullptr && Interrupts::stop_signal() != 0) {
        return fail(Errc::interrupted, "write", subject);
      }
      continue;
    }
    Error error = last_error("write", subject);
    if (error.os_error == EPIPE) error.kind = Errc::ended;
    if (error.kind != Errc::busy || patience.none()) return std::unexpected(std::move(error));
    IPCKIT_TRY(wait_until(fd, POLLOUT, patience, subject));
  }
  return {};
}

Result<> can_be_written(int fd, const std::string& subject)
{
  const int flags = IPCKIT_TRY(call("fcntl", subject, [&] { return ::fcntl(fd, F_GETFL); }));
  errno = 0;
  if ((flags & O_ACCMODE) == O_RDONLY) errno = EBADF;
  if (errno == 0 && (ready_now(fd, POLLOUT) & (POLLERR | POLLNVAL)) != 0) errno = EPIPE;
  if (errno == 0) return {};
  return std::unexpected(last_error("write", subject));
}

Result<std::size_t> peek_pipe(int pipe, std::span<std::byte> buffer, const std::string& subject)
{
  const auto copy = IPCKIT_TRY(make_pipe());
  const auto copied = IPCKIT_TRY(tee(pipe, copy.writer.get(), buffer.size()));
  if (copied == 0) return std::size_t{0};
  return read_some(copy.reader.get(), buffer, subject);
}

Result<UniqueFd> memory_file(std::span<const std::byte> bytes, const std::string& name)
{
  UniqueFd file{IPCKIT_TRY(call("memfd_create", name, [&] { return ::memfd_create(name.c_str(), MFD_CLOEXEC); }))};
  IPCKIT_TRY(pwrite_all(file.get(), bytes, 0, name));
  return file;
}

Result<UniqueFd> reopen_waiting(int path_fd, int flags, const Patience& patience, const std::string& subject)
{
  const std::string link = self_link(path_fd);
  return UniqueFd{IPCKIT_TRY(
      block("open", subject, patience, [&](const Wait&) { return ::open(link.c_str(), flags | O_CLOEXEC); }))};
}

Result<> do_not_block(int fd, const std::string& subject)
{
  const int flags = IPCKIT_TRY(call("fcntl", subject, [&] { return ::fcntl(fd, F_GETFL); }));
  return check("fcntl", subject, [&] { return ::fcntl(fd, F_SETFL, flags | O_NONBLOCK); });
}

}  // namespace ipckit::sys
