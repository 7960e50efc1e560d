// SPDX-License-Identifier: MIT
// Bytes of a segment through a process that has it attached.
#include <ipckit/process/segment_memory.hpp>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

#include <ipckit/shm/segment.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using object::View;
using process::SegmentReader;
using tests::failure;
using tests::need;

namespace {

constexpr std::uint64_t size = 10000;

/// A child that has the segment attached and something written into it.
bool attach_and_write(int id, std::size_t offset, std::string_view text)
{
  auto* const address = static_cast<char*>(::shmat(id, nullptr, 0));
  if (address == reinterpret_cast<char*>(-1)) return false;
  text.copy(address + offset, text.size());
  return true;
}

std::string read(SegmentReader& reader, std::uint64_t offset, std::size_t count)
{
  std::string text(count, '?');
  need(reader.read(offset, std::as_writable_bytes(std::span{text})));
  return text;
}

}  // namespace

TEST_CASE("bytes are read, and neither times nor pids nor counts move", "[process]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(shm::create(View{}, {.key = 4711, .size = size}));
  const tests::Child holder([&] { return attach_and_write(id, 5000, "hello"); });
  REQUIRE(holder.ready());
  const auto before = need(shm::inspect(View{}, id));
  SegmentReader reader{View{}, {.id = id, .key = 4711, .size = size}};
  CHECK(read(reader, 4999, 7) == std::string("\0hello\0", 7));
  CHECK(read(reader, 5000, 5) == "hello");
  CHECK(need(shm::inspect(View{}, id)) == before);
}

TEST_CASE("without root, too, from a process of the same user", "[process]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(shm::create(View{}, {.mode = 0666, .size = size}));
  const auto status = tests::exit_status_as(65534, [&] {
    // Who has changed its user may not be traced until it says so, or runs another program.
    const tests::Child holder([&] { return ::prctl(PR_SET_DUMPABLE, 1) == 0 && attach_and_write(id, 8190, "hello"); });
    SegmentReader reader{View{}, {.id = id, .key = 0, .size = size}};
    std::string text(5, '?');
    const auto done = reader.read(8190, std::as_writable_bytes(std::span{text}));
    return holder.ready() && done && text == "hello" ? 0 : 1;
  });
  if (!status) IPCKIT_SKIP("cannot become another user");
  CHECK(*status == 0);
}

TEST_CASE("a segment of another key, or that nobody has attached, is not read", "[process]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(shm::create(View{}, {.key = 4711, .size = size}));
  std::array<std::byte, 4> buffer{};
  SegmentReader none{View{}, {.id = id, .key = 4711, .size = size}};
  CHECK(failure(none.read(0, buffer)) == Errc::unseen);
  const tests::Child holder([&] { return attach_and_write(id, 0, "hello"); });
  REQUIRE(holder.ready());
  SegmentReader other{View{}, {.id = id, .key = 4712, .size = size}};
  CHECK(failure(other.read(0, buffer)) == Errc::unseen);
  SegmentReader unknown{View{}, {.id = id, .key = std::nullopt, .size = size}};
  CHECK(read(unknown, 0, 5) == "hello");
}

TEST_CASE("another holder is found when the first one goes", "[process]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(shm::create(View{}, {.size = size}));
  SegmentReader reader{View{}, {.id = id, .key = 0, .size = size}};
  const tests::Child second([&] { return attach_and_write(id, 0, ""); });
  {
    const tests::Child first([&] { return attach_and_write(id, 0, "one"); });
    REQUIRE(first.ready());
    CHECK(read(reader, 0, 3) == "one");
  }
  CHECK(read(reader, 0, 3) == "one");
}
