// SPDX-License-Identifier: MIT
#pragma once
// System V shared memory segments (sysvipc(7), shmget(2), shmctl(2)).

#include <cstdint>
#include <optional>

#include <ipckit/base/error.hpp>
#include <ipckit/base/timestamp.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::shm {

/// struct shmid_ds, shmctl(2).
struct Segment {
  object::SysvIdentity identity;
  std::uint64_t size = 0;                 // shm_segsz, bytes
  std::uint64_t maps = 0;                 // shm_nattch: mappings of the whole kernel, not processes
  pid_t creator = 0;                      // shm_cpid; 0: of a PID namespace that we cannot see
  pid_t last_user = 0;                    // shm_lpid, last shmat or shmdt; 0: never, or cannot be seen
  Timestamp attached;                     // shm_atime: last attach, fork included; 0: never
  Timestamp detached;                     // shm_dtime; 0: never
  Timestamp changed;                      // shm_ctime: creation or the last IPC_SET
  bool doomed = false;                    // SHM_DEST 01000: goes with its last mapping
  bool pinned = false;                    // SHM_LOCKED 02000
  std::optional<std::uint64_t> resident;  // rss of /proc/sysvipc/shm, bytes, never more than the size; when asked for
  std::optional<std::uint64_t> swapped;   // swap of /proc/sysvipc/shm, bytes; when asked for
  std::optional<bool> huge_pages;         // true when the resident figure proves it; nothing in the kernel denies it
  bool operator==(const Segment&) const = default;
};

/// Every segment of the view, without resident and swapped bytes.
[[nodiscard]] Result<object::Listing<Segment>> list(const object::View& view,
                                                    object::Source first = object::Source::stat_any);

/// Fills in resident and swapped bytes from /proc/sysvipc/shm, which walks every page table entry of every segment.
/// Errc::not_found without that file.
[[nodiscard]] Result<> add_resident(const object::View& view, std::vector<Segment>& segments);

/// The segment with this id, without resident and swapped bytes; Errc::not_found when there is none.
[[nodiscard]] Result<Segment> inspect(const object::View& view, int id);

/// The id behind a key, shmget(2); Errc::not_found when there is none.
[[nodiscard]] Result<int> find(const object::View& view, std::int32_t key);

struct NewSegment {
  std::int32_t key = 0;       // 0: IPC_PRIVATE
  std::uint32_t mode = 0600;  // exact
  std::uint64_t size = 0;     // bytes
  bool huge_pages = false;    // SHM_HUGETLB
  bool no_reserve = false;    // SHM_NORESERVE
};
/// Makes a segment and says its id. Errc::already_exists when the key is taken.
[[nodiscard]] Result<int> create(const object::View& view, const NewSegment& wanted);

enum class Pinning : std::uint8_t { keep, pin, unpin };

struct Change {
  object::Attributes attributes;
  Pinning pinning = Pinning::keep;  // SHM_LOCK, SHM_UNLOCK: whether it may be swapped out
};
/// IPC_SET, SHM_LOCK and SHM_UNLOCK.
[[nodiscard]] Result<> change(const object::View& view, int id, const Change& wanted);

/// Why the segment that was judged should not be removed, nothing when nobody uses it: the check that remove makes.
[[nodiscard]] Result<> prove_unused(const object::View& view, const Segment& judged);

/// IPC_RMID of the segment that was judged, if the id still names it. Without force Errc::busy when it is mapped
/// and not doomed yet.
[[nodiscard]] Result<object::Removal> remove(const object::View& view, const Segment& judged, object::Force force);

}  // namespace ipckit::shm
