// SPDX-License-Identifier: MIT
// Which limit explains a refusal, as a table.
#include <ipckit/inventory/refusal.hpp>

#include <cerrno>
#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace ipckit;
using namespace ipckit::inventory;
using object::Kind;

namespace {

/// A limit on one object.
Limit each(std::string_view name, std::uint64_t value)
{
  return {.name = name, .value = value};
}

/// A limit on a sum.
Limit sum(std::string_view name, std::uint64_t value, std::optional<std::uint64_t> used)
{
  return {.name = name, .value = value, .counted = true, .used = used};
}

/// A small machine with nothing used.
std::vector<Limit> roomy()
{
  return {sum("msgmni", 100, 0),
          each("msgmnb", 16384),
          sum("shmmni", 100, 0),
          each("shmmax", 1000),
          sum("shmall", 100, 0),
          sum("semmni", 100, 0),
          sum("semmns", 320, 0),
          each("semmsl", 32),
          each("semopm", 500),
          each("semvmx", 32767),
          sum("queues_max", 10, 0),
          each("msg_max", 10),
          each("msgsize_max", 8192),
          sum("msgqueue", 819200, 0),
          sum("shm_space", 1 << 20, 0),
          sum("shm_inodes", 100, 0),
          each("sem_value_max", 2147483647)};
}

/// The same with one limit replaced.
std::vector<Limit> with(const Limit& replacement)
{
  auto limits = roomy();
  for (Limit& limit : limits) {
    if (limit.name == replacement.name) limit = replacement;
  }
  return limits;
}

/// "msgmni 101", or nothing.
std::string explained(const std::vector<Limit>& limits, const Wanted& wanted, int os_error)
{
  const auto refusal = explain_refusal(limits, wanted, os_error);
  return refusal ? std::string(refusal->limit.name) + " " + std::to_string(refusal->needed) : "nothing";
}

}  // namespace

TEST_CASE("a refusal is explained by the limit that it passes", "[inventory]")
{
  struct Row {
    std::vector<Limit> limits;
    Wanted wanted;
    int os_error;
    const char* explanation;
  };
  const std::vector<Row> rows{
      {roomy(), {.kind = Kind::msg, .max_bytes = 16385}, EPERM, "msgmnb 16385"},
      {with(sum("msgmni", 100, 100)), {.kind = Kind::msg}, ENOSPC, "msgmni 101"},
      {roomy(), {.kind = Kind::shm, .size = 1001}, EINVAL, "shmmax 1001"},
      {with(sum("shmmni", 100, 100)), {.kind = Kind::shm, .size = 1}, ENOSPC, "shmmni 101"},
      {with(sum("shmall", 100, 100)), {.kind = Kind::shm, .size = 1}, ENOSPC, "shmall 101"},
      {with(sum("shmall", 100, 99)), {.kind = Kind::shm, .size = 1000}, ENOSPC, "nothing"},
      {roomy(), {.kind = Kind::sem, .count = 33}, EINVAL, "semmsl 33"},
      {roomy(), {.kind = Kind::sem, .count = 1, .value = 32768}, ERANGE, "semvmx 32768"},
      {with(sum("semmni", 100, 100)), {.kind = Kind::sem, .count = 1}, ENOSPC, "semmni 101"},
      {with(sum("semmni", 100, 100)), {.kind = Kind::sem, .operations = 501}, E2BIG, "semopm 501"},
      {with(sum("semmns", 320, 300)), {.kind = Kind::sem, .count = 21}, ENOSPC, "semmns 321"},
      {roomy(), {.kind = Kind::pmsg, .max_messages = 11}, EINVAL, "msg_max 11"},
      {roomy(), {.kind = Kind::pmsg, .message_size = 8193}, EINVAL, "msgsize_max 8193"},
      {with(sum("queues_max", 10, 10)), {.kind = Kind::pmsg}, ENOSPC, "queues_max 11"},
      {roomy(), {.kind = Kind::pshm, .size = (1 << 20) + 1}, ENOSPC, "shm_space 1048577"},
      {with(sum("shm_space", 1 << 20, 1 << 19)),
       {.kind = Kind::pshm, .size = (1 << 19) + 1},
       ENOSPC,
       "shm_space 1048577"},
      {with(sum("shm_inodes", 100, 100)), {.kind = Kind::pshm, .size = 1}, ENOSPC, "shm_inodes 101"},
      {with(sum("shm_inodes", 100, 100)), {.kind = Kind::psem}, ENOSPC, "shm_inodes 101"},
      {with(sum("shm_space", 1 << 20, 1 << 20)), {.kind = Kind::psem}, ENOSPC, "shm_space 1052672"},
      {roomy(), {.kind = Kind::psem, .value = 2147483648}, EINVAL, "sem_value_max 2147483648"},
  };
  for (const auto& [limits, wanted, os_error, explanation] : rows) {
    INFO(explanation);
    CHECK(explained(limits, wanted, os_error) == explanation);
  }
}

TEST_CASE("what just fits is not what was refused", "[inventory]")
{
  struct Row {
    std::vector<Limit> limits;
    Wanted wanted;
  };
  const std::vector<Row> rows{
      {with(sum("msgmni", 100, 99)), {.kind = Kind::msg, .max_bytes = 16384}},
      {roomy(), {.kind = Kind::shm, .size = 1000}},
      {with(sum("semmns", 320, 288)), {.kind = Kind::sem, .count = 32, .value = 32767}},
      {with(sum("queues_max", 10, 9)), {.kind = Kind::pmsg, .max_messages = 10, .message_size = 8192}},
      {with(sum("shm_space", 1 << 20, 0)), {.kind = Kind::pshm, .size = 1 << 20}},
      {roomy(), {.kind = Kind::fifo}},
      {{}, {.kind = Kind::msg, .max_bytes = 1 << 30}},
  };
  for (const auto& [limits, wanted] : rows) CHECK(explained(limits, wanted, ENOSPC) == "nothing");
}

TEST_CASE("a limit that there is none of explains nothing", "[inventory]")
{
  const Limit none{.name = "shmmax", .value = std::nullopt, .unlimited = true};
  CHECK(explained({none}, {.kind = Kind::shm, .size = std::numeric_limits<std::uint64_t>::max()}, EINVAL) == "nothing");
}

TEST_CASE("a use that is not known counts as none", "[inventory]")
{
  CHECK(explained(with(sum("queues_max", 0, std::nullopt)), {.kind = Kind::pmsg}, ENOSPC) == "queues_max 1");
  CHECK(explained(with(sum("queues_max", 10, std::nullopt)), {.kind = Kind::pmsg}, ENOSPC) == "nothing");
}

TEST_CASE("EMFILE of a POSIX queue is the bytes of one user's queues", "[inventory]")
{
  CHECK(explained(with(sum("msgqueue", 100, 50)), {.kind = Kind::pmsg, .max_messages = 4, .message_size = 100}, EMFILE)
            .starts_with("msgqueue "));
  CHECK(explained(with({.name = "msgqueue", .value = std::nullopt, .unlimited = true}), {.kind = Kind::pmsg}, EMFILE) ==
        "nothing");
  const auto enormous = std::numeric_limits<std::uint64_t>::max();
  CHECK(explained(with(sum("msgqueue", 100, 50)),
                  {.kind = Kind::pmsg, .max_messages = enormous, .message_size = enormous},
                  EMFILE) == "msgqueue 18446744073709551615");
}

TEST_CASE("what is wanted of a sum is never more than the largest number", "[inventory]")
{
  CHECK(explained(with(sum("shm_space", 1 << 20, 1)),
                  {.kind = Kind::pshm, .size = std::numeric_limits<std::uint64_t>::max()},
                  ENOSPC) == "shm_space 18446744073709551615");
}
