// SPDX-License-Identifier: MIT
// What a guardian notes, and what others read out of it.
#include <ipckit/lock/note.hpp>

#include <cstring>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"

using namespace ipckit;
using lock::Note;
using lock::owes;
using lock::Phase;
using lock::Slate;
using tests::need;

namespace {

Slate slate_of(std::size_t bytes)
{
  return Slate{need(sys::Mapping::map(-1, bytes, ""))};
}

Slate begun_slate(std::size_t room)
{
  auto slate = slate_of(Slate::size_for(room));
  slate.begin();
  return slate;
}

}  // namespace

TEST_CASE("what is held is owed, and what was given back is not", "[lock]")
{
  Note note;
  CHECK_FALSE(owes(note));
  note.phase = Phase::held;
  CHECK(owes(note));
  note.type = 7;
  CHECK(owes(note));
  note.phase = Phase::given_back;
  CHECK_FALSE(owes(note));
}

TEST_CASE("a message is owed as soon as the kernel has written its type", "[lock]")
{
  Note note;
  note.type = 1;
  CHECK(owes(note));
  note.type = 0;
  CHECK_FALSE(owes(note));
  note.type = -1;
  CHECK_FALSE(owes(note));
}

TEST_CASE("a phase that there is not is nobody's debt", "[lock]")
{
  Note note;
  note.type = 1;
  note.phase = static_cast<Phase>(77);  // NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange): as a file may have it
  CHECK_FALSE(owes(note));
}

TEST_CASE("a slate begins as a note of somebody who waits, with room behind it", "[lock]")
{
  const auto slate = begun_slate(5);
  CHECK(slate.is_sound());
  CHECK(slate.phase() == Phase::waiting);
  CHECK(slate.note().guardian == 0);
  CHECK(slate.note().type == 0);
  CHECK(slate.room().size() == 5);
  CHECK(slate.taken().empty());
}

TEST_CASE("memory that holds no note of this form is not sound", "[lock]")
{
  CHECK_FALSE(Slate{}.is_sound());
  CHECK_FALSE(slate_of(1).is_sound());
  CHECK_FALSE(slate_of(sizeof(Note) - 1).is_sound());
  CHECK_FALSE(slate_of(sizeof(Note)).is_sound());
  const auto other = begun_slate(0);
  CHECK(other.is_sound());
  ++other.note().form;
  CHECK_FALSE(other.is_sound());
}

TEST_CASE("what was taken never reaches beyond the room", "[lock]")
{
  const auto slate = begun_slate(4);
  for (const auto& [size, expected] :
       {std::pair{std::uint64_t{0}, 0U}, {3, 3U}, {4, 4U}, {5, 4U}, {lock::unknown_size, 4U}}) {
    slate.note().size = size;
    CHECK(slate.taken().size() == expected);
    CHECK(slate.taken().data() == slate.room().data());
  }
}

TEST_CASE("a message's text follows its type as in a struct msgbuf", "[lock]")
{
  const auto slate = begun_slate(1);
  CHECK(reinterpret_cast<std::byte*>(&slate.note().type) + sizeof(long) == slate.room().data());
}

TEST_CASE("a note outlives who wrote it", "[lock]")
{
  const auto slate = begun_slate(3);
  CHECK(tests::status_of_child([&] {
          slate.note().size = 2;
          std::memcpy(slate.room().data(), "ab", 2);
          slate.set_phase(Phase::held);
          return 0;
        }) == 0);
  CHECK(slate.phase() == Phase::held);
  CHECK(owes(slate.note()));
  CHECK(std::memcmp(slate.taken().data(), "ab", 2) == 0);
}
