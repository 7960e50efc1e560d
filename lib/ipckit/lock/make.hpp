// SPDX-License-Identifier: MIT
#pragma once
// Finding what is to be locked, or making it: by many at the same time, and by makers who are killed half way, it
// becomes one object with the right value.

#include <cstdint>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/psem/operate.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::lock {

/// How to find it.
struct Making {
  bool allowed = true;        // to make it where there is none
  bool any_owner = false;     // whoever it belongs to: else it must be the caller's or root's (Errc::foreign)
  std::uint32_t mode = 0600;  // of a new one, exact
};

/// What was found, and whether the caller has made it.
template <class Object>
struct Lockable {
  Object object;
  bool made = false;
};

/// The semaphore set of a key; a new one has one semaphore of value 1. Errc::not_found where there is none and none may
/// be made.
///
/// A fresh set has the value 0 until its maker adds 1. Until then its mode is one that nobody else gives a set, and its
/// time of the last operation is 0: whoever finds one that stays so finishes it. Makers and finishers keep each other
/// out by a second set under a key that is made of the first and of the user. That one's semaphore needs no first
/// value: 0 is free, and 1, with SEM_UNDO, taken.
[[nodiscard]] Result<Lockable<int>> find_or_make_set(const object::View& view, std::int32_t key, const Making& making,
                                                     sys::Interrupts& interrupts);

/// The POSIX semaphore of a name; a new one has the value 1. Errors as above, and those of psem::Mapped::open.
[[nodiscard]] Result<Lockable<psem::Mapped>> find_or_make_semaphore(const object::View& view, const std::string& name,
                                                                    const Making& making);

/// Whether the name still is that of the semaphore. Errc::removed: it was unlinked, or another has its name; one that
/// was waited for meanwhile is a lock for those alone who have it open.
[[nodiscard]] Result<> check_named(const object::View& view, const std::string& name, const sys::FileStatus& file);

/// The POSIX segment of a name, open for reading; a new one has no bytes.
struct OpenSegment {
  sys::UniqueFd file;
  sys::FileStatus status;
};
[[nodiscard]] Result<Lockable<OpenSegment>> find_or_make_segment(const object::View& view, const std::string& name,
                                                                 const Making& making);

}  // namespace ipckit::lock
