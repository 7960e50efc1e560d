// SPDX-License-Identifier: MIT
// A process that holds on to what its maker has.
#include <ipckit/sys/keeper.hpp>

#include <array>
#include <csignal>
#include <optional>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>
#include <ipckit/sys/lease.hpp>
#include <ipckit/sys/pidfd.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using sys::Keeper;
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

TEST_CASE("a keeper holds what it is to keep, and nothing else, until it is let go", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "kept", "");
  tests::write_file(directory / "other", "");
  const tests::Child other([] { return true; });
  const auto process = need(sys::open_process(other.pid()));
  {
    std::optional<Keeper> keeper;
    {
      const auto kept = need(sys::open(directory / "kept", O_RDONLY));
      const auto loose = need(sys::open(directory / "other", O_RDONLY));
      const std::array keep{kept.get()};
      keeper.emplace(need(Keeper::start(process, keep, "test-keeper")));
    }
    CHECK(eventually([&] { return comm_of(keeper->pid()) == "test-keeper\n"; }));
    CHECK(eventually([&] { return !is_open_elsewhere(directory / "other"); }));
    CHECK(is_open_elsewhere(directory / "kept"));
    for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGUSR1}) ::kill(keeper->pid(), signal);
    CHECK(::getsid(keeper->pid()) == keeper->pid());
    CHECK(is_open_elsewhere(directory / "kept"));
  }
  CHECK_FALSE(is_open_elsewhere(directory / "kept"));
}

TEST_CASE("a keeper ends with the process that it watches", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "kept", "");
  std::optional<tests::Child> other;
  other.emplace([] { return true; });
  const auto process = need(sys::open_process(other->pid()));
  std::optional<Keeper> keeper;
  {
    const auto kept = need(sys::open(directory / "kept", O_RDONLY));
    const std::array keep{kept.get()};
    keeper.emplace(need(Keeper::start(process, keep, "test-keeper")));
  }
  CHECK(is_open_elsewhere(directory / "kept"));
  other.reset();
  CHECK(eventually([&] { return !is_open_elsewhere(directory / "kept"); }));
}

TEST_CASE("who retires leaves its maker's session, directory and descriptors, but those it is to keep", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "kept", "");
  tests::write_file(directory / "other", "");
  pid_t retired = -1;
  {
    const auto loose = need(sys::open(directory / "other", O_RDONLY));
    const auto first = need(sys::open(directory / "kept", O_RDONLY));
    const sys::UniqueFd high{::fcntl(first.get(), F_DUPFD_CLOEXEC, 100)};
    const sys::UniqueFd high_loose{::fcntl(loose.get(), F_DUPFD_CLOEXEC, 200)};
    const std::array keep{high.get(), first.get()};
    retired = need(sys::fork_retired(keep, "test-retired", [] {
      for (;;) ::pause();
    }));
  }
  const std::string proc = "/proc/" + std::to_string(retired);
  CHECK(eventually([&] { return !is_open_elsewhere(directory / "other"); }));
  CHECK(is_open_elsewhere(directory / "kept"));
  CHECK(comm_of(retired) == "test-retired\n");
  CHECK(::getsid(retired) == retired);
  CHECK(need(sys::read_link_at(AT_FDCWD, proc + "/cwd")) == "/");
  for (const char* const standard : {"/fd/0", "/fd/1", "/fd/2"}) {
    CHECK(need(sys::read_link_at(AT_FDCWD, proc + standard)) == "/dev/null");
  }
  for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGALRM}) ::kill(retired, signal);
  CHECK(is_open_elsewhere(directory / "kept"));
  ::kill(retired, SIGKILL);
  sys::reap(retired);
  CHECK(::kill(retired, 0) == -1);
  CHECK_FALSE(is_open_elsewhere(directory / "kept"));
}

TEST_CASE("what runs in a retired process ends it when it is done, and its maker's signals are as before", "[sys]")
{
  sigset_t before;
  sigset_t after;
  REQUIRE(::pthread_sigmask(SIG_BLOCK, nullptr, &before) == 0);
  const tests::TemporaryDirectory directory;
  const pid_t pid = need(sys::fork_retired({}, "test-retired", [&] { tests::write_file(directory / "ran", ""); }));
  sys::reap(pid);
  CHECK(tests::exists(directory / "ran"));
  REQUIRE(::pthread_sigmask(SIG_BLOCK, nullptr, &after) == 0);
  for (int signal = 1; signal < SIGRTMAX; ++signal) {
    CHECK(::sigismember(&before, signal) == ::sigismember(&after, signal));
  }
}
