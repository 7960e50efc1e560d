// SPDX-License-Identifier: MIT
// What holds for all three System V kinds alike, against the real kernel in an IPC namespace of the test's own.
#include <ipckit/object/sysv_table.hpp>

#include <algorithm>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

#include <ipckit/msg/queue.hpp>
#include <ipckit/sem/set.hpp>
#include <ipckit/shm/segment.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/identity.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using object::Attributes;
using object::Force;
using object::Kind;
using object::Source;
using object::View;
using tests::failure;
using tests::need;

namespace {

constexpr std::int32_t some_key = 0x4e1f;
constexpr uid_t stranger = 65534;

// One struct for each kind gives their functions one shape.

struct Msg {
  using Row = msg::Queue;
  static constexpr const char* word = "msg";
  static auto list(const View& view, Source first) { return msg::list(view, first); }
  static auto inspect(const View& view, int id) { return msg::inspect(view, id); }
  static auto find(const View& view, std::int32_t key) { return msg::find(view, key); }
  static auto create(const View& view, std::int32_t key, std::uint32_t mode)
  {
    return msg::create(view, {.key = key, .mode = mode, .max_bytes = std::nullopt});
  }
  static auto change(const View& view, int id, const Attributes& wanted)
  {
    return msg::change(view, id, {.attributes = wanted, .max_bytes = std::nullopt});
  }
  static auto prove_unused(const View& view, const Row& judged) { return msg::prove_unused(view, judged); }
  static auto remove(const View& view, const Row& judged, Force force) { return msg::remove(view, judged, force); }
  /// As the text of /proc/sysvipc tells it.
  static Row as_text(Row row)
  {
    row.max_bytes = std::nullopt;
    return row;
  }
  /// As it is to somebody who may not read it.
  static Row unreadable(Row row) { return row; }
};

struct Shm {
  using Row = shm::Segment;
  static constexpr const char* word = "shm";
  static auto list(const View& view, Source first) { return shm::list(view, first); }
  static auto inspect(const View& view, int id) { return shm::inspect(view, id); }
  static auto find(const View& view, std::int32_t key) { return shm::find(view, key); }
  static auto create(const View& view, std::int32_t key, std::uint32_t mode)
  {
    return shm::create(view, {.key = key, .mode = mode, .size = 5000});
  }
  static auto change(const View& view, int id, const Attributes& wanted)
  {
    return shm::change(view, id, {.attributes = wanted});
  }
  static auto prove_unused(const View& view, const Row& judged) { return shm::prove_unused(view, judged); }
  static auto remove(const View& view, const Row& judged, Force force) { return shm::remove(view, judged, force); }
  static Row as_text(Row row) { return row; }
  static Row unreadable(Row row) { return row; }
};

struct Sem {
  using Row = sem::Set;
  static constexpr const char* word = "sem";
  static auto list(const View& view, Source first) { return sem::list(view, first); }
  static auto inspect(const View& view, int id) { return sem::inspect(view, id); }
  static auto find(const View& view, std::int32_t key) { return sem::find(view, key); }
  static auto create(const View& view, std::int32_t key, std::uint32_t mode)
  {
    return sem::create(view, {.key = key, .mode = mode, .count = 3, .values = {1, 0, 5}});
  }
  static auto change(const View& view, int id, const Attributes& wanted)
  {
    return sem::change(view, id, {.attributes = wanted, .values = {}, .singles = {}});
  }
  static auto prove_unused(const View& view, const Row& judged) { return sem::prove_unused(view, judged); }
  static auto remove(const View& view, const Row& judged, Force force) { return sem::remove(view, judged, force); }
  static Row as_text(Row row) { return row; }
  static Row unreadable(Row row)
  {
    row.values = std::nullopt;
    return row;
  }
};

template <class T>
std::vector<typename T::Row> rows_by_id(const View& view, Source first)
{
  auto rows = need(T::list(view, first)).rows;
  std::ranges::sort(rows, {}, [](const auto& row) { return row.identity.id; });
  return rows;
}

template <class T>
bool nothing_is_there()
{
  return need(T::list(View{}, Source::stat_any)).rows.empty();
}

/// Makes an object in a process of another user.
template <class T>
std::optional<int> create_as(uid_t user, std::int32_t key, std::uint32_t mode)
{
  return tests::exit_status_as(user, [&] { return T::create(View{}, key, mode) ? 0 : 1; });
}

}  // namespace

TEMPLATE_TEST_CASE("a new object is the caller's and has the wanted key and mode", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const mode_t mask = ::umask(0077);
  const int id = need(TestType::create(View{}, some_key, 0646));
  ::umask(mask);
  const auto row = need(TestType::inspect(View{}, id));
  const object::SysvIdentity expected{.id = id,
                                      .key = some_key,
                                      .user = ::geteuid(),
                                      .group = ::getegid(),
                                      .creator_user = ::geteuid(),
                                      .creator_group = ::getegid(),
                                      .mode = 0646};
  CHECK(row.identity == expected);
  const auto now = sys::now().seconds;
  CHECK(row.changed.seconds <= now);
  CHECK(row.changed.seconds > now - 60);
}

TEMPLATE_TEST_CASE("a private object has no key, and there may be several", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const int first = need(TestType::create(View{}, 0, 0600));
  const int second = need(TestType::create(View{}, 0, 0600));
  CHECK(first != second);
  CHECK(need(TestType::inspect(View{}, second)).identity.key == 0);
}

TEMPLATE_TEST_CASE("a key that is taken stays with who has it", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(TestType::create(View{}, some_key, 0600));
  CHECK(failure(TestType::create(View{}, some_key, 0600)) == Errc::already_exists);
  CHECK(need(TestType::find(View{}, some_key)) == id);
}

TEMPLATE_TEST_CASE("a key that nobody has finds nothing and makes nothing", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  CHECK(failure(TestType::find(View{}, some_key)) == Errc::not_found);
  CHECK(nothing_is_there<TestType>());
}

TEMPLATE_TEST_CASE("key 0 finds nothing and makes nothing", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  need(TestType::create(View{}, 0, 0600));
  CHECK_FALSE(TestType::find(View{}, 0).has_value());
  CHECK(rows_by_id<TestType>(View{}, Source::stat_any).size() == 1);
}

TEMPLATE_TEST_CASE("an empty namespace lists nothing by any source", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  for (const Source source : {Source::stat_any, Source::stat, Source::text}) {
    const auto listing = need(TestType::list(View{}, source));
    CHECK(listing.rows.empty());
    CHECK(listing.gaps.empty());
  }
}

TEMPLATE_TEST_CASE("every source lists the same objects", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  std::vector<typename TestType::Row> expected;
  for (const std::int32_t key : {some_key, 0, -1, 0, 7}) {
    expected.push_back(need(TestType::inspect(View{}, need(TestType::create(View{}, key, 0640)))));
  }
  // A hole in the table of indexes.
  need(TestType::remove(View{}, expected[1], Force::no));
  expected.erase(expected.begin() + 1);
  std::ranges::sort(expected, {}, [](const auto& row) { return row.identity.id; });

  CHECK(rows_by_id<TestType>(View{}, Source::stat_any) == expected);
  CHECK(rows_by_id<TestType>(View{}, Source::stat) == expected);
  std::ranges::transform(expected, expected.begin(), TestType::as_text);
  CHECK(rows_by_id<TestType>(View{}, Source::text) == expected);
}

TEMPLATE_TEST_CASE("what others may not read is listed all the same", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(TestType::create(View{}, some_key, 0600));
  const auto expected = TestType::unreadable(need(TestType::inspect(View{}, id)));
  const auto status = tests::exit_status_as(stranger, [&] {
    const auto any = TestType::list(View{}, Source::stat_any);
    const auto readable = TestType::list(View{}, Source::stat);
    const auto looked_at = TestType::inspect(View{}, id);
    if (!any || !readable || !looked_at) return 1;
    if (any->rows != std::vector{expected}) return 2;
    if (readable->rows != std::vector{TestType::as_text(expected)}) return 3;
    return *looked_at == expected ? 0 : 4;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEMPLATE_TEST_CASE("without /proc/sysvipc the walk does what it can and says what it cannot", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const View no_text{.proc_directory = "/nonexistent"};
  const int id = need(TestType::create(View{}, some_key, 0600));
  CHECK(rows_by_id<TestType>(no_text, Source::stat_any).size() == 1);
  CHECK(rows_by_id<TestType>(no_text, Source::stat).size() == 1);
  CHECK(failure(TestType::list(no_text, Source::text)) == Errc::not_found);
  CHECK(need(TestType::inspect(no_text, id)).identity.id == id);

  const auto status = tests::exit_status_as(stranger, [&] {
    const auto listing = TestType::list(no_text, Source::stat);
    if (!listing || !listing->rows.empty() || listing->gaps.size() != 1) return 1;
    const auto& gap = listing->gaps.front();
    return gap.what == object::Missing::objects && gap.count == 1 && gap.os_error == EACCES ? 0 : 2;
  });
  if (status) CHECK(*status == 0);
}

TEMPLATE_TEST_CASE("an id that nobody has is not found", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  CHECK(failure(TestType::inspect(View{}, 0)) == Errc::not_found);
  CHECK(failure(TestType::inspect(View{}, 2147483647)) == Errc::not_found);
  const int id = need(TestType::create(View{}, some_key, 0600));
  // The index is the same, the sequence number is not: a successor, not the object.
  constexpr int one_more = 32768;
  CHECK(failure(TestType::inspect(View{}, id + one_more)) == Errc::not_found);
  CHECK(failure(TestType::change(View{}, id + one_more, {.mode = 0666, .user = {}, .group = {}})) == Errc::not_found);
  CHECK(need(TestType::inspect(View{}, id)).identity.mode == 0600);
}

TEMPLATE_TEST_CASE("owner, group and mode are changed one by one or together", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  if (!tests::is_real_root()) IPCKIT_SKIP("needs root, to give objects away");
  const int id = need(TestType::create(View{}, some_key, 0600));
  auto expected = need(TestType::inspect(View{}, id)).identity;
  const auto change = [&](const Attributes& wanted) {
    need(TestType::change(View{}, id, wanted));
    return need(TestType::inspect(View{}, id)).identity;
  };
  expected.mode = 0644;
  CHECK(change({.mode = 0644, .user = {}, .group = {}}) == expected);
  expected.user = 1234;
  CHECK(change({.mode = {}, .user = 1234, .group = {}}) == expected);
  expected.group = 5678;
  CHECK(change({.mode = {}, .user = {}, .group = 5678}) == expected);
  expected.mode = 0;
  expected.user = 0;
  expected.group = 0;
  CHECK(change({.mode = 0, .user = 0, .group = 0}) == expected);
}

TEMPLATE_TEST_CASE("an owner may change what not even the owner may read", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto status = tests::exit_status_as(stranger, [&] {
    const auto id = TestType::create(View{}, some_key, 0);
    if (!id) return 1;
    if (!TestType::change(View{}, *id, {.mode = 0640, .user = {}, .group = {}})) return 2;
    const auto row = TestType::inspect(View{}, *id);
    return row && row->identity.mode == 0640 ? 0 : 3;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEMPLATE_TEST_CASE("a stranger may neither change nor remove", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(TestType::create(View{}, some_key, 0666));
  const auto row = need(TestType::inspect(View{}, id));
  const auto status = tests::exit_status_as(stranger, [&] {
    const auto changed = TestType::change(View{}, id, {.mode = 0600, .user = {}, .group = {}});
    if (changed || changed.error().kind != Errc::access_denied) return 1;
    const auto removed = TestType::remove(View{}, row, Force::yes);
    return !removed && removed.error().kind == Errc::access_denied ? 0 : 2;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
  CHECK(need(TestType::inspect(View{}, id)) == row);
}

TEMPLATE_TEST_CASE("what is removed is gone", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto row = need(TestType::inspect(View{}, need(TestType::create(View{}, some_key, 0600))));
  need(TestType::prove_unused(View{}, row));
  CHECK(need(TestType::inspect(View{}, row.identity.id)) == row);
  CHECK(need(TestType::remove(View{}, row, Force::no)) == object::Removal::gone);
  CHECK(failure(TestType::inspect(View{}, row.identity.id)) == Errc::not_found);
  CHECK(failure(TestType::prove_unused(View{}, row)) == Errc::not_found);
  CHECK(failure(TestType::find(View{}, some_key)) == Errc::not_found);
  CHECK(failure(TestType::remove(View{}, row, Force::yes)) == Errc::not_found);
  CHECK(nothing_is_there<TestType>());
}

TEMPLATE_TEST_CASE("an id that was given anew is another object and is not removed", "[object]", Msg, Shm, Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto judged = need(TestType::inspect(View{}, need(TestType::create(View{}, some_key, 0600))));
  need(TestType::remove(View{}, judged, Force::no));
  if (!tests::choose_next_id(TestType::word, judged.identity.id)) IPCKIT_SKIP("this kernel lets nobody choose ids");

  SECTION("with another key")
  {
    REQUIRE(need(TestType::create(View{}, some_key + 1, 0600)) == judged.identity.id);
  }
  SECTION("with the same key, by another user")
  {
    const auto made = create_as<TestType>(stranger, some_key, 0600);
    if (!made) IPCKIT_SKIP("needs root, to become another user");
    REQUIRE(*made == 0);
  }
  for (const Force force : {Force::no, Force::yes}) {
    CHECK(failure(TestType::remove(View{}, judged, force)) == Errc::removed);
  }
  CHECK(failure(TestType::prove_unused(View{}, judged)) == Errc::removed);
  CHECK(TestType::inspect(View{}, judged.identity.id).has_value());
}

TEMPLATE_TEST_CASE("a view of another namespace shows that one's objects and makes them there", "[object]", Msg, Shm,
                   Sem)
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto outer = need(sys::open("/proc/thread-self/ns/ipc", O_RDONLY));
  const int outer_id = need(TestType::create(View{}, some_key, 0600));
  const auto outer_row = need(TestType::inspect(View{}, outer_id));

  const tests::PrivateIpc inner;
  REQUIRE(inner.missing().empty());
  REQUIRE(nothing_is_there<TestType>());
  const View there{.ipc_namespace = outer.get()};
  for (const Source source : {Source::stat_any, Source::stat, Source::text}) {
    CHECK(rows_by_id<TestType>(there, source).size() == 1);
  }
  CHECK(need(TestType::inspect(there, outer_id)) == outer_row);
  CHECK(need(TestType::find(there, some_key)) == outer_id);
  const int made = need(TestType::create(there, some_key + 1, 0600));
  CHECK(nothing_is_there<TestType>());
  need(TestType::change(there, made, {.mode = 0640, .user = {}, .group = {}}));
  const auto row = need(TestType::inspect(there, made));
  CHECK(row.identity.mode == 0640);
  need(TestType::prove_unused(there, row));
  CHECK(need(TestType::remove(there, row, Force::no)) == object::Removal::gone);
  CHECK(rows_by_id<TestType>(there, Source::stat_any).size() == 1);
}
