// SPDX-License-Identifier: MIT
#pragma once
// The two ends of whatever carries messages: message queues of both families, and FIFOs.

#include <memory>

#include <ipckit/base/error.hpp>
#include <ipckit/fifo/transfer.hpp>
#include <ipckit/msg/transfer.hpp>
#include <ipckit/object/ref.hpp>
#include <ipckit/object/transfer.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::inventory {

/// Whether messages go through objects of this kind.
[[nodiscard]] constexpr bool carries_messages(object::Kind kind) noexcept
{
  return kind == object::Kind::msg || kind == object::Kind::pmsg || kind == object::Kind::fifo;
}

/// The canonical REF: by id, by name or by absolute path. A key is looked up (Errc::not_found); the rest is taken at
/// its word. Errc::unsupported where it is of another IPC namespace.
[[nodiscard]] Result<object::Ref> canonical(const object::View& view, const object::Ref& ref);

/// Opens a canonical REF's end for receiving; `selection` counts for msg, `reading` for fifo.
[[nodiscard]] Result<std::unique_ptr<object::Inlet>> open_inlet(const object::View& view, const object::Ref& ref,
                                                                const msg::Selection& selection,
                                                                const fifo::Reading& reading);

/// Opens a canonical REF's end for sending; `writing` counts for fifo, which waits for a reader.
[[nodiscard]] Result<std::unique_ptr<object::Outlet>> open_outlet(const object::View& view, const object::Ref& ref,
                                                                  const fifo::Writing& writing,
                                                                  const sys::Patience& patience);

}  // namespace ipckit::inventory
