// SPDX-License-Identifier: MIT
// Which objects are meant, as tables of filters and objects.
#include <ipckit/inventory/filter.hpp>

#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/entries.hpp"

using namespace ipckit;
using namespace ipckit::inventory;
using namespace ipckit::tests;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp now{.seconds = made_at + 100};

/// The REFs of those that match, blanks between.
std::string those_of(const std::vector<Entry>& entries, const Filter& filter)
{
  std::string refs;
  for (const Entry& entry : entries) {
    if (!matches(entry, filter, now)) continue;
    if (!refs.empty()) refs += ' ';
    append_ref(refs, entry);
  }
  return refs;
}

template <class Object>
Object owned_by(uid_t user, Object object)
{
  if constexpr (requires { object.identity; }) {
    object.identity.user = user;
  } else {
    object.file.user = user;
  }
  return object;
}

shm::Segment changed_at(std::int64_t seconds, shm::Segment segment)
{
  segment.changed.seconds = seconds;
  return segment;
}

shm::Segment detached_at(std::int64_t seconds, shm::Segment segment)
{
  segment.detached.seconds = seconds;
  return segment;
}

}  // namespace

TEST_CASE("a filter that is not set lets everything through", "[inventory]")
{
  CHECK(Filter{}.empty());
  CHECK(those_of({some_queue(1), some_set(2), some_fifo("/run/ctl")}, {}) == "msg:1 sem:2 fifo:/run/ctl");
  CHECK_FALSE(Filter{.users = {0}}.empty());
  CHECK_FALSE(Filter{.older_than = 0s}.empty());
  CHECK_FALSE(Filter{.idle_for = 0s}.empty());
  CHECK_FALSE(Filter{.larger_than = 0}.empty());
  CHECK_FALSE(Filter{.names = {"*"}}.empty());
}

TEST_CASE("users unite", "[inventory]")
{
  const std::vector<Entry> entries{owned_by(0, some_queue(1)), owned_by(1000, some_queue(2)),
                                   owned_by(1001, some_fifo("/run/ctl")), owned_by(1000, some_semaphore("lock"))};
  CHECK(those_of(entries, {.users = {1000}}) == "msg:2 psem:/lock");
  CHECK(those_of(entries, {.users = {1001, 0}}) == "msg:1 fifo:/run/ctl");
  CHECK(those_of(entries, {.users = {4294967295U}}).empty());
}

TEST_CASE("older than counts from creation or change", "[inventory]")
{
  const std::vector<Entry> entries{changed_at(made_at, some_segment(1)), changed_at(made_at + 50, some_segment(2)),
                                   changed_at(made_at + 100, some_segment(3)),
                                   changed_at(made_at + 200, some_segment(4)),
                                   detached_at(made_at + 99, some_segment(5))};
  CHECK(those_of(entries, {.older_than = 100s}) == "shm:1 shm:5");
  CHECK(those_of(entries, {.older_than = 100s + 1ns}).empty());
  CHECK(those_of(entries, {.older_than = 50s}) == "shm:1 shm:2 shm:5");
  // What lies in the future, by a stepped clock, is not old at all.
  CHECK(those_of(entries, {.older_than = 0s}) == "shm:1 shm:2 shm:3 shm:5");
}

TEST_CASE("idle for counts from the newest of all times", "[inventory]")
{
  const std::vector<Entry> entries{some_segment(1), detached_at(made_at + 40, some_segment(2)),
                                   detached_at(made_at + 300, some_segment(3)), some_posix_segment("frame")};
  CHECK(those_of(entries, {.idle_for = 100s}) == "shm:1 pshm:/frame");
  CHECK(those_of(entries, {.idle_for = 60s}) == "shm:1 shm:2 pshm:/frame");
  CHECK(those_of(entries, {.idle_for = 0s}) == "shm:1 shm:2 pshm:/frame");
}

TEST_CASE("larger than counts the memory that is taken, or else the size", "[inventory]")
{
  auto sparse = some_posix_segment("sparse", 1 << 30);
  sparse.file.allocated = 4096;
  auto full = some_queue(1);
  full.bytes = 9000;
  auto unknown = some_posix_queue("unknown");
  unknown.geometry = std::nullopt;
  const std::vector<Entry> entries{full,
                                   some_queue(2),
                                   some_segment(3, 8192),
                                   some_posix_segment("frame", 8193),
                                   sparse,
                                   some_set(4),
                                   some_posix_queue("jobs"),
                                   unknown,
                                   some_fifo("/run/ctl")};
  CHECK(those_of(entries, {.larger_than = 8192}) == "msg:1 pshm:/frame pmsg:/jobs");
  CHECK(those_of(entries, {.larger_than = 8191}) == "msg:1 shm:3 pshm:/frame pmsg:/jobs");
  CHECK(those_of(entries, {.larger_than = 0}) == "msg:1 shm:3 pshm:/frame pshm:/sparse pmsg:/jobs");
  CHECK(those_of(entries, {.larger_than = std::numeric_limits<std::uint64_t>::max()}).empty());
}

TEST_CASE("names match with or without their slash, paths with or without their directory", "[inventory]")
{
  const std::vector<Entry> entries{some_queue(1),
                                   some_posix_queue("ci-jobs"),
                                   some_posix_segment("ci-frame"),
                                   some_posix_segment("other"),
                                   some_semaphore("ci-lock"),
                                   some_fifo("/run/ci-ctl"),
                                   some_fifo("/tmp/other")};
  struct Row {
    std::vector<std::string> patterns;
    const char* refs;
  };
  for (const auto& [patterns, refs] :
       {Row{{"*"}, "pmsg:/ci-jobs pshm:/ci-frame pshm:/other psem:/ci-lock fifo:/run/ci-ctl fifo:/tmp/other"},
        Row{{"ci-*"}, "pmsg:/ci-jobs pshm:/ci-frame psem:/ci-lock fifo:/run/ci-ctl"},
        Row{{"/ci-*"}, "pmsg:/ci-jobs pshm:/ci-frame psem:/ci-lock"}, Row{{"/run/*"}, "fifo:/run/ci-ctl"},
        Row{{"*/ci-*"}, "pmsg:/ci-jobs pshm:/ci-frame psem:/ci-lock fifo:/run/ci-ctl"},
        Row{{"other"}, "pshm:/other fifo:/tmp/other"}, Row{{"ci-lock", "ci-jobs"}, "pmsg:/ci-jobs psem:/ci-lock"},
        Row{{"ci-[a-k]*"}, "pmsg:/ci-jobs pshm:/ci-frame fifo:/run/ci-ctl"},
        Row{{"ci-????"}, "pmsg:/ci-jobs psem:/ci-lock"}, Row{{"ci"}, ""}, Row{{"CI-*"}, ""},
        Row{{"sem.ci-lock"}, ""}}) {
    INFO(patterns.front());
    CHECK(those_of(entries, {.names = patterns}) == refs);
  }
}

TEST_CASE("a name of any bytes is matched as it is", "[inventory]")
{
  const std::vector<Entry> entries{some_posix_segment("*"), some_posix_segment("a\nb"), some_posix_segment("\xff"),
                                   some_posix_segment(".hidden")};
  CHECK(those_of(entries, {.names = {"\\*"}}) == "pshm:/%2A");
  CHECK(those_of(entries, {.names = {"a?b"}}) == "pshm:/a%0Ab");
  CHECK(those_of(entries, {.names = {"\xff"}}) == "pshm:/%FF");
  CHECK(those_of(entries, {.names = {"*hidden"}}) == "pshm:/.hidden");
}

TEST_CASE("filters of different sorts intersect", "[inventory]")
{
  const std::vector<Entry> entries{
      owned_by(1000, some_posix_segment("ci-a", 8192)), owned_by(1000, some_posix_segment("ci-b", 100000)),
      owned_by(1001, some_posix_segment("ci-c", 100000)), owned_by(1000, some_posix_segment("other", 100000))};
  CHECK(
      those_of(entries, {.users = {1000}, .older_than = 1s, .idle_for = 1s, .larger_than = 10000, .names = {"ci-*"}}) ==
      "pshm:/ci-b");
}

TEST_CASE("an age is the time that has passed, to the nanosecond", "[inventory]")
{
  CHECK(age_of({.seconds = 10, .nanoseconds = 5}, {.seconds = 12, .nanoseconds = 3}) == 2s - 2ns);
  CHECK(age_of({.seconds = 12, .nanoseconds = 3}, {.seconds = 10, .nanoseconds = 5}) == -2s + 2ns);
  CHECK(age_of({.seconds = -5}, {.seconds = 5}) == 10s);
  CHECK(age_of({}, {}) == 0ns);
}

TEST_CASE("an age beyond what nanoseconds count stops there", "[inventory]")
{
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto century = std::chrono::hours{24 * 36524};
  constexpr std::uint32_t almost = 999'999'999;
  for (const std::int64_t past : {least, least + 1, -most / 2, std::int64_t{-9'223'372'037}}) {
    INFO(past);
    CHECK(age_of({.seconds = past}, {.seconds = 0}) > 2 * century);
    CHECK(age_of({.seconds = past, .nanoseconds = almost}, {.seconds = most}) > 2 * century);
    CHECK(age_of({.seconds = past}, {.seconds = most, .nanoseconds = almost}) > 2 * century);
  }
  for (const std::int64_t future : {most, most - 1, most / 2, std::int64_t{9'223'372'037}}) {
    INFO(future);
    CHECK(age_of({.seconds = future}, {.seconds = 0}) < -2 * century);
    CHECK(age_of({.seconds = future, .nanoseconds = almost}, {.seconds = least}) < -2 * century);
    CHECK(age_of({.seconds = future}, {.seconds = least, .nanoseconds = almost}) < -2 * century);
  }
}
