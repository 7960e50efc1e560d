// SPDX-License-Identifier: MIT
// Locks on files.
#include <ipckit/sys/file_lock.hpp>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using sys::lock_file;
using sys::Sharing;
using tests::failure;
using tests::need;

namespace {

class LockFile {
public:
  LockFile() { tests::write_file(directory_ / "lock", ""); }
  [[nodiscard]] sys::UniqueFd open() const { return need(sys::open(directory_ / "lock", O_RDONLY)); }

private:
  tests::TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("one has a lock, or several share it", "[sys]")
{
  const LockFile file;
  const auto one = file.open();
  const auto two = file.open();
  const auto three = file.open();
  need(lock_file(one.get(), Sharing::exclusive, {}, "lock"));
  CHECK(failure(lock_file(two.get(), Sharing::exclusive, {}, "lock")) == Errc::busy);
  CHECK(failure(lock_file(two.get(), Sharing::shared, {}, "lock")) == Errc::busy);
  need(lock_file(one.get(), Sharing::shared, {}, "lock"));  // what was exclusive may become shared
  need(lock_file(two.get(), Sharing::shared, {}, "lock"));
  CHECK(failure(lock_file(three.get(), Sharing::exclusive, {}, "lock")) == Errc::busy);
}

TEST_CASE("a lock goes with the last descriptor, and not with a copy", "[sys]")
{
  const LockFile file;
  const auto other = file.open();
  std::optional<sys::UniqueFd> copy;
  {
    const auto holder = file.open();
    need(lock_file(holder.get(), Sharing::exclusive, {}, "lock"));
    copy.emplace(::fcntl(holder.get(), F_DUPFD_CLOEXEC, 0));
  }
  CHECK(failure(lock_file(other.get(), Sharing::exclusive, {}, "lock")) == Errc::busy);
  copy.reset();
  need(lock_file(other.get(), Sharing::exclusive, {}, "lock"));
}

TEST_CASE("a lock is waited for, and no longer than there is patience", "[sys]")
{
  const LockFile file;
  std::optional<tests::Child> holder;
  holder.emplace([&] { return lock_file(file.open().release(), Sharing::exclusive, {}, "lock").has_value(); });
  REQUIRE(holder->ready());
  sys::Interrupts interrupts;
  const auto waiting = file.open();
  const auto began = std::chrono::steady_clock::now();
  CHECK(failure(lock_file(waiting.get(), Sharing::exclusive, {.interrupts = &interrupts, .limit = 30ms, .until = {}},
                          "lock")) == Errc::timed_out);
  CHECK(std::chrono::steady_clock::now() - began >= 30ms);
  const tests::Background killer{[pid = holder->pid(), waiter = ::getpid()] {
    if (tests::eventually_asleep(waiter)) ::kill(pid, SIGKILL);
  }};
  need(lock_file(waiting.get(), Sharing::exclusive, {.interrupts = &interrupts, .limit = 10s, .until = {}}, "lock"));
}

TEST_CASE("a signal ends the wait for a lock", "[sys]")
{
  const LockFile file;
  const tests::Child holder{
      [&] { return lock_file(file.open().release(), Sharing::exclusive, {}, "lock").has_value(); }};
  REQUIRE(holder.ready());
  const int status = tests::status_of_child([&] {
    sys::Interrupts interrupts;
    const auto waiting = file.open();
    const tests::Background sender{[waiter = ::getpid()] {
      if (tests::eventually_asleep(waiter)) ::kill(waiter, SIGTERM);
    }};
    const auto outcome =
        lock_file(waiting.get(), Sharing::exclusive, {.interrupts = &interrupts, .limit = 10s, .until = {}}, "lock");
    return !outcome && outcome.error().kind == Errc::interrupted ? 0 : 1;
  });
  CHECK(status == 0);
}
