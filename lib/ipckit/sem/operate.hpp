// SPDX-License-Identifier: MIT
#pragma once
// Taking from, giving to and waiting for the semaphores of a System V set: semop(2).

#include <cstdint>
#include <span>

#include <ipckit/base/error.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::sem {

/// struct sembuf, semop(2).
struct Operation {
  std::uint16_t number = 0;  // sem_num: which semaphore of the set
  std::int16_t change = 0;   // sem_op: added to the value; below 0 waits until it can be taken; 0 waits for the value 0
  bool operator==(const Operation&) const = default;
};

/// Whether the kernel is to reverse every operation when this process ends (SEM_UNDO). An exec keeps that, a fork
/// leaves it with the parent.
enum class Undo : bool { no, yes };

/// All operations in one step, in this order, or none of them. Errc::busy: one would have to wait, and no patience;
/// Errc::timed_out and Errc::interrupted: the wait is over, and nothing was done; Errc::removed: the set went away
/// during the wait; Errc::not_found: no such set; Errc::access_denied; Errc::too_large by its os_error: E2BIG more
/// operations than SEMOPM, EFBIG a number beyond the set (its detail says how many there are), ERANGE a value beyond
/// SEMVMX (or more for SEM_UNDO to give back than it can). Errc::invalid: no operation.
[[nodiscard]] Result<> operate(const object::View& view, int id, std::span<const Operation> operations, Undo undo,
                               const sys::Patience& patience);

}  // namespace ipckit::sem
