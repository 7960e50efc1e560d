// SPDX-License-Identifier: MIT
// Messages into and out of System V queues.
#include <ipckit/msg/transfer.hpp>

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include <sys/msg.h>
#include <unistd.h>

#include <ipckit/msg/queue.hpp>
#include <ipckit/sys/sysv.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using msg::Selection;
using object::Message;
using object::View;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

constexpr std::size_t plenty = std::size_t{1} << 20U;

int new_queue(std::optional<std::uint64_t> max_bytes = std::nullopt)
{
  return need(msg::create(View{}, {.key = 0, .mode = 0600, .max_bytes = max_bytes}));
}

std::span<const std::byte> bytes_of(std::string_view text)
{
  return std::as_bytes(std::span{text.data(), text.size()});
}

std::string text_of(const Message& message)
{
  return {reinterpret_cast<const char*>(message.data.data()), message.data.size()};
}

void put(int id, std::int64_t type, std::string_view text = "")
{
  const auto outlet = need(msg::open_outlet(View{}, id));
  need(outlet->put({.type = type, .data = bytes_of(text)}, {}));
}

/// The type of the message that is taken, and -1 when there is none.
std::int64_t type_taken(int id, const Selection& selection)
{
  const auto inlet = need(msg::open_inlet(View{}, id, selection));
  const auto message = inlet->take(plenty, {});
  if (message) return message->type;
  CHECK(message.error().kind == Errc::busy);
  return -1;
}

std::uint64_t waiting_in(int id)
{
  return need(msg::inspect(View{}, id)).messages;
}

}  // namespace

TEST_CASE("a message goes through a System V queue as it is", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const auto outlet = need(msg::open_outlet(View{}, id));
  const auto inlet = need(msg::open_inlet(View{}, id, {}));
  const std::string texts[] = {"", "x", std::string("\0\n\xff", 3), std::string(8192, 'y')};
  std::uint64_t sent = 0;
  for (const std::string& text : texts) {
    need(outlet->put({.type = 1234567890123, .data = bytes_of(text)}, {}));
    CHECK(outlet->sent() == ++sent);
    const auto message = need(inlet->take(plenty, {}));
    CHECK(message.type == 1234567890123);
    CHECK(text_of(message) == text);
  }
  CHECK(failure(inlet->take(plenty, {})) == Errc::busy);
}

TEST_CASE("the kernel's rules select the message", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  for (const std::int64_t type : {5, 2, 9, 11}) put(id, type);
  SECTION("0: the first")
  {
    CHECK(type_taken(id, {}) == 5);
  }
  SECTION("N: the first of that type")
  {
    CHECK(type_taken(id, {.type = 2}) == 2);
  }
  SECTION("N: none of that type")
  {
    CHECK(type_taken(id, {.type = 99}) == -1);
  }
  SECTION("-N: the lowest type up to it")
  {
    CHECK(type_taken(id, {.type = -10}) == 2);
  }
  SECTION("-N: none so low")
  {
    CHECK(type_taken(id, {.type = -1}) == -1);
  }
  SECTION("except: the first of another")
  {
    CHECK(type_taken(id, {.type = 5, .except = true}) == 2);
    CHECK(type_taken(id, {.type = 11, .except = true}) == 5);
  }
}

TEST_CASE("a message that is longer than the room stays", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  put(id, 7, std::string(100, 'x'));
  const auto inlet = need(msg::open_inlet(View{}, id, {}));
  CHECK(failure(inlet->take(99, {})) == Errc::too_large);
  CHECK(failure(inlet->take(0, {})) == Errc::too_large);
  CHECK(waiting_in(id) == 1);
  CHECK(need(inlet->take(100, {})).data.size() == 100);
}

TEST_CASE("a message is cut only where that was asked for", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  put(id, 7, "123456");
  SECTION("cut")
  {
    const auto inlet = need(msg::open_inlet(View{}, id, {.truncate = 4}));
    CHECK(text_of(need(inlet->take(plenty, {}))) == "1234");
    CHECK(waiting_in(id) == 0);
  }
  SECTION("cut to nothing")
  {
    const auto inlet = need(msg::open_inlet(View{}, id, {.truncate = 0}));
    CHECK(text_of(need(inlet->take(plenty, {}))).empty());
  }
  SECTION("not cut because there is little room behind others")
  {
    const auto inlet = need(msg::open_inlet(View{}, id, {.truncate = 4}));
    CHECK(failure(inlet->take(3, {})) == Errc::too_large);
    CHECK(waiting_in(id) == 1);
  }
  SECTION("short enough")
  {
    const auto inlet = need(msg::open_inlet(View{}, id, {.truncate = 100}));
    CHECK(text_of(need(inlet->take(plenty, {}))) == "123456");
  }
}

TEST_CASE("a message that was put back is the last one", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  put(id, 3, "first");
  put(id, 4, "second");
  const auto inlet = need(msg::open_inlet(View{}, id, {}));
  need(inlet->put_back(need(inlet->take(plenty, {}))));
  CHECK(text_of(need(inlet->take(plenty, {}))) == "second");
  const auto last = need(inlet->take(plenty, {}));
  CHECK(text_of(last) == "first");
  CHECK(last.type == 3);
}

TEST_CASE("nothing is put back into a full queue, and nothing waits for that", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue(10);
  put(id, 1, "0123456789");
  const auto inlet = need(msg::open_inlet(View{}, id, {}));
  const std::string taken = text_of(need(inlet->take(plenty, {})));
  put(id, 1, "9876543210");
  CHECK(failure(inlet->put_back({.type = 1, .data = bytes_of(taken)})) == Errc::busy);
}

TEST_CASE("what is too large for a System V queue is told from what has no room now", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue(100);
  const auto outlet = need(msg::open_outlet(View{}, id));
  CHECK(need(outlet->largest()) == 100U);
  put(id, 1, std::string(60, 'x'));
  sys::Interrupts interrupts;
  const std::string text(101, 'y');
  SECTION("no room now")
  {
    CHECK(failure(outlet->put({.data = bytes_of(text).first(60)}, {})) == Errc::busy);
    const sys::Patience patience{.interrupts = &interrupts, .limit = 20ms};
    CHECK(failure(outlet->put({.data = bytes_of(text).first(60)}, patience)) == Errc::timed_out);
  }
  SECTION("never any room: who would wait, would wait for ever")
  {
    const sys::Patience patience{.interrupts = &interrupts, .limit = {}};
    CHECK(failure(outlet->put({.data = bytes_of(text)}, patience)) == Errc::too_large);
  }
  SECTION("beyond kernel.msgmax")
  {
    const std::string huge(static_cast<std::size_t>(need(sys::msg_info()).limits.msgmax) + 1, 'z');
    CHECK(failure(outlet->put({.data = bytes_of(huge)}, {})) == Errc::too_large);
  }
  CHECK(outlet->sent() == 0);
  CHECK(waiting_in(id) == 1);
}

TEST_CASE("a type that is not positive is none", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto outlet = need(msg::open_outlet(View{}, new_queue()));
  const Error error = error_of(outlet->put({.type = 0}, {}));
  CHECK(error.os_error == EINVAL);
}

TEST_CASE("a queue that is not there is not found, one that goes away was removed", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const auto inlet = need(msg::open_inlet(View{}, id, {}));
  const auto outlet = need(msg::open_outlet(View{}, id));
  SECTION("never seen")
  {
    need(sys::msgctl(id, IPC_RMID, ""));
    CHECK(failure(inlet->take(plenty, {})) == Errc::not_found);
    CHECK(failure(outlet->put({}, {})) == Errc::not_found);
  }
  SECTION("used before")
  {
    need(outlet->put({}, {}));
    need(inlet->take(plenty, {}));
    need(sys::msgctl(id, IPC_RMID, ""));
    CHECK(failure(inlet->take(plenty, {})) == Errc::removed);
    CHECK(failure(outlet->put({}, {})) == Errc::removed);
  }
}

TEST_CASE("the end of the queue ends a wait for a message", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const auto inlet = need(msg::open_inlet(View{}, id, {}));
  sys::Interrupts interrupts;
  const tests::Background remover{[id, waiting = ::getpid()] {
    if (tests::eventually_asleep(waiting)) ::msgctl(id, IPC_RMID, nullptr);
  }};
  const Error error = error_of(inlet->take(plenty, {.interrupts = &interrupts, .limit = 5s}));
  CHECK(error.kind == Errc::removed);
  CHECK(error.os_error == EIDRM);
}

TEST_CASE("a wait ends with the message that comes", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const auto inlet = need(msg::open_inlet(View{}, id, {}));
  sys::Interrupts interrupts;
  const tests::Background sender{[id, waiting = ::getpid()] {
    struct {
      long type;
      char text[4];
    } letter{.type = 9, .text = {'l', 'a', 't', 'e'}};
    if (tests::eventually_asleep(waiting)) ::msgsnd(id, &letter, sizeof letter.text, 0);
  }};
  CHECK(text_of(need(inlet->take(plenty, {.interrupts = &interrupts, .limit = 5s}))) == "late");
}
