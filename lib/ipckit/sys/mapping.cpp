// SPDX-License-Identifier: MIT
#include <ipckit/sys/mapping.hpp>

#include <sys/mman.h>

namespace ipckit::sys {

Result<Mapping> Mapping::map(int fd, std::size_t size, const std::string& subject)
{
  const int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
  void* const address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (address == MAP_FAILED) return std::unexpected(last_error("mmap", subject));
  return Mapping{std::span{static_cast<std::byte*>(address), size}};
}

Mapping::~Mapping()
{
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace ipckit::sys
