// SPDX-License-Identifier: MIT
#pragma once
// A System V segment mapped into this process: shmat(2), shmdt(2).

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <ipckit/base/error.hpp>

namespace ipckit::sys {

/// What is to be done with memory. Reading needs read permission alone, writing (of a System V segment) both.
enum class Access : std::uint8_t { read, write };

/// Owns a mapping and detaches it.
class SharedMemory {
public:
  SharedMemory() noexcept = default;
  /// Maps the whole segment, SHM_RDONLY for reading. `size` is its shm_segsz, or less of it. EINVAL and EIDRM: there is
  /// none any more.
  [[nodiscard]] static Result<SharedMemory> attach(int id, std::uint64_t size, Access access,
                                                   const std::string& subject);

  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  SharedMemory(SharedMemory&& other) noexcept : bytes_{std::exchange(other.bytes_, {})} {}
  SharedMemory& operator=(SharedMemory&& other) noexcept
  {
    SharedMemory taken{std::move(other)};
    std::swap(bytes_, taken.bytes_);
    return *this;
  }
  ~SharedMemory();

  /// Its bytes, which others may change at any time. Writable only when attached for writing.
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }

  /// Takes pages out of this process's page table (madvise(2), MADV_DONTNEED): they stay in the segment, and no longer
  /// count as ours. Whole pages inside `part` only.
  void forget(std::span<const std::byte> part) const noexcept;

  /// Whether pages that mincore(2) does not find have never been touched: not where they may be swapped out, nor of
  /// huge pages, of which it knows those alone that this process has touched.
  [[nodiscard]] bool tells_untouched() const noexcept;

private:
  explicit SharedMemory(std::span<std::byte> bytes) noexcept : bytes_{bytes} {}
  std::span<std::byte> bytes_;
};

/// Whether all pages of a part of a mapping are in memory. Only where that can be told; looking allocates none.
[[nodiscard]] bool is_touched(std::span<const std::byte> part) noexcept;
/// Puts the pages of `part` into this process's page table at once (MADV_POPULATE_READ, Linux 5.14), if all of them
/// are in memory; false where they are not, or the kernel cannot.
[[nodiscard]] bool bring_in(std::span<const std::byte> part) noexcept;
/// Copies `part`, with zeros for pages that nobody has touched, which stay so. Numbers whose address is a multiple of
/// their size are copied whole.
void copy_sparing(std::span<const std::byte> part, std::span<std::byte> to) noexcept;

}  // namespace ipckit::sys
