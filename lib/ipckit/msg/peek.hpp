// SPDX-License-Identifier: MIT
#pragma once
// The messages that wait in a System V queue, looked at without taking them: msgrcv(2) with MSG_COPY. Nothing of the
// queue changes, neither its times nor its last pids.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/msg/queue.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::msg {

/// A message that waits. One that is longer than kernel.msgmax has become cannot be looked at: of it only the length is
/// known.
struct WaitingMessage {
  std::uint64_t index = 0;           // its place; 0 is received next by who takes any type
  std::optional<std::int64_t> type;  // mtype; nothing: it cannot be looked at
  std::uint64_t size = 0;            // bytes of its text
  std::span<const std::byte> data;   // of the Peeker, until its next call
};

/// Looks at the messages of one queue by their places. Each call costs the kernel a walk to the place, and while others
/// receive, the places move: whoever walks compares `same_content` of the queue before and after.
class Peeker {
public:
  Peeker(object::View view, int id);

  /// The message at a place; nothing behind the last one. Errc::not_found when the queue is gone, Errc::access_denied
  /// without read permission, Errc::unsupported where the kernel has no MSG_COPY (CONFIG_CHECKPOINT_RESTORE).
  [[nodiscard]] Result<std::optional<WaitingMessage>> at(std::uint64_t index);

private:
  [[nodiscard]] Result<std::optional<WaitingMessage>> too_long(std::uint64_t index);
  [[nodiscard]] Result<bool> fits(std::uint64_t index, std::size_t size);

  object::View view_;
  int id_;
  std::vector<std::byte> buffer_;
};

/// Whether nothing was sent or received between two looks at a queue, as far as its counts, whole seconds and last pids
/// can tell.
[[nodiscard]] bool same_content(const Queue& before, const Queue& after) noexcept;

}  // namespace ipckit::msg
