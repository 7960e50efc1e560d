// SPDX-License-Identifier: MIT
#include <ipckit/process/pipe_content.hpp>

#include <algorithm>
#include <span>
#include <utility>

#include <ipckit/sys/pidfd.hpp>
#include <ipckit/sys/pipe.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::process {
namespace {

Result<PipeState> state_of(const sys::UniqueFd& end)
{
  return PipeState{.waiting = IPCKIT_TRY(sys::bytes_waiting(end.get())), .size = IPCKIT_TRY(sys::pipe_size(end.get()))};
}

/// All that can be read from a pipe nobody else writes to.
Result<std::vector<std::byte>> drain(const sys::UniqueFd& reader, std::uint64_t count)
{
  std::vector<std::byte> bytes(count);
  std::size_t done = 0;
  while (done < bytes.size()) {
    // A packet that does not fit is cut by the kernel; one has at most a page, so all of the rest is offered each time.
    const auto got = IPCKIT_TRY(sys::read_some(reader.get(), std::span{bytes}.subspan(done), "pipe"));
    if (got == 0) break;
    done += got;
  }
  bytes.resize(done);
  return bytes;
}

/// What waits, by a reading end. Bytes lie in slots, of which a pipe has one for each page of its size: ours gets as
/// many as that one has, or as many as we may have.
Result<std::vector<std::byte>> copy_of(const sys::UniqueFd& end, std::uint64_t size, std::uint64_t most)
{
  auto pipe = IPCKIT_TRY(sys::make_pipe());
  for (std::uint64_t wanted = size; !sys::set_pipe_size(pipe.writer.get(), wanted); wanted /= 2) {
    if (wanted == 0) break;
  }
  const auto count = IPCKIT_TRY(sys::tee(end.get(), pipe.writer.get(), most));
  pipe.writer.reset();
  return drain(pipe.reader, count);
}

/// Looks through one end; a reading one gives the bytes, too.
Result<> look_through(const PipeEnd& end, PipeLook& look)
{
  const auto borrowed = IPCKIT_TRY(borrow(end));
  look.state = IPCKIT_TRY(state_of(borrowed));
  if (!end.reads) return {};
  look.bytes = IPCKIT_TRY(copy_of(borrowed, look.state->size, std::max(look.state->size, look.state->waiting)));
  const auto after = IPCKIT_TRY(state_of(borrowed));
  look.cut = look.bytes->size() < std::min(look.state->waiting, after.waiting);
  return {};
}

}  // namespace

Result<PipeState> state_of(const PipeEnd& end)
{
  const auto borrowed = IPCKIT_TRY(borrow(end));
  return state_of(borrowed);
}

Result<PipeLook> look_into(const object::View& view, const sys::FileStatus& fifo)
{
  auto ends = IPCKIT_TRY(pipe_ends(view, &fifo));
  std::erase_if(ends.rows, [](const PipeEnd& end) { return !end.reads && !end.writes; });
  // Reading ends first: they show all.
  std::ranges::partition(ends.rows, [](const PipeEnd& end) { return end.reads; });
  PipeLook look{.held = !ends.rows.empty(), .state = {}, .bytes = {}, .gaps = std::move(ends.gaps)};
  for (const PipeEnd& end : ends.rows) {
    if (look.bytes) break;
    if (look.state && !end.reads) break;
    const auto seen = look_through(end, look);
    look.denied = look.denied || (!seen && seen.error().kind == Errc::access_denied);
  }
  return look;
}

}  // namespace ipckit::process
