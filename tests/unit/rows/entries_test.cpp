// SPDX-License-Identifier: MIT
// The columns of an object: keys and headings, what is said of its use, and what JSON has of each kind.
#include <ipckit/rows/entries.hpp>

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <ipckit/cli/listing.hpp>
#include <ipckit/rows/context.hpp>

#include "support/catch.hpp"
#include "support/entries.hpp"

using namespace ipckit;
using namespace ipckit::tests;
using inventory::Entry;

namespace {

std::string use_of(const Entry& entry)
{
  const auto words = rows::use_of(entry);
  return words.alert ? words.text + " !" : words.text;
}

std::string json_of(const Entry& entry)
{
  const render::CellContext context{.now = {.seconds = made_at + 100}, .names = {}};
  std::string out;
  render::JsonObject object{out};
  cli::add_members(object, cli::select(rows::entry_columns(), cli::in_json), entry, context);
  object.close();
  return out;
}

nlohmann::ordered_json parsed(const std::string& text)
{
  return nlohmann::ordered_json::parse(text);
}

}  // namespace

TEST_CASE("columns have keys and headings of their own, fit for scripts", "[rows]")
{
  std::set<std::string_view> keys;
  std::set<std::string_view> headings;
  for (const auto& column : rows::entry_columns()) {
    INFO(column.key);
    CHECK(keys.insert(column.key).second);
    CHECK(headings.insert(column.heading).second);
    CHECK(column.key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
    CHECK(column.heading.find_first_of(" a\tbcdefghijklmnopqrstuvwxyz") == std::string_view::npos);
    CHECK_FALSE(column.help.empty());
  }
}

TEST_CASE("a listing has the columns that everybody needs, in this order", "[rows]")
{
  std::string headings;
  for (const auto* const column : cli::select(rows::entry_columns(), cli::in_table)) {
    const std::string heading(column->heading);
    if (!headings.empty()) headings += ' ';
    headings += cli::is_droppable(column->shown) ? "[" + heading + "]" : heading;
  }
  CHECK(headings == "REF KEY OWNER [MODE] SIZE AGE [IDLE] USE");
}

TEST_CASE("the use of a System V queue is its messages and bytes", "[rows]")
{
  auto queue = some_queue(1);
  CHECK(use_of(queue) == "0 messages, 0 of 16K");
  queue.messages = 1;
  queue.bytes = 3174;
  CHECK(use_of(queue) == "1 message, 3.1K of 16K");
  queue.max_bytes = std::nullopt;
  CHECK(use_of(queue) == "1 message, 3.1K");
  queue.max_bytes = 3174;
  CHECK(use_of(queue) == "1 message, 3.1K of 3.1K (full) !");
  queue.messages = 0;
  queue.bytes = 0;
  queue.max_bytes = 0;
  CHECK(use_of(queue) == "0 messages, 0 of 0");
}

TEST_CASE("the use of a System V segment is its mappings and marks", "[rows]")
{
  auto segment = some_segment(1);
  CHECK(use_of(segment) == "0 maps");
  segment.maps = 1;
  CHECK(use_of(segment) == "1 map");
  segment.pinned = true;
  segment.huge_pages = true;
  CHECK(use_of(segment) == "1 map, huge pages, pinned");
  segment.doomed = true;
  segment.maps = 2;
  CHECK(use_of(segment) == "doomed, 2 maps, huge pages, pinned !");
}

TEST_CASE("the use of a System V set is its values, sixteen at most", "[rows]")
{
  auto set = some_set(1);
  CHECK(use_of(set) == "value 1");
  set.values = std::vector<std::uint16_t>{1, 3};
  CHECK(use_of(set) == "values 1,3");
  set.values = std::vector<std::uint16_t>(17, 0);
  CHECK(use_of(set) == "values 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,… (17)");
  set.values = std::nullopt;
  set.count = 2;
  CHECK(use_of(set) == "2 values not readable");
}

TEST_CASE("the use of a POSIX queue is its messages", "[rows]")
{
  auto queue = some_posix_queue("jobs");
  CHECK(use_of(queue) == "0 of 10 messages");
  queue.geometry->messages = 10;
  CHECK(use_of(queue) == "10 of 10 (full) !");
  queue.geometry = std::nullopt;
  CHECK(use_of(queue) == "not readable");
}

TEST_CASE("the use of a POSIX segment is the memory that it takes", "[rows]")
{
  auto segment = some_posix_segment("frame", 8192);
  CHECK(use_of(segment) == "8.0K allocated");
  segment.file.allocated = 4096;
  CHECK(use_of(segment) == "4.0K allocated, sparse");
}

TEST_CASE("the use of a POSIX semaphore is its value", "[rows]")
{
  auto semaphore = some_semaphore("lock");
  CHECK(use_of(semaphore) == "value 1");
  semaphore.health = psem::Health::damaged;
  CHECK(use_of(semaphore) == "damaged: no semaphore inside !");
  semaphore.health = psem::Health::unread;
  CHECK(use_of(semaphore) == "value not readable");
}

TEST_CASE("JSON has of a System V queue what the kernel keeps, and nothing made up", "[rows]")
{
  auto queue = some_queue(5);
  queue.identity.key = 19999;
  queue.messages = 7;
  queue.bytes = 3174;
  queue.last_sender = 4711;
  queue.sent = {.seconds = made_at + 1};
  const auto members = parsed(json_of(queue));
  CHECK(members.at("ref") == "msg:5");
  CHECK(members.at("kind") == "msg");
  CHECK(members.at("id") == 5);
  CHECK(members.at("key") == "0x00004e1f");
  CHECK(members.at("owner") == "root");
  CHECK(members.at("uid") == 0);
  CHECK(members.at("mode") == "0600");
  CHECK(members.at("size") == 16384);
  CHECK(members.at("messages") == 7);
  CHECK(members.at("bytes") == 3174);
  CHECK(members.at("max_bytes") == 16384);
  CHECK(members.at("last_sender") == 4711);
  CHECK(members.at("sent") == "1970-01-01T00:16:41Z");
  CHECK(members.at("changed") == "1970-01-01T00:16:40Z");
  for (const char* const other :
       {"name", "received", "last_receiver", "values", "maps", "inode", "age", "idle", "use"}) {
    INFO(other);
    CHECK_FALSE(members.contains(other));
  }
}

TEST_CASE("JSON has null for what applies but was not seen", "[rows]")
{
  auto queue = some_queue(5);
  queue.max_bytes = std::nullopt;
  queue.last_sender = 0;  // of another PID namespace
  queue.sent = {.seconds = made_at + 1};
  const auto members = parsed(json_of(queue));
  CHECK(members.at("max_bytes").is_null());
  CHECK(members.at("size").is_null());
  CHECK(members.at("last_sender").is_null());

  auto set = some_set(1);
  set.values = std::nullopt;
  CHECK(parsed(json_of(set)).at("values").is_null());
  auto semaphore = some_semaphore("lock");
  semaphore.value = std::nullopt;
  semaphore.health = psem::Health::unread;
  CHECK(parsed(json_of(semaphore)).at("value").is_null());
  CHECK(parsed(json_of(semaphore)).at("damaged").is_null());
}

TEST_CASE("JSON has the bytes of a name that is no UTF-8", "[rows]")
{
  const auto members = parsed(json_of(some_posix_segment("\xff")));
  CHECK(members.at("ref") == "pshm:/%FF");
  CHECK(members.at("name") == "/\ufffd");
  CHECK(members.at("name_base64") == "L/8=");
}

TEST_CASE("members of JSON stand in the order of the columns", "[rows]")
{
  std::vector<std::string> expected;
  const auto members = parsed(json_of(some_posix_segment("frame")));
  for (const auto& column : rows::entry_columns()) {
    if (members.contains(column.key)) expected.emplace_back(column.key);
  }
  std::vector<std::string> keys;
  for (const auto& member : members.items()) keys.push_back(member.key());
  CHECK(keys == expected);
}
