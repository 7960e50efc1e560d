// SPDX-License-Identifier: MIT
#include <ipckit/inventory/limits.hpp>

#include <algorithm>
#include <climits>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/resource.h>

#include <ipckit/base/bytes.hpp>
#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>
#include <ipckit/pmsg/queue.hpp>
#include <ipckit/procfs/logind.hpp>
#include <ipckit/sys/directory.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/identity.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/sysv.hpp>

namespace ipckit::inventory {
namespace {

using object::Kind;

std::optional<std::uint64_t> positive(auto number) noexcept
{
  return number < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(number));
}

/// A number that a file of /proc/sys holds.
std::optional<std::uint64_t> setting(const object::View& view, std::string_view path)
{
  const auto text = sys::read_text(view.proc_directory + "/sys/" + std::string(path));
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  auto line = take_line(rest);
  return parse_number<std::uint64_t>(take_word(line));
}

Result<> add_msg(std::vector<Limit>& rows)
{
  const auto info = IPCKIT_TRY(sys::msg_info());
  rows.push_back({.kind = Kind::msg,
                  .name = "msgmni",
                  .meaning = "message queues",
                  .value = positive(info.limits.msgmni),
                  .counted = true,
                  .used = positive(info.use.msgpool),
                  .set_by = "kernel.msgmni"});
  rows.push_back({.kind = Kind::msg,
                  .name = "msgmax",
                  .meaning = "bytes of one message",
                  .unit = Unit::bytes,
                  .value = positive(info.limits.msgmax),
                  .set_by = "kernel.msgmax"});
  rows.push_back({.kind = Kind::msg,
                  .name = "msgmnb",
                  .meaning = "bytes in one queue",
                  .unit = Unit::bytes,
                  .value = positive(info.limits.msgmnb),
                  .set_by = "kernel.msgmnb"});
  return {};
}

Result<> add_shm(std::vector<Limit>& rows)
{
  // SHMMAX and SHMALL as the kernel starts with (linux/shm.h): more than any machine has, and meant as no limit.
  constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max() - (std::uint64_t{1} << 24U);
  const auto info = IPCKIT_TRY(sys::shm_limits());
  const auto use = IPCKIT_TRY(sys::shm_use());
  rows.push_back({.kind = Kind::shm,
                  .name = "shmmni",
                  .meaning = "segments",
                  .value = info.limits.shmmni,
                  .counted = true,
                  .used = positive(use.used_ids),
                  .set_by = "kernel.shmmni"});
  rows.push_back({.kind = Kind::shm,
                  .name = "shmmax",
                  .meaning = "bytes of one segment",
                  .unit = Unit::bytes,
                  .value = info.limits.shmmax,
                  .unlimited = info.limits.shmmax >= no_limit,
                  .set_by = "kernel.shmmax"});
  rows.push_back({.kind = Kind::shm,
                  .name = "shmall",
                  .meaning = "pages of all segments",
                  .unit = Unit::pages,
                  .value = info.limits.shmall,
                  .unlimited = info.limits.shmall >= no_limit,
                  .counted = true,
                  .used = use.shm_tot,
                  .set_by = "kernel.shmall"});
  return {};
}

Result<> add_sem(std::vector<Limit>& rows)
{
  const auto info = IPCKIT_TRY(sys::sem_info());
  rows.push_back({.kind = Kind::sem,
                  .name = "semmni",
                  .meaning = "semaphore sets",
                  .value = positive(info.limits.semmni),
                  .counted = true,
                  .used = positive(info.use.semusz),
                  .set_by = "kernel.sem, 4th"});
  rows.push_back({.kind = Kind::sem,
                  .name = "semmns",
                  .meaning = "semaphores of all sets",
                  .value = positive(info.limits.semmns),
                  .counted = true,
                  .used = positive(info.use.semaem),
                  .set_by = "kernel.sem, 2nd"});
  rows.push_back({.kind = Kind::sem,
                  .name = "semmsl",
                  .meaning = "semaphores of one set",
                  .value = positive(info.limits.semmsl),
                  .set_by = "kernel.sem, 1st"});
  rows.push_back({.kind = Kind::sem,
                  .name = "semopm",
                  .meaning = "operations of one semop",
                  .value = positive(info.limits.semopm),
                  .set_by = "kernel.sem, 3rd"});
  rows.push_back({.kind = Kind::sem,
                  .name = "semvmx",
                  .meaning = "value of a semaphore",
                  .value = positive(info.limits.semvmx),
                  .set_by = "fixed"});
  return {};
}

/// Bytes of the caller's own queues among those listed; nothing when one of them cannot be read.
std::optional<std::uint64_t> charged_to_caller(const object::Listing<pmsg::Queue>& queues)
{
  std::uint64_t sum = 0;
  for (const auto& queue : queues.rows) {
    if (queue.file.user != sys::effective_user()) continue;
    if (!queue.geometry) return std::nullopt;
    sum = saturating_add(sum, pmsg::charge_of(*queue.geometry));
  }
  return sum;
}

Result<> add_pmsg(const object::View& view, Limits& limits)
{
  auto queues = IPCKIT_TRY(pmsg::list(view));
  const bool listed = std::ranges::none_of(queues.gaps, [](const object::Gap& gap) {
    return gap.what == object::Missing::names || gap.what == object::Missing::foreign ||
           gap.what == object::Missing::uncertain;
  });
  limits.rows.push_back({.kind = Kind::pmsg,
                         .name = "queues_max",
                         .meaning = "message queues",
                         .value = setting(view, "fs/mqueue/queues_max"),
                         .counted = true,
                         .used = listed ? std::optional<std::uint64_t>(queues.rows.size()) : std::nullopt,
                         .set_by = "fs.mqueue.queues_max"});
  limits.rows.push_back({.kind = Kind::pmsg,
                         .name = "msg_max",
                         .meaning = "messages in one queue",
                         .value = setting(view, "fs/mqueue/msg_max"),
                         .set_by = "fs.mqueue.msg_max"});
  limits.rows.push_back({.kind = Kind::pmsg,
                         .name = "msgsize_max",
                         .meaning = "bytes of one message",
                         .unit = Unit::bytes,
                         .value = setting(view, "fs/mqueue/msgsize_max"),
                         .set_by = "fs.mqueue.msgsize_max"});
  const auto own = sys::resource_limit(RLIMIT_MSGQUEUE);
  limits.rows.push_back({.kind = Kind::pmsg,
                         .name = "msgqueue",
                         .meaning = "bytes of one user's queues",
                         .unit = Unit::bytes,
                         .value = own ? own->soft : std::nullopt,
                         .unlimited = own && !own->soft,
                         .counted = true,
                         .used = listed ? charged_to_caller(queues) : std::nullopt,
                         .set_by = "RLIMIT_MSGQUEUE, ulimit -q"});
  std::ranges::move(queues.gaps, std::back_inserter(limits.gaps));
  return {};
}

Result<> add_space(const object::View& view, std::vector<Limit>& rows)
{
  const auto space = IPCKIT_TRY(sys::space_of(view.shm_directory));
  const std::string set_by = "mount " + view.shm_directory;
  rows.push_back({.kind = Kind::pshm,
                  .name = "shm_space",
                  .meaning = "bytes of POSIX memory",
                  .unit = Unit::bytes,
                  .value = space.size == 0 ? std::nullopt : std::optional(space.size),
                  .unlimited = space.size == 0,
                  .counted = true,
                  .used = space.size - std::min(space.free, space.size),
                  .set_by = set_by + ", size="});
  rows.push_back({.kind = Kind::pshm,
                  .name = "shm_inodes",
                  .meaning = "files of POSIX memory",
                  .value = space.inodes == 0 ? std::nullopt : std::optional(space.inodes),
                  .unlimited = space.inodes == 0,
                  .counted = true,
                  .used = space.inodes - std::min(space.free_inodes, space.inodes),
                  .set_by = set_by + ", nr_inodes="});
  return {};
}

void add_psem(std::vector<Limit>& rows)
{
  rows.push_back({.kind = Kind::psem,
                  .name = "sem_value_max",
                  .meaning = "value of a semaphore",
                  .value = SEM_VALUE_MAX,
                  .set_by = "fixed"});
}

void add_fifo(const object::View& view, std::vector<Limit>& rows)
{
  rows.push_back({.kind = Kind::fifo,
                  .name = "pipe_max_size",
                  .meaning = "bytes in one pipe, unprivileged",
                  .unit = Unit::bytes,
                  .value = setting(view, "fs/pipe-max-size"),
                  .set_by = "fs.pipe-max-size"});
  const auto soft = setting(view, "fs/pipe-user-pages-soft");
  rows.push_back({.kind = Kind::fifo,
                  .name = "pipe_user_pages",
                  .meaning = "pages of one user's pipes",
                  .unit = Unit::pages,
                  .value = soft == 0U ? std::nullopt : soft,
                  .unlimited = soft == 0U,
                  .set_by = "fs.pipe-user-pages-soft"});
  rows.push_back({.kind = Kind::fifo,
                  .name = "pipe_buf",
                  .meaning = "bytes written in one piece",
                  .unit = Unit::bytes,
                  .value = PIPE_BUF,
                  .set_by = "fixed"});
}

/// The setting of one file of logind; a file that cannot be read sets nothing.
void read_setting(const std::string& path, std::optional<bool>& setting)
{
  if (const auto text = sys::read_text(path)) {
    if (const auto value = procfs::parse_remove_ipc(*text)) setting = value;
  }
}

}  // namespace

std::optional<double> Limit::percent() const noexcept
{
  if (!counted || unlimited || !value || !used) return std::nullopt;
  if (*value == 0) return 100.0;  // nothing more is to be had
  return 100.0 * static_cast<double>(*used) / static_cast<double>(*value);
}

Limits limits(const object::View& view, object::KindSet kinds)
{
  Limits found;
  const auto inside = sys::InIpcNamespace::enter(view.ipc_namespace);
  const auto note = [&](Kind kind, Result<> added) {
    if (!added) found.errors.emplace_back(kind, std::move(added).error());
  };
  if (!inside) {
    note(Kind::msg, std::unexpected(inside.error()));
    return found;
  }
  if (kinds.has(Kind::msg)) note(Kind::msg, add_msg(found.rows));
  if (kinds.has(Kind::shm)) note(Kind::shm, add_shm(found.rows));
  if (kinds.has(Kind::sem)) note(Kind::sem, add_sem(found.rows));
  if (kinds.has(Kind::pmsg)) note(Kind::pmsg, add_pmsg(view, found));
  if (kinds.has(Kind::pshm) || kinds.has(Kind::psem)) note(Kind::pshm, add_space(view, found.rows));
  if (kinds.has(Kind::psem)) add_psem(found.rows);
  if (kinds.has(Kind::fifo)) add_fifo(view, found.rows);
  return found;
}

std::optional<bool> logind_removes_ipc()
{
  if (!sys::status_through(AT_FDCWD, "/run/systemd/seats/seat0")) return std::nullopt;  // written by logind
  std::optional<bool> setting;
  const bool own = sys::status_through(AT_FDCWD, "/etc/systemd/logind.conf").has_value();
  read_setting(own ? "/etc/systemd/logind.conf" : "/usr/lib/systemd/logind.conf", setting);
  // Drop-ins count in the order of their names; of the same name, the first of these directories has the one that does.
  std::map<std::string, std::string> drop_ins;
  for (const std::string directory : {"/etc/systemd/logind.conf.d", "/run/systemd/logind.conf.d",
                                      "/usr/local/lib/systemd/logind.conf.d", "/usr/lib/systemd/logind.conf.d"}) {
    const auto opened = sys::open(directory, O_RDONLY | O_DIRECTORY);
    if (!opened) continue;
    const auto listed = sys::for_each_entry(opened->get(), directory, [&](const sys::DirectoryEntry& entry) {
      const std::string name(entry.name);
      std::string path = directory;
      path.append("/").append(name);
      if (name.ends_with(".conf")) drop_ins.try_emplace(name, std::move(path));
      return true;
    });
    if (!listed) return std::nullopt;
  }
  for (const auto& [name, path] : drop_ins) read_setting(path, setting);
  return setting.value_or(true);
}

}  // namespace ipckit::inventory
