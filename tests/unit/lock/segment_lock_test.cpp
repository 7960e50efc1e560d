// SPDX-License-Identifier: MIT
// The lock on a POSIX segment, in a directory of the test's own.
#include <ipckit/lock/segment_lock.hpp>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using lock::lock_segment;
using lock::Making;
using lock::SegmentLock;
using lock::Taken;
using sys::Sharing;
using tests::failure;
using tests::need;

namespace {

Result<SegmentLock> lock_now(const tests::TemporaryDirectory& directory, Sharing sharing = Sharing::exclusive,
                             const Making& making = {})
{
  Taken taken;
  return lock_segment(directory.view(), "one", sharing, making, {}, taken);
}

struct LockedLater {
  Result<SegmentLock> lock;
  Taken taken;
};

LockedLater lock_later(const tests::TemporaryDirectory& directory, const Making& making = {},
                       std::chrono::nanoseconds limit = 10s)
{
  sys::Interrupts interrupts;
  Taken taken;
  auto locked = lock_segment(directory.view(), "one", Sharing::exclusive, making,
                             {.interrupts = &interrupts, .limit = limit, .until = {}}, taken);
  return {.lock = std::move(locked), .taken = std::move(taken)};
}

/// Who has the segment locked for as long as it lives.
bool lock_for_life(const tests::TemporaryDirectory& directory)
{
  auto held = lock_now(directory);
  if (!held) return false;
  static_cast<void>(held->file.release());
  return ::prctl(PR_SET_NAME, "worker") == 0;
}

}  // namespace

TEST_CASE("a segment is made where there is none, and locked", "[lock]")
{
  const tests::TemporaryDirectory directory;
  CHECK(failure(lock_now(directory, Sharing::exclusive, {.allowed = false})) == Errc::not_found);
  {
    const auto held = need(lock_now(directory));
    CHECK(held.made);
    CHECK(failure(lock_now(directory)) == Errc::busy);
    CHECK(failure(lock_now(directory, Sharing::shared)) == Errc::busy);
    const auto later = lock_later(directory, {}, 20ms);
    CHECK(failure(later.lock) == Errc::timed_out);
    CHECK(later.taken.waited);
    CHECK(later.taken.wait > 0ns);
  }
  CHECK(tests::exists(directory / "one"));
  const auto later = lock_later(directory);
  REQUIRE(later.lock);
  CHECK_FALSE(later.lock->made);
  CHECK_FALSE(later.taken.waited);
}

TEST_CASE("several share a segment, and nobody has it alone meanwhile", "[lock]")
{
  const tests::TemporaryDirectory directory;
  const auto first = need(lock_now(directory, Sharing::shared));
  const auto second = need(lock_now(directory, Sharing::shared));
  CHECK(failure(lock_now(directory)) == Errc::busy);
}

TEST_CASE("who waits for a segment is told for whom, and for how long it was", "[lock]")
{
  const tests::TemporaryDirectory directory;
  const tests::Child holder{[&] { return lock_for_life(directory); }};
  REQUIRE(holder.ready());
  const tests::Background killer{[pid = holder.pid(), waiter = ::getpid()] {
    if (tests::eventually_asleep(waiter)) ::kill(pid, SIGKILL);
  }};
  const auto held = lock_later(directory);
  REQUIRE(held.lock);
  CHECK(held.taken.waited);
  CHECK(held.taken.wait > 0ns);
  REQUIRE(held.taken.waited_for);
  CHECK(held.taken.waited_for->pid == holder.pid());
  CHECK(held.taken.waited_for->command == "worker");
}

TEST_CASE("a segment that is replaced during the wait is let go, and the new one locked", "[lock]")
{
  const tests::TemporaryDirectory directory;
  const tests::Child holder{[&] { return lock_for_life(directory); }};
  REQUIRE(holder.ready());
  const tests::Background replacer{[&, waiter = ::getpid()] {
    if (!tests::eventually_asleep(waiter)) return;
    tests::write_file(directory / "next", "new");
    ::rename((directory / "next").c_str(), (directory / "one").c_str());
    ::kill(holder.pid(), SIGKILL);
  }};
  const auto held = lock_later(directory);
  REQUIRE(held.lock);
  CHECK(need(sys::status(held.lock->file.get(), "")).size == 3);
  CHECK(held.taken.waited);
  CHECK_FALSE(held.lock->made);
  CHECK(failure(lock_now(directory)) == Errc::busy);
}

TEST_CASE("a segment that is removed during the wait is made anew, or that is said", "[lock]")
{
  const tests::TemporaryDirectory directory;
  const tests::Child holder{[&] { return lock_for_life(directory); }};
  REQUIRE(holder.ready());
  const tests::Background remover{[&, waiter = ::getpid()] {
    if (!tests::eventually_asleep(waiter)) return;
    ::unlink((directory / "one").c_str());
    ::kill(holder.pid(), SIGKILL);
  }};
  SECTION("made anew")
  {
    const auto held = lock_later(directory);
    REQUIRE(held.lock);
    CHECK(held.lock->made);
    CHECK(tests::exists(directory / "one"));
  }
  SECTION("none may be made")
  {
    CHECK(failure(lock_later(directory, {.allowed = false}).lock) == Errc::removed);
    CHECK_FALSE(tests::exists(directory / "one"));
  }
}
