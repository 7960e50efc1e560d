// SPDX-License-Identifier: MIT
// The bytes of segments.
#include <ipckit/inventory/memory.hpp>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include <ipckit/sys/file.hpp>

#include "support/catch.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using inventory::Entry;
using inventory::Memory;
using sys::Access;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

std::span<const std::byte> bytes_of(const std::string& text)
{
  return std::as_bytes(std::span{text});
}

std::string text_of(std::span<const std::byte> bytes)
{
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Writes and reads back; the same holds for both families.
void check_both_ways(const object::View& view, const Entry& segment)
{
  std::uint64_t done = 0;
  {
    auto memory = need(Memory::open(view, segment, Access::write));
    CHECK(memory.size() == 5000);
    need(memory.write(4, bytes_of("hello"), done));
    const auto value = *object::parse_value(object::ValueType::u16, "0x4142");
    need(memory.store(4998, value, 2));
  }
  CHECK(done == 5);
  std::array<std::byte, 5000> room{};
  auto memory = need(Memory::open(view, segment, Access::read));
  CHECK(text_of(need(memory.read(3, 7, room))) == std::string("\0hello\0", 7));
  CHECK(text_of(need(memory.read(4996, 4, room))) == std::string("\0\0BA", 4));
  CHECK(need(memory.read(5000, 0, room)).empty());
}

}  // namespace

TEST_CASE("a System V segment is written and read in place", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const object::View view;
  const Entry segment = need(shm::inspect(view, need(shm::create(view, {.size = 5000}))));
  check_both_ways(view, segment);
  need(shm::remove(view, std::get<shm::Segment>(segment), object::Force::no));
  CHECK(failure(Memory::open(view, segment, Access::read)) == Errc::not_found);
}

TEST_CASE("all of a large segment can be gone through", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const object::View view;
  constexpr std::size_t size = (std::size_t{13} << 20U) + 77;
  const Entry segment = need(shm::inspect(view, need(shm::create(view, {.size = size}))));
  std::vector<std::byte> bytes(size);
  for (std::size_t index = 0; index < size; ++index) bytes[index] = static_cast<std::byte>(index * 7 / 5);
  std::uint64_t done = 0;
  need(need(Memory::open(view, segment, Access::write)).write(0, bytes, done));
  CHECK(done == size);
  auto memory = need(Memory::open(view, segment, Access::read));
  bool same = true;
  constexpr std::size_t step = 98304;
  for (std::size_t offset = 0; offset < size; offset += step) {
    const auto length = std::min(step, size - offset);
    same = same && std::ranges::equal(need(memory.read(offset, length, {})), std::span{bytes}.subspan(offset, length));
  }
  CHECK(same);
}

TEST_CASE("a POSIX segment is written and read as a file", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  const auto view = directory.view();
  need(pshm::create(view, {.name = "a", .size = 5000}));
  const Entry segment = need(pshm::inspect(view, "a"));
  check_both_ways(view, segment);
  auto memory = need(Memory::open(view, segment, Access::write));
  memory.let_grow();
  std::uint64_t done = 0;
  need(memory.reserve(6000, 3));
  CHECK(need(pshm::inspect(view, "a")).file.size == 5000);
  need(memory.write(6000, bytes_of("end"), done));
  CHECK(need(pshm::inspect(view, "a")).file.size == 6003);
}

TEST_CASE("a POSIX segment that shrank says so", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  const auto view = directory.view();
  need(pshm::create(view, {.name = "a", .size = 5000}));
  const Entry segment = need(pshm::inspect(view, "a"));
  auto memory = need(Memory::open(view, segment, Access::read));
  need(pshm::resize(view, "a", 100, object::Force::yes));
  std::array<std::byte, 200> room{};
  CHECK(error_of(memory.read(0, 200, room)).detail == "it shrank to 100 bytes meanwhile");
  CHECK(need(memory.read(0, 100, room)).size() == 100);
}

TEST_CASE("a POSIX segment that shrank is not made larger by writing, unless that is wanted", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  const auto view = directory.view();
  need(pshm::create(view, {.name = "a", .size = 5000}));
  const Entry segment = need(pshm::inspect(view, "a"));
  auto memory = need(Memory::open(view, segment, Access::write));
  need(pshm::resize(view, "a", 100, object::Force::yes));
  std::uint64_t done = 0;
  need(memory.reserve(0, 200));
  CHECK(error_of(memory.write(0, std::vector<std::byte>(200), done)).detail == "it shrank to 100 bytes meanwhile");
  CHECK(error_of(memory.store(200, {}, 4)).detail == "it shrank to 100 bytes meanwhile");
  CHECK(error_of(memory.write_string(98, "no", done)).detail == "it shrank to 100 bytes meanwhile");
  CHECK(done == 0);
  need(memory.write_string(97, "ok", done));
  CHECK(done == 3);
  CHECK(need(pshm::inspect(view, "a")).file.size == 100);
}

TEST_CASE("text in a System V segment, and its NUL behind it", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const object::View view;
  const Entry segment = need(shm::inspect(view, need(shm::create(view, {.size = 8}))));
  auto memory = need(Memory::open(view, segment, Access::write));
  std::uint64_t done = 0;
  need(memory.write(0, bytes_of("xxxxxxxx"), done));
  need(memory.write_string(1, "abc", done));
  CHECK(done == 12);
  CHECK(std::ranges::equal(need(memory.read(0, 8, {})), std::as_bytes(std::span{"xabc\0xxx", 8})));
}

TEST_CASE("another segment of the same name is not the one that was looked at", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  const auto view = directory.view();
  need(pshm::create(view, {.name = "a", .size = 8}));
  const auto judged = need(pshm::inspect(view, "a"));
  need(pshm::remove(view, judged, object::Force::no));
  CHECK(failure(Memory::open(view, judged, Access::read)) == Errc::not_found);
  need(pshm::create(view, {.name = "a", .size = 8}));
  CHECK(failure(Memory::open(view, judged, Access::read)) == Errc::removed);
}

TEST_CASE("memory is reserved before it is written, or not at all", "[inventory]")
{
  const tests::PrivateTmpfs small{64 * 1024};
  if (!small) IPCKIT_SKIP("needs the right to mount");
  const object::View view{.shm_directory = small.path()};
  need(pshm::create(view, {.name = "a", .size = 1024 * 1024, .sparse = true}));
  const Entry segment = need(pshm::inspect(view, "a"));
  auto memory = need(Memory::open(view, segment, Access::write));
  CHECK(error_of(memory.reserve(0, 128 * 1024)).os_error == ENOSPC);
  need(memory.reserve(0, 32 * 1024));
  CHECK(need(pshm::inspect(view, "a")).file.allocated == 32 * 1024);
  std::uint64_t done = 0;
  const std::vector<std::byte> much(256 * 1024);
  CHECK(error_of(memory.write(0, much, done)).os_error == ENOSPC);
  CHECK(done > 0);
  CHECK(done <= 64 * 1024);
}

TEST_CASE("what is no segment has no memory", "[inventory]")
{
  CHECK(failure(Memory::open(object::View{}, msg::Queue{}, Access::read)) == Errc::unsupported);
}

TEST_CASE("what reading would allocate is what nobody has touched", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  object::View view;
  constexpr std::uint64_t page = 4096;
  const auto segment = need(shm::inspect(view, need(shm::create(view, {.size = 10 * page}))));
  const auto cost = inventory::reading_cost(view, segment);
  if (!cost.resident_known) IPCKIT_SKIP("needs /proc/sysvipc");
  CHECK(cost.untouched == 10 * page);
  CHECK(cost.available > page);
  std::uint64_t done = 0;
  need(need(Memory::open(view, segment, Access::write)).write(page, bytes_of("x"), done));
  CHECK(inventory::reading_cost(view, segment).untouched == 9 * page);
  view.proc_directory = "/nowhere";
  const auto unknown = inventory::reading_cost(view, segment);
  CHECK_FALSE(unknown.resident_known);
  CHECK(unknown.untouched == 10 * page);
  CHECK(unknown.available > page);  // the kernel tells that without /proc
}
