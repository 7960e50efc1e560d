// SPDX-License-Identifier: MIT
// semop(2): one step of several operations, and how its wait ends.
#include <ipckit/sem/operate.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <vector>

#include <sys/sem.h>
#include <unistd.h>

#include <ipckit/sem/set.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using object::View;
using sem::Operation;
using sem::Undo;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

using Operations = std::vector<Operation>;
using Values = std::vector<std::uint16_t>;

int new_set(Values values, std::uint32_t mode = 0600)
{
  const auto count = static_cast<std::uint32_t>(values.size());
  return need(sem::create(View{}, {.key = 0, .mode = mode, .count = count, .values = std::move(values)}));
}

Values values_of(int id)
{
  return need(sem::inspect(View{}, id)).values.value();
}

/// Without waiting.
Result<> operate_now(int id, const Operations& operations)
{
  return sem::operate(View{}, id, operations, Undo::no, {});
}

/// Waits, but not for ever.
Result<> operate_soon(int id, const Operations& operations, sys::Interrupts& interrupts,
                      std::chrono::nanoseconds limit = 5s)
{
  return sem::operate(View{}, id, operations, Undo::no, {.interrupts = &interrupts, .limit = limit});
}

/// Adds to a semaphore, from another process.
void add(int id, std::uint16_t number, std::int16_t change)
{
  sembuf operation{.sem_num = number, .sem_op = change, .sem_flg = 0};
  ::semop(id, &operation, 1);
}

}  // namespace

TEST_CASE("all operations are done in their order, or none", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({1, 0, 5});
  need(operate_now(id, {{.number = 0, .change = -1}, {.number = 1, .change = 3}, {.number = 0, .change = 0}}));
  CHECK(values_of(id) == Values{0, 3, 5});
  CHECK(failure(operate_now(id, {{.number = 2, .change = -5}, {.number = 0, .change = -1}})) == Errc::busy);
  CHECK(failure(operate_now(id, {{.number = 2, .change = 1}, {.number = 1, .change = 0}})) == Errc::busy);
  CHECK(values_of(id) == Values{0, 3, 5});
}

TEST_CASE("what the kernel refuses at once", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({1, 0});
  const Error beyond_set = error_of(operate_now(id, {{.number = 2, .change = 1}}));
  CHECK(beyond_set.kind == Errc::too_large);
  CHECK(beyond_set.os_error == EFBIG);
  CHECK(beyond_set.detail == "the set has 2 semaphores");
  const Error beyond_value = error_of(operate_now(id, {{.number = 0, .change = 32767}}));
  CHECK(beyond_value.kind == Errc::too_large);
  CHECK(beyond_value.os_error == ERANGE);
  const Error too_many = error_of(operate_now(id, Operations(501, {.number = 0, .change = 1})));
  CHECK(too_many.kind == Errc::too_large);
  CHECK(too_many.os_error == E2BIG);
  CHECK(failure(operate_now(id, {})) == Errc::invalid);
  CHECK(failure(operate_now(id + 1, {{.number = 0, .change = 1}})) == Errc::not_found);
  CHECK(failure(operate_now(-1, {{.number = 0, .change = 1}})) == Errc::not_found);
  CHECK(values_of(id) == Values{1, 0});
}

TEST_CASE("a set that is gone is not there, and not removed meanwhile", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({0});
  ::semctl(id, 0, IPC_RMID);
  sys::Interrupts interrupts;
  CHECK(failure(operate_soon(id, {{.number = 0, .change = -1}}, interrupts)) == Errc::not_found);
}

TEST_CASE("a wait for a value ends when it is there", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({0, 1});
  sys::Interrupts interrupts;
  SECTION("high enough")
  {
    const tests::Background giver{[id, waiting = ::getpid()] {
      if (tests::eventually_asleep(waiting)) add(id, 0, 2);
    }};
    need(operate_soon(id, {{.number = 0, .change = -2}, {.number = 1, .change = -1}}, interrupts));
    CHECK(values_of(id) == Values{0, 0});
  }
  SECTION("zero")
  {
    const tests::Background taker{[id, waiting = ::getpid()] {
      if (tests::eventually_asleep(waiting)) add(id, 1, -1);
    }};
    need(operate_soon(id, {{.number = 1, .change = 0}, {.number = 0, .change = 7}}, interrupts));
    CHECK(values_of(id) == Values{7, 0});
  }
}

TEST_CASE("a wait for a value ends when the set goes", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({0});
  sys::Interrupts interrupts;
  const tests::Background remover{[id, waiting = ::getpid()] {
    if (tests::eventually_asleep(waiting)) ::semctl(id, 0, IPC_RMID);
  }};
  const Error error = error_of(operate_soon(id, {{.number = 0, .change = -1}}, interrupts));
  CHECK(error.kind == Errc::removed);
  CHECK(error.os_error == EIDRM);
}

TEST_CASE("a wait for a value ends in time, and nothing was done", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({1, 0});
  sys::Interrupts interrupts;
  const Operations both{{.number = 0, .change = -1}, {.number = 1, .change = -1}};
  const auto begun = std::chrono::steady_clock::now();
  CHECK(failure(operate_soon(id, both, interrupts, 30ms)) == Errc::timed_out);
  CHECK(std::chrono::steady_clock::now() - begun >= 30ms);
  CHECK(values_of(id) == Values{1, 0});
}

TEST_CASE("a wait for a value ends with a signal, and nothing was done", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({1, 0});
  const Operations both{{.number = 0, .change = -1}, {.number = 1, .change = -1}};
  const int status = tests::status_of_child([&] {
    for (const int signal : {SIGINT, SIGTERM, SIGALRM}) static_cast<void>(std::signal(signal, SIG_DFL));
    ::alarm(10);
    sys::Interrupts interrupts;
    const tests::Background sender{[waiting = ::getpid()] {
      if (tests::eventually_asleep(waiting)) ::kill(waiting, SIGTERM);
    }};
    const auto outcome = operate_soon(id, both, interrupts);
    return !outcome && outcome.error().kind == Errc::interrupted && sys::Interrupts::stop_signal() == SIGTERM ? 0 : 1;
  });
  CHECK(status == 0);
  CHECK(values_of(id) == Values{1, 0});
}

TEST_CASE("what is to be undone is when the process ends", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({3, 0});
  const Operations take_and_give{{.number = 0, .change = -2}, {.number = 1, .change = 1}};
  const int status = tests::status_of_child([&] {
    if (!sem::operate(View{}, id, take_and_give, Undo::yes, {})) return 1;
    return values_of(id) == Values{1, 1} ? 0 : 2;
  });
  CHECK(status == 0);
  CHECK(values_of(id) == Values{3, 0});
}

TEST_CASE("without permission nothing is done", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto status = tests::exit_status_as(65534, [] {
    const auto refused = [](std::uint32_t mode, std::int16_t change) {
      const auto id = sem::create(View{}, {.key = 0, .mode = mode, .count = 1, .values = {1}});
      const auto done = sem::operate(View{}, *id, Operations{{.number = 0, .change = change}}, Undo::no, {});
      return !done && done.error().kind == Errc::access_denied;
    };
    if (refused(0200, -1)) return 1;
    if (!refused(0200, 0)) return 2;
    if (!refused(0400, -1)) return 3;
    return refused(0, 1) ? 0 : 4;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(status == 0);
}
