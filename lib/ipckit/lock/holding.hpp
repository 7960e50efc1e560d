// SPDX-License-Identifier: MIT
#pragma once
// What a guardian takes for a command and gives back when that has ended: a semaphore's count, or a token, which is a
// message of a queue or a byte of a FIFO.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/lock/note.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/psem/operate.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::lock {

class Holding {
public:
  Holding() = default;
  Holding(const Holding&) = delete;
  Holding& operator=(const Holding&) = delete;
  Holding(Holding&&) = delete;
  Holding& operator=(Holding&&) = delete;
  virtual ~Holding() = default;

  /// Takes, and notes what. Errc::busy: there is nothing to take, and no patience; timed_out, interrupted, removed:
  /// nothing was taken.
  [[nodiscard]] virtual Result<> take(const Slate& slate, const sys::Patience& patience) = 0;
  /// Gives back what a slate says was taken, be it one's own or a dead guardian's. It does not wait: Errc::busy where a
  /// queue is full, and then it is still held.
  [[nodiscard]] Result<> give_back(const Slate& slate);

  /// The same for what a dead guardian has left. Errc::removed: that was of an object which had the name before this
  /// one.
  [[nodiscard]] Result<> give_back_left(const Slate& slate);

  /// The descriptors that it needs.
  [[nodiscard]] virtual std::vector<int> descriptors() const { return {}; }
  /// A name for the object that no other has: of the notes that are kept. Numbers of System V and of namespaces may be
  /// given anew, and a note of an object that had them before is known by its time. Empty where none need be,
  /// because the kernel gives back by itself what a dead process held.
  [[nodiscard]] virtual std::string identity() const { return {}; }
  /// The largest that can be taken, bytes.
  [[nodiscard]] virtual std::size_t room() const { return 0; }
  /// The process that took last, as the kernel knows it; 0 where it does not.
  [[nodiscard]] virtual pid_t last_taker() const { return 0; }

private:
  [[nodiscard]] virtual Result<> put(const Slate& slate) = 0;
  /// Whether the object may be the one of a note that has its identity.
  [[nodiscard]] virtual bool may_be_of(const Note& /*note*/) const { return true; }
};

/// Whether it was not given back because there is nothing any more, or never will be, to give it to.
[[nodiscard]] bool has_gone(const Error& error) noexcept;

/// The bytes that a token may have which is a message of a System V queue.
inline constexpr std::size_t largest_token = 8192;

/// `count` of a semaphore of a set, with SEM_UNDO.
[[nodiscard]] std::unique_ptr<Holding> hold_set(const object::View& view, int id, std::uint16_t number,
                                                std::uint16_t count);
/// One of a POSIX semaphore.
[[nodiscard]] std::unique_ptr<Holding> hold_semaphore(psem::Mapped semaphore);

/// Any message of a System V queue of the caller's IPC namespace. Errc::not_found when there is no such queue,
/// Errc::access_denied where the caller may not put back what it takes. To take is E2BIG where the next message has
/// more than largest_token bytes, which is the Error's detail then.
[[nodiscard]] Result<std::unique_ptr<Holding>> hold_message(const object::View& view, int id);
/// Any message of a POSIX queue, which must be open to the caller for reading and writing.
[[nodiscard]] Result<std::unique_ptr<Holding>> hold_posix_message(const std::string& name);
/// A byte of a FIFO, which must be open to the caller for reading and writing: what is inside stays there as long as
/// anybody has it open.
[[nodiscard]] Result<std::unique_ptr<Holding>> hold_byte(const std::string& path);
/// The identity of what hold_byte takes.
[[nodiscard]] std::string identity_of_fifo(const sys::FileStatus& file);

}  // namespace ipckit::lock
