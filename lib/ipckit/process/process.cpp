// SPDX-License-Identifier: MIT
#include <ipckit/process/process.hpp>

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include <ipckit/base/number.hpp>
#include <ipckit/procfs/process_stat.hpp>
#include <ipckit/procfs/process_status.hpp>
#include <ipckit/sys/directory.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/identity.hpp>

namespace ipckit::process {
namespace {

constexpr std::uint64_t kernel_thread_flag = 0x200000;  // PF_KTHREAD, include/linux/sched.h

Timestamp start_time(std::uint64_t ticks) noexcept
{
  const auto rate = sys::ticks_per_second();
  constexpr std::uint64_t second = 1'000'000'000;
  const Timestamp boot = sys::boot_time();
  const std::uint64_t nanoseconds = boot.nanoseconds + ticks % rate * (second / rate);
  return {.seconds = boot.seconds + static_cast<std::int64_t>(ticks / rate + nanoseconds / second),
          .nanoseconds = static_cast<std::uint32_t>(nanoseconds % second)};
}

Result<procfs::ProcessStat> stat_of(const object::View& view, pid_t pid)
{
  const auto text = IPCKIT_TRY(sys::read_text(view.proc_directory + "/" + std::to_string(pid) + "/stat"));
  return procfs::parse_process_stat(text);
}

}  // namespace

Result<std::uint64_t> start_ticks(const object::View& view, pid_t pid)
{
  return IPCKIT_TRY(stat_of(view, pid)).start_ticks;
}

Result<Process> inspect(const object::View& view, pid_t pid)
{
  auto stat = IPCKIT_TRY(stat_of(view, pid));
  return Process{.pid = pid,
                 .command = std::move(stat.command),
                 .started = start_time(stat.start_ticks),
                 .kernel_thread = (stat.flags & kernel_thread_flag) != 0};
}

std::optional<std::string> command_of(const object::View& view, pid_t pid, Timestamp by)
{
  if (pid <= 0) return std::nullopt;
  // A /proc of another PID namespace counts its processes otherwise.
  const auto self = sys::read_link_at(AT_FDCWD, view.proc_directory + "/self");
  if (!self || parse_number<pid_t>(*self) != ::getpid()) return std::nullopt;
  auto found = inspect(view, pid);
  if (!found) return std::nullopt;
  const bool another = by.seconds != 0 && found->started.seconds > by.seconds + 1;
  return another ? std::nullopt : std::optional(std::move(found->command));
}

std::vector<object::Gap> blind_spots(const object::View& view, object::Kind kind)
{
  // The inode number of the first PID namespace is fixed: PROC_PID_INIT_INO, include/linux/proc_ns.h.
  constexpr std::uint64_t first_pid_namespace = 0xEFFFFFFC;
  std::vector<object::Gap> gaps;
  const auto add = [&](object::Missing what) {
    gaps.push_back({.what = what, .kind = kind, .count = 0, .subject = view.proc_directory, .os_error = 0});
  };
  const auto own = sys::status_through(AT_FDCWD, view.proc_directory + "/self/ns/pid");
  if (!own || own->inode != first_pid_namespace) add(object::Missing::outside);
  // hidepid=invisible hides process 1 first of all; root, or one who may trace everybody, sees it all the same.
  if (!sys::status_at(AT_FDCWD, view.proc_directory + "/1")) add(object::Missing::hidden);
  return gaps;
}

bool may_run_below(const object::View& view, pid_t pid)
{
  const auto pids = list(view);
  if (!pids || !blind_spots(view, object::Kind::psem).empty()) return true;
  return std::ranges::any_of(*pids, [&](pid_t candidate) {
    const auto text = sys::read_text(view.proc_directory + "/" + std::to_string(candidate) + "/status");
    if (!text) return text.error().os_error != ENOENT && text.error().os_error != ESRCH;
    return procfs::innermost_pid(*text).value_or(pid) == pid;
  });
}

Result<std::vector<pid_t>> list(const object::View& view)
{
  const auto directory = IPCKIT_TRY(sys::open(view.proc_directory, O_RDONLY | O_DIRECTORY));
  // An empty directory is no /proc.
  IPCKIT_TRY(sys::status_at(directory.get(), "self"));
  std::vector<pid_t> pids;
  IPCKIT_TRY(sys::for_each_entry(directory.get(), view.proc_directory, [&](const sys::DirectoryEntry& entry) {
    if (const auto pid = parse_number<pid_t>(entry.name)) pids.push_back(*pid);
    return true;
  }));
  return pids;
}

}  // namespace ipckit::process
