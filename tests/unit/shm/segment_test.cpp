// SPDX-License-Identifier: MIT
// System V segments; what all System V kinds share is tested in object/sysv_table_test.cpp.
#include <ipckit/shm/segment.hpp>

#include <cerrno>

#include <sys/resource.h>
#include <sys/shm.h>
#include <unistd.h>

#include <ipckit/sys/identity.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using object::Force;
using object::Removal;
using object::View;
using shm::Pinning;
using shm::Segment;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

constexpr std::int32_t some_key = 0x4e1f;

int new_segment(std::uint64_t size, std::int32_t key = 0)
{
  return need(shm::create(View{}, {.key = key, .mode = 0600, .size = size}));
}

/// A mapping in this process.
class Mapping {
public:
  explicit Mapping(int id) noexcept : address_{static_cast<char*>(::shmat(id, nullptr, 0))} {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  Mapping(Mapping&&) = delete;
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() { ::shmdt(address_); }
  [[nodiscard]] char* bytes() const noexcept { return address_; }

private:
  char* address_;
};

}  // namespace

TEST_CASE("a new segment has its size and nobody who maps it", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Segment segment = need(shm::inspect(View{}, new_segment(5000, some_key)));
  const Segment expected{.identity = segment.identity, .size = 5000, .creator = ::getpid(), .changed = segment.changed};
  CHECK(segment == expected);
}

TEST_CASE("mappings are counted, not processes", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_segment(4096);
  {
    const Mapping first{id};
    const Mapping second{id};
    const tests::Child holder{[&] { return ::shmat(id, nullptr, 0) != reinterpret_cast<void*>(-1); }};
    REQUIRE(holder.ready());
    const Segment segment = need(shm::inspect(View{}, id));
    // Two of ours, their two copies in the child, and one of its own.
    CHECK(segment.maps == 5);
    CHECK(segment.last_user == holder.pid());
    CHECK(segment.attached.seconds >= segment.changed.seconds);
    CHECK(segment.detached == Timestamp{});
  }
  const Segment segment = need(shm::inspect(View{}, id));
  CHECK(segment.maps == 0);
  CHECK(segment.last_user == ::getpid());
  CHECK(segment.detached.seconds >= segment.changed.seconds);
}

TEST_CASE("a size that no segment can have makes none", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  CHECK(error_of(shm::create(View{}, {.key = 0, .size = 0})).os_error == EINVAL);
  CHECK_FALSE(shm::create(View{}, {.key = 0, .size = std::uint64_t{1} << 63U}).has_value());
  CHECK(need(shm::list(View{})).rows.empty());
}

TEST_CASE("a segment without reserved swap may claim more than there is", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  constexpr std::uint64_t tebibyte = std::uint64_t{1} << 40U;
  const auto id = shm::create(View{}, {.key = 0, .size = tebibyte, .no_reserve = true});
  if (!id) IPCKIT_SKIP("this machine does not overcommit");
  CHECK(need(shm::inspect(View{}, *id)).size == tebibyte);
}

TEST_CASE("resident bytes are asked for apart, and are those that were touched", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto page = sys::page_size();
  const int id = new_segment(4 * page);
  {
    const Mapping mapping{id};
    mapping.bytes()[0] = 'x';
    mapping.bytes()[2 * page] = 'x';
  }
  auto segments = need(shm::list(View{})).rows;
  REQUIRE(segments.size() == 1);
  CHECK(segments[0].resident == std::nullopt);
  CHECK(segments[0].swapped == std::nullopt);
  need(shm::add_resident(View{}, segments));
  REQUIRE(segments[0].resident.has_value());
  CHECK(*segments[0].resident + *segments[0].swapped == 2 * page);
  CHECK(segments[0].huge_pages == std::nullopt);
}

TEST_CASE("resident bytes of a segment that is gone stay unknown", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_segment(4096);
  auto segments = need(shm::list(View{})).rows;
  need(shm::remove(View{}, need(shm::inspect(View{}, id)), Force::no));
  new_segment(4096);
  need(shm::add_resident(View{}, segments));
  CHECK(segments[0].resident == std::nullopt);
  CHECK(failure(shm::add_resident({.proc_directory = "/nonexistent"}, segments)) == Errc::not_found);
}

TEST_CASE("a segment is pinned and let go again", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_segment(4096);
  const auto change = [&](Pinning pinning) { return shm::change(View{}, id, {.attributes = {}, .pinning = pinning}); };
  if (const auto pinned = change(Pinning::pin); !pinned) IPCKIT_SKIP("nothing may be locked into memory");
  CHECK(need(shm::inspect(View{}, id)).pinned);
  CHECK(need(shm::inspect(View{}, id)).identity.mode == 0600);
  need(change(Pinning::keep));
  CHECK(need(shm::inspect(View{}, id)).pinned);
  need(shm::change(View{}, id, {.attributes = {.mode = 0640, .user = {}, .group = {}}}));
  CHECK(need(shm::inspect(View{}, id)).pinned);
  need(change(Pinning::unpin));
  CHECK_FALSE(need(shm::inspect(View{}, id)).pinned);
}

TEST_CASE("a segment that is mapped stays unless it is forced", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_segment(4096);
  const Segment judged = need(shm::inspect(View{}, id));
  const Mapping first{id};
  CHECK(
      error_of(shm::remove(View{}, judged, Force::no)) ==
      Error{.kind = Errc::busy, .operation = "remove", .subject = "shm:" + std::to_string(id), .detail = "1 mapping"});
  const Mapping second{id};
  CHECK(error_of(shm::prove_unused(View{}, judged)).detail == "2 mappings");
}

TEST_CASE("a mapped segment that is forced is doomed, and goes with its last mapping", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_segment(4096, some_key);
  const Segment judged = need(shm::inspect(View{}, id));
  {
    const Mapping mapping{id};
    CHECK(need(shm::remove(View{}, judged, Force::yes)) == Removal::doomed);
    CHECK(failure(shm::find(View{}, some_key)) == Errc::not_found);
    const Segment doomed = need(shm::inspect(View{}, id));
    CHECK(doomed.doomed);
    CHECK(doomed.identity.key == 0);
    CHECK(doomed.identity.mode == 0600);
    CHECK(doomed.maps == 1);
    for (const auto source : {object::Source::stat_any, object::Source::stat, object::Source::text}) {
      CHECK(need(shm::list(View{}, source)).rows.at(0).doomed);
    }
    // What was judged before it was doomed is still the same segment, and dooming it again changes nothing.
    need(shm::prove_unused(View{}, judged));
    CHECK(need(shm::remove(View{}, judged, Force::no)) == Removal::doomed);
    CHECK(need(shm::remove(View{}, doomed, Force::yes)) == Removal::doomed);
  }
  CHECK(failure(shm::inspect(View{}, id)) == Errc::not_found);
}

TEST_CASE("a doomed segment's key is free at once", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_segment(4096, some_key);
  const Mapping mapping{id};
  need(shm::remove(View{}, need(shm::inspect(View{}, id)), Force::yes));
  const int successor = new_segment(8192, some_key);
  CHECK(successor != id);
  CHECK(need(shm::find(View{}, some_key)) == successor);
}
