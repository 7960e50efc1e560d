// SPDX-License-Identifier: MIT
#include <ipckit/lock/jobserver.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/types.h>
#include <unistd.h>

#include <ipckit/lock/holding.hpp>
#include <ipckit/lock/record.hpp>
#include <ipckit/process/file_lock_holder.hpp>
#include <ipckit/process/pipe_ends.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/sys/file_lock.hpp>
#include <ipckit/sys/identity.hpp>
#include <ipckit/sys/pidfd.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::lock {
namespace {

/// Whether a process is one of these guardians, or the maker of one.
bool is_waiting(const object::View& view, pid_t pid, const std::vector<pid_t>& waiting)
{
  const auto child = process::child_of(view, pid, "");
  return std::ranges::any_of(waiting,
                             [&](pid_t guardian) { return guardian == pid || (child && guardian == child->pid); });
}

/// A process other than this one that has both ends of the FIFO, by one descriptor or two, unless it is known to wait
/// for its first token.
std::optional<pid_t> holder_of_both(const object::View& view, const fifo::Fifo& fifo, const Records& records)
{
  const auto ends = process::pipe_ends(view, &fifo.file);
  if (!ends) return std::nullopt;
  struct Ends {
    bool reads = false;
    bool writes = false;
  };
  std::map<pid_t, Ends> of;
  for (const auto& end : ends->rows) {
    of[end.pid].reads |= end.reads;
    of[end.pid].writes |= end.writes;
  }
  of.erase(::getpid());
  std::erase_if(of, [](const auto& entry) { return !entry.second.reads || !entry.second.writes; });
  // Asked for later than the ends: who has come in between was not seen to have any.
  const auto waiting = of.empty() ? std::vector<pid_t>{} : records.waiting();
  const auto found = std::ranges::find_if(of, [&](const auto& end) { return !is_waiting(view, end.first, waiting); });
  return found == of.end() ? std::nullopt : std::optional{found->first};
}

/// The same, when it still is so after a moment: a client has the FIFO open before it can be known to wait, and for an
/// instant after it has given up.
std::optional<pid_t> lasting_holder_of_both(const object::View& view, const fifo::Fifo& fifo, const Records& records)
{
  constexpr int looks = 10;
  constexpr std::chrono::milliseconds between_looks{20};
  auto holder = holder_of_both(view, fifo, records);
  for (int look = 1; holder && look < looks; ++look) {
    std::this_thread::sleep_for(between_looks);
    holder = holder_of_both(view, fifo, records);
  }
  return holder;
}

std::string name_of(const object::View& view, pid_t pid)
{
  const auto process = process::inspect(view, pid);
  return process ? std::to_string(pid) + " (" + process->command + ")" : std::to_string(pid);
}

std::unexpected<Error> may_owe(const object::View& view, const fifo::Fifo& fifo, pid_t pid)
{
  return fail(Errc::busy, "open for both", fifo.path, name_of(view, pid));
}

Result<> check_empty(const fifo::Fifo& fifo, int pipe)
{
  const auto waiting = IPCKIT_TRY(sys::bytes_waiting(pipe));
  if (waiting > 0) return fail(Errc::busy, "FIONREAD", fifo.path, std::to_string(waiting));
  return {};
}

/// What another server would have done to it, and clients of it have left.
Result<> check_unserved(const object::View& view, const fifo::Fifo& fifo, int pipe)
{
  IPCKIT_TRY(check_empty(fifo, pipe));
  // All tokens may be with clients; whoever can give one back has the FIFO open.
  const Records records{view, identity_of_fifo(fifo.file)};
  if (const auto pid = lasting_holder_of_both(view, fifo, records)) return may_owe(view, fifo, *pid);
  // One that was still there at the first look may have given back since.
  IPCKIT_TRY(check_empty(fifo, pipe));
  // What the dead had was of a pool that is gone, and not to be given back to this one.
  const auto seen = records.forget_dead();
  if (seen.holder) return may_owe(view, fifo, *seen.holder);
  return {};
}

}  // namespace

std::uint64_t most_tokens(std::uint64_t size) noexcept
{
  return size - std::min(size, sys::page_size()) + 1;
}

Result<> serve_tokens(const object::View& view, const fifo::Fifo& fifo, int pipe, std::uint64_t count)
{
  const auto most = most_tokens(IPCKIT_TRY(sys::pipe_size(pipe)));
  if (count > most) return fail(Errc::too_large, "tokens", fifo.path, std::to_string(most));
  IPCKIT_TRY(sys::lock_file(pipe, sys::Sharing::exclusive, {}, fifo.path));
  IPCKIT_TRY(check_unserved(view, fifo, pipe));
  const std::string tokens(count, token);
  std::size_t done = 0;
  return sys::write_waiting(pipe, std::as_bytes(std::span{tokens}), done, sys::Patience{}, fifo.path);
}

}  // namespace ipckit::lock
