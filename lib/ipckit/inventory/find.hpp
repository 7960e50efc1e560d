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
  std::vector<std::string> fifo_directories;  // looked into one deep
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

/// The object that a REF names. By key the id is resolved first. Errc::not_found when there is none, Errc::mismatch
/// when something else has its name, Errc::unsupported when it is of an IPC namespace that the view does not show.
[[nodiscard]] Result<Entry> inspect(const object::View& view, const object::Ref& ref);

/// Removes the object that was judged, if it still is the same. A FIFO's holders are looked for unless forced.
/// Errors: those of each kind's remove.
[[nodiscard]] Result<object::Removal> remove(const object::View& view, const Entry& judged, object::Force force);

/// Changes owner, group and mode.
[[nodiscard]] Result<> change(const object::View& view, const Entry& judged, const object::Attributes& wanted);

}  // namespace ipckit::inventory
