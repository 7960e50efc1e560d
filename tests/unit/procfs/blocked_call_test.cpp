// SPDX-License-Identifier: MIT
// The system call in which a thread is blocked.
#include <ipckit/procfs/blocked_call.hpp>

#include "support/catch.hpp"

using ipckit::procfs::BlockedCall;
using ipckit::procfs::parse_blocked_call;

TEST_CASE("a blocked thread tells its call and six arguments", "[procfs]")
{
  CHECK(parse_blocked_call("65 0x8001 0x7ffd51e08e58 0x1 0x0 0xffffffffffffffff 0x6 0x7ffd51e08e00 0x7f86512582ad\n") ==
        BlockedCall{.number = 65, .arguments = {0x8001, 0x7ffd51e08e58, 1, 0, 0xffffffffffffffff, 6}});
  CHECK(parse_blocked_call("0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0") == BlockedCall{});
}

TEST_CASE("a thread that runs, or is blocked outside of a call, tells none", "[procfs]")
{
  CHECK(parse_blocked_call("running\n") == std::nullopt);
  CHECK(parse_blocked_call("-1 0x7ffd51e08e00 0x7f86512582ad\n") == std::nullopt);
}

TEST_CASE("what does not parse tells none", "[procfs]")
{
  for (const char* const text : {"", "\n", " ", "65", "65\n", "65 0x1 0x2 0x3 0x4 0x5", "65 1 2 3 4 5 6",
                                 "x 0x1 0x2 0x3 0x4 0x5 0x6", "65 0x 0x2 0x3 0x4 0x5 0x6", "65 0xg 0x2 0x3 0x4 0x5 0x6",
                                 "65 0x10000000000000000 0x2 0x3 0x4 0x5 0x6", "65 0x1 0x2 0x3 0x4 0x5 0x6\n0x7",
                                 "99999999999999999999 0x1 0x2 0x3 0x4 0x5 0x6", "65 0x-1 0x2 0x3 0x4 0x5 0x6"}) {
    INFO("'" << text << "'");
    CHECK(parse_blocked_call(text) == std::nullopt);
  }
}
