// SPDX-License-Identifier: MIT
#include <ipckit/sys/shared_memory.hpp>

#include <cerrno>

#include <sys/mman.h>
#include <sys/shm.h>

#include <ipckit/sys/call.hpp>
#include <ipckit/sys/identity.hpp>

namespace ipckit::sys {

Result<SharedMemory> SharedMemory::attach(int id, std::uint64_t size, Access access, const std::string& subject)
{
  const int flags = access == Access::read ? SHM_RDONLY : 0;
  // shmat fails with (void*)-1, which as a number is the -1 that call() knows.
  const auto address =
      IPCKIT_TRY(call("shmat", subject, [&] { return reinterpret_cast<std::intptr_t>(::shmat(id, nullptr, flags)); }));
  return SharedMemory{std::span{reinterpret_cast<std::byte*>(address), static_cast<std::size_t>(size)}};
}

SharedMemory::~SharedMemory()
{
  if (bytes_.data() == nullptr) return;
  const int saved = errno;
  ::shmdt(bytes_.data());
  errno = saved;
}

void SharedMemory::forget(std::span<const std::byte> part) const noexcept
{
  const std::size_t page = page_size();
  const auto start = static_cast<std::size_t>(part.data() - bytes_.data());
  const auto first = (start + page - 1) / page * page;
  const auto last = (start + part.size()) / page * page;
  // It only saves memory; huge pages that are cut refuse it, and that is all right.
  if (first < last) ::madvise(bytes_.data() + first, last - first, MADV_DONTNEED);
}

}  // namespace ipckit::sys
