// SPDX-License-Identifier: MIT
#pragma once
// How a lock was got.

#include <chrono>
#include <optional>

#include <ipckit/base/error.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/process/holders.hpp>

namespace ipckit::lock {

struct Taken {
  bool waited = false;               // it was not free at once
  std::chrono::nanoseconds wait{0};  // for how long
  std::optional<process::Holder>
      waited_for;                       // a process that had it then, where that can be told; the command may be empty
  std::optional<Error> without_record;  // why no record of it is kept: it would be lost if all were killed at once
};

/// A process by its pid and, where it is still there, its command.
[[nodiscard]] process::Holder holder_called(const object::View& view, pid_t pid);

}  // namespace ipckit::lock
