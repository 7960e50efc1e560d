// SPDX-License-Identifier: MIT
#pragma once
// Memory of segments: of other processes, and attached read-only. process_vm_readv(2), shmat(2), memfd_create(2).

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <sys/types.h>

#include <ipckit/base/error.hpp>

namespace ipckit::sys {

/// Whether a device, as fstat(2) and /proc/PID/maps have it, is one of those on which the kernel keeps System V
/// segments, with small pages or huge ones. A file with a name like theirs is on another.
[[nodiscard]] bool is_memory_device(std::uint64_t device);

/// process_vm_readv(2) of all of `buffer`. It would wait for a file system that does not answer: only for addresses of
/// which it is known that shared memory is there. Errc::system with EFAULT where nothing is mapped.
[[nodiscard]] Result<> read_process(pid_t pid, std::uint64_t address, std::span<std::byte> buffer);

/// A segment attached read-only, shmat(2) with SHM_RDONLY. Its last pid and its times move when this is made and when
/// it goes.
class ReadAttachment {
public:
  [[nodiscard]] static Result<ReadAttachment> attach(int id, const std::string& subject);
  ReadAttachment(const ReadAttachment&) = delete;
  ReadAttachment& operator=(const ReadAttachment&) = delete;
  ReadAttachment(ReadAttachment&& other) noexcept : address_{std::exchange(other.address_, nullptr)} {}
  ReadAttachment& operator=(ReadAttachment&&) = delete;
  ~ReadAttachment();

  /// The first `size` bytes of it, which are no more than it has.
  [[nodiscard]] std::span<const std::byte> bytes(std::uint64_t size) const noexcept;

private:
  explicit ReadAttachment(const void* address) noexcept : address_{address} {}
  const void* address_;
};

}  // namespace ipckit::sys
