// SPDX-License-Identifier: MIT
// Messages into and out of POSIX queues.
#include <ipckit/pmsg/transfer.hpp>

#include <chrono>
#include <string>

#include <unistd.h>

#include <ipckit/pmsg/queue.hpp>
#include <ipckit/sys/mqueue.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using object::Message;
using object::View;
using tests::failure;
using tests::need;

namespace {

constexpr std::size_t plenty = std::size_t{1} << 20U;

void new_queue(const std::string& name, std::uint32_t mode = 0600)
{
  need(pmsg::create(View{}, {.name = name, .mode = mode, .max_messages = 4, .message_size = 16}));
}

std::span<const std::byte> bytes_of(std::string_view text)
{
  return std::as_bytes(std::span{text.data(), text.size()});
}

std::string text_of(const Message& message)
{
  return {reinterpret_cast<const char*>(message.data.data()), message.data.size()};
}

}  // namespace

TEST_CASE("the highest priority comes first, and of that the oldest", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("order");
  const auto outlet = need(pmsg::open_outlet(View{}, "order"));
  const auto inlet = need(pmsg::open_inlet(View{}, "order"));
  need(outlet->put({.priority = 1, .data = bytes_of("low")}, {}));
  need(outlet->put({.priority = 32767, .data = bytes_of("")}, {}));
  need(outlet->put({.priority = 5, .data = bytes_of("a")}, {}));
  need(outlet->put({.priority = 5, .data = bytes_of(std::string_view{"b\0\n", 3})}, {}));
  CHECK(outlet->sent() == 4);
  const auto first = need(inlet->take(plenty, {}));
  CHECK(first.priority == 32767U);
  CHECK(first.data.empty());
  CHECK(text_of(need(inlet->take(plenty, {}))) == "a");
  CHECK(text_of(need(inlet->take(plenty, {}))) == std::string("b\0\n", 3));
  CHECK(need(inlet->take(plenty, {})).priority == 1U);
  CHECK(failure(inlet->take(plenty, {})) == Errc::busy);
}

TEST_CASE("a POSIX queue that is full or given too much says so", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("full");
  const auto outlet = need(pmsg::open_outlet(View{}, "full"));
  CHECK(need(outlet->largest()) == 16U);
  CHECK(failure(outlet->put({.data = bytes_of("12345678901234567")}, {})) == Errc::too_large);
  for (int count = 0; count < 4; ++count) need(outlet->put({.data = bytes_of("1234567890123456")}, {}));
  CHECK(failure(outlet->put({}, {})) == Errc::busy);
  sys::Interrupts interrupts;
  CHECK(failure(outlet->put({}, {.interrupts = &interrupts, .limit = 20ms})) == Errc::timed_out);
  CHECK(outlet->sent() == 4);
}

TEST_CASE("without room for the largest nothing is taken from a POSIX queue", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("room");
  need(need(pmsg::open_outlet(View{}, "room"))->put({.data = bytes_of("x")}, {}));
  const auto inlet = need(pmsg::open_inlet(View{}, "room"));
  CHECK(failure(inlet->take(15, {})) == Errc::too_large);
  CHECK(text_of(need(inlet->take(16, {}))) == "x");
}

TEST_CASE("a message goes back with its priority", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("back");
  const auto outlet = need(pmsg::open_outlet(View{}, "back"));
  need(outlet->put({.priority = 7, .data = bytes_of("first")}, {}));
  need(outlet->put({.priority = 7, .data = bytes_of("second")}, {}));
  const auto inlet = need(pmsg::open_inlet(View{}, "back"));
  need(inlet->put_back(need(inlet->take(plenty, {}))));
  CHECK(text_of(need(inlet->take(plenty, {}))) == "second");
  const auto last = need(inlet->take(plenty, {}));
  CHECK(text_of(last) == "first");
  CHECK(last.priority == 7U);
}

TEST_CASE("who may only read a POSIX queue takes from it and puts nothing back", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("read-only", 0644);
  need(need(pmsg::open_outlet(View{}, "read-only"))->put({.data = bytes_of("x")}, {}));
  const auto status = tests::exit_status_as(65534, [] {
    const auto inlet = pmsg::open_inlet(View{}, "read-only");
    if (!inlet) return 1;
    const auto message = (*inlet)->take(plenty, {});
    if (!message || text_of(*message) != "x") return 2;
    const auto back = (*inlet)->put_back(*message);
    return !back && back.error().kind == Errc::unsupported ? 0 : 3;
  });
  if (!status) IPCKIT_SKIP("needs another user");
  CHECK(*status == 0);
}

TEST_CASE("a wait for a POSIX queue ends with the message, or in its time", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("wait");
  const auto inlet = need(pmsg::open_inlet(View{}, "wait"));
  sys::Interrupts interrupts;
  const auto begin = std::chrono::steady_clock::now();
  CHECK(failure(inlet->take(plenty, {.interrupts = &interrupts, .limit = 50ms})) == Errc::timed_out);
  CHECK(std::chrono::steady_clock::now() - begin >= 50ms);
  const tests::Background sender{[waiting = ::getpid()] {
    const auto outlet = pmsg::open_outlet(View{}, "wait");
    if (outlet && tests::eventually_asleep(waiting)) static_cast<void>((*outlet)->put({.data = bytes_of("late")}, {}));
  }};
  CHECK(text_of(need(inlet->take(plenty, {.interrupts = &interrupts, .limit = 5s}))) == "late");
}

TEST_CASE("a POSIX queue that is not there is not found", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  CHECK(failure(pmsg::open_inlet(View{}, "nothing")) == Errc::not_found);
  CHECK(failure(pmsg::open_outlet(View{}, "nothing")) == Errc::not_found);
}

TEST_CASE("a POSIX queue that is unlinked still gives what is in it", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("unlinked");
  const auto outlet = need(pmsg::open_outlet(View{}, "unlinked"));
  const auto inlet = need(pmsg::open_inlet(View{}, "unlinked"));
  need(outlet->put({.data = bytes_of("x")}, {}));
  need(sys::mq_unlink("/unlinked"));
  CHECK(text_of(need(inlet->take(plenty, {}))) == "x");
  CHECK(failure(inlet->take(plenty, {})) == Errc::busy);
}
