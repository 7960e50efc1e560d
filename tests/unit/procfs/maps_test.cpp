// SPDX-License-Identifier: MIT
// Lines of /proc/PID/maps.
#include <ipckit/procfs/maps.hpp>

#include <string>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using procfs::Mapping;
using procfs::parse_mapping;

TEST_CASE("a mapping is read field by field", "[procfs]")
{
  CHECK(tests::need(parse_mapping("7f86510de000-7f86510df000 rw-s 00002000 103:1a 32769                    "
                                  "/SYSV00004e1f (deleted)")) == Mapping{.start = 0x7f86510de000,
                                                                         .end = 0x7f86510df000,
                                                                         .permissions = "rw-s",
                                                                         .offset = 0x2000,
                                                                         .major = 0x103,
                                                                         .minor = 0x1a,
                                                                         .inode = 32769,
                                                                         .path = "/SYSV00004e1f (deleted)"});
}

TEST_CASE("memory without a file has no path", "[procfs]")
{
  for (const char* const line :
       {"00400000-00401000 ---p 00000000 00:00 0", "00400000-00401000 ---p 00000000 00:00 0 "}) {
    const auto mapping = tests::need(parse_mapping(line));
    CHECK(mapping.inode == 0);
    CHECK(mapping.path.empty());
    CHECK_FALSE(mapping.is_shared());
  }
  CHECK(tests::need(parse_mapping("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0    [vsyscall]")).path ==
        "[vsyscall]");
}

TEST_CASE("a path may look like anything", "[procfs]")
{
  const auto path = [](const std::string& text) {
    return std::string(tests::need(parse_mapping("1-2 r--s 0 0:1 5 " + text)).path);
  };
  CHECK(path("/dev/shm/a b  c") == "/dev/shm/a b  c");
  CHECK(path("/dev/shm/1-2 rw-s 0 0:1 5") == "/dev/shm/1-2 rw-s 0 0:1 5");
  CHECK(path("/dev/shm/x (deleted) (deleted)") == "/dev/shm/x (deleted) (deleted)");
  CHECK(path("/dev/shm/\\012\xff\x1b") == "/dev/shm/\\012\xff\x1b");
  CHECK(path("/dev/shm/x ") == "/dev/shm/x ");
}

TEST_CASE("a mapping is shared by its fourth letter", "[procfs]")
{
  CHECK(tests::need(parse_mapping("1-2 rw-s 0 0:1 5 /x")).is_shared());
  CHECK_FALSE(tests::need(parse_mapping("1-2 rwsp 0 0:1 5 /x")).is_shared());
}

TEST_CASE("a line that lacks something is malformed", "[procfs]")
{
  for (const char* const line : {"",
                                 " ",
                                 "1-2",
                                 "1-2 rw-s",
                                 "1-2 rw-s 0",
                                 "1-2 rw-s 0 0:1",
                                 "12 rw-s 0 0:1 5",
                                 "-2 rw-s 0 0:1 5",
                                 "1- rw-s 0 0:1 5",
                                 "g-2 rw-s 0 0:1 5",
                                 "1-2 rw 0 0:1 5",
                                 "1-2 rw-sx 0 0:1 5",
                                 "1-2 rw-s x 0:1 5",
                                 "1-2 rw-s 0 01 5",
                                 "1-2 rw-s 0 0:x 5",
                                 "1-2 rw-s 0 0:1 x",
                                 "1-2 rw-s 0 0:1 -5",
                                 "1-2 rw-s 0 100000000:1 5",
                                 "10000000000000000-2 rw-s 0 0:1 5",
                                 "1-2 rw-s 0 0:1 18446744073709551616"}) {
    INFO("'" << line << "'");
    CHECK(tests::error_of(parse_mapping(line)) ==
          Error{.kind = Errc::malformed, .operation = "parse", .subject = "maps"});
  }
}
