// SPDX-License-Identifier: MIT
#pragma once
// The tokens of a GNU make jobserver ("POSIX Jobserver Interaction" in the manual of make): bytes in a FIFO. Who wants
// to run a job takes one, and writes the same one back when the job has ended. They live only while somebody has the
// FIFO open.

#include <cstdint>

#include <ipckit/base/error.hpp>
#include <ipckit/fifo/fifo.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::lock {

/// Bytes '+', as make has them.
inline constexpr char token = '+';

/// The most tokens that a pipe of `size` bytes takes back, one byte at a time, without the writer having to wait. A
/// page of a pipe that is half read is not filled again, so one page is for the gap.
[[nodiscard]] std::uint64_t most_tokens(std::uint64_t size) noexcept;

/// Puts `count` tokens into a FIFO by `pipe`, a descriptor that is open for reading and writing, and keeps other
/// callers from doing the same for as long as its open file description lives (flock(2)).
///
/// Errc::busy with nothing put inside where there would be more tokens then than were asked for: somebody serves it
/// already ("flock"), bytes wait in it (operation "FIONREAD", detail their number), or a process has it open for both
/// for longer than a fifth of a second, so that it may owe a token (operation "open for both", detail "4711 (make)");
/// an ipckit of the same user whose guardian has not taken anything yet owes none. Processes that cannot be looked into
/// are not taken for such. Errc::too_large: more than most_tokens, which is the detail.
[[nodiscard]] Result<> serve_tokens(const object::View& view, const fifo::Fifo& fifo, int pipe, std::uint64_t count);

}  // namespace ipckit::lock
