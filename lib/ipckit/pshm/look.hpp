// SPDX-License-Identifier: MIT
#pragma once
// Bytes of a POSIX segment, read without a trace where that is allowed.

#include <cstddef>
#include <cstdint>
#include <span>

#include <ipckit/base/error.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/pshm/segment.hpp>

namespace ipckit::pshm {

struct Glimpse {
  std::size_t count = 0;  // bytes that were read; fewer where the segment ends
  bool trace = false;     // its access time may have moved: the kernel gives O_NOATIME to owner and root only
};

/// pread(2) from `offset` of the segment that was judged. Allocates nothing, also where it is sparse. Errc::removed
/// when its name is another's now.
[[nodiscard]] Result<Glimpse> look(const object::View& view, const Segment& judged, std::uint64_t offset,
                                   std::span<std::byte> buffer);

}  // namespace ipckit::pshm
