// SPDX-License-Identifier: MIT
#include <ipckit/process/pipe_ends.hpp>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <utility>

#include <fcntl.h>

#include <ipckit/base/number.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/sys/directory.hpp>
#include <ipckit/sys/pidfd.hpp>

namespace ipckit::process {
namespace {

/// The end that descriptor `number` is; nothing when it is none, or not of the pipe that is looked for.
std::optional<PipeEnd> end_at(const sys::UniqueFd& descriptors, pid_t pid, const std::string& number,
                              const sys::FileStatus* only)
{
  const auto file = sys::status_through(descriptors.get(), number);
  if (!file || !file->is_fifo()) return std::nullopt;
  if (only != nullptr && !file->same_inode(*only)) return std::nullopt;
  auto path = sys::read_link_at(descriptors.get(), number);
  if (!path || !path->starts_with('/')) return std::nullopt;  // "pipe:[4711]" has no name
  const auto link = sys::status_at(descriptors.get(), number);
  if (!link) return std::nullopt;
  // The mode of the link in /proc/PID/fd tells how it was opened: 0500 reading, 0300 writing, 0 O_PATH.
  return PipeEnd{.pid = pid,
                 .descriptor = parse_number<int>(number).value_or(-1),
                 .reads = (link->mode() & 0400U) != 0,
                 .writes = (link->mode() & 0200U) != 0,
                 .file = *file,
                 .path = std::move(*path)};
}

/// What a look into a process's descriptors came to.
enum class Look : std::uint8_t { refused, empty, seen };

Look add_ends_in(const std::string& path, pid_t pid, const sys::FileStatus* only, std::vector<PipeEnd>& ends)
{
  const auto descriptors = sys::open(path, O_RDONLY | O_DIRECTORY);
  if (!descriptors) return descriptors.error().kind == Errc::access_denied ? Look::refused : Look::empty;
  bool any = false;
  const auto listed = sys::for_each_entry(descriptors->get(), path, [&](const sys::DirectoryEntry& entry) {
    any = true;
    if (auto end = end_at(*descriptors, pid, std::string(entry.name), only)) ends.push_back(std::move(*end));
    return true;
  });
  if (!listed && listed.error().kind == Errc::access_denied) return Look::refused;
  return any ? Look::seen : Look::empty;
}

/// False when the process does not let itself be looked into. A leader that has ended shows no descriptors, though its
/// threads live and hold them: then they are asked.
bool add_ends(const object::View& view, pid_t pid, const sys::FileStatus* only, std::vector<PipeEnd>& ends)
{
  const std::string home = view.proc_directory + "/" + std::to_string(pid);
  const auto look = add_ends_in(home + "/fd", pid, only, ends);
  if (look != Look::empty) return look == Look::seen;
  const auto tasks = sys::open(home + "/task", O_RDONLY | O_DIRECTORY);
  if (!tasks) return true;
  bool refused = false;
  const auto listed = sys::for_each_entry(tasks->get(), home, [&](const sys::DirectoryEntry& entry) {
    const auto thread = add_ends_in(home + "/task/" + std::string(entry.name) + "/fd", pid, only, ends);
    refused = thread == Look::refused;
    return thread == Look::empty;
  });
  return listed.has_value() && !refused;
}

}  // namespace

Result<object::Listing<PipeEnd>> pipe_ends(const object::View& view, const sys::FileStatus* only)
{
  object::Listing<PipeEnd> listing;
  std::uint64_t refused = 0;
  for (const pid_t pid : IPCKIT_TRY(list(view))) {
    if (add_ends(view, pid, only, listing.rows)) continue;
    const auto process = inspect(view, pid);
    if (process && !process->kernel_thread) ++refused;
  }
  if (refused > 0) {
    listing.gaps.push_back({.what = object::Missing::processes,
                            .kind = object::Kind::fifo,
                            .count = refused,
                            .subject = {},
                            .os_error = EACCES});
  }
  std::ranges::move(blind_spots(view, object::Kind::fifo), std::back_inserter(listing.gaps));
  return listing;
}

Result<sys::UniqueFd> borrow(const PipeEnd& end)
{
  auto copy = IPCKIT_TRY(sys::borrow_descriptor(end.pid, end.descriptor));
  const auto file = IPCKIT_TRY(sys::status(copy.get(), end.path));
  if (!file.same_inode(end.file)) return fail(Errc::removed, "borrow", end.path);
  return copy;
}

}  // namespace ipckit::process
