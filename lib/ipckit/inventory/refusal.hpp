// SPDX-License-Identifier: MIT
#pragma once
// Why the kernel refused to make or change something: which limit, how large it is, who sets it. Pure functions of the
// limits, what was asked for, and the errno.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ipckit/inventory/limits.hpp>
#include <ipckit/object/kind.hpp>

namespace ipckit::inventory {

/// What was asked for; what does not apply is not set.
struct Wanted {
  object::Kind kind = object::Kind::msg;
  std::optional<std::uint64_t> size;          // bytes of a segment
  std::optional<std::uint64_t> count;         // semaphores of a set
  std::optional<std::uint64_t> value;         // the largest value of a semaphore
  std::optional<std::uint64_t> operations;    // of one semop(2)
  std::optional<std::uint64_t> max_messages;  // of a POSIX queue
  std::optional<std::uint64_t> message_size;  // of a POSIX queue
  std::optional<std::uint64_t> max_bytes;     // of a System V queue
};

/// The limit that stands in the way, and how much of it would be needed: more than is allowed, or more than is left.
struct Refusal {
  Limit limit;
  std::uint64_t needed = 0;  // with what is used already, for a limit on a sum
};

/// The limit that explains the refusal with this errno; nothing when none of them does.
[[nodiscard]] std::optional<Refusal> explain_refusal(const std::vector<Limit>& limits, const Wanted& wanted,
                                                     int os_error);

}  // namespace ipckit::inventory
