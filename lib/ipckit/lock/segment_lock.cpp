// SPDX-License-Identifier: MIT
#include <ipckit/lock/segment_lock.hpp>

#include <chrono>
#include <utility>

#include <ipckit/object/tmpfs.hpp>
#include <ipckit/process/file_lock_holder.hpp>
#include <ipckit/process/process.hpp>

namespace ipckit::lock {
namespace {

using std::chrono::steady_clock;

/// Who has locked it: of an ipckit the command that it runs.
std::optional<process::Holder> holder_of(const object::View& view, const sys::FileStatus& file)
{
  const auto pid = process::holder_of_file_lock(view, file);
  if (!pid) return std::nullopt;
  auto holder = holder_called(view, *pid);
  if (holder.command != "ipckit") return holder;
  auto command = process::child_of(view, *pid, "ipckit-lock");
  return command ? std::move(*command) : std::move(holder);
}

/// Locks what was opened, and notes in `taken` how that went.
Result<> lock_noting(const object::View& view, const OpenSegment& segment, sys::Sharing sharing,
                     const sys::Patience& patience, const std::string& name, Taken& taken)
{
  auto locked = sys::lock_file(segment.file.get(), sharing, {}, name);
  if (locked || locked.error().kind != Errc::busy) return locked;
  const auto began = steady_clock::now();
  if (!taken.waited) taken.waited_for = holder_of(view, segment.status);
  if (patience.none()) return locked;
  taken.waited = true;
  locked = sys::lock_file(segment.file.get(), sharing, patience, name);
  taken.wait += steady_clock::now() - began;
  return locked;
}

}  // namespace

process::Holder holder_called(const object::View& view, pid_t pid)
{
  return {.pid = pid, .command = process::command_of(view, pid, {}).value_or("")};
}

Result<SegmentLock> lock_segment(const object::View& view, const std::string& name, sys::Sharing sharing,
                                 const Making& making, const sys::Patience& asked, Taken& taken)
{
  const auto patience = asked.begun();
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  for (;;) {
    auto found = find_or_make_segment(view, name, making);
    if (!found && found.error().kind == Errc::not_found && taken.waited) found.error().kind = Errc::removed;
    if (!found) return std::unexpected(std::move(found).error());
    auto& segment = found->object;
    IPCKIT_TRY(lock_noting(view, segment, sharing, patience, name, taken));
    const auto now = sys::status_at(directory.get(), name);
    if (now && now->same_inode(segment.status)) {
      return SegmentLock{.file = std::move(segment.file), .made = found->made};
    }
  }
}

}  // namespace ipckit::lock
