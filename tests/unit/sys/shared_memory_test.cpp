// SPDX-License-Identifier: MIT
// A mapped System V segment.
#include <ipckit/sys/shared_memory.hpp>

#include <cerrno>
#include <utility>

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
