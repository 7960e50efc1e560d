// SPDX-License-Identifier: MIT
#pragma once
// Reading and writing descriptors of streams: pipes, FIFOs, terminals and whatever else stdin and stdout may be.

#include <cstddef>
#include <span>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::sys {

/// read(2), once; 0 at the end. Errc::busy: a non-blocking descriptor has nothing now.
[[nodiscard]] Result<std::size_t> read_some(int fd, std::span<std::byte> buffer, const std::string& subject);

/// read(2), once, waited for also where somebody has made the descriptor non-blocking; 0 at the end. Signals end no
/// wait.
[[nodiscard]] Result<std::size_t> read_next(int fd, std::span<std::byte> buffer, const std::string& subject);

/// read(2) as soon as there is something to read, whether or not the descriptor blocks. The end of what can be read is
/// 0.
[[nodiscard]] Result<std::size_t> read_waiting(int fd, std::span<std::byte> buffer, const Patience& patience,
                                               const std::string& subject);

/// Waits until a read would give something.
[[nodiscard]] Result<> wait_readable(int fd, const Patience& patience, const std::string& subject);

/// What of `events` is true of the descriptor now, and POLLERR, POLLHUP: poll(2).
[[nodiscard]] short ready_now(int fd, short events) noexcept;

/// Whether a read would give something now: bytes, the end or an error.
[[nodiscard]] bool is_readable(int fd) noexcept;

/// Gives a process that has the pipe open for writing a tenth of a second to write something, where nothing is inside:
/// it may have waited for a reader to come, and is about to.
void await_writer(int pipe) noexcept;

/// Whether the other side of a pipe has closed, POLLHUP: what is inside is all that will come.
[[nodiscard]] bool is_hung_up(int fd) noexcept;

/// write(2) of all of it, a non-blocking descriptor waited for. `done` is how many bytes were written, whatever the
/// outcome. Errc::ended: nobody reads (EPIPE; SIGPIPE must be ignored).
[[nodiscard]] Result<> write_waiting(int fd, std::span<const std::byte> bytes, std::size_t& done,
                                     const Patience& patience, const std::string& subject);

/// Whether it is known that nothing can be written: the reader of a pipe has gone, or the descriptor is not open for
/// writing. Gives the error that write(2) would have.
[[nodiscard]] Result<> can_be_written(int fd, const std::string& subject);

/// Copies what a pipe holds without taking it, tee(2): at most `buffer.size()` bytes, and no more than a pipe of the
/// default size has. Nothing: 0.
[[nodiscard]] Result<std::size_t> peek_pipe(int pipe, std::span<std::byte> buffer, const std::string& subject);

/// A file without a name that holds `bytes` and is read from its beginning, memfd_create(2).
[[nodiscard]] Result<UniqueFd> memory_file(std::span<const std::byte> bytes, const std::string& name);

/// Opens what an O_PATH descriptor stands for, as often as a signal interrupts that: a FIFO waits for its other end.
[[nodiscard]] Result<UniqueFd> reopen_waiting(int path_fd, int flags, const Patience& patience,
                                              const std::string& subject);

/// F_SETFL: O_NONBLOCK on.
[[nodiscard]] Result<> do_not_block(int fd, const std::string& subject);

}  // namespace ipckit::sys
