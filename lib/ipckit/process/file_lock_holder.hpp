// SPDX-License-Identifier: MIT
#pragma once
// Who has locked a file with flock(2), as /proc/locks shows it to everybody.

#include <optional>

#include <ipckit/object/view.hpp>
#include <ipckit/process/holders.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::process {

/// A process that took a lock on the file which is still held, by it or by one that has its descriptor. Nothing where
/// that cannot be seen.
[[nodiscard]] std::optional<pid_t> holder_of_file_lock(const object::View& view, const sys::FileStatus& file);

/// The first child of a process whose comm is not `except`; nothing where it has none, or the kernel does not list them
/// (CONFIG_PROC_CHILDREN).
[[nodiscard]] std::optional<Holder> child_of(const object::View& view, pid_t pid, std::string_view except);

}  // namespace ipckit::process
