// SPDX-License-Identifier: MIT
#pragma once
// Bytes of a System V segment that no process shows: it has to be attached for that.

#include <cstddef>
#include <cstdint>
#include <span>

#include <ipckit/base/error.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::shm {

/// Attaches the segment read-only for as long as it takes to copy bytes from `offset`, all of which it has. Its times
/// and its last pid move. Errc::not_found when it is gone, Errc::access_denied without read permission.
[[nodiscard]] Result<> look_attached(const object::View& view, int id, std::uint64_t offset,
                                     std::span<std::byte> buffer);

}  // namespace ipckit::shm
