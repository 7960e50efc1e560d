// SPDX-License-Identifier: MIT
// Taking and giving back, of each kind.
#include <ipckit/lock/holding.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <mqueue.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/lock/record.hpp>
#include <ipckit/msg/queue.hpp>
#include <ipckit/pmsg/queue.hpp>
#include <ipckit/psem/semaphore.hpp>
#include <ipckit/sem/operate.hpp>
#include <ipckit/sem/set.hpp>
#include <ipckit/sys/mqueue.hpp>
#include <ipckit/sys/sysv.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using lock::Holding;
using lock::Phase;
using lock::Record;
using object::View;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

/// A slate of the size that a holding needs.
Record record_for(const Holding& holding)
{
  return need(Record::in_memory(holding.room()));
}

sys::Patience for_a(std::chrono::nanoseconds limit, sys::Interrupts& interrupts)
{
  return {.interrupts = &interrupts, .limit = limit, .until = {}};
}

/// What every holding does that holds one of one.
void check_take_and_give_back(Holding& holding)
{
  const auto first = record_for(holding);
  const auto second = record_for(holding);
  need(holding.take(first.slate(), {}));
  CHECK(first.slate().phase() == Phase::held);
  CHECK(owes(first.slate().note()));
  CHECK(failure(holding.take(second.slate(), {})) == Errc::busy);
  sys::Interrupts interrupts;
  CHECK(failure(holding.take(second.slate(), for_a(20ms, interrupts))) == Errc::timed_out);
  CHECK_FALSE(owes(second.slate().note()));
  need(holding.give_back(first.slate()));
  CHECK(first.slate().phase() == Phase::given_back);
  CHECK_FALSE(owes(first.slate().note()));
  need(holding.take(second.slate(), {}));
  need(holding.give_back(second.slate()));
}

// -------------------------------------------------------------------------------------------------------------- sets

int new_set(std::vector<std::uint16_t> values)
{
  const auto count = static_cast<std::uint32_t>(values.size());
  return need(sem::create(View{}, {.key = 0, .mode = 0600, .count = count, .values = std::move(values)}));
}

int value_of(int id, int number)
{
  return need(sys::semctl(id, number, GETVAL, 0, ""));
}

// ---------------------------------------------------------------------------------------------------- System V queues

struct Letter {
  long type = 0;
  std::array<char, 10'000> text{};
};

void send(int id, long type, std::string_view text)
{
  Letter letter{.type = type};
  std::ranges::copy(text, letter.text.begin());
  REQUIRE(::msgsnd(id, &letter, text.size(), IPC_NOWAIT) == 0);
}

/// The only message of a queue.
std::pair<long, std::string> receive_only(int id)
{
  Letter letter;
  const auto size = ::msgrcv(id, &letter, letter.text.size(), 0, IPC_NOWAIT);
  REQUIRE(size >= 0);
  CHECK(need(msg::inspect(View{}, id)).messages == 0);
  return {letter.type, std::string(letter.text.data(), static_cast<std::size_t>(size))};
}

int new_queue()
{
  return need(msg::create(View{}, {.key = 0, .mode = 0600, .max_bytes = {}}));
}

// ------------------------------------------------------------------------------------------------------- POSIX queues

/// An open POSIX queue for one message of 16 bytes.
class PosixQueue {
public:
  PosixQueue()
  {
    need(pmsg::create(View{}, {.name = "pool", .mode = 0600, .max_messages = 2, .message_size = 16}));
    queue_ = need(sys::mq_open("/pool", O_RDWR));
  }
  void send(std::string_view text, unsigned priority) const
  {
    REQUIRE(::mq_send(queue_.get(), text.data(), text.size(), priority) == 0);
  }
  [[nodiscard]] std::pair<std::string, unsigned> receive() const
  {
    std::array<char, 16> text{};
    unsigned priority = 0;
    const auto size = ::mq_receive(queue_.get(), text.data(), text.size(), &priority);
    REQUIRE(size >= 0);
    return {std::string(text.data(), static_cast<std::size_t>(size)), priority};
  }

private:
  sys::UniqueFd queue_;
};

}  // namespace

TEST_CASE("one of a set is taken and given back, or several", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({7, 1, 5});
  check_take_and_give_back(*lock::hold_set(View{}, id, 1, 1));
  CHECK(value_of(id, 1) == 1);
  const auto four = lock::hold_set(View{}, id, 2, 4);
  const auto record = record_for(*four);
  need(four->take(record.slate(), {}));
  CHECK(value_of(id, 2) == 1);
  need(four->give_back(record.slate()));
  CHECK(value_of(id, 2) == 5);
  CHECK(value_of(id, 0) == 7);
  CHECK(four->last_taker() == ::getpid());
  CHECK(four->identity().empty());  // the kernel gives back for the dead
}

TEST_CASE("the kernel gives back what a dead process held of a set, and nothing twice", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({1});
  const auto holding = lock::hold_set(View{}, id, 0, 1);
  {
    const tests::Child holder{[&] { return holding->take(record_for(*holding).slate(), {}).has_value(); }};
    REQUIRE(holder.ready());
    CHECK(value_of(id, 0) == 0);
    CHECK(holding->last_taker() == holder.pid());
  }
  CHECK(value_of(id, 0) == 1);
  CHECK(tests::status_of_child([&] {
          const auto record = record_for(*holding);
          const bool done = holding->take(record.slate(), {}) && holding->give_back(record.slate());
          return done ? 0 : 1;
        }) == 0);
  CHECK(value_of(id, 0) == 1);
}

TEST_CASE("a set that is not there, or has no such semaphore, has nothing to take", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set({1, 1});
  const auto record = need(Record::in_memory(0));
  const auto beyond = error_of(lock::hold_set(View{}, id, 2, 1)->take(record.slate(), {}));
  CHECK(beyond.kind == Errc::too_large);
  CHECK(beyond.os_error == EFBIG);
  const auto gone = lock::hold_set(View{}, id + 1, 0, 1);
  CHECK(failure(gone->take(record.slate(), {})) == Errc::not_found);
  CHECK(gone->last_taker() == 0);
  CHECK(record.slate().phase() == Phase::waiting);
}

TEST_CASE("a POSIX semaphore is taken and given back", "[lock]")
{
  const tests::TemporaryDirectory directory;
  const auto value = [&] { return need(psem::inspect(directory.view(), "one", psem::Trace::none)).value; };
  need(psem::create(directory.view(), {.name = "one", .mode = 0600, .value = 1}));
  const auto holding = lock::hold_semaphore(need(psem::Mapped::open(directory.view(), "one")));
  check_take_and_give_back(*holding);
  CHECK(value() == 1U);
  const auto record = record_for(*holding);
  need(holding->take(record.slate(), {}));
  CHECK(value() == 0U);
  CHECK(holding->room() == 0);
  CHECK(holding->last_taker() == 0);
  REQUIRE(holding->descriptors().size() == 1);
  CHECK(::fcntl(holding->descriptors().front(), F_GETFD) != -1);
}

TEST_CASE("a semaphore that takes another's name is another object", "[lock]")
{
  const tests::TemporaryDirectory directory;
  const auto identity = [&] {
    return lock::hold_semaphore(need(psem::Mapped::open(directory.view(), "one")))->identity();
  };
  need(psem::create(directory.view(), {.name = "one", .mode = 0600, .value = 1}));
  const auto before = identity();
  CHECK(before.starts_with("psem-"));
  CHECK_FALSE(before.contains('/'));  // it is a part of a file's name
  CHECK(identity() == before);
  REQUIRE(::unlink((directory / "sem.one").c_str()) == 0);
  need(psem::create(directory.view(), {.name = "one", .mode = 0600, .value = 1}));
  CHECK(identity() != before);
}

TEST_CASE("a message of a System V queue is put back as it was", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const auto holding = need(lock::hold_message(View{}, id));
  const auto largest = std::string(lock::largest_token, 'y');
  for (const std::string& text : {std::string("token"), std::string(), std::string("\0\n\xa5\xff\0", 5),
                                  std::string("ends as the room is filled\xa5\xa5"), largest}) {
    send(id, 4711, text);
    check_take_and_give_back(*holding);
    CHECK(receive_only(id) == std::pair{4711L, text});
  }
  CHECK(holding->identity().starts_with("msg-" + std::to_string(id)));
}

TEST_CASE("a message of a queue that had the same number before is given to nobody", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  send(id, 3, "token");
  const auto holding = need(lock::hold_message(View{}, id));
  const auto record = record_for(*holding);
  need(holding->take(record.slate(), {}));
  const auto changed = need(msg::inspect(View{}, id)).changed.seconds;
  record.slate().note().began = changed - 1;
  CHECK(failure(holding->give_back_left(record.slate())) == Errc::removed);
  CHECK(need(msg::inspect(View{}, id)).messages == 0);
  record.slate().note().began = changed;
  need(holding->give_back_left(record.slate()));
  CHECK(receive_only(id) == std::pair(3L, std::string("token")));
}

TEST_CASE("a message that is larger than a token may be stays where it is", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  std::ofstream("/proc/sys/kernel/msgmax") << "10000\n" << std::flush;
  Letter letter{.type = 1};
  if (::msgsnd(id, &letter, lock::largest_token + 1, IPC_NOWAIT) != 0) IPCKIT_SKIP("cannot raise kernel.msgmax");
  const auto holding = need(lock::hold_message(View{}, id));
  const auto record = record_for(*holding);
  const auto error = error_of(holding->take(record.slate(), {}));
  CHECK(error.os_error == E2BIG);
  CHECK(error.kind == Errc::too_large);
  CHECK(error.detail == "8192");
  CHECK_FALSE(owes(record.slate().note()));
  CHECK(receive_only(id).second.size() == lock::largest_token + 1);
}

TEST_CASE("a message whose size was never noted is put back from what the kernel has written", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const auto holding = need(lock::hold_message(View{}, id));
  for (const std::string& text : {std::string("token"), std::string(), std::string("\0", 1)}) {
    send(id, 3, text);
    const auto record = record_for(*holding);
    need(holding->take(record.slate(), {}));
    // As a guardian leaves it who is killed when the kernel has just handed the message out.
    record.slate().note().size = lock::unknown_size;
    record.slate().set_phase(Phase::waiting);
    REQUIRE(owes(record.slate().note()));
    need(holding->give_back(record.slate()));
    CHECK(receive_only(id) == std::pair{3L, text});
  }
}

TEST_CASE("who is killed while it waits for a message has taken it and noted it, or has not taken it", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const auto holding = need(lock::hold_message(View{}, id));
  for (int round = 0; round < 50; ++round) {
    const auto record = record_for(*holding);
    {
      const tests::Background waiter{[&] {
        sys::Interrupts interrupts;
        static_cast<void>(holding->take(record.slate(), for_a(10s, interrupts)).has_value());
        ::pause();
      }};
      REQUIRE(tests::eventually_asleep(waiter.pid()));
      send(id, 9, "token");
    }
    if (owes(record.slate().note())) need(holding->give_back(record.slate()));
    CHECK(receive_only(id) == std::pair{9L, std::string("token")});
  }
}

TEST_CASE("a queue that is not there gives no token, and one that goes away ends the wait", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const auto holding = need(lock::hold_message(View{}, id));
  const auto record = record_for(*holding);
  {
    sys::Interrupts interrupts;
    const tests::Background remover{[id, waiter = ::getpid()] {
      if (tests::eventually_asleep(waiter)) ::msgctl(id, IPC_RMID, nullptr);
    }};
    CHECK(failure(holding->take(record.slate(), for_a(10s, interrupts))) == Errc::removed);
  }
  CHECK_FALSE(owes(record.slate().note()));
  CHECK(failure(lock::hold_message(View{}, id)) == Errc::not_found);
}

TEST_CASE("what a dead guardian had of a queue that was replaced is not given to the new one", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_queue();
  const auto holding = need(lock::hold_message(View{}, id));
  send(id, 1, "token");
  const auto record = record_for(*holding);
  need(holding->take(record.slate(), {}));
  const auto changed = need(msg::inspect(View{}, id)).changed.seconds;
  record.slate().note().began = changed - 1;
  CHECK(failure(holding->give_back_left(record.slate())) == Errc::removed);
  record.slate().note().began = changed;
  need(holding->give_back_left(record.slate()));
  CHECK(receive_only(id) == std::pair{1L, std::string("token")});
}

TEST_CASE("who may not put a message back does not take one", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto denied_to_another = [](std::uint32_t mode, gid_t group) {
    const int id = need(msg::create(View{}, {.key = 0, .mode = mode, .max_bytes = {}}));
    msqid_ds data{};
    REQUIRE(::msgctl(id, IPC_STAT, &data) == 0);
    data.msg_perm.gid = group;
    REQUIRE(::msgctl(id, IPC_SET, &data) == 0);
    return tests::exit_status_as(65534, [id] {
      const auto holding = lock::hold_message(View{}, id);
      return !holding && holding.error().kind == Errc::access_denied ? 1 : 0;
    });
  };
  if (!denied_to_another(0600, 0)) IPCKIT_SKIP("needs root and another user");
  constexpr gid_t own = 65534;
  CHECK(denied_to_another(0604, 0) == 1);
  CHECK(denied_to_another(0606, 0) == 0);
  CHECK(denied_to_another(0640, own) == 1);
  CHECK(denied_to_another(0660, own) == 0);
  CHECK(denied_to_another(0646, own) == 1);
}

TEST_CASE("a message of a POSIX queue is put back as it was, with its priority", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const PosixQueue queue;
  const auto holding = need(lock::hold_posix_message("pool"));
  CHECK(holding->room() == 16);
  for (const std::string& text : {std::string("token"), std::string(), std::string(16, '\0')}) {
    queue.send(text, 12);
    check_take_and_give_back(*holding);
    CHECK(queue.receive() == std::pair{text, 12U});
  }
  CHECK(holding->identity().starts_with("pmsg-"));
  CHECK(holding->descriptors().size() == 1);
  CHECK(failure(lock::hold_posix_message("missing")) == Errc::not_found);
}

TEST_CASE("a byte of a FIFO is put back as it was", "[lock]")
{
  const tests::TemporaryDirectory directory;
  const auto path = directory / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const auto holder = need(sys::open(path, O_RDWR | O_NONBLOCK));
  const auto holding = need(lock::hold_byte(path));
  for (const char byte : {'+', '\0', '\xff'}) {
    REQUIRE(::write(holder.get(), &byte, 1) == 1);
    check_take_and_give_back(*holding);
    std::array<char, 2> left{};
    CHECK(::read(holder.get(), left.data(), left.size()) == 1);
    CHECK(left[0] == byte);
  }
  CHECK(holding->identity().starts_with("fifo-"));
  CHECK(holding->room() == 1);
}

TEST_CASE("what is no FIFO has no byte to take", "[lock]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "+");
  CHECK(failure(lock::hold_byte(directory / "file")) == Errc::mismatch);
  CHECK(failure(lock::hold_byte(directory / "missing")) == Errc::not_found);
}
