// SPDX-License-Identifier: MIT
#pragma once
// The lock on a POSIX segment: flock(2) on its file, which flock(1) and whoever has opened it see as well.

#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/lock/make.hpp>
#include <ipckit/lock/taken.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/file_lock.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::lock {

/// It is held for as long as anybody has the descriptor, or one that was forked from it.
struct SegmentLock {
  sys::UniqueFd file;
  bool made = false;
};

/// Locks the segment that has the name when the lock is got: one that was replaced meanwhile is let go again. Adds to
/// `taken` how that went, whatever the outcome. `asked` is for all waits together.
/// Errc::busy without patience, timed_out, interrupted, those of find_or_make_segment; Errc::removed: it was removed
/// during the wait, and none may be made.
[[nodiscard]] Result<SegmentLock> lock_segment(const object::View& view, const std::string& name, sys::Sharing sharing,
                                               const Making& making, const sys::Patience& asked, Taken& taken);

}  // namespace ipckit::lock
