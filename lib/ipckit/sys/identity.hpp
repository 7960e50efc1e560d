// SPDX-License-Identifier: MIT
#pragma once
// Who the caller is, and what it is allowed.

#include <cstdint>
#include <optional>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/base/timestamp.hpp>

namespace ipckit::sys {

/// geteuid(2), the user the kernel checks.
[[nodiscard]] uid_t effective_user() noexcept;
/// Whether the kernel counts the caller to a group: getegid(2), getgroups(2).
[[nodiscard]] bool is_in_group(gid_t group);

/// A soft and a hard limit, getrlimit(2); RLIM_INFINITY is nullopt.
struct ResourceLimit {
  std::optional<std::uint64_t> soft;
  std::optional<std::uint64_t> hard;
};
[[nodiscard]] Result<ResourceLimit> resource_limit(int resource);
/// Raises the caller's own soft limit to its hard one.
[[nodiscard]] Result<> raise_soft_limit(int resource);

/// CLOCK_REALTIME.
[[nodiscard]] Timestamp now() noexcept;
/// CLOCK_REALTIME when the machine was started: now less CLOCK_BOOTTIME.
[[nodiscard]] Timestamp boot_time() noexcept;

/// Bytes of memory that nothing uses, sysinfo(2); less than what could be freed for use.
[[nodiscard]] std::uint64_t free_memory() noexcept;
/// Bytes of swap space, used or not, sysinfo(2); more than there can be where it cannot be told.
[[nodiscard]] std::uint64_t total_swap() noexcept;
/// Bytes of a page, sysconf(3).
[[nodiscard]] std::uint64_t page_size() noexcept;
/// Clock ticks of a second in /proc/PID/stat, sysconf(3).
[[nodiscard]] std::uint64_t ticks_per_second() noexcept;

}  // namespace ipckit::sys
