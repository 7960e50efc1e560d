// SPDX-License-Identifier: MIT
#pragma once
// Sending to and receiving from a POSIX message queue, mq_send(3) and mq_receive(3).

#include <memory>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/object/transfer.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::pmsg {

/// The queue's end for receiving: the oldest message of the highest priority comes first. It is opened for sending,
/// too, where that is allowed, or else nothing can be put back (Errc::unsupported). That somebody unlinks the queue
/// ends no wait: the kernel tells nobody.
[[nodiscard]] Result<std::unique_ptr<object::Inlet>> open_inlet(const object::View& view, const std::string& name);

/// The queue's end for sending.
[[nodiscard]] Result<std::unique_ptr<object::Outlet>> open_outlet(const object::View& view, const std::string& name);

}  // namespace ipckit::pmsg
