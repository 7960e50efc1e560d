// SPDX-License-Identifier: MIT
// Looking at the messages of a queue.
#include <ipckit/msg/peek.hpp>

#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <sys/msg.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using msg::Peeker;
using object::View;
using tests::failure;
using tests::need;

namespace {

void send(int id, long type, std::string_view text)
{
  std::vector<char> message(sizeof type + text.size());
  std::memcpy(message.data(), &type, sizeof type);
  text.copy(message.data() + sizeof type, text.size());
  REQUIRE(::msgsnd(id, message.data(), text.size(), IPC_NOWAIT) == 0);
}

std::string text_of(const msg::WaitingMessage& message)
{
  return {reinterpret_cast<const char*>(message.data.data()), message.data.size()};
}

}  // namespace

TEST_CASE("messages are seen in their order and stay", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(msg::create(View{}, {}));
  send(id, 5, "five");
  send(id, 2, std::string_view("\0\n", 2));
  send(id, 9, "");
  const auto before = need(msg::inspect(View{}, id));
  Peeker peeker{View{}, id};
  const auto first = need(peeker.at(0));
  REQUIRE(first);
  CHECK(first->type == 5);
  CHECK(text_of(*first) == "five");
  const auto second = need(peeker.at(1));
  REQUIRE(second);
  CHECK(text_of(*second) == std::string("\0\n", 2));
  const auto third = need(peeker.at(2));
  REQUIRE(third);
  CHECK(third->size == 0);
  CHECK_FALSE(need(peeker.at(3)));
  CHECK(need(msg::inspect(View{}, id)) == before);
}

TEST_CASE("a message longer than the first buffer is seen whole", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  std::ofstream{"/proc/sys/kernel/msgmax"} << 100000;
  std::ofstream{"/proc/sys/kernel/msgmnb"} << 200000;
  const int id = need(msg::create(View{}, {}));
  const std::string text(90000, 'x');
  send(id, 1, text);
  Peeker peeker{View{}, id};
  const auto message = need(peeker.at(0));
  REQUIRE(message);
  CHECK(text_of(*message) == text);
}

TEST_CASE("of a message longer than the limit is now, the length is known", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  std::ofstream{"/proc/sys/kernel/msgmax"} << 8192;
  const int id = need(msg::create(View{}, {}));
  send(id, 1, std::string(4321, 'x'));
  send(id, 2, "after");
  std::ofstream{"/proc/sys/kernel/msgmax"} << 100;
  Peeker peeker{View{}, id};
  const auto message = need(peeker.at(0));
  REQUIRE(message);
  CHECK_FALSE(message->type);
  CHECK(message->size == 4321);
  const auto after = need(peeker.at(1));
  REQUIRE(after);
  CHECK(text_of(*after) == "after");
}

TEST_CASE("a queue that is gone, or may not be read", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  Peeker none{View{}, 77};
  CHECK(failure(none.at(0)) == Errc::not_found);
  const int id = need(msg::create(View{}, {}));
  send(id, 1, "secret");
  const auto status = tests::exit_status_as(65534, [&] {
    Peeker peeker{View{}, id};
    const auto message = peeker.at(0);
    return !message && message.error().kind == Errc::access_denied ? 0 : 1;
  });
  if (!status) IPCKIT_SKIP("cannot become another user");
  CHECK(*status == 0);
}

TEST_CASE("whether anything was sent or received between two looks", "[msg]")
{
  const msg::Queue queue{.messages = 3, .bytes = 30, .sent = {.seconds = 100}};
  auto other = queue;
  CHECK(msg::same_content(queue, other));
  other.received.seconds = 101;
  CHECK_FALSE(msg::same_content(queue, other));
  other = queue;
  other.messages = 4;
  CHECK_FALSE(msg::same_content(queue, other));
  other = queue;
  other.max_bytes = 1;  // a limit is no content
  CHECK(msg::same_content(queue, other));
}
