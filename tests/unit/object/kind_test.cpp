// SPDX-License-Identifier: MIT
// The words for kinds and groups.
#include <ipckit/object/kind.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace ipckit::object;

namespace {

std::string names_of(KindSet kinds)
{
  std::string names;
  for (const Kind kind : all_kinds) {
    if (!kinds.has(kind)) continue;
    if (!names.empty()) names += ' ';
    names += name_of(kind);
  }
  return names;
}

std::string meaning_of(std::string_view word)
{
  const auto kinds = parse_kinds(word);
  return kinds ? names_of(*kinds) : "nothing";
}

}  // namespace

TEST_CASE("every kind has a word of its own", "[object]")
{
  for (const Kind kind : all_kinds) {
    INFO(name_of(kind));
    CHECK(parse_kind(name_of(kind)) == kind);
    CHECK(parse_kinds(name_of(kind)) == KindSet{kind});
  }
}

TEST_CASE("groups are several kinds", "[object]")
{
  CHECK(meaning_of("queue") == "msg pmsg");
  CHECK(meaning_of("segment") == "shm pshm");
  CHECK(meaning_of("semaphore") == "sem psem");
  CHECK(meaning_of("sysv") == "msg shm sem");
  CHECK(meaning_of("posix") == "pmsg pshm psem");
  CHECK(meaning_of("all") == "msg shm sem pmsg pshm psem fifo");
}

TEST_CASE("groups are no kinds, and other words are neither", "[object]")
{
  for (const char* const word : {"queue", "segment", "semaphore", "sysv", "posix", "all"}) {
    INFO(word);
    CHECK(parse_kind(word) == std::nullopt);
  }
  for (const char* const word : {"", "MSG", "msgs", " msg", "msg ", "msg:", "sema", "fifos", "*"}) {
    INFO("'" << word << "'");
    CHECK(parse_kind(word) == std::nullopt);
    CHECK(meaning_of(word) == "nothing");
  }
}

TEST_CASE("System V kinds and POSIX kinds are each other's twins", "[object]")
{
  CHECK(twin_of(Kind::msg) == Kind::pmsg);
  CHECK(twin_of(Kind::shm) == Kind::pshm);
  CHECK(twin_of(Kind::sem) == Kind::psem);
  CHECK(twin_of(Kind::fifo) == std::nullopt);
  for (const Kind kind : all_kinds) {
    const auto twin = twin_of(kind);
    if (twin) CHECK(twin_of(*twin) == kind);
    CHECK(is_sysv(kind) == parse_kinds("sysv")->has(kind));
  }
}

TEST_CASE("a set of kinds grows and shrinks", "[object]")
{
  KindSet kinds;
  CHECK(kinds.empty());
  kinds.add(Kind::fifo);
  kinds.add(KindSet{Kind::msg, Kind::shm});
  CHECK(names_of(kinds) == "msg shm fifo");
  kinds.remove(Kind::msg);
  kinds.remove(Kind::psem);
  CHECK(names_of(kinds) == "shm fifo");
  CHECK(KindSet::all() == *parse_kinds("all"));
}
