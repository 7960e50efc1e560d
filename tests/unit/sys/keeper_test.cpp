// SPDX-License-Identifier: MIT
// A process that holds on to what its maker has.
#include <ipckit/sys/keeper.hpp>

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

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
  const tests::Child retired([&] {
    const int kept = ::open((directory / "kept").c_str(), O_RDONLY);
    const int loose = ::open((directory / "other").c_str(), O_RDONLY);
    // The pipe by which the test knows that it is ready must stay open, too; it is one of the first ten.
    std::array<int, 10> keep{};
    for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = static_cast<int>(i) + 3;
    const int high = ::fcntl(kept, F_DUPFD, 100);
    const int high_loose = ::fcntl(loose, F_DUPFD, 200);
    ::close(kept);
    ::close(loose);
    std::vector<int> all(keep.begin(), keep.end());
    all.push_back(high);
    sys::retire(all, "test-retired");
    return high >= 100 && high_loose >= 200;
  });
  REQUIRE(retired.ready());
  const std::string proc = "/proc/" + std::to_string(retired.pid());
  CHECK(comm_of(retired.pid()) == "test-retired\n");
  CHECK(::getsid(retired.pid()) == retired.pid());
  CHECK(need(sys::read_link_at(AT_FDCWD, proc + "/cwd")) == "/");
  for (const char* const standard : {"/fd/0", "/fd/1", "/fd/2"}) {
    CHECK(need(sys::read_link_at(AT_FDCWD, proc + standard)) == "/dev/null");
  }
  CHECK(is_open_elsewhere(directory / "kept"));
  CHECK_FALSE(is_open_elsewhere(directory / "other"));
}
