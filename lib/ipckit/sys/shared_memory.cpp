// SPDX-License-Identifier: MIT
#include <ipckit/sys/shared_memory.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include <sys/mman.h>
#include <sys/shm.h>

#include <ipckit/sys/call.hpp>
#include <ipckit/sys/identity.hpp>

namespace ipckit::sys {
namespace {

/// The page in which an address lies.
const std::byte* page_of(const std::byte* address, std::size_t page) noexcept
{
  return address - reinterpret_cast<std::uintptr_t>(address) % page;
}

/// Whether the page at an address is in memory, and yes where the kernel does not tell.
bool is_in_core(const std::byte* page_start) noexcept
{
  unsigned char present = 1;
  // mincore takes the address as writable, and writes nothing there.
  auto* const address = const_cast<std::byte*>(page_start);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return ::mincore(address, 1, &present) != 0 || (present & 1U) != 0;
}

/// By words of eight bytes, each in one step: whatever number lies in one is copied whole.
void copy_words(std::span<const std::byte> from, std::byte* to) noexcept
{
  while (!from.empty()) {
    const std::size_t skip = reinterpret_cast<std::uintptr_t>(from.data()) % sizeof(std::uint64_t);
    const auto word = __atomic_load_n(reinterpret_cast<const std::uint64_t*>(from.data() - skip), __ATOMIC_RELAXED);
    const std::size_t count = std::min(sizeof word - skip, from.size());
    std::memcpy(to, reinterpret_cast<const std::byte*>(&word) + skip, count);
    to += count;
    from = from.subspan(count);
  }
}

}  // namespace

Result<SharedMemory> SharedMemory::attach(int id, std::uint64_t size, Access access, const std::string& subject)
{
  const int flags = access == Access::read ? SHM_RDONLY : 0;
  void* address = nullptr;
  IPCKIT_TRY(check("shmat", subject, [&] {
    address = ::shmat(id, nullptr, flags);
    return std::bit_cast<std::intptr_t>(address) == -1 ? -1 : 0;
  }));
  return SharedMemory{std::span{static_cast<std::byte*>(address), static_cast<std::size_t>(size)}};
}

SharedMemory::~SharedMemory()
{
  if (bytes_.data() == nullptr) return;
  const int saved = errno;
  ::shmdt(bytes_.data());
  errno = saved;
}

bool SharedMemory::tells_untouched() const noexcept
{
  // Nothing of ours is mapped yet, so the advice does nothing; it is refused (EINVAL) for huge pages. Linux 5.4.
  return total_swap() == 0 && ::madvise(bytes_.data(), 1, MADV_COLD) == 0;
}

bool is_touched(std::span<const std::byte> part) noexcept
{
  const std::size_t page = page_size();
  std::array<unsigned char, 64> present{};
  for (const std::byte* start = page_of(part.data(), page); start < part.data() + part.size();) {
    const auto rest = static_cast<std::size_t>(part.data() + part.size() - start);
    const std::size_t pages = std::min((rest + page - 1) / page, present.size());
    auto* const address = const_cast<std::byte*>(start);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    if (::mincore(address, pages * page, present.data()) != 0) return true;
    const auto in_core = [](unsigned char flags) { return (flags & 1U) != 0; };
    if (!std::ranges::all_of(std::span{present}.first(pages), in_core)) return false;
    start += pages * page;
  }
  return true;
}

bool bring_in(std::span<const std::byte> part) noexcept
{
  constexpr int populate_read = 22;  // MADV_POPULATE_READ; glibc 2.36 has the name, older ones do not
  if (part.empty() || !is_touched(part)) return false;
  auto* const start = const_cast<std::byte*>(part.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return ::madvise(start, part.size(), populate_read) == 0;
}

void copy_sparing(std::span<const std::byte> part, std::span<std::byte> to) noexcept
{
  const std::size_t page = page_size();
  while (!part.empty()) {
    const std::byte* const start = page_of(part.data(), page);
    const std::size_t count = std::min(part.size(), static_cast<std::size_t>(start + page - part.data()));
    if (is_in_core(start)) {
      copy_words(part.first(count), to.data());
    } else {
      std::ranges::fill(to.first(count), std::byte{0});
    }
    part = part.subspan(count);
    to = to.subspan(count);
  }
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
