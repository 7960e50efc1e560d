// SPDX-License-Identifier: MIT
#pragma once
// Having an object attached: a System V segment mapped, anything else that can be, open.

#include <utility>
#include <variant>

#include <ipckit/base/error.hpp>
#include <ipckit/inventory/entry.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/shared_memory.hpp>

namespace ipckit::inventory {

/// While it lives, the object is in use by this process and by those that it forks.
class Attachment {
public:
  /// Attaches the object that was looked at: for reading where that is allowed, a FIFO for reading and writing.
  /// Errc::removed when another has taken its place. Message queues and semaphore sets of System V cannot be attached:
  /// Errc::unsupported.
  [[nodiscard]] static Result<Attachment> attach(const object::View& view, const Entry& judged);

  /// The descriptor that holds it; -1 of a mapping.
  [[nodiscard]] int descriptor() const noexcept;

private:
  explicit Attachment(std::variant<sys::SharedMemory, sys::UniqueFd> held) noexcept : held_{std::move(held)} {}
  std::variant<sys::SharedMemory, sys::UniqueFd> held_;
};

}  // namespace ipckit::inventory
