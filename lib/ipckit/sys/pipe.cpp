// SPDX-License-Identifier: MIT
#include <ipckit/sys/pipe.hpp>

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {

Result<Pipe> make_pipe()
{
  std::array<int, 2> ends{};
  IPCKIT_TRY(check("pipe", "", [&] { return ::pipe2(ends.data(), O_CLOEXEC); }));
  return Pipe{.reader = UniqueFd{ends[0]}, .writer = UniqueFd{ends[1]}};
}

Result<std::uint64_t> tee(int from, int to, std::uint64_t most)
{
  auto count = call("tee", "", [&] { return ::tee(from, to, most, SPLICE_F_NONBLOCK); });
  if (count) return static_cast<std::uint64_t>(*count);
  if (count.error().os_error == EAGAIN) return 0;
  return std::unexpected(std::move(count).error());
}

Result<SocketPair> make_socket_pair(int type)
{
  std::array<int, 2> ends{};
  IPCKIT_TRY(check("socketpair", "", [&] { return ::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()); }));
  return SocketPair{.ours = UniqueFd{ends[0]}, .theirs = UniqueFd{ends[1]}};
}

}  // namespace ipckit::sys
