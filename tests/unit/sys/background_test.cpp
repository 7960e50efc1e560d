// SPDX-License-Identifier: MIT
// Processes that work on when their maker has been killed.
#include <ipckit/sys/background.hpp>

#include <csignal>
#include <string>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>
#include <ipckit/sys/lease.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using tests::eventually;
using tests::need;

namespace {

bool is_open_elsewhere(const std::string& path)
{
  const auto probe = need(sys::open(path, O_RDONLY));
  const auto lease = sys::WriteLease::take(probe, path);
  return !lease && lease.error().kind == Errc::busy;
}

std::string comm_of(pid_t pid)
{
  return sys::read_text("/proc/" + std::to_string(pid) + "/comm").value_or("");
}

}  // namespace

TEST_CASE(
    "a process in the background has left its maker's session, directory and descriptors, but those it is to keep",
    "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "kept", "");
  tests::write_file(directory / "other", "");
  pid_t pid = -1;
  {
    const auto loose = need(sys::open(directory / "other", O_RDONLY));
    const auto first = need(sys::open(directory / "kept", O_RDONLY));
    const sys::UniqueFd high{::fcntl(first.get(), F_DUPFD_CLOEXEC, 100)};
    const sys::UniqueFd high_loose{::fcntl(loose.get(), F_DUPFD_CLOEXEC, 200)};
    const sys::Background how{.name = "test-background", .keep = {high.get(), first.get()}};
    pid = need(sys::start_background(how, [] {
      for (;;) ::pause();
    }));
  }
  const std::string proc = "/proc/" + std::to_string(pid);
  CHECK(eventually([&] { return !is_open_elsewhere(directory / "other"); }));
  CHECK(is_open_elsewhere(directory / "kept"));
  CHECK(comm_of(pid) == "test-background\n");
  CHECK(::getsid(pid) == pid);
  CHECK(need(sys::read_link_at(AT_FDCWD, proc + "/cwd")) == "/");
  for (const char* const standard : {"/fd/0", "/fd/1", "/fd/2"}) {
    CHECK(need(sys::read_link_at(AT_FDCWD, proc + standard)) == "/dev/null");
  }
  for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGALRM}) ::kill(pid, signal);
  CHECK(is_open_elsewhere(directory / "kept"));
  ::kill(pid, SIGKILL);
  sys::reap(pid);
  CHECK(::kill(pid, 0) == -1);
  CHECK_FALSE(is_open_elsewhere(directory / "kept"));
}

TEST_CASE("a process in the background ends when its work is done, and its maker's signals are as before", "[sys]")
{
  sigset_t before;
  sigset_t after;
  REQUIRE(::pthread_sigmask(SIG_BLOCK, nullptr, &before) == 0);
  const tests::TemporaryDirectory directory;
  const pid_t pid =
      need(sys::start_background({.name = "test-background"}, [&] { tests::write_file(directory / "ran", ""); }));
  sys::reap(pid);
  CHECK(tests::exists(directory / "ran"));
  REQUIRE(::pthread_sigmask(SIG_BLOCK, nullptr, &after) == 0);
  for (int signal = 1; signal < SIGRTMAX; ++signal) {
    CHECK(::sigismember(&before, signal) == ::sigismember(&after, signal));
  }
}

TEST_CASE("only one who wants to is told of its maker's death, and lives on all the same", "[sys]")
{
  const auto pending_after_death = [](bool told) {
    const tests::TemporaryDirectory directory;
    pid_t pid = -1;
    {
      const tests::Child maker{[&] {
        const auto started =
            sys::start_background({.name = "test-background", .told_of_death = told}, [] { ::pause(); });
        if (started) tests::write_file(directory / "pid", std::to_string(*started));
        return started.has_value();
      }};
      REQUIRE(maker.ready());
      pid = std::stoi(tests::read_file(directory / "pid"));
      REQUIRE(eventually([&] { return comm_of(pid) == "test-background\n" && tests::eventually_asleep(pid); }));
    }
    const auto status = need(sys::read_text("/proc/" + std::to_string(pid) + "/status"));
    ::kill(pid, SIGKILL);
    const auto at = status.find("ShdPnd:\t") + 8;
    return status.substr(at, 16);
  };
  CHECK(pending_after_death(true) == "0000000000004000");
  CHECK(pending_after_death(false) == "0000000000000000");
}
