// SPDX-License-Identifier: MIT
#pragma once
// What waits in a FIFO, seen through a descriptor of a process that holds it. The FIFO itself is never opened: that can
// release a writer who waits for a reader, and then kill it with SIGPIPE.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/process/pipe_ends.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::process {

struct PipeState {
  std::uint64_t waiting = 0;  // bytes, FIONREAD
  std::uint64_t size = 0;     // bytes it can hold, F_GETPIPE_SZ
  bool operator==(const PipeState&) const = default;
};

/// How full a pipe is, by any of its ends. The descriptor is borrowed for an instant. Errc::access_denied without the
/// right to trace the process, Errc::removed when it is that end no more.
[[nodiscard]] Result<PipeState> state_of(const PipeEnd& end);

/// What a look at a pipe brought.
struct PipeLook {
  bool held = false;                            // some process was seen to hold it
  bool denied = false;                          // of those that hold it, no descriptor could be borrowed
  std::optional<PipeState> state;               // nothing: no end of it could be borrowed
  std::optional<std::vector<std::byte>> bytes;  // what waits; nothing: no reading end could be borrowed
  bool cut = false;                             // there is more: a pipe of ours may not be as large
  std::vector<object::Gap> gaps;                // what of the processes was not seen
};

/// Copies what waits in a FIFO without taking it, tee(2). Errc::not_found without /proc.
[[nodiscard]] Result<PipeLook> look_into(const object::View& view, const sys::FileStatus& fifo);

}  // namespace ipckit::process
