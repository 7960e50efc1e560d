// SPDX-License-Identifier: MIT
#pragma once
// All kinds at once: find, look at one, remove, change owner and mode.

#include <string>
#include <utility>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/inventory/entry.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/ref.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::inventory {

struct Request {
  object::KindSet kinds;
  std::vector<fifo::Place> fifo_directories;  // looked into one deep
  bool held_fifos = false;                    // also FIFOs that a process holds, wherever they are
  bool resident = false;                      // also resident and swapped bytes of System V segments
};

struct Found {
  std::vector<Entry> entries;
  std::vector<object::Gap> gaps;
  std::vector<std::pair<object::Kind, Error>> errors;  // kinds that could not be listed at all
};

/// Every object of the kinds. Reads nothing of any process unless held FIFOs are asked for.
[[nodiscard]] Found find(const object::View& view, const Request& request);

/// Puts the oldest first; equally old ones by kind, then id or name.
void sort_by_age(std::vector<Entry>& entries);

/// Errc::unsupported where a REF names another IPC namespace than the caller's.
[[nodiscard]] Result<> check_namespace(const object::Ref& ref);

/// The object that a REF names. By key the id is resolved first. Errc::not_found when there is none, Errc::mismatch
/// when something else has its name, Errc::unsupported when it is of an IPC namespace that the view does not show.
[[nodiscard]] Result<Entry> inspect(const object::View& view, const object::Ref& ref);

/// Puts the names of those who hold a busy object into the error that says so. Looks at every process: 10 ms for 1,000.
void name_holders(const object::View& view, const Entry& judged, Error& error);

/// Why the object that was judged should not be removed: the check that remove makes without force.
[[nodiscard]] Result<> prove_unused(const object::View& view, const Entry& judged);

/// Removes the object that was judged, if it still is the same. Unless forced, a FIFO stays when a process is seen to
/// hold it, or (Errc::unseen) when its mode lets processes open it that cannot be looked into. Errors: those of each
/// kind's remove.
[[nodiscard]] Result<object::Removal> remove(const object::View& view, const Entry& judged, object::Force force);

/// Changes owner, group and mode.
[[nodiscard]] Result<> change(const object::View& view, const Entry& judged, const object::Attributes& wanted);

}  // namespace ipckit::inventory
