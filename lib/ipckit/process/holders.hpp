// SPDX-License-Identifier: MIT
#pragma once
// Which processes have an object open or mapped: for naming them where the kernel has proved that somebody has. That
// nobody is found proves nothing.

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::process {

struct Holder {
  pid_t pid = 0;
  std::string command;  // comm
};

/// The processes that have a System V segment of the view's namespace mapped, by its id and the name that the kernel
/// gives its mappings. The caller itself is none. At most `most` are looked for.
[[nodiscard]] std::vector<Holder> holders_of_segment(const object::View& view, int id, std::size_t most);

/// The processes that have a file open or mapped: of /dev/shm or of the mqueue file system.
[[nodiscard]] std::vector<Holder> holders_of_file(const object::View& view, const sys::FileStatus& file,
                                                  std::size_t most);

/// The processes of which a thread is blocked in semop(2) or semtimedop(2) on a set of the view's namespace. 32-bit
/// programs have other numbers for the calls and are not found.
[[nodiscard]] std::vector<Holder> waiters_on_set(const object::View& view, int id, std::size_t most);

/// "pid 4711 (make), pid 4712 (cc1)"; empty when there are none.
[[nodiscard]] std::string names_of(const std::vector<Holder>& holders);

}  // namespace ipckit::process
