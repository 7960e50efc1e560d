// SPDX-License-Identifier: MIT
// Conditions as functions of what was seen, and the table of kinds that have them.
#include <ipckit/inventory/condition.hpp>

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include "support/catch.hpp"
#include "support/entries.hpp"

using namespace ipckit;
using namespace ipckit::inventory;
using object::Kind;

namespace {

constexpr Wish wish(Condition condition, std::uint32_t value = 0)
{
  return {.condition = condition, .value = value};
}

}  // namespace

TEST_CASE("the table of conditions stands in the order of the enumeration", "[inventory]")
{
  std::set<std::string_view> words;
  std::size_t place = 0;
  for (const auto& row : conditions()) {
    CHECK(std::to_underlying(row.condition) == place++);
    CHECK(name_of(row.condition) == row.word);
    words.insert(row.word);
  }
  CHECK(words.size() == 9);
  for (const Kind kind : object::all_kinds) {
    CHECK(means_of(Condition::exists, kind) != Means::none);
    CHECK(means_of(Condition::gone, kind) != Means::none);
  }
  CHECK(means_of(Condition::used, Kind::msg) == Means::none);
  CHECK(means_of(Condition::zero, Kind::psem) == Means::look);
  CHECK(name_of(Means::none) == "-");
}

TEST_CASE("words for what is waited for", "[inventory]")
{
  for (const auto& row : conditions()) {
    if (row.condition == Condition::value) continue;
    CHECK(parse_wish(row.word) == wish(row.condition));
  }
  CHECK(parse_wish("value=0") == wish(Condition::value));
  CHECK(parse_wish("value=007") == wish(Condition::value, 7));
  CHECK(parse_wish("value=4294967295") == wish(Condition::value, std::numeric_limits<std::uint32_t>::max()));
  for (const char* const word :
       {"", "value", "value=", "value=-1", "value=1x", "value=4294967296", "Exists", "zero=1"}) {
    INFO(word);
    CHECK_FALSE(parse_wish(word));
  }
}

TEST_CASE("contents of a System V queue", "[inventory]")
{
  auto queue = tests::some_queue(1);
  CHECK(holds(wish(Condition::empty), queue) == true);
  CHECK(holds(wish(Condition::nonempty), queue) == false);
  CHECK(holds(wish(Condition::writable), queue) == true);
  queue.messages = 1;
  queue.bytes = 16383;
  CHECK(holds(wish(Condition::empty), queue) == false);
  CHECK(holds(wish(Condition::nonempty), queue) == true);
  CHECK(holds(wish(Condition::writable), queue) == true);
  queue.bytes = 16384;
  CHECK(holds(wish(Condition::writable), queue) == false);
  // Messages without bytes count as well.
  queue.bytes = 0;
  queue.messages = 16384;
  CHECK(holds(wish(Condition::writable), queue) == false);
  queue.max_bytes.reset();
  CHECK_FALSE(holds(wish(Condition::writable), queue));
  CHECK_FALSE(holds(wish(Condition::used), queue));
}

TEST_CASE("contents of a POSIX queue", "[inventory]")
{
  auto queue = tests::some_posix_queue("q");
  CHECK(holds(wish(Condition::empty), queue) == true);
  CHECK(holds(wish(Condition::writable), queue) == true);
  queue.geometry->messages = 10;
  CHECK(holds(wish(Condition::nonempty), queue) == true);
  CHECK(holds(wish(Condition::writable), queue) == false);
  queue.geometry.reset();
  CHECK_FALSE(holds(wish(Condition::nonempty), queue));
}

TEST_CASE("values, of a set all of them", "[inventory]")
{
  auto set = tests::some_set(1);
  CHECK(holds(wish(Condition::value, 1), set) == true);
  CHECK(holds(wish(Condition::zero), set) == false);
  set.values = {0, 2};
  CHECK(holds(wish(Condition::zero), set) == false);
  CHECK(holds(wish(Condition::value, 2), set) == false);
  set.values = {0, 0};
  CHECK(holds(wish(Condition::zero), set) == true);
  set.values.reset();
  CHECK_FALSE(holds(wish(Condition::zero), set));
  auto semaphore = tests::some_semaphore("s");
  CHECK(holds(wish(Condition::value, 1), semaphore) == true);
  CHECK(holds(wish(Condition::zero), semaphore) == false);
  semaphore.value.reset();
  CHECK_FALSE(holds(wish(Condition::zero), semaphore));
}

TEST_CASE("mappings that the kernel counts; of files it does not", "[inventory]")
{
  auto segment = tests::some_segment(1);
  CHECK(holds(wish(Condition::unused), segment) == true);
  segment.maps = 2;
  CHECK(holds(wish(Condition::used), segment) == true);
  CHECK(holds(wish(Condition::unused), segment) == false);
  CHECK_FALSE(holds(wish(Condition::used), tests::some_posix_segment("m")));
  CHECK_FALSE(holds(wish(Condition::nonempty), tests::some_fifo("/f")));
}
