// SPDX-License-Identifier: MIT
// Lines of /proc/locks.
#include <ipckit/procfs/locks.hpp>

#include <string>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using procfs::FileLock;
using procfs::parse_file_lock;

TEST_CASE("a lock is read field by field", "[procfs]")
{
  CHECK(tests::need(parse_file_lock("1: FLOCK  ADVISORY  WRITE 4711 103:1a:18446744073709551615 0 EOF")) ==
        FileLock{.waits = false,
                 .type = "FLOCK",
                 .access = "WRITE",
                 .pid = 4711,
                 .major = 0x103,
                 .minor = 0x1a,
                 .inode = UINT64_MAX});
}

TEST_CASE("one that is waited for stands behind an arrow", "[procfs]")
{
  CHECK(tests::need(parse_file_lock("12: -> FLOCK  ADVISORY  READ  4712 00:19:5 0 EOF")) ==
        FileLock{.waits = true, .type = "FLOCK", .access = "READ", .pid = 4712, .major = 0, .minor = 0x19, .inode = 5});
}

TEST_CASE("locks of other kinds have the same fields", "[procfs]")
{
  const auto posix = tests::need(parse_file_lock("2: POSIX  ADVISORY  READ  -1 00:2e:7 128 511"));
  CHECK(posix.type == "POSIX");
  CHECK(posix.pid == -1);
  const auto lease = tests::need(parse_file_lock("3: LEASE  BREAKING  UNLCK 9 00:2e:7 0 EOF"));
  CHECK(lease.type == "LEASE");
  CHECK(lease.access == "UNLCK");
  CHECK(tests::need(parse_file_lock("4: OFDLCK ADVISORY  WRITE -1 00:2e:7 0 0")).type == "OFDLCK");
}

TEST_CASE("a line that lacks a field, or has no number where one belongs, is malformed", "[procfs]")
{
  for (const std::string line :
       {"", "1:", "1: FLOCK", "1: FLOCK  ADVISORY  WRITE", "1: FLOCK  ADVISORY  WRITE 4711",
        "1 FLOCK  ADVISORY  WRITE 4711 00:19:5 0 EOF", "1: FLOCK  ADVISORY  WRITE pid 00:19:5 0 EOF",
        "1: FLOCK  ADVISORY  WRITE 4711 00:19 0 EOF", "1: FLOCK  ADVISORY  WRITE 4711 00:19:x 0 EOF",
        "1: FLOCK  ADVISORY  WRITE 4711 0g:19:5 0 EOF", "1: FLOCK  ADVISORY  WRITE 4711 <none>:0 0 EOF",
        "1: FLOCK  ADVISORY  WRITE 4711 00:19:18446744073709551616 0 EOF",
        "1: FLOCK  ADVISORY  WRITE 2147483648 00:19:5 0 EOF", "1: -> FLOCK  ADVISORY  WRITE 00:19:5 0 EOF"}) {
    INFO(line);
    CHECK(tests::failure(parse_file_lock(line)) == Errc::malformed);
  }
}
