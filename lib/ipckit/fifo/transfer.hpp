// SPDX-License-Identifier: MIT
#pragma once
// Messages through a named pipe (fifo(7), pipe(7)). A pipe carries bytes: where messages end is what a framing tells,
// and the same one is needed at both ends. A write of at most PIPE_BUF bytes is one piece among those of other writers.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/object/framing.hpp>
#include <ipckit/object/transfer.hpp>

namespace ipckit::fifo {

struct Reading {
  object::Framing framing = object::Framing::none;  // none: whatever a read gives is a message
  bool follow = false;                              // wait for the next writer when the last one has closed
  std::optional<std::uint64_t> at_most;             // messages: no byte behind the last one is taken
  bool whole = false;                  // without patience, leave a message in the pipe whose end is missing
  bool linger = false;                 // without patience, wait a tenth of a second for a writer who is there
  std::optional<std::uint64_t> ahead;  // messages that are taken out of the pipe at once; any number unless given
};

/// Opens a FIFO for reading, which never waits: a wait for the first writer is that of the first message. A message of
/// more than `longest_frame` bytes is Errc::too_large and stays in remains(). At the end of the stream a message
/// without its separator counts; one that is cut short behind its length is Errc::malformed and stays in remains().
[[nodiscard]] Result<std::unique_ptr<object::Inlet>> open_inlet(const std::string& path, const Reading& reading);
inline constexpr std::uint64_t longest_frame = std::uint64_t{256} << 20U;

struct Writing {
  object::Framing framing = object::Framing::none;  // none: a message is written as it is, in pieces if it must
  bool split = false;                               // a framed message longer than PIPE_BUF may be torn apart, too
};

/// Opens a FIFO for writing, which waits for a reader. Errc::busy: nobody reads, and no patience. Framed messages go in
/// pieces of at most PIPE_BUF bytes, several in one; see Outlet::flush. Errc::ended: the last reader has closed.
[[nodiscard]] Result<std::unique_ptr<object::Outlet>> open_outlet(const std::string& path, const Writing& writing,
                                                                  const sys::Patience& patience);

}  // namespace ipckit::fifo
