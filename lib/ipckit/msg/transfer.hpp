// SPDX-License-Identifier: MIT
#pragma once
// Sending to and receiving from a System V message queue, msgop(2).

#include <cstdint>
#include <memory>
#include <optional>

#include <ipckit/base/error.hpp>
#include <ipckit/object/transfer.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::msg {

/// Which message msgrcv(2) takes.
struct Selection {
  std::int64_t type = 0;                // 0: the first; N: the first of type N; -N: the first of the lowest type <= N
  bool except = false;                  // MSG_EXCEPT: the first of another type
  std::optional<std::size_t> truncate;  // MSG_NOERROR: longer ones are cut to so many bytes
};

/// The queue's end for receiving. Nothing is asked of the kernel yet: that the queue is not there, or may not be read,
/// is said when a message is taken (Errc::not_found, Errc::access_denied).
[[nodiscard]] Result<std::unique_ptr<object::Inlet>> open_inlet(const object::View& view, int id,
                                                                const Selection& selection);

/// The queue's end for sending; likewise.
[[nodiscard]] Result<std::unique_ptr<object::Outlet>> open_outlet(const object::View& view, int id);

}  // namespace ipckit::msg
