// SPDX-License-Identifier: MIT
#pragma once
// Messages on the move: what every kind of queue that gives and takes them has in common.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::object {

struct Message {
  std::int64_t type = 1;       // msg: mtype of msgop(2), greater than 0
  std::uint32_t priority = 0;  // pmsg: msg_prio of mq_send(3), below 32768
  std::span<const std::byte> data;
};

/// Bytes that a reader of messages may have taken and not written yet, unless a single message has more.
inline constexpr std::size_t taken_at_most = 65536;

/// The end from which messages are taken.
class Inlet {
public:
  Inlet() = default;
  Inlet(const Inlet&) = delete;
  Inlet& operator=(const Inlet&) = delete;
  Inlet(Inlet&&) = delete;
  Inlet& operator=(Inlet&&) = delete;
  virtual ~Inlet() = default;

  /// Takes the next message, of at most `room` bytes; its data are valid until the next call. Errc::busy: there is
  /// none, and no patience. Errc::too_large: it has more than `room` bytes, and stays. Errc::ended: there is none, and
  /// nobody left who could send one. Errc::removed, timed_out, interrupted: what ended the wait; nothing was taken.
  [[nodiscard]] virtual Result<Message> take(std::size_t room, const sys::Patience& patience) = 0;

  /// Puts a message that was taken at the tail again, without waiting. Errc::unsupported where that cannot be.
  [[nodiscard]] virtual Result<> put_back(const Message& message) = 0;

  /// Bytes that were taken and are no message yet.
  [[nodiscard]] virtual std::span<const std::byte> remains() const noexcept { return {}; }
};

/// The end into which messages are put.
class Outlet {
public:
  Outlet() = default;
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  Outlet(Outlet&&) = delete;
  Outlet& operator=(Outlet&&) = delete;
  virtual ~Outlet() = default;

  /// Puts a message in, or holds it back until flush() where several go at once. Errc::busy: full, and no patience.
  /// Errc::too_large: more than the largest allowed. Errc::ended: nobody left who could take it. Errc::removed,
  /// timed_out, interrupted: what ended the wait. Whatever was held back and failed is not counted by sent().
  [[nodiscard]] virtual Result<> put(const Message& message, const sys::Patience& patience) = 0;
  [[nodiscard]] virtual Result<> flush(const sys::Patience& /*patience*/) { return {}; }

  /// Messages that are in the queue now, or were.
  [[nodiscard]] virtual std::uint64_t sent() const noexcept = 0;
  /// Bytes that those have, frames not counted.
  [[nodiscard]] virtual std::uint64_t sent_bytes() const noexcept = 0;
  /// Bytes that one message may have; nullopt: any number.
  [[nodiscard]] virtual Result<std::optional<std::uint64_t>> largest() const = 0;
};

}  // namespace ipckit::object
