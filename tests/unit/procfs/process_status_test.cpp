// SPDX-License-Identifier: MIT
// The pids of a process in the namespaces that it is in.
#include <ipckit/procfs/process_status.hpp>

#include "support/catch.hpp"

using namespace ipckit;
using procfs::innermost_pid;

TEST_CASE("the last of a process's pids is that of its own namespace", "[procfs]")
{
  CHECK(innermost_pid("Name:\tcat\nNSpid:\t4711\nVmSize:\t1 kB\n") == 4711);
  CHECK(innermost_pid("NSpid:\t4711\t12\t1\n") == 1);
  CHECK(innermost_pid("NSpid:\t4711\t12") == 12);
}

TEST_CASE("a text without its line tells nothing", "[procfs]")
{
  CHECK(innermost_pid("") == std::nullopt);
  CHECK(innermost_pid("Name:\tNSpid:\nPid:\t1\n") == std::nullopt);
  CHECK(innermost_pid("NSpid:\n") == std::nullopt);
  CHECK(innermost_pid("NSpid:\tx\n") == std::nullopt);
}
