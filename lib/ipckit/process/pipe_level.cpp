// SPDX-License-Identifier: MIT
#include <ipckit/process/pipe_level.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <utility>

#include <poll.h>

#include <ipckit/sys/notices.hpp>
#include <ipckit/sys/pidfd.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::process {
namespace {

/// By a writing end the kernel says it itself: POLLERR, nobody reads; POLLOUT, a slot of the pipe is free. A reading
/// end shows the bytes only: there is room where the largest write that is never split (PIPE_BUF) fits.
Result<PipeLevel> level_through(const PipeEnd& end)
{
  const auto borrowed = IPCKIT_TRY(borrow(end));
  const auto waiting = IPCKIT_TRY(sys::bytes_waiting(borrowed.get()));
  PipeLevel level{.empty = waiting == 0};
  // Asked anew: the number may be another descriptor of the same FIFO by now.
  const auto writable = sys::can_be_written(borrowed.get(), end.path);
  if (writable) {
    level.writable = (sys::ready_now(borrowed.get(), POLLOUT) & POLLOUT) != 0;
  } else if (writable.error().os_error == EBADF) {
    level.writable = waiting + PIPE_BUF <= IPCKIT_TRY(sys::pipe_size(borrowed.get()));
  }
  return level;
}

}  // namespace

Result<> check_all_seen(const sys::FileStatus& fifo, const std::vector<object::Gap>& gaps, const std::string& subject)
{
  constexpr std::uint32_t others = 066;  // reading and writing for group and others
  const bool blind = std::ranges::any_of(gaps, [](const object::Gap& gap) {
    return gap.what == object::Missing::processes || gap.what == object::Missing::hidden;
  });
  if (!blind || (fifo.mode() & others) == 0) return {};
  return fail(Errc::unseen, "scan", subject, "processes of others cannot be seen");
}

Result<PipeLevel> PipeObserver::look(const object::View& view, const sys::FileStatus& fifo)
{
  if (known_) {
    if (auto level = level_through(*known_)) return level;
    known_.reset();
  }
  auto ends = pipe_ends(view, &fifo);
  if (!ends) return fail(Errc::unseen, "scan", "", view.proc_directory + " cannot be read");
  std::erase_if(ends->rows, [](const PipeEnd& end) { return !end.reads && !end.writes; });
  if (ends->rows.empty()) {
    IPCKIT_TRY(check_all_seen(fifo, ends->gaps, ""));
    return PipeLevel{};
  }
  // Writing ends first: they tell all of it.
  std::ranges::partition(ends->rows, [](const PipeEnd& end) { return end.writes; });
  for (PipeEnd& end : ends->rows) {
    const auto level = level_through(end);
    if (!level) continue;
    known_ = std::move(end);
    return *level;
  }
  return fail(Errc::unseen, "scan", "", "no descriptor may be borrowed of who has it open");
}

}  // namespace ipckit::process
