// SPDX-License-Identifier: MIT
#pragma once
// A POSIX semaphore in a file: mmap(2), sem_trywait(3), sem_wait(3), sem_post(3). Anybody who may write the file may
// cut it short at any time, and then each of them is Errc::mismatch, now and later, and not SIGBUS.

#include <string>
#include <utility>

#include <semaphore.h>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/interrupts.hpp>
#include <ipckit/sys/mapping.hpp>

namespace ipckit::sys {

/// Owns a mapping of one sem_t at the start of a file, for reading and writing, shared with everybody who maps it and
/// with children.
class MappedSemaphore {
public:
  MappedSemaphore() noexcept = default;
  /// mmap(2). The file must have the size of a sem_t; the descriptor may be closed afterwards.
  [[nodiscard]] static Result<MappedSemaphore> map(int fd, const std::string& subject);

  [[nodiscard]] sem_t& get() const noexcept { return *reinterpret_cast<sem_t*>(memory_.bytes().data()); }

private:
  explicit MappedSemaphore(Mapping memory) noexcept : memory_{std::move(memory)} {}
  Mapping memory_;
};

/// sem_trywait(3). Errc::busy: its value is 0.
[[nodiscard]] Result<> sem_trywait(sem_t& semaphore, const std::string& subject);

/// sem_wait(3). Errc::timed_out, Errc::interrupted. That the file has been unlinked nobody is told.
[[nodiscard]] Result<> sem_wait(sem_t& semaphore, const Patience& patience, const std::string& subject);

/// sem_post(3). Errc::too_large (EOVERFLOW): its value is SEM_VALUE_MAX.
[[nodiscard]] Result<> sem_post(sem_t& semaphore, const std::string& subject);

}  // namespace ipckit::sys
