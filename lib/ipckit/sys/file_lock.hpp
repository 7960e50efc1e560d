// SPDX-License-Identifier: MIT
#pragma once
// Locks on files: flock(2). One belongs to an open file description, and goes with the last descriptor of it.

#include <cstdint>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::sys {

enum class Sharing : std::uint8_t { exclusive, shared };

/// Locks the file, or changes how it is locked. Errc::busy: somebody else has it locked, and no patience;
/// Errc::timed_out and Errc::interrupted: the wait is over, and it is not locked.
[[nodiscard]] Result<> lock_file(int fd, Sharing sharing, const Patience& patience, const std::string& subject);

}  // namespace ipckit::sys
