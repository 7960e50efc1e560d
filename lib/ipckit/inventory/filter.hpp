// SPDX-License-Identifier: MIT
#pragma once
// Which of the objects are meant: a pure function of what is known of each.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/timestamp.hpp>
#include <ipckit/inventory/entry.hpp>

namespace ipckit::inventory {

/// Conditions that all have to hold; one that is not set holds for everything. What is not known of an object does not
/// hold.
struct Filter {
  std::vector<uid_t> users;                            // owner is one of them
  std::optional<std::chrono::nanoseconds> older_than;  // since creation or change, inventory::since
  std::optional<std::chrono::nanoseconds> idle_for;    // since the newest time, inventory::last_used
  std::optional<std::uint64_t> larger_than;            // bytes that it takes, inventory::taken_by, or its size
  std::vector<std::string> names;                      // fnmatch(3) patterns, with or without the leading slash
  [[nodiscard]] bool empty() const noexcept;
};

[[nodiscard]] bool matches(const Entry& entry, const Filter& filter, Timestamp now);

/// How long before `now` it was; negative when it is in the future (a stepped clock).
[[nodiscard]] std::chrono::nanoseconds age_of(Timestamp time, Timestamp now) noexcept;

}  // namespace ipckit::inventory
