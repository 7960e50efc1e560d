// SPDX-License-Identifier: MIT
#pragma once
// Pipes of one's own, and looking into those of others: pipe2(2), tee(2).

#include <cstdint>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::sys {

struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};

/// pipe2(2), close-on-exec.
[[nodiscard]] Result<Pipe> make_pipe();

/// tee(2) with SPLICE_F_NONBLOCK: what waits in one pipe, as far as the other has slots for it, put into the other as
/// well; the first keeps it. The number of bytes; 0 when it is empty. EBADF when `from` is no reading end.
[[nodiscard]] Result<std::uint64_t> tee(int from, int to, std::uint64_t most);

/// Two sockets that are each other's other end, socketpair(2): SOCK_STREAM or SOCK_SEQPACKET. Unlike a pipe's, the end
/// of a dead reader is an error to write to and no signal (MSG_NOSIGNAL).
struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};
[[nodiscard]] Result<SocketPair> make_socket_pair(int type);

}  // namespace ipckit::sys
