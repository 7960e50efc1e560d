// SPDX-License-Identifier: MIT
// Who has locked a file.
#include <ipckit/process/file_lock_holder.hpp>

#include <csignal>
#include <optional>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using object::View;
using process::child_of;
using process::holder_of_file_lock;
using tests::need;

namespace {

bool lock(const std::string& path, int how)
{
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  return file >= 0 && ::flock(file, how) == 0;
}

sys::FileStatus status_of(const std::string& path)
{
  return need(sys::status_at(AT_FDCWD, path));
}

}  // namespace

TEST_CASE("the holder of a file lock is who took it", "[process]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "lock", "");
  tests::write_file(directory / "other", "");
  const auto file = status_of(directory / "lock");
  CHECK(holder_of_file_lock(View{}, file) == std::nullopt);
  for (const int how : {LOCK_EX, LOCK_SH}) {
    const tests::Child holder{[&] { return lock(directory / "lock", how) && lock(directory / "other", how); }};
    REQUIRE(holder.ready());
    CHECK(holder_of_file_lock(View{}, file) == holder.pid());
  }
  CHECK(holder_of_file_lock(View{}, file) == std::nullopt);
}

TEST_CASE("who waits for a file lock, or has locked a range of it, is not its holder", "[process]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "lock", "");
  const auto file = status_of(directory / "lock");
  const tests::Child of_range{[&] {
    const int opened = ::open((directory / "lock").c_str(), O_RDWR | O_CLOEXEC);
    return opened >= 0 && ::lockf(opened, F_TLOCK, 0) == 0;
  }};
  REQUIRE(of_range.ready());
  CHECK(holder_of_file_lock(View{}, file) == std::nullopt);
  const tests::Child holder{[&] { return lock(directory / "lock", LOCK_EX); }};
  REQUIRE(holder.ready());
  const tests::Background waiter{[&] { static_cast<void>(lock(directory / "lock", LOCK_EX)); }};
  REQUIRE(tests::eventually_asleep(waiter.pid()));
  CHECK(holder_of_file_lock(View{}, file) == holder.pid());
}

TEST_CASE("lines that make no sense hide no lock", "[process]")
{
  const tests::TemporaryDirectory proc;
  const auto file = status_of(proc.path());
  const auto line = [&](int pid) {
    return "1: FLOCK  ADVISORY  WRITE " + std::to_string(pid) + " " +
           [&] {
             char device[32];
             static_cast<void>(
                 std::snprintf(device, sizeof device, "%02x:%02x", major(file.device), minor(file.device)));
             return std::string(device);
           }() +
           ":" + std::to_string(file.inode) + " 0 EOF\n";
  };
  tests::write_file(proc / "locks", "nonsense\n\n" + line(0) + line(-1) + line(77) + line(78));
  CHECK(holder_of_file_lock({.proc_directory = proc.path()}, file) == 77);
  CHECK(holder_of_file_lock({.proc_directory = proc / "missing"}, file) == std::nullopt);
}

TEST_CASE("a child is told by its command, and one by name is passed over", "[process]")
{
  const tests::Child parent{[] {
    for (const char* const name : {"guardian", "worker"}) {
      int ready[2];
      if (::pipe(ready) != 0) return false;
      if (::fork() == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::prctl(PR_SET_NAME, name);
        static_cast<void>(::write(ready[1], "", 1));
        for (;;) ::pause();
      }
      char byte = 0;
      if (::read(ready[0], &byte, 1) != 1) return false;
    }
    return true;
  }};
  REQUIRE(parent.ready());
  const auto list = "/proc/" + std::to_string(parent.pid()) + "/task/" + std::to_string(parent.pid()) + "/children";
  if (!tests::exists(list)) IPCKIT_SKIP("the kernel does not list children");
  const auto first = child_of(View{}, parent.pid(), "");
  const auto second = child_of(View{}, parent.pid(), "guardian");
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->command == "guardian");
  CHECK(second->command == "worker");
  CHECK(second->pid > 0);
  CHECK(second->pid != first->pid);
}

TEST_CASE("a process without children, and one that is not there, has none", "[process]")
{
  const tests::Child childless{[] { return true; }};
  CHECK_FALSE(child_of(View{}, childless.pid(), ""));
  CHECK_FALSE(child_of(View{}, 2147483647, ""));
}
