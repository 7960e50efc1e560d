// SPDX-License-Identifier: MIT
#pragma once
// POSIX shared memory (shm_overview(7)): regular files of /dev/shm whose names do not begin with "sem.".

#include <cstdint>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/object/tmpfs.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::pshm {

struct Segment {
  std::string name;      // without its leading slash
  sys::FileStatus file;  // size: what reading and mapping see; allocated: the memory it takes
  bool operator==(const Segment&) const = default;
};

/// Every segment of the view. Nothing is opened.
[[nodiscard]] Result<object::Listing<Segment>> list(const object::View& view);

/// The segment with this name; Errc::not_found when there is none, Errc::mismatch when it is no regular file.
[[nodiscard]] Result<Segment> inspect(const object::View& view, const std::string& name);

struct NewSegment {
  std::string name;
  std::uint32_t mode = 0600;  // exact
  std::uint64_t size = 0;     // bytes
  bool sparse = false;        // allocate pages when they are touched, not now
};
/// Makes a segment. Errc::already_exists when the name is taken.
[[nodiscard]] Result<> create(const object::View& view, const NewSegment& wanted);

/// Owner, group and mode.
[[nodiscard]] Result<> change(const object::View& view, const std::string& name, const object::Attributes& wanted);

/// ftruncate(2). New bytes are allocated at once unless the segment is sparse already. Shrinking takes memory away
/// under those who map it (SIGBUS): without force Errc::busy when anybody has it open, Errc::unseen when that cannot be
/// told.
[[nodiscard]] Result<> resize(const object::View& view, const std::string& name, std::uint64_t size,
                              object::Force force);

/// Why the segment that was judged should not be removed, nothing when nobody uses it: the check that remove makes.
[[nodiscard]] Result<> prove_unused(const object::View& view, const Segment& judged);

/// Unlinks the segment that was judged. Without force Errc::busy when anybody has it open or mapped, Errc::unseen when
/// that cannot be told.
[[nodiscard]] Result<object::Removal> remove(const object::View& view, const Segment& judged, object::Force force);

}  // namespace ipckit::pshm
