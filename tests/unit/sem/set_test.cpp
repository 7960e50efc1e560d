// SPDX-License-Identifier: MIT
// System V semaphore sets; what all System V kinds share is tested in object/sysv_table_test.cpp.
#include <ipckit/sem/set.hpp>

#include <cerrno>

#include <sys/sem.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using object::Force;
using object::View;
using sem::Semaphore;
using sem::Set;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

using Values = std::vector<std::uint16_t>;

int new_set(std::uint32_t count, Values values = {}, std::uint32_t mode = 0600)
{
  return need(sem::create(View{}, {.key = 0, .mode = mode, .count = count, .values = std::move(values)}));
}

std::optional<Values> values_of(int id)
{
  return need(sem::inspect(View{}, id)).values;
}

std::vector<Semaphore> semaphores_of(int id)
{
  return need(sem::inspect_semaphores(View{}, need(sem::inspect(View{}, id))));
}

/// Blocks on one semaphore of a set.
void block_on(int id, std::uint16_t number, std::int16_t change)
{
  sembuf operation{.sem_num = number, .sem_op = change, .sem_flg = 0};
  ::semop(id, &operation, 1);
}

}  // namespace

TEST_CASE("a new set has its values from the start", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Set set = need(sem::inspect(View{}, new_set(3, {1, 0, 32767})));
  const Set expected{
      .identity = set.identity, .count = 3, .changed = set.changed, .values = std::vector<std::uint16_t>{1, 0, 32767}};
  CHECK(set == expected);
  CHECK(values_of(new_set(2)) == Values{0, 0});
  CHECK(values_of(new_set(3, {4})) == Values{4, 4, 4});
  CHECK(need(sem::inspect(View{}, new_set(2, {4, 5}, 0646))).identity.mode == 0646);
}

TEST_CASE("a set that cannot be made as wanted is not made at all", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  CHECK(error_of(sem::create(View{}, {.key = 7, .count = 1, .values = {32768}})).os_error == ERANGE);
  CHECK(error_of(sem::create(View{}, {.key = 7, .count = 0, .values = {}})).os_error == EINVAL);
  CHECK_FALSE(sem::create(View{}, {.key = 7, .count = 100'000'000, .values = {}}).has_value());
  CHECK(need(sem::list(View{})).rows.empty());
}

TEST_CASE("values are set all at once or one by one", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set(3);
  need(sem::change(View{}, id, {.attributes = {}, .values = {7, 8, 9}, .singles = {}}));
  CHECK(values_of(id) == Values{7, 8, 9});
  need(sem::change(View{}, id, {.attributes = {}, .values = {}, .singles = {{2, 1}, {0, 5}, {2, 3}}}));
  CHECK(values_of(id) == Values{5, 8, 3});
}

TEST_CASE("values for another number of semaphores change nothing", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set(2, {1, 2});
  const std::string subject = "sem:" + std::to_string(id);
  const object::Attributes open_to_all{.mode = 0666, .user = {}, .group = {}};
  for (const Values& values : {Values{9}, Values{9, 9, 9}}) {
    CHECK(error_of(sem::change(View{}, id, {.attributes = open_to_all, .values = values, .singles = {}})) ==
          Error{.kind = Errc::system, .operation = "change", .subject = subject, .detail = "the set has 2 semaphores"});
  }
  CHECK(error_of(sem::change(View{}, id, {.attributes = open_to_all, .values = {}, .singles = {{0, 9}, {2, 9}}}))
            .detail == "the set has 2 semaphores");
  const Set set = need(sem::inspect(View{}, id));
  CHECK(set.values == Values{1, 2});
  CHECK(set.identity.mode == 0600);
}

TEST_CASE("each semaphore tells its value and who used it last", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set(2, {3, 0});
  sembuf take{.sem_num = 0, .sem_op = -1, .sem_flg = 0};
  const int status = tests::status_of_child([&] { return ::semop(id, &take, 1); });
  REQUIRE(status == 0);
  const auto semaphores = semaphores_of(id);
  REQUIRE(semaphores.size() == 2);
  CHECK(semaphores[0].value == 2);
  CHECK(semaphores[0].last_user > 0);
  CHECK(semaphores[0].last_user != ::getpid());
  CHECK(semaphores[1] == Semaphore{.last_user = ::getpid()});
  const Set set = need(sem::inspect(View{}, id));
  CHECK(set.operated.seconds >= set.changed.seconds);
}

TEST_CASE("a set that a thread waits on stays unless it is forced", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_set(2, {0, 1});
  const Set judged = need(sem::inspect(View{}, id));
  const tests::Background taker{[&] { block_on(id, 0, -1); }};
  REQUIRE(tests::eventually([&] { return semaphores_of(id)[0].waiting_to_take == 1; }));
  CHECK(error_of(sem::remove(View{}, judged, Force::no)) ==
        Error{.kind = Errc::busy, .operation = "remove", .subject = "sem:" + std::to_string(id), .detail = "1 waiter"});
  const tests::Background waiter{[&] { block_on(id, 1, 0); }};
  REQUIRE(tests::eventually([&] { return semaphores_of(id)[1].waiting_for_zero == 1; }));
  CHECK(error_of(sem::remove(View{}, judged, Force::no)).detail == "2 waiters");
  CHECK(need(sem::remove(View{}, judged, Force::yes)) == object::Removal::gone);
  CHECK(failure(sem::inspect(View{}, id)) == Errc::not_found);
}

TEST_CASE("whether somebody waits cannot be told without the right to read", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto status = tests::exit_status_as(65534, [] {
    const auto id = sem::create(View{}, {.key = 0, .mode = 0, .count = 1, .values = {}});
    const auto judged = sem::inspect(View{}, *id);
    if (!judged || judged->values) return 1;
    const auto kept = sem::remove(View{}, *judged, Force::no);
    if (kept || kept.error().kind != Errc::unseen) return 2;
    return sem::remove(View{}, *judged, Force::yes) ? 0 : 3;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("values that may not be read are unknown, and their sets one gap", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_set(1, {5}, 0600);
  new_set(1, {6}, 0600);
  new_set(2, {7, 8}, 0644);
  const auto status = tests::exit_status_as(65534, [] {
    const auto listing = sem::list(View{});
    if (!listing || listing->rows.size() != 3) return 1;
    if (listing->rows[0].values || listing->rows[1].values || listing->rows[2].values != Values{7, 8}) return 2;
    const object::Gap expected{
        .what = object::Missing::values, .kind = object::Kind::sem, .count = 2, .os_error = EACCES};
    if (listing->gaps != std::vector{expected}) return 3;
    const auto semaphores = sem::inspect_semaphores(View{}, listing->rows[0]);
    return !semaphores && semaphores.error().kind == Errc::access_denied ? 0 : 4;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("the semaphores of a set that is gone are not found", "[sem]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Set set = need(sem::inspect(View{}, new_set(2)));
  need(sem::remove(View{}, set, Force::no));
  CHECK(failure(sem::inspect_semaphores(View{}, set)) == Errc::not_found);
  CHECK(failure(sem::change(View{}, set.identity.id, {.attributes = {}, .values = {1, 2}, .singles = {}})) ==
        Errc::not_found);
}
