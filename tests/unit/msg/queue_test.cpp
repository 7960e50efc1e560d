// SPDX-License-Identifier: MIT
// System V message queues; what all System V kinds share is tested in object/sysv_table_test.cpp.
#include <ipckit/msg/queue.hpp>

#include <cerrno>
#include <string_view>

#include <sys/msg.h>
#include <unistd.h>

#include <ipckit/sys/sysv.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using msg::Queue;
using object::Force;
using object::View;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

struct Message {
  long type;
  char text[64];
};

void send(int id, std::string_view text)
{
  Message message{.type = 1, .text = {}};
  const auto length = text.copy(message.text, sizeof message.text);
  REQUIRE(::msgsnd(id, &message, length, IPC_NOWAIT) == 0);
}

void receive(int id)
{
  Message message{};
  REQUIRE(::msgrcv(id, &message, sizeof message.text, 0, IPC_NOWAIT) >= 0);
}

int new_queue(std::optional<std::uint64_t> max_bytes = std::nullopt)
{
  return need(msg::create(View{}, {.key = 0, .mode = 0600, .max_bytes = max_bytes}));
}

}  // namespace

TEST_CASE("a new queue is empty and holds what the kernel says", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Queue queue = need(msg::inspect(View{}, new_queue()));
  const Queue expected{.identity = queue.identity,
                       .max_bytes = static_cast<std::uint64_t>(need(sys::msg_info()).limits.msgmnb),
                       .changed = queue.changed};
  CHECK(queue == expected);
}

TEST_CASE("messages, bytes, pids and times are counted", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const Queue before = need(msg::inspect(View{}, id));
  send(id, "one");
  send(id, "");
  send(id, "three");
  Queue queue = need(msg::inspect(View{}, id));
  CHECK(queue.messages == 3);
  CHECK(queue.bytes == 8);
  CHECK(queue.last_sender == ::getpid());
  CHECK(queue.last_receiver == 0);
  CHECK(queue.sent.seconds >= before.changed.seconds);
  CHECK(queue.received == Timestamp{});
  receive(id);
  queue = need(msg::inspect(View{}, id));
  CHECK(queue.messages == 2);
  CHECK(queue.bytes == 5);
  CHECK(queue.last_receiver == ::getpid());
  CHECK(queue.received.seconds >= before.changed.seconds);
}

TEST_CASE("a queue holds as much as was wanted", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue(1000);
  CHECK(need(msg::inspect(View{}, id)).max_bytes == 1000);
  need(msg::change(View{}, id, {.attributes = {}, .max_bytes = 500}));
  const Queue queue = need(msg::inspect(View{}, id));
  CHECK(queue.max_bytes == 500);
  CHECK(queue.identity.mode == 0600);
}

TEST_CASE("a queue that cannot be made as wanted is not made at all", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto beyond = static_cast<std::uint64_t>(need(sys::msg_info()).limits.msgmnb) + 1;
  const auto status = tests::exit_status_as(65534, [&] {
    const auto made = msg::create(View{}, {.key = 7, .mode = 0600, .max_bytes = beyond});
    return !made && made.error().kind == Errc::access_denied && made.error().os_error == EPERM ? 0 : 1;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
  CHECK(need(msg::list(View{})).rows.empty());
}

TEST_CASE("a queue with messages inside stays unless it is forced", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const Queue judged = need(msg::inspect(View{}, id));
  send(id, "one");
  CHECK(error_of(msg::remove(View{}, judged, Force::no)) == Error{.kind = Errc::busy,
                                                                  .operation = "remove",
                                                                  .subject = "msg:" + std::to_string(id),
                                                                  .detail = "1 message inside"});
  send(id, "two");
  CHECK(error_of(msg::remove(View{}, judged, Force::no)).detail == "2 messages inside");
  CHECK(need(msg::remove(View{}, judged, Force::yes)) == object::Removal::gone);
  CHECK(failure(msg::inspect(View{}, id)) == Errc::not_found);
}

TEST_CASE("a queue that was emptied since it was judged goes", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  send(id, "one");
  const Queue judged = need(msg::inspect(View{}, id));
  receive(id);
  CHECK(need(msg::remove(View{}, judged, Force::no)) == object::Removal::gone);
}

TEST_CASE("another owner since it was judged makes another queue of it", "[msg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  if (!tests::is_real_root()) IPCKIT_SKIP("needs root, to give objects away");
  const int id = new_queue();
  const Queue judged = need(msg::inspect(View{}, id));
  need(msg::change(View{}, id, {.attributes = {.mode = {}, .user = 1234, .group = {}}, .max_bytes = {}}));
  CHECK(failure(msg::remove(View{}, judged, Force::yes)) == Errc::removed);
  CHECK(msg::inspect(View{}, id).has_value());
}
