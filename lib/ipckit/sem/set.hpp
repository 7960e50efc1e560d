// SPDX-License-Identifier: MIT
#pragma once
// System V semaphore sets (sysvipc(7), semget(2), semctl(2)).

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/base/timestamp.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::sem {

/// struct semid_ds, semctl(2), and the values.
struct Set {
  object::SysvIdentity identity;
  std::uint64_t count = 0;                           // sem_nsems
  Timestamp operated;                                // sem_otime: last semop that succeeded; 0: never
  Timestamp changed;                                 // sem_ctime: creation, IPC_SET, SETVAL or SETALL
  std::optional<std::vector<std::uint16_t>> values;  // GETALL; unknown without read permission
  bool operator==(const Set&) const = default;
};

/// One semaphore of a set.
struct Semaphore {
  std::uint16_t value = 0;             // GETVAL
  std::uint32_t waiting_to_take = 0;   // GETNCNT: threads that wait for the value to rise
  std::uint32_t waiting_for_zero = 0;  // GETZCNT
  pid_t last_user = 0;                 // GETPID: last semop, SETVAL, SETALL or undo at exit
  bool operator==(const Semaphore&) const = default;
};

/// Every set of the view, with the values that may be read; the others are one gap.
[[nodiscard]] Result<object::Listing<Set>> list(const object::View& view,
                                                object::Source first = object::Source::stat_any);

/// The set with this id; Errc::not_found when there is none.
[[nodiscard]] Result<Set> inspect(const object::View& view, int id);

/// Each semaphore of a set. A snapshot of each, not of all at once. Errc::access_denied without read permission.
[[nodiscard]] Result<std::vector<Semaphore>> inspect_semaphores(const object::View& view, const Set& set);

/// The id behind a key, semget(2); Errc::not_found when there is none.
[[nodiscard]] Result<int> find(const object::View& view, std::int32_t key);

struct NewSet {
  std::int32_t key = 0;               // 0: IPC_PRIVATE
  std::uint32_t mode = 0600;          // exact
  std::uint32_t count = 1;            // semaphores
  std::vector<std::uint16_t> values;  // one for each, one for all, or none: all 0
};
/// Makes a set and says its id. Nobody can take before one SETALL has set the values: fresh ones are 0, and while the
/// set has another mode than 0600, only its owner may use it until then. Errc::already_exists when the key is taken.
[[nodiscard]] Result<int> create(const object::View& view, const NewSet& wanted);

struct Change {
  object::Attributes attributes;
  std::vector<std::uint16_t> values;                             // SETALL: one for each, or none
  std::vector<std::pair<std::uint32_t, std::uint16_t>> singles;  // SETVAL: number and value, in this order
};
/// IPC_SET, SETALL and SETVAL; clears what others have pending under SEM_UNDO for these semaphores. Errc::system when
/// the set has another number of semaphores; nothing is changed then.
[[nodiscard]] Result<> change(const object::View& view, int id, const Change& wanted);

/// Why the set that was judged should not be removed, nothing when nobody uses it: the check that remove makes.
[[nodiscard]] Result<> prove_unused(const object::View& view, const Set& judged);

/// IPC_RMID of the set that was judged, if the id still names it. Without force Errc::busy when a thread waits on it,
/// and Errc::unseen when that may not be read.
[[nodiscard]] Result<object::Removal> remove(const object::View& view, const Set& judged, object::Force force);

}  // namespace ipckit::sem
