// SPDX-License-Identifier: MIT
#pragma once
// A descriptor of another process, borrowed: pidfd_open(2), pidfd_getfd(2), Linux 5.6.

#include <cstdint>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::sys {

/// A descriptor of the process, which poll(2) finds readable when it has ended: pidfd_open(2), Linux 5.3.
[[nodiscard]] Result<UniqueFd> open_process(pid_t pid);

/// Sleeps until the process of a pidfd has ended. Signals end no wait.
void await_end(const UniqueFd& process) noexcept;

/// A copy of descriptor `number` of process `pid`. Needs the right to trace it (ptrace(2), PTRACE_MODE_ATTACH).
[[nodiscard]] Result<UniqueFd> borrow_descriptor(pid_t pid, int number);

/// Bytes waiting in a pipe or FIFO, FIONREAD.
[[nodiscard]] Result<std::uint64_t> bytes_waiting(int pipe);
/// Bytes a pipe or FIFO can hold, F_GETPIPE_SZ.
[[nodiscard]] Result<std::uint64_t> pipe_size(int pipe);
/// F_SETPIPE_SZ; the size that the kernel gave, rounded up to a power of two of pages.
[[nodiscard]] Result<std::uint64_t> set_pipe_size(int pipe, std::uint64_t size);

}  // namespace ipckit::sys
