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
