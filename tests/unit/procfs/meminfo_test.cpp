// SPDX-License-Identifier: MIT
// /proc/meminfo.
#include <ipckit/procfs/meminfo.hpp>

#include <cstdint>
#include <string>

#include <ipckit/sys/file.hpp>

#include "support/catch.hpp"

using ipckit::procfs::Meminfo;
using ipckit::procfs::parse_meminfo;

TEST_CASE("available memory and swap, in bytes", "[procfs]")
{
  const Meminfo expected{.available = 22892268ULL * 1024, .swap = 2048};
  CHECK(parse_meminfo("MemTotal:       24684100 kB\nMemAvailable:   22892268 kB\nSwapTotal:\t2 kB\n") == expected);
}

TEST_CASE("what is not there is not known", "[procfs]")
{
  for (const char* const text :
       {"", "MemAvailable:", "MemAvailable: kB", "MemAvailable: 5", "MemAvailable: 5 MB", "MemAvailable: -5 kB",
        "MemAvailable 5 kB", "memavailable: 5 kB", "MemAvailable: 18446744073709551616 kB"}) {
    INFO(text);
    CHECK(parse_meminfo(text) == Meminfo{});
  }
}

TEST_CASE("a figure that is too large is the largest there is", "[procfs]")
{
  CHECK(parse_meminfo("SwapTotal: 18446744073709551615 kB").swap == UINT64_MAX);
}

TEST_CASE("the first line of a name counts", "[procfs]")
{
  CHECK(parse_meminfo("SwapTotal: 1 kB\nSwapTotal: 2 kB\n").swap == 1024U);
}

TEST_CASE("this machine's own", "[procfs]")
{
  const auto text = ipckit::sys::read_text("/proc/meminfo");
  if (!text) IPCKIT_SKIP("needs /proc");
  CHECK(parse_meminfo(*text).available > 0U);
}
