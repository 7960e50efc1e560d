// SPDX-License-Identifier: MIT
#include <ipckit/shm/look.hpp>

#include <algorithm>
#include <string>

#include <ipckit/object/sysv_table.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/shared_memory.hpp>

namespace ipckit::shm {

Result<> look_attached(const object::View& view, int id, std::uint64_t offset, std::span<std::byte> buffer)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const auto attached = IPCKIT_TRY(object::by_id(
      sys::SharedMemory::attach(id, offset + buffer.size(), sys::Access::read, "shm:" + std::to_string(id))));
  std::ranges::copy(attached.bytes().subspan(offset), buffer.begin());
  return {};
}

}  // namespace ipckit::shm
