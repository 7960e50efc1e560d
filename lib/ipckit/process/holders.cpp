// SPDX-License-Identifier: MIT
#include <ipckit/process/holders.hpp>

#include <string_view>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <ipckit/base/text.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/procfs/blocked_call.hpp>
#include <ipckit/procfs/maps.hpp>
#include <ipckit/sys/directory.hpp>

namespace ipckit::process {
namespace {

std::string path_of(const object::View& view, pid_t pid, std::string_view what)
{
  return view.proc_directory + "/" + std::to_string(pid) + "/" + std::string(what);
}

/// Whether any mapping of the process is what `is_it` looks for.
template <class Is>
bool has_mapping(const object::View& view, pid_t pid, Is is_it)
{
  const auto text = sys::read_text(path_of(view, pid, "maps"));
  if (!text) return false;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto mapping = procfs::parse_mapping(take_line(rest));
    if (mapping && is_it(*mapping)) return true;
  }
  return false;
}

bool has_open(const object::View& view, pid_t pid, const sys::FileStatus& file)
{
  const std::string path = path_of(view, pid, "fd");
  const auto directory = sys::open(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return false;
  bool found = false;
  const auto listed = sys::for_each_entry(directory->get(), path, [&](const sys::DirectoryEntry& entry) {
    const std::string number(entry.name);
    const auto opened = sys::status_through(directory->get(), number);
    if (!opened || opened->device != file.device || opened->inode != file.inode) return true;
    // Mode 0 of the link is O_PATH, which holds nothing.
    const auto link = sys::status_at(directory->get(), number);
    found = link && (link->mode() & 0600U) != 0;
    return !found;
  });
  return listed && found;
}

/// Whether any thread of the process is blocked in a call that `is_it` looks for.
template <class Is>
bool has_blocked_thread(const object::View& view, pid_t pid, Is is_it)
{
  const std::string path = path_of(view, pid, "task");
  const auto directory = sys::open(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return false;
  bool found = false;
  const auto listed = sys::for_each_entry(directory->get(), path, [&](const sys::DirectoryEntry& entry) {
    const auto text = sys::read_text_at(directory->get(), std::string(entry.name) + "/syscall");
    const auto call = text ? procfs::parse_blocked_call(*text) : std::nullopt;
    found = call && is_it(*call);
    return !found;
  });
  return listed && found;
}

/// Whether a system call waits on a set. Some machines have only one of the two.
bool is_semop(long number) noexcept
{
#ifdef SYS_semop
  if (number == SYS_semop) return true;
#endif
#ifdef SYS_semtimedop
  if (number == SYS_semtimedop) return true;
#endif
  return false;
}

/// The inode of the IPC namespace that the view shows.
Result<sys::FileStatus> namespace_of(const object::View& view)
{
  return view.ipc_namespace < 0 ? sys::status_through(AT_FDCWD, view.proc_directory + "/self/ns/ipc")
                                : sys::status(view.ipc_namespace, "ipc namespace");
}

/// The first processes that `holds` says yes to.
template <class Holds>
std::vector<Holder> search(const object::View& view, std::size_t most, Holds holds)
{
  std::vector<Holder> holders;
  const auto pids = list(view);
  if (!pids) return holders;
  for (const pid_t pid : *pids) {
    if (holders.size() == most) break;
    if (pid == ::getpid() || !holds(pid)) continue;
    if (auto process = inspect(view, pid)) holders.push_back({.pid = pid, .command = std::move(process->command)});
  }
  return holders;
}

/// Whether the process is in the IPC namespace that the view shows; yes where that cannot be told.
bool is_in_namespace(const object::View& view, pid_t pid, const Result<sys::FileStatus>& wanted)
{
  const auto its = sys::status_through(AT_FDCWD, path_of(view, pid, "ns/ipc"));
  return !its || !wanted || its->inode == wanted->inode;
}

}  // namespace

std::vector<Holder> holders_of_segment(const object::View& view, int id, std::size_t most)
{
  const auto wanted = namespace_of(view);
  return search(view, most, [&](pid_t pid) {
    const auto is_segment = [&](const procfs::Mapping& mapping) {
      return mapping.is_shared() && mapping.inode == static_cast<std::uint64_t>(id) &&
             mapping.path.starts_with("/SYSV") && mapping.path.ends_with(" (deleted)");
    };
    return is_in_namespace(view, pid, wanted) && has_mapping(view, pid, is_segment);
  });
}

std::vector<Holder> holders_of_file(const object::View& view, const sys::FileStatus& file, std::size_t most)
{
  return search(view, most, [&](pid_t pid) {
    const auto is_file = [&](const procfs::Mapping& mapping) {
      return mapping.inode == file.inode && makedev(mapping.major, mapping.minor) == file.device;
    };
    return has_mapping(view, pid, is_file) || has_open(view, pid, file);
  });
}

std::vector<Holder> waiters_on_set(const object::View& view, int id, std::size_t most)
{
  const auto wanted = namespace_of(view);
  return search(view, most, [&](pid_t pid) {
    return is_in_namespace(view, pid, wanted) && has_blocked_thread(view, pid, [&](const procfs::BlockedCall& call) {
             return is_semop(call.number) && call.arguments[0] == static_cast<std::uint64_t>(id);
           });
  });
}

std::string names_of(const std::vector<Holder>& holders)
{
  std::string text;
  for (const auto& [pid, command] : holders) {
    if (!text.empty()) text += ", ";
    text += "pid " + std::to_string(pid) + " (" + command + ")";
  }
  return text;
}

}  // namespace ipckit::process
