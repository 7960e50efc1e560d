// SPDX-License-Identifier: MIT
// Processes by their pids.
#include <ipckit/process/process.hpp>

#include <algorithm>
#include <string>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/sys/identity.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using object::View;
using process::command_of;
using tests::failure;
using tests::need;

namespace {

/// A /proc with one process in it.
class FakeProc {
public:
  FakeProc(pid_t pid, const std::string& stat)
  {
    const std::string directory = directory_ / std::to_string(pid);
    REQUIRE(::mkdir(directory.c_str(), 0700) == 0);
    tests::write_file(directory + "/stat", stat);
  }
  [[nodiscard]] View view() const { return {.proc_directory = directory_.path()}; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return directory_ / name; }

private:
  tests::TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("a process tells its command and when it was started", "[process]")
{
  const auto before = sys::now();
  const tests::Child child{[] { return ::prctl(PR_SET_NAME, ") R 1 (x") == 0; }};
  REQUIRE(child.ready());
  const auto found = need(process::inspect(View{}, child.pid()));
  CHECK(found.pid == child.pid());
  CHECK(found.command == ") R 1 (x");
  CHECK_FALSE(found.kernel_thread);
  // To a clock tick, and the two clocks are read one after the other.
  CHECK(found.started.seconds >= before.seconds - 1);
  CHECK(found.started.seconds <= sys::now().seconds + 1);
  CHECK(found.started.nanoseconds < 1'000'000'000);
}

TEST_CASE("a process that is not there is not found", "[process]")
{
  CHECK(failure(process::inspect(View{}, 2147483647)) == Errc::not_found);
  CHECK(failure(process::inspect({.proc_directory = "/nonexistent"}, 1)) == Errc::not_found);
}

TEST_CASE("a kernel thread is told by its flags", "[process]")
{
  const FakeProc proc{2, "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0\n"};
  const auto thread = need(process::inspect(proc.view(), 2));
  CHECK(thread.command == "kthreadd");
  CHECK(thread.kernel_thread);
}

TEST_CASE("a stat that makes no sense is malformed", "[process]")
{
  CHECK(failure(process::inspect(FakeProc{7, "7 (x"}.view(), 7)) == Errc::malformed);
  CHECK(failure(process::inspect(FakeProc{7, ""}.view(), 7)) == Errc::malformed);
}

TEST_CASE("a field's pid has a command unless the pid is somebody else's by now", "[process]")
{
  const tests::Child child{[] { return ::prctl(PR_SET_NAME, "holder") == 0; }};
  REQUIRE(child.ready());
  const auto started = need(process::inspect(View{}, child.pid())).started;
  const auto at = [&](std::int64_t offset) {
    return command_of(View{}, child.pid(), Timestamp{.seconds = started.seconds + offset});
  };
  CHECK(at(0) == "holder");
  CHECK(at(100) == "holder");
  CHECK(at(-1) == "holder");  // times of System V objects are cut to seconds
  CHECK(at(-2) == std::nullopt);
  CHECK(command_of(View{}, child.pid(), Timestamp{}) == "holder");
  CHECK(command_of(View{}, 0, Timestamp{}) == std::nullopt);
  CHECK(command_of(View{}, -1, Timestamp{}) == std::nullopt);
  CHECK(command_of(View{}, 2147483647, Timestamp{}) == std::nullopt);
}

TEST_CASE("the pids are those that /proc lists", "[process]")
{
  const auto pids = need(process::list(View{}));
  CHECK(std::ranges::count(pids, ::getpid()) == 1);
  CHECK(std::ranges::count(pids, 0) == 0);
  const FakeProc proc{7, ""};
  tests::write_file(proc.view().proc_directory + "/uptime", "");
  REQUIRE(::symlink("7", (proc.view().proc_directory + "/self").c_str()) == 0);
  CHECK(need(process::list(proc.view())) == std::vector<pid_t>{7});
}

TEST_CASE("what is no /proc lists no pids", "[process]")
{
  CHECK(failure(process::list({.proc_directory = "/nonexistent"})) == Errc::not_found);
  const tests::TemporaryDirectory empty;
  CHECK(failure(process::list({.proc_directory = empty.path()})) == Errc::not_found);
}

TEST_CASE("a /proc of a PID namespace does not show those outside", "[process]")
{
  using object::Missing;
  const FakeProc proc{1, ""};
  const std::string self = proc.view().proc_directory + "/self";
  REQUIRE(::mkdir(self.c_str(), 0700) == 0);
  REQUIRE(::mkdir((self + "/ns").c_str(), 0700) == 0);
  tests::write_file(self + "/ns/pid", "");  // surely another inode than that of the first namespace
  const auto spots = process::blind_spots(proc.view(), object::Kind::fifo);
  REQUIRE(spots.size() == 1);
  CHECK(spots[0].what == Missing::outside);
  CHECK(spots[0].kind == object::Kind::fifo);
}

TEST_CASE("a /proc that hides the first process hides others", "[process]")
{
  using object::Missing;
  const FakeProc proc{7, ""};
  const auto spots = process::blind_spots(proc.view(), object::Kind::fifo);
  CHECK(std::ranges::count(spots, Missing::hidden, &object::Gap::what) == 1);
}

TEST_CASE("a process of another PID namespace may run where not every process can be seen", "[process]")
{
  const FakeProc proc{1, ""};
  tests::write_file(proc / "1/status", "NSpid:\t1\n");
  CHECK(process::may_run_below(proc.view(), 4711));  // it is not known whose /proc this is
  REQUIRE(::mkdir((proc / "self").c_str(), 0700) == 0);
  REQUIRE(::mkdir((proc / "self/ns").c_str(), 0700) == 0);
  tests::write_file(proc / "self/ns/pid", "");  // not of the first PID namespace
  CHECK(process::may_run_below(proc.view(), 4711));
  CHECK(process::may_run_below({.proc_directory = "/nonexistent"}, 4711));
}

TEST_CASE("whether a process of another PID namespace may run is known from the first one", "[process]")
{
  if (!process::blind_spots(View{}, object::Kind::psem).empty()) {
    IPCKIT_SKIP("needs a /proc of the first PID namespace that hides nobody");
  }
  CHECK_FALSE(process::may_run_below(View{}, 2147483647));
  CHECK(process::may_run_below(View{}, ::getpid()));
}
