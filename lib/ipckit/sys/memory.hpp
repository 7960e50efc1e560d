// SPDX-License-Identifier: MIT
#pragma once
// Memory of segments in other processes: process_vm_readv(2), memfd_create(2).

#include <cstddef>
#include <cstdint>
#include <span>

#include <sys/types.h>

#include <ipckit/base/error.hpp>

namespace ipckit::sys {

/// Whether a device, as fstat(2) and /proc/PID/maps have it, is one of those on which the kernel keeps System V
/// segments, with small pages or huge ones. A file with a name like theirs is on another.
[[nodiscard]] bool is_memory_device(std::uint64_t device);

/// process_vm_readv(2) of all of `buffer`. It would wait for a file system that does not answer: only for addresses of
/// which it is known that shared memory is there. Errc::system with EFAULT where nothing is mapped.
[[nodiscard]] Result<> read_process(pid_t pid, std::uint64_t address, std::span<std::byte> buffer);

}  // namespace ipckit::sys
