// SPDX-License-Identifier: MIT
// Limits and their use, in an IPC namespace of the test's own.
#include <ipckit/inventory/limits.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <mqueue.h>
#include <sys/resource.h>

#include <ipckit/msg/queue.hpp>
#include <ipckit/pmsg/queue.hpp>
#include <ipckit/pshm/segment.hpp>
#include <ipckit/sem/set.hpp>
#include <ipckit/shm/segment.hpp>
#include <ipckit/sys/mqueue.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace ipckit::inventory;
using object::Kind;
using object::KindSet;
using object::View;
using tests::Approx;
using tests::need;

namespace {

std::vector<std::string> names_of(const Limits& limits)
{
  std::vector<std::string> names;
  for (const Limit& limit : limits.rows) names.emplace_back(limit.name);
  return names;
}

Limit limit(const Limits& limits, std::string_view name)
{
  const auto found = std::ranges::find(limits.rows, name, &Limit::name);
  REQUIRE(found != limits.rows.end());
  return *found;
}

}  // namespace

TEST_CASE("per cent are what is used of a sum", "[inventory]")
{
  Limit limit{.value = 200, .counted = true, .used = 50};
  CHECK(limit.percent() == Approx(25.0));
  limit.used = 0;
  CHECK(limit.percent() == Approx(0.0));
  limit.used = 500;
  CHECK(limit.percent() == Approx(250.0));
  limit.value = 0;  // nothing more is to be had
  CHECK(limit.percent() == Approx(100.0));
  limit.used = 18446744073709551615ULL;
  limit.value = 18446744073709551615ULL;
  CHECK(limit.percent() == Approx(100.0));
}

TEST_CASE("there are no per cent where nothing is counted or known", "[inventory]")
{
  CHECK(Limit{.value = 200, .counted = false}.percent() == std::nullopt);
  CHECK(Limit{.value = 200, .counted = true}.percent() == std::nullopt);
  CHECK(Limit{.value = std::nullopt, .counted = true, .used = 5}.percent() == std::nullopt);
  CHECK(Limit{.value = 200, .unlimited = true, .counted = true, .used = 5}.percent() == std::nullopt);
}

TEST_CASE("each kind has its limits, in one order", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto names = [](Kind kind) { return names_of(limits(View{}, {kind})); };
  using Names = std::vector<std::string>;
  CHECK(names(Kind::msg) == Names{"msgmni", "msgmax", "msgmnb"});
  CHECK(names(Kind::shm) == Names{"shmmni", "shmmax", "shmall"});
  CHECK(names(Kind::sem) == Names{"semmni", "semmns", "semmsl", "semopm", "semvmx"});
  CHECK(names(Kind::pmsg) == Names{"queues_max", "msg_max", "msgsize_max", "msgqueue"});
  CHECK(names(Kind::pshm) == Names{"shm_space", "shm_inodes"});
  CHECK(names(Kind::psem) == Names{"shm_space", "shm_inodes", "sem_value_max"});
  CHECK(names(Kind::fifo) == Names{"pipe_max_size", "pipe_user_pages", "pipe_buf"});
  const auto all = limits(View{}, KindSet::all());
  CHECK(all.rows.size() == 21);
  CHECK(all.errors.empty());
  for (const Limit& row : all.rows) {
    INFO(row.name);
    CHECK_FALSE(row.meaning.empty());
    CHECK_FALSE(row.set_by.empty());
    CHECK((row.value.has_value() || row.unlimited));
  }
}

TEST_CASE("what is made is used of the limits", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  for (const char* const name : {"msgmni", "shmmni", "semmni", "semmns", "shmall"}) {
    INFO(name);
    CHECK(limit(limits(View{}, KindSet::all()), name).used == 0);
  }
  need(msg::create(View{}, {.key = 0}));
  need(shm::create(View{}, {.key = 0, .size = 3 * 4096}));
  need(sem::create(View{}, {.key = 0, .count = 7, .values = {}}));
  need(sem::create(View{}, {.key = 0, .count = 2, .values = {}}));
  const auto found = limits(View{}, KindSet::all());
  CHECK(limit(found, "msgmni").used == 1);
  CHECK(limit(found, "shmmni").used == 1);
  CHECK(limit(found, "shmall").used == 3);
  CHECK(limit(found, "semmni").used == 2);
  CHECK(limit(found, "semmns").used == 9);
}

TEST_CASE("POSIX queues use what the kernel charges for them", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  if (!need(pmsg::list(View{})).gaps.empty()) IPCKIT_SKIP("needs the right to mount");
  need(pmsg::create(View{}, {.name = "jobs", .max_messages = 4, .message_size = 1000}));
  const auto found = limits(View{}, {Kind::pmsg});
  CHECK(limit(found, "queues_max").used == 1);
  const auto charged = limit(found, "msgqueue").used;
  REQUIRE(charged.has_value());

  // A user who has none yet may have exactly that much, and not with a byte less.
  const auto fits = [](rlim_t room) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_MSGQUEUE, &limit) != 0) return false;
    limit.rlim_cur = room;
    if (::setrlimit(RLIMIT_MSGQUEUE, &limit) != 0) return false;
    mq_attr attributes{};
    attributes.mq_maxmsg = 4;
    attributes.mq_msgsize = 1000;
    return sys::mq_create("/other", 0600, attributes).has_value();
  };
  const auto status = tests::exit_status_as(54321, [&] { return !fits(*charged - 1) && fits(*charged) ? 0 : 1; });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("space and inodes are those of the directory of POSIX memory", "[inventory]")
{
  const tests::PrivateTmpfs small{65536};
  if (!small) IPCKIT_SKIP("needs the right to mount");
  const View view{.shm_directory = small.path()};
  need(pshm::create(view, {.name = "frame", .size = 16384}));
  const auto found = limits(view, {Kind::pshm});
  CHECK(limit(found, "shm_space").value == 65536);
  CHECK(limit(found, "shm_space").used == 16384);
  CHECK(limit(found, "shm_space").percent() == Approx(25.0));
  CHECK(limit(found, "shm_inodes").used == 2);
  const auto missing = limits({.shm_directory = "/nonexistent"}, {Kind::pshm});
  REQUIRE(missing.errors.size() == 1);
  CHECK(missing.errors[0].first == Kind::pshm);
  CHECK(missing.errors[0].second.kind == Errc::not_found);
}

TEST_CASE("without /proc the settings are unknown", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto found = limits({.proc_directory = "/nonexistent"}, {Kind::pmsg, Kind::fifo, Kind::msg});
  CHECK(limit(found, "queues_max").value == std::nullopt);
  CHECK(limit(found, "pipe_max_size").value == std::nullopt);
  CHECK_FALSE(limit(found, "pipe_user_pages").unlimited);
  CHECK(limit(found, "msgmni").value.has_value());
}
