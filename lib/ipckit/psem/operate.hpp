// SPDX-License-Identifier: MIT
#pragma once
// Taking from and giving to a POSIX named semaphore: sem_wait(3), sem_post(3).

#include <string>
#include <utility>

#include <ipckit/base/error.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/interrupts.hpp>
#include <ipckit/sys/semaphore.hpp>

namespace ipckit::psem {

/// A named semaphore, mapped for reading and writing, as sem_open(3) does it. Children have it, too.
class Mapped {
public:
  /// Errc::not_found; Errc::mismatch: what has the name is no regular file, or no sem_t; Errc::access_denied without
  /// permission to read and to write; Errc::removed: another file has taken the name meanwhile.
  [[nodiscard]] static Result<Mapped> open(const object::View& view, const std::string& name);

  /// What was opened, as it was then.
  [[nodiscard]] const sys::FileStatus& file() const noexcept { return status_; }
  /// Which a process that is forked to take and give must keep.
  [[nodiscard]] int descriptor() const noexcept { return content_.get(); }
  /// Takes one. Errc::busy: the value is 0, and no patience; Errc::timed_out and Errc::interrupted: nothing was taken;
  /// Errc::removed: it was unlinked during the wait; Errc::mismatch: its file was cut short. That nobody tells those
  /// who wait: it is looked at once a second.
  [[nodiscard]] Result<> take(const sys::Patience& patience);
  /// Gives one. Errc::too_large (EOVERFLOW): the value is SEM_VALUE_MAX. Errc::mismatch: its file was cut
  /// short, and nobody got it.
  [[nodiscard]] Result<> post();

private:
  Mapped(std::string name, const sys::FileStatus& status, sys::UniqueFd content,
         sys::MappedSemaphore semaphore) noexcept
      : name_{std::move(name)}, status_{status}, content_{std::move(content)}, semaphore_{std::move(semaphore)}
  {
  }
  [[nodiscard]] Result<> prove_linked() const;

  std::string name_;
  sys::FileStatus status_;
  sys::UniqueFd content_;
  sys::MappedSemaphore semaphore_;
};

}  // namespace ipckit::psem
