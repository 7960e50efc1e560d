// SPDX-License-Identifier: MIT
// Guardians: of POSIX semaphores in a directory of the test's own, where nothing is given back but by them.
#include <ipckit/lock/guardian.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipckit/base/number.hpp>
#include <ipckit/lock/record.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/psem/semaphore.hpp>
#include <ipckit/sem/set.hpp>
#include <ipckit/sys/directory.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/sysv.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using lock::Guardian;
using lock::Taken;
using tests::eventually;
using tests::failure;
using tests::need;

namespace {

/// A POSIX semaphore to be locked.
class Semaphore {
public:
  explicit Semaphore(std::uint32_t value = 1)
  {
    need(psem::create(view(), {.name = "one", .mode = 0600, .value = value}));
  }
  [[nodiscard]] object::View view() const { return directory_.view(); }
  [[nodiscard]] std::uint64_t value() const
  {
    return need(psem::inspect(view(), "one", psem::Trace::none)).value.value_or(77);
  }
  [[nodiscard]] bool eventually_has(std::uint64_t wanted) const
  {
    return eventually([&] { return value() == wanted; });
  }
  [[nodiscard]] std::unique_ptr<lock::Holding> holding() const
  {
    return lock::hold_semaphore(need(psem::Mapped::open(view(), "one")));
  }
  /// The guardians that have a record.
  [[nodiscard]] std::vector<pid_t> guardians() const
  {
    std::vector<pid_t> pids;
    const auto records = sys::open(records_directory(), O_RDONLY | O_DIRECTORY);
    if (!records) return pids;
    static_cast<void>(sys::for_each_entry(records->get(), "", [&](const sys::DirectoryEntry& entry) {
      pids.push_back(parse_number<pid_t>(entry.name).value_or(-1));
      return true;
    }));
    return pids;
  }
  /// The only one.
  [[nodiscard]] pid_t guardian() const
  {
    const auto pids = guardians();
    REQUIRE(pids.size() == 1);
    return pids.front();
  }
  [[nodiscard]] bool has_records() const { return tests::exists(records_directory()); }

private:
  [[nodiscard]] std::string records_directory() const
  {
    return directory_ / ("ipckit-lock." + std::to_string(::geteuid()) + "." + holding()->identity());
  }
  tests::TemporaryDirectory directory_;
};

/// How long a guardian may wait. The test's own interrupts are none of its business, so any will do.
sys::Patience for_a(std::chrono::nanoseconds limit)
{
  static sys::Interrupts* const never_used = reinterpret_cast<sys::Interrupts*>(1);
  return {.interrupts = never_used, .limit = limit, .until = {}};
}

Result<Taken> await_taken(Guardian& guardian)
{
  sys::Interrupts interrupts;
  Taken taken;
  IPCKIT_TRY(guardian.await_taken(interrupts, taken));
  return taken;
}

/// A guardian that has taken.
std::unique_ptr<Guardian> taken_by_guardian(const Semaphore& semaphore)
{
  auto guardian = std::make_unique<Guardian>(need(Guardian::start(semaphore.view(), semaphore.holding(), {})));
  need(await_taken(*guardian));
  return guardian;
}

/// What can be taken and not given back.
class Stubborn final : public lock::Holding {
public:
  explicit Stubborn(Errc why) : why_{why} {}
  Result<> take(const lock::Slate& slate, const sys::Patience& /*patience*/) override
  {
    slate.set_phase(lock::Phase::held);
    return {};
  }
  [[nodiscard]] std::string identity() const override { return "stubborn"; }

private:
  Result<> put(const lock::Slate& /*slate*/) override { return fail(why_, "put", ""); }
  Errc why_;
};

bool has_no_children()
{
  return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

bool is_gone(pid_t pid)
{
  return ::kill(pid, 0) == -1;
}

/// Kills a process, and waits until it holds nothing any more.
void kill_at_once(pid_t pid)
{
  ::kill(pid, SIGKILL);
  CHECK(eventually([&] {
    const auto stat = sys::read_text("/proc/" + std::to_string(pid) + "/stat").value_or("");
    return stat.empty() || stat.substr(stat.rfind(')')).starts_with(") Z");
  }));
}

std::string comm_of(pid_t pid)
{
  return sys::read_text("/proc/" + std::to_string(pid) + "/comm").value_or("");
}

}  // namespace

TEST_CASE("a guardian takes, guards a command, gives back when that has ended, and is gone", "[lock]")
{
  const Semaphore semaphore;
  const auto guardian = taken_by_guardian(semaphore);
  CHECK(semaphore.value() == 0);
  const pid_t pid = semaphore.guardian();
  {
    const tests::Child command{[] { return true; }};
    need(guardian->guard(command.pid()));
    CHECK(comm_of(pid) == "ipckit-lock\n");
    CHECK(::getsid(pid) == pid);
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGALRM, SIGPIPE}) ::kill(pid, signal);
    auto other = need(Guardian::start(semaphore.view(), semaphore.holding(), {}));
    CHECK(failure(await_taken(other)) == Errc::busy);
    CHECK(semaphore.value() == 0);
  }
  need(guardian->finish());
  CHECK(semaphore.value() == 1);
  CHECK(is_gone(pid));
  CHECK_FALSE(semaphore.has_records());
  CHECK(has_no_children());
}

TEST_CASE("what is free is got at once", "[lock]")
{
  const Semaphore semaphore;
  auto guardian = need(Guardian::start(semaphore.view(), semaphore.holding(), {}));
  const auto taken = need(await_taken(guardian));
  CHECK_FALSE(taken.waited);
  CHECK(taken.wait == 0ns);
  CHECK_FALSE(taken.waited_for);
  CHECK_FALSE(taken.without_record);
}

TEST_CASE("a guardian that guards nobody gives back when it is not wanted any more", "[lock]")
{
  const Semaphore semaphore;
  static_cast<void>(taken_by_guardian(semaphore));
  CHECK(semaphore.value() == 1);
  CHECK_FALSE(semaphore.has_records());
  CHECK(has_no_children());
}

TEST_CASE("a guardian sleeps while the command runs, also where no timer can be had", "[lock]")
{
  const Semaphore semaphore;
  const auto guardian = taken_by_guardian(semaphore);
  const pid_t pid = semaphore.guardian();
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  REQUIRE(::prlimit(pid, RLIMIT_SIGPENDING, &none, nullptr) == 0);  // which timer_create(2) counts, too
  {
    const tests::Child command{[] { return true; }};
    need(guardian->guard(command.pid()));
    CHECK(tests::eventually_asleep(pid));
  }
  need(guardian->finish());
  CHECK(semaphore.value() == 1);
}

TEST_CASE("a guardian whose maker is killed before it guards anybody gives back", "[lock]")
{
  const Semaphore semaphore;
  {
    const tests::Child maker{[&] { return taken_by_guardian(semaphore).release() != nullptr; }};
    REQUIRE(maker.ready());
    CHECK(semaphore.value() == 0);
  }
  CHECK(semaphore.eventually_has(1));
  CHECK(eventually([&] { return !semaphore.has_records(); }));
}

TEST_CASE("a guardian whose maker is killed guards the command all the same", "[lock]")
{
  const Semaphore semaphore;
  std::optional<tests::Child> command;
  command.emplace([] { return true; });
  {
    const tests::Child maker{[&] {
      auto* const guardian = taken_by_guardian(semaphore).release();
      return guardian->guard(command->pid()).has_value();
    }};
    REQUIRE(maker.ready());
  }
  const pid_t guardian = semaphore.guardian();
  CHECK(tests::eventually_asleep(guardian));
  CHECK(semaphore.value() == 0);
  command.reset();
  CHECK(semaphore.eventually_has(1));
  CHECK(eventually([&] { return !semaphore.has_records(); }));
}

TEST_CASE("what is taken is busy, or the time is over, and nothing is left of the guardian", "[lock]")
{
  const Semaphore semaphore{0};
  {
    auto impatient = need(Guardian::start(semaphore.view(), semaphore.holding(), {}));
    CHECK(failure(await_taken(impatient)) == Errc::busy);
    auto patient = need(Guardian::start(semaphore.view(), semaphore.holding(), for_a(30ms)));
    const auto began = std::chrono::steady_clock::now();
    CHECK(failure(await_taken(patient)) == Errc::timed_out);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
  }
  CHECK(has_no_children());
  CHECK_FALSE(semaphore.has_records());
}

TEST_CASE("how long it was waited is known also where it was in vain", "[lock]")
{
  const Semaphore semaphore{0};
  auto guardian = need(Guardian::start(semaphore.view(), semaphore.holding(), for_a(30ms)));
  sys::Interrupts interrupts;
  Taken taken{.waited = true, .wait = 5s};  // for another that was removed meanwhile
  CHECK(failure(guardian.await_taken(interrupts, taken)) == Errc::timed_out);
  CHECK(taken.wait > 5s);
}

TEST_CASE("a wait that a signal ends takes nothing, then or later", "[lock]")
{
  const Semaphore semaphore{0};
  const int status = tests::status_of_child([&] {
    const tests::Background sender{[waiter = ::getpid()] {
      if (tests::eventually_asleep(waiter)) ::kill(waiter, SIGTERM);
    }};
    auto guardian = Guardian::start(semaphore.view(), semaphore.holding(), for_a(10s));
    if (!guardian) return 1;
    const auto taken = await_taken(*guardian);
    return !taken && taken.error().kind == Errc::interrupted ? 0 : 2;
  });
  CHECK(status == 0);
  CHECK_FALSE(semaphore.has_records());
  auto semaphore_itself = need(psem::Mapped::open(semaphore.view(), "one"));
  need(semaphore_itself.post());
  CHECK(semaphore.value() == 1);
}

TEST_CASE("a guardian whose maker is killed while it waits takes nothing", "[lock]")
{
  const Semaphore semaphore{0};
  {
    const tests::Background maker{[&] {
      auto guardian = Guardian::start(semaphore.view(), semaphore.holding(), for_a(10s));
      if (guardian) static_cast<void>(await_taken(*guardian).has_value());
    }};
    REQUIRE(eventually([&] { return semaphore.has_records(); }));
    REQUIRE(tests::eventually_asleep(maker.pid()));
  }
  CHECK(eventually([&] { return !semaphore.has_records(); }));
  auto semaphore_itself = need(psem::Mapped::open(semaphore.view(), "one"));
  need(semaphore_itself.post());
  CHECK(semaphore.value() == 1);
}

TEST_CASE("who waits is told for whom, and for how long it was", "[lock]")
{
  const Semaphore semaphore;
  const auto holder = taken_by_guardian(semaphore);
  std::optional<tests::Child> command;
  command.emplace([] { return ::prctl(PR_SET_NAME, "worker") == 0; });
  need(holder->guard(command->pid()));
  const pid_t holding = semaphore.guardian();
  auto waiter = need(Guardian::start(semaphore.view(), semaphore.holding(), for_a(10s)));
  REQUIRE(eventually([&] { return semaphore.guardians().size() == 2; }));
  auto both = semaphore.guardians();
  std::erase(both, holding);
  const tests::Background killer{[&] {
    if (tests::eventually_asleep(both.front())) ::kill(command->pid(), SIGKILL);
  }};
  const auto taken = need(await_taken(waiter));
  CHECK(taken.waited);
  CHECK(taken.wait > 0ns);
  REQUIRE(taken.waited_for);
  CHECK(taken.waited_for->pid == command->pid());
  CHECK(taken.waited_for->command == "worker");
  need(holder->finish());
}

TEST_CASE("a guardian that is killed is replaced when the command has ended, and not before", "[lock]")
{
  const Semaphore semaphore;
  const auto guardian = taken_by_guardian(semaphore);
  {
    const tests::Child command{[] { return true; }};
    need(guardian->guard(command.pid()));
    kill_at_once(semaphore.guardian());
    auto other = need(Guardian::start(semaphore.view(), semaphore.holding(), {}));
    CHECK(failure(await_taken(other)) == Errc::busy);
    CHECK(semaphore.value() == 0);
  }
  need(guardian->finish());
  CHECK(semaphore.value() == 1);
  CHECK_FALSE(semaphore.has_records());
}

TEST_CASE("a killed guardian whose lock another has given back is no failure", "[lock]")
{
  const Semaphore semaphore;
  const auto guardian = taken_by_guardian(semaphore);
  {
    const tests::Child command{[] { return true; }};
    need(guardian->guard(command.pid()));
    kill_at_once(semaphore.guardian());
  }
  static_cast<void>(taken_by_guardian(semaphore));
  need(guardian->finish());
  CHECK(semaphore.value() == 1);
}

TEST_CASE("where guardian, maker and command are killed at once, the next one finds it free", "[lock]")
{
  const Semaphore semaphore;
  {
    const tests::Child command{[] { return true; }};
    const tests::Child maker{[&] {
      auto* const guardian = taken_by_guardian(semaphore).release();
      return guardian->guard(command.pid()).has_value();
    }};
    REQUIRE(maker.ready());
    kill_at_once(semaphore.guardian());
  }
  CHECK(semaphore.value() == 0);
  {
    const auto next = taken_by_guardian(semaphore);
    CHECK(semaphore.value() == 0);
  }
  CHECK(semaphore.value() == 1);
  CHECK_FALSE(semaphore.has_records());
}

TEST_CASE("a command that is gone already is no command to guard", "[lock]")
{
  const Semaphore semaphore;
  const auto guardian = taken_by_guardian(semaphore);
  CHECK_FALSE(guardian->guard(2147483647).has_value());
  CHECK(semaphore.eventually_has(1));
}

TEST_CASE("where no record can be kept, that is said, and the lock is got all the same", "[lock]")
{
  const Semaphore semaphore;
  auto view = semaphore.view();
  view.shm_directory = "/nonexistent";
  auto guardian = need(Guardian::start(view, semaphore.holding(), {}));
  const auto taken = need(await_taken(guardian));
  REQUIRE(taken.without_record);
  CHECK(taken.without_record->kind == Errc::not_found);
  CHECK(semaphore.value() == 0);
}

TEST_CASE("what cannot be given back is said, and left to the next while there is something to give it to", "[lock]")
{
  const tests::TemporaryDirectory directory;
  const auto record = directory / ("ipckit-lock." + std::to_string(::geteuid()) + ".stubborn");
  const auto kind_after = [&](Errc why) {
    auto guardian = need(Guardian::start(directory.view(), std::make_unique<Stubborn>(why), {}));
    need(await_taken(guardian));
    {
      const tests::Child command{[] { return true; }};
      need(guardian.guard(command.pid()));
    }
    return failure(guardian.finish());
  };
  CHECK(kind_after(Errc::removed) == Errc::removed);
  CHECK_FALSE(tests::exists(record));
  CHECK(kind_after(Errc::access_denied) == Errc::access_denied);
  CHECK(tests::exists(record));
}

TEST_CASE("a guardian of a set needs no record: the kernel gives back", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const tests::TemporaryDirectory directory;
  const int id = need(sem::create(object::View{}, {.key = 0, .mode = 0600, .count = 1, .values = {3}}));
  const auto value = [id] { return need(sys::semctl(id, 0, GETVAL, 0, "")); };
  {
    const tests::Child maker{[&] {
      auto guardian = Guardian::start(directory.view(), lock::hold_set(object::View{}, id, 0, 2), {});
      if (!guardian || !await_taken(*guardian)) return false;
      return new Guardian(std::move(*guardian)) != nullptr;  // NOLINT(cppcoreguidelines-owning-memory)
    }};
    REQUIRE(maker.ready());
    CHECK(value() == 1);
  }
  CHECK(eventually([&] { return value() == 3; }));
}
