// SPDX-License-Identifier: MIT
#pragma once
// Who holds which end of which FIFO: the descriptors of all processes that can be looked into.

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::process {

/// One descriptor that is open on a named pipe.
struct PipeEnd {
  pid_t pid = 0;
  int descriptor = -1;
  bool reads = false;    // opened for reading; both for O_RDWR
  bool writes = false;   // opened for writing; neither for O_PATH, which holds nothing
  sys::FileStatus file;  // of the FIFO
  std::string path;      // as that process sees it; may end in " (deleted)"
};

/// Every end of every named pipe, or only of the one that is `only`. Processes that refuse are one gap; those that end
/// meanwhile and kernel threads are not counted.
[[nodiscard]] Result<object::Listing<PipeEnd>> pipe_ends(const object::View& view,
                                                         const sys::FileStatus* only = nullptr);

/// A copy of the descriptor, if it still is that end.
[[nodiscard]] Result<sys::UniqueFd> borrow(const PipeEnd& end);

}  // namespace ipckit::process
