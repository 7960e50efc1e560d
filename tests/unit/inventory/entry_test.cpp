// SPDX-License-Identifier: MIT
// What can be asked of every object alike.
#include <ipckit/inventory/entry.hpp>

#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/entries.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace ipckit::inventory;
using namespace ipckit::tests;
using object::Kind;

namespace {

std::vector<Entry> one_of_each()
{
  return {some_queue(5),
          some_segment(0),
          some_set(2147483647),
          some_posix_queue("jobs"),
          some_posix_segment("frame \n"),
          some_semaphore("lock"),
          some_fifo("/run/a b")};
}

Timestamp at(std::int64_t seconds)
{
  return {.seconds = seconds};
}

}  // namespace

TEST_CASE("each object has the kind, the REF and the name of its own", "[inventory]")
{
  struct Row {
    Kind kind;
    const char* ref;
    const char* name;
  };
  const std::vector<Row> expected{{Kind::msg, "msg:5", ""},
                                  {Kind::shm, "shm:0", ""},
                                  {Kind::sem, "sem:2147483647", ""},
                                  {Kind::pmsg, "pmsg:/jobs", "/jobs"},
                                  {Kind::pshm, "pshm:/frame%20%0A", "/frame \n"},
                                  {Kind::psem, "psem:/lock", "/lock"},
                                  {Kind::fifo, "fifo:/run/a%20b", "/run/a b"}};
  const auto entries = one_of_each();
  REQUIRE(entries.size() == expected.size());
  for (std::size_t at = 0; at < entries.size(); ++at) {
    INFO(expected[at].ref);
    CHECK(kind_of(entries[at]) == expected[at].kind);
    CHECK(object::to_text(ref_of(entries[at])) == expected[at].ref);
    std::string text = "behind: ";
    append_ref(text, entries[at]);
    CHECK(text == std::string("behind: ") + expected[at].ref);
    CHECK(name_of(entries[at]) == expected[at].name);
    CHECK((sysv_of(entries[at]) != nullptr) == object::is_sysv(expected[at].kind));
    CHECK((file_of(entries[at]) != nullptr) == !object::is_sysv(expected[at].kind));
  }
}

TEST_CASE("owner, group and mode are where the kind keeps them", "[inventory]")
{
  auto queue = some_queue(5);
  queue.identity.user = 1;
  queue.identity.group = 2;
  queue.identity.mode = 0640;
  auto fifo = some_fifo("/run/ctl");
  fifo.file.user = 3;
  fifo.file.group = 4;
  fifo.file.type_and_mode = 0010622;
  CHECK(user_of(queue) == 1);
  CHECK(group_of(queue) == 2);
  CHECK(mode_of(queue) == 0640);
  CHECK(user_of(fifo) == 3);
  CHECK(group_of(fifo) == 4);
  CHECK(mode_of(fifo) == 0622);
}

TEST_CASE("an object is as old as its birth, or its last change where that is not kept", "[inventory]")
{
  auto segment = some_posix_segment("frame");
  segment.file.changed = at(3000);
  segment.file.born = at(2000);
  CHECK(since(segment) == at(2000));
  segment.file.born = std::nullopt;
  CHECK(since(segment) == at(3000));
  auto set = some_set(1);
  set.changed = at(4000);
  set.operated = at(5000);
  CHECK(since(set) == at(4000));
}

TEST_CASE("an object was last used at the newest of all its times", "[inventory]")
{
  auto queue = some_queue(1);
  CHECK(last_used(queue) == at(made_at));
  queue.sent = at(1001);
  CHECK(last_used(queue) == at(1001));
  queue.received = at(1002);
  CHECK(last_used(queue) == at(1002));
  auto segment = some_segment(1);
  segment.attached = at(1003);
  CHECK(last_used(segment) == at(1003));
  segment.detached = at(1004);
  CHECK(last_used(segment) == at(1004));
  auto set = some_set(1);
  set.operated = at(1005);
  CHECK(last_used(set) == at(1005));
  auto file = some_posix_segment("frame");
  file.file.accessed = at(1006);
  CHECK(last_used(file) == at(1006));
  file.file.modified = {.seconds = 1006, .nanoseconds = 1};
  CHECK(last_used(file) == Timestamp{.seconds = 1006, .nanoseconds = 1});
  file.file.born = at(1007);
  CHECK(last_used(file) == at(1007));
}

TEST_CASE("size is what an object may hold, taken what it takes of memory", "[inventory]")
{
  auto queue = some_queue(1);
  queue.bytes = 100;
  CHECK(size_of(queue) == 16384);
  CHECK(taken_by(queue) == 100);
  queue.max_bytes = std::nullopt;
  CHECK(size_of(queue) == std::nullopt);

  CHECK(size_of(some_segment(1, 5000)) == 5000);
  CHECK(taken_by(some_segment(1, 5000)) == 5000);
  CHECK(size_of(some_set(1)) == std::nullopt);
  CHECK(taken_by(some_set(1)) == std::nullopt);

  auto posix_queue = some_posix_queue("jobs");
  CHECK(size_of(posix_queue) == 81920);
  CHECK(taken_by(posix_queue) == std::nullopt);
  posix_queue.geometry->max_messages = std::numeric_limits<std::uint64_t>::max();
  CHECK(size_of(posix_queue) == std::numeric_limits<std::uint64_t>::max());
  posix_queue.geometry = std::nullopt;
  CHECK(size_of(posix_queue) == std::nullopt);

  auto sparse = some_posix_segment("frame", std::uint64_t{7} << 60U);
  sparse.file.allocated = 4096;
  CHECK(size_of(sparse) == std::uint64_t{7} << 60U);
  CHECK(taken_by(sparse) == 4096);
  CHECK(size_of(some_semaphore("lock")) == 32);
  CHECK(taken_by(some_semaphore("lock")) == 4096);
  CHECK(size_of(some_fifo("/run/ctl")) == std::nullopt);
  CHECK(taken_by(some_fifo("/run/ctl")) == std::nullopt);
}
