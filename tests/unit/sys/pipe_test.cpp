// SPDX-License-Identifier: MIT
// Pairs of sockets.
#include <ipckit/sys/pipe.hpp>

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using sys::make_socket_pair;
using tests::need;

TEST_CASE("each socket of a pair is the other's other end", "[sys]")
{
  for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
    const auto pair = need(make_socket_pair(type));
    CHECK((::fcntl(pair.ours.get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((::fcntl(pair.theirs.get(), F_GETFD) & FD_CLOEXEC) != 0);
    REQUIRE(::send(pair.ours.get(), "ab", 2, 0) == 2);
    REQUIRE(::send(pair.ours.get(), "c", 1, 0) == 1);
    std::array<char, 8> told{};
    // Datagrams keep their borders, a stream has none.
    CHECK(::recv(pair.theirs.get(), told.data(), told.size(), 0) == (type == SOCK_STREAM ? 3 : 2));
  }
}

TEST_CASE("the end of a socket's other end is an error to write to, and an end to read", "[sys]")
{
  auto pair = need(make_socket_pair(SOCK_SEQPACKET));
  pair.theirs.reset();
  CHECK(::send(pair.ours.get(), "a", 1, MSG_NOSIGNAL) == -1);
  CHECK(errno == EPIPE);
  char byte = 0;
  CHECK(::recv(pair.ours.get(), &byte, 1, 0) == 0);
}

TEST_CASE("a type that no pair has is the caller's error", "[sys]")
{
  CHECK(tests::error_of(make_socket_pair(4711)).operation == "socketpair");
}
