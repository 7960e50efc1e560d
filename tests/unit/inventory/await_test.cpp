// SPDX-License-Identifier: MIT
// When to look again, and what a look says.
#include <ipckit/inventory/await.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/inventory/find.hpp>
#include <ipckit/object/key.hpp>

#include "support/catch.hpp"
#include "support/entries.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace ipckit::inventory;
using namespace std::chrono_literals;
using object::View;
using tests::failure;
using tests::need;

namespace {

object::Ref ref_of_word(const std::string& word)
{
  const auto ref = object::parse_ref(word);
  INFO(word);
  REQUIRE(ref.has_value());
  return *ref;
}

Awaited awaited(const View& view, const std::string& word, Condition condition)
{
  return Awaited{view, ref_of_word(word), {.condition = condition, .value = 0}};
}

/// Whether one of its descriptors becomes ready within a second.
bool is_told(Awaited& object)
{
  std::vector<pollfd> descriptors;
  object.add_descriptors(descriptors);
  return ::poll(descriptors.data(), descriptors.size(), 1000) > 0;
}

}  // namespace

TEST_CASE("looks come ever later, and soon when something has happened", "[inventory]")
{
  Pace pace;
  auto now = Pace::Clock::now();
  std::vector<std::chrono::nanoseconds> pauses;
  for (int look = 0; look < 8; ++look) {
    pace.looked(now, 1us);
    pauses.push_back(pace.next() - now);
    now = pace.next();
  }
  CHECK(pauses == std::vector<std::chrono::nanoseconds>{1ms, 2ms, 4ms, 8ms, 16ms, 20ms, 20ms, 20ms});
  CHECK_FALSE(pace.is_stirred());
  now += 5ms;
  pace.stir(now);
  CHECK(pace.is_stirred());
  CHECK(pace.next() == now);
  pace.looked(now, 1us);
  CHECK(pace.next() == now + 1ms);
}

TEST_CASE("looks that cost much are rare, whatever happens", "[inventory]")
{
  Pace pace;
  const auto now = Pace::Clock::now();
  pace.looked(now, 5ms);
  CHECK(pace.next() == now + 500ms);
  pace.stir(now + 1ms);
  CHECK(pace.next() == now + 500ms);
  pace.share_with(3);
  pace.looked(now, 5ms);
  CHECK(pace.next() == now + 1500ms);
  // Not so rare that it would be forgotten.
  pace.looked(now, 50ms);
  CHECK(pace.next() == now + 2s);
  pace.looked(now, 1s);
  CHECK(pace.next() == now + 10s);
}

TEST_CASE("the same object, or another under its name", "[inventory]")
{
  const Entry queue = tests::some_queue(1);
  auto other = tests::some_queue(1);
  other.identity.user = 5;  // given away
  CHECK(same_object(queue, other));
  other.identity.id = 32769;
  CHECK_FALSE(same_object(queue, other));
  CHECK_FALSE(same_object(queue, tests::some_segment(1)));
  auto segment = tests::some_posix_segment("m");
  const Entry before = segment;
  segment.file.size = 1;
  CHECK(same_object(before, segment));
  segment.file.inode = 12;
  CHECK_FALSE(same_object(before, segment));
}

TEST_CASE("a queue that is not there yet, is, is another and has gone", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const View view;
  auto exists = awaited(view, "msg:key=7", Condition::exists);
  auto gone = awaited(view, "msg:key=7", Condition::gone);
  auto nonempty = awaited(view, "msg:key=7", Condition::nonempty);
  CHECK_FALSE(need(exists.look()));
  CHECK(need(gone.look()));
  CHECK(failure(nonempty.look()) == Errc::not_found);
  CHECK_FALSE(exists.ref());
  const int first = need(msg::create(view, {.key = 7}));
  CHECK(need(exists.look()));
  CHECK_FALSE(need(gone.look()));
  CHECK_FALSE(need(nonempty.look()));
  CHECK(exists.ref() == object::Ref{.target = object::ById{first}, .ipc_namespace = {}});
  need(msg::remove(view, need(msg::inspect(view, first)), object::Force::no));
  CHECK(failure(nonempty.look()) == Errc::removed);
  CHECK_FALSE(need(exists.look()));
  const int second = need(msg::create(view, {.key = 7}));
  REQUIRE(second != first);
  CHECK(need(exists.look()));
  CHECK(need(gone.look()));
  CHECK(failure(nonempty.look()) == Errc::removed);
}

TEST_CASE("the file that a key was made from may go meanwhile", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "key", "");
  auto empty = awaited({}, "msg:file=" + (directory / "key"), Condition::empty);
  auto exists = awaited({}, "msg:file=" + (directory / "key"), Condition::exists);
  const auto key = need(object::key_of(ref_of_word("msg:file=" + (directory / "key"))));
  CHECK_FALSE(need(exists.look()));
  need(msg::create({}, {.key = key.value()}));
  CHECK(need(empty.look()));
  REQUIRE(::unlink((directory / "key").c_str()) == 0);
  CHECK(need(empty.look()));
  CHECK(need(exists.look()));
  auto late = awaited({}, "msg:file=" + (directory / "key"), Condition::gone);
  CHECK(failure(late.look()) == Errc::not_found);
}

TEST_CASE("the kernel tells of names that come and go", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  const View view = directory.view();
  for (const auto& word : std::vector<std::string>{"pshm:/n", "psem:/n", "fifo:" + (directory / "f")}) {
    INFO(word);
    auto exists = awaited(view, word, Condition::exists);
    CHECK_FALSE(need(exists.look()));
    exists.listen(1);
    CHECK(exists.is_told());
    CHECK_FALSE(need(exists.look()));
    const auto kind = ref_of_word(word).kind;
    if (kind == object::Kind::pshm) need(pshm::create(view, {.name = "n", .size = 1}));
    if (kind == object::Kind::psem) need(psem::create(view, {.name = "n"}));
    if (kind == object::Kind::fifo) need(fifo::create(directory / "f", 0600));
    CHECK(is_told(exists));
    exists.hear();
    CHECK(need(exists.look()));
  }
}

TEST_CASE("a proof of one's own is no news, and an opening is", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  const View view = directory.view();
  need(pshm::create(view, {.name = "m", .size = 1}));
  auto used = awaited(view, "pshm:/m", Condition::used);
  CHECK_FALSE(need(used.look()));
  used.listen(1);
  CHECK(used.is_told());
  CHECK_FALSE(need(used.look()));
  std::vector<pollfd> descriptors;
  used.add_descriptors(descriptors);
  REQUIRE(descriptors.size() == 1);
  CHECK(::poll(descriptors.data(), 1, 0) == 0);
  {
    const auto opened = need(sys::open(directory / "m", 0));
    CHECK(is_told(used));
    used.hear();
    CHECK(need(used.look()));
  }
  CHECK_FALSE(need(used.look()));
  CHECK_FALSE(used.scans());
}

TEST_CASE("a POSIX queue is polled, and its removal noticed", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const View view;
  need(pmsg::create(view, {.name = "awaited"}));
  auto nonempty = awaited(view, "pmsg:/awaited", Condition::nonempty);
  CHECK_FALSE(need(nonempty.look()));
  nonempty.listen(1);
  CHECK_FALSE(need(nonempty.look()));
  need(pmsg::unlink(view, "awaited"));
  CHECK(is_told(nonempty));
  nonempty.hear();
  CHECK(failure(nonempty.look()) == Errc::removed);
}

TEST_CASE("a directory that goes takes its news with it", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::mkdir((directory / "d").c_str(), 0700) == 0);
  auto exists = awaited({}, "fifo:" + (directory / "d/f"), Condition::exists);
  CHECK_FALSE(need(exists.look()));
  exists.listen(1);
  REQUIRE(exists.is_told());
  REQUIRE(::rmdir((directory / "d").c_str()) == 0);
  CHECK(is_told(exists));
  exists.hear();
  CHECK_FALSE(exists.is_told());
  CHECK_FALSE(need(exists.look()));
}
