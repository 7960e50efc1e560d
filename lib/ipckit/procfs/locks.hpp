// SPDX-License-Identifier: MIT
#pragma once
// /proc/locks (proc_locks(5)): the locks on files.

#include <cstdint>
#include <string_view>

#include <ipckit/base/error.hpp>

namespace ipckit::procfs {

/// One line of it.
struct FileLock {
  bool waits = false;       // behind "->": it is waited for, and not held
  std::string_view type;    // "FLOCK", "POSIX", "OFDLCK", "LEASE"; a part of the line
  std::string_view access;  // "READ", "WRITE"
  int pid = 0;              // who took it; -1: an open file description
  std::uint32_t major = 0;  // of the device, written in hexadecimal
  std::uint32_t minor = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileLock&) const = default;
};

/// Errc::malformed when a field is missing or no number.
[[nodiscard]] Result<FileLock> parse_file_lock(std::string_view line);

}  // namespace ipckit::procfs
