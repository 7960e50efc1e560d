// SPDX-License-Identifier: MIT
#pragma once
// Every limit there is on IPC objects, how much of it is used, and who sets it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::inventory {

enum class Unit : std::uint8_t { count, bytes, pages };

/// One limit.
struct Limit {
  object::Kind kind = object::Kind::msg;
  std::string_view name;     // short and stable: "msgmni"
  std::string_view meaning;  // "message queues"
  Unit unit = Unit::count;
  std::optional<std::uint64_t> value;  // not set: unlimited, or unknown
  bool unlimited = false;
  bool counted = false;               // a limit on a sum, which has a use; the others bound one object each
  std::optional<std::uint64_t> used;  // unknown when counted and not set
  std::string set_by;                 // "kernel.msgmni", "RLIMIT_MSGQUEUE", "mount /dev/shm", "fixed"
  [[nodiscard]] std::optional<double> percent() const noexcept;  // used of value, 0 to 100 and beyond
};

struct Limits {
  std::vector<Limit> rows;
  std::vector<object::Gap> gaps;
  std::vector<std::pair<object::Kind, Error>> errors;
};

/// The limits of the kinds, in their order.
[[nodiscard]] Limits limits(const object::View& view, object::KindSet kinds);

/// Whether logind removes a user's objects when the last session ends (logind.conf(5), RemoveIPC=, on unless switched
/// off). Nothing where logind does not run.
[[nodiscard]] std::optional<bool> logind_removes_ipc();

}  // namespace ipckit::inventory
