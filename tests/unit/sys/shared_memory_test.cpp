// SPDX-License-Identifier: MIT
// A mapped System V segment.
#include <ipckit/sys/shared_memory.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <ipckit/shm/segment.hpp>
#include <ipckit/sys/sysv.hpp>

#include "support/catch.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using sys::Access;
using sys::SharedMemory;
using tests::error_of;
using tests::need;

namespace {

std::uint64_t maps_of(int id)
{
  return need(shm::inspect(object::View{}, id)).maps;
}

}  // namespace

TEST_CASE("a segment is mapped as long as its owner lives", "[sys]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(sys::shmget(IPC_PRIVATE, 10000, 0600, ""));
  {
    auto writer = need(SharedMemory::attach(id, 10000, Access::write, ""));
    CHECK(writer.bytes().size() == 10000);
    writer.bytes()[9999] = std::byte{7};
    const auto reader = need(SharedMemory::attach(id, 10000, Access::read, ""));
    CHECK(maps_of(id) == 2);
    CHECK(reader.bytes()[9999] == std::byte{7});
    const SharedMemory moved = std::move(writer);
    CHECK(maps_of(id) == 2);
    writer = SharedMemory{};
    CHECK(maps_of(id) == 2);
    moved.forget(moved.bytes());
    CHECK(moved.bytes()[9999] == std::byte{7});  // it stays in the segment
  }
  CHECK(maps_of(id) == 0);
  need(sys::shmctl(id, IPC_RMID, ""));
  CHECK(error_of(SharedMemory::attach(id, 10000, Access::read, "gone")).os_error == EINVAL);
}

TEST_CASE("pages that nobody has touched are read as zeros, and stay untouched", "[sys]")
{
  IPCKIT_IN_PRIVATE_IPC();
  constexpr std::size_t page = 4096;
  constexpr std::size_t size = 70 * page - 100;
  const int id = need(sys::shmget(IPC_PRIVATE, size, 0600, ""));
  {
    const auto writer = need(SharedMemory::attach(id, size, Access::write, ""));
    writer.bytes()[3 * page - 1] = std::byte{1};
    writer.bytes()[3 * page + 7] = std::byte{2};
    writer.bytes()[size - 1] = std::byte{3};
  }
  const auto reader = need(SharedMemory::attach(id, size, Access::read, ""));
  if (!reader.tells_untouched()) IPCKIT_SKIP("needs a machine without swap space");
  const auto bytes = reader.bytes();
  CHECK_FALSE(sys::is_touched(bytes));
  CHECK(sys::is_touched(bytes.subspan(2 * page, 2 * page)));
  CHECK(sys::is_touched(bytes.subspan(2 * page + 100, page)));
  CHECK_FALSE(sys::is_touched(bytes.subspan(2 * page, 2 * page + 1)));
  std::vector<std::byte> copy(size, std::byte{9});
  sys::copy_sparing(bytes, copy);
  std::vector<std::byte> expected(size);
  expected[3 * page - 1] = std::byte{1};
  expected[3 * page + 7] = std::byte{2};
  expected[size - 1] = std::byte{3};
  CHECK(copy == expected);
  sys::copy_sparing(bytes.subspan(3 * page - 3, 12), std::span{copy}.first(12));
  CHECK(std::ranges::equal(std::span{copy}.first(12), std::span{expected}.subspan(3 * page - 3, 12)));
  CHECK_FALSE(sys::is_touched(bytes));
  std::vector<shm::Segment> one{need(shm::inspect(object::View{}, id))};
  if (shm::add_resident(object::View{}, one)) CHECK(one.front().resident == 3 * page);
}
