// SPDX-License-Identifier: MIT
#include <ipckit/sem/set.hpp>

#include <cerrno>
#include <string>

#include <ipckit/procfs/sysvipc.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/sysv.hpp>

namespace ipckit::sem {
namespace {

using object::timestamp_of;

Set set_of(int id, const semid_ds& raw) noexcept
{
  return {.identity = object::identity_of(id, raw.sem_perm),
          .count = raw.sem_nsems,
          .operated = timestamp_of(raw.sem_otime),
          .changed = timestamp_of(raw.sem_ctime),
          .values = std::nullopt};
}

Set set_of(const procfs::SemRow& row) noexcept
{
  return {.identity = object::identity_of(row.common),
          .count = row.nsems,
          .operated = timestamp_of(row.otime),
          .changed = timestamp_of(row.common.ctime),
          .values = std::nullopt};
}

Result<Set> stat_index(int index, int command)
{
  semid_ds raw{};
  const int id = IPCKIT_TRY(sys::semctl(index, command, raw, ""));
  return set_of(id, raw);
}

Result<std::vector<Set>> parse_text(std::string_view text)
{
  const auto rows = IPCKIT_TRY(procfs::parse_sysvipc_sem(text));
  return object::converted<Set>(rows, [](const procfs::SemRow& row) { return set_of(row); });
}

Result<std::pair<int, std::uint64_t>> extent()
{
  const auto info = IPCKIT_TRY(sys::sem_info());
  return std::pair{info.highest, static_cast<std::uint64_t>(info.use.semusz)};
}

std::string subject_of(int id)
{
  return "sem:" + std::to_string(id);
}

/// Reads the values in; what may not be read stays unknown. False when the set is gone.
bool add_values(Set& set)
{
  auto values = sys::semctl_getall(set.identity.id, set.count, "");
  if (values) {
    set.values = std::move(*values);
    return true;
  }
  return values.error().os_error != EINVAL && values.error().os_error != EIDRM;
}

Result<Set> inspect_here(const object::View& view, int id)
{
  return object::inspect_id<Set>(
      view, "sem", id, subject_of(id), [](int index) { return stat_index(index, SEM_STAT_ANY); },
      [](int index) { return stat_index(index, SEM_STAT); }, parse_text);
}

Result<> apply_attributes(int id, const object::Attributes& attributes)
{
  semid_ds raw{};
  IPCKIT_TRY(object::stat_for_change([&] { return sys::semctl(id, IPC_STAT, raw, subject_of(id)); },
                                     [&] { return sys::semctl(id, SEM_STAT_ANY, raw, subject_of(id)); }, id,
                                     subject_of(id)));
  object::apply(raw.sem_perm, attributes);
  IPCKIT_TRY(object::by_id(sys::semctl(id, IPC_SET, raw, subject_of(id))));
  return {};
}

/// SETALL and the wanted mode on a set that was just made with mode 0600.
Result<> finish(int id, const NewSet& wanted)
{
  if (wanted.values.size() == 1) {
    const std::vector<std::uint16_t> same(wanted.count, wanted.values.front());
    IPCKIT_TRY(sys::semctl_setall(id, same, subject_of(id)));
  } else if (!wanted.values.empty()) {
    IPCKIT_TRY(sys::semctl_setall(id, wanted.values, subject_of(id)));
  }
  if (wanted.mode == 0600) return {};
  return apply_attributes(id, {.mode = wanted.mode, .user = {}, .group = {}});
}

Result<Semaphore> inspect_semaphore(int id, int number)
{
  const auto subject = subject_of(id);
  const auto ask = [&](int command) { return sys::semctl(id, number, command, 0, subject); };
  Semaphore semaphore;
  semaphore.value = static_cast<std::uint16_t>(IPCKIT_TRY(ask(GETVAL)));
  semaphore.waiting_to_take = static_cast<std::uint32_t>(IPCKIT_TRY(ask(GETNCNT)));
  semaphore.waiting_for_zero = static_cast<std::uint32_t>(IPCKIT_TRY(ask(GETZCNT)));
  semaphore.last_user = IPCKIT_TRY(ask(GETPID));
  return semaphore;
}

Result<std::vector<Semaphore>> semaphores_here(const Set& set)
{
  std::vector<Semaphore> semaphores;
  semaphores.reserve(set.count);
  for (std::uint64_t number = 0; number < set.count; ++number) {
    auto semaphore = inspect_semaphore(set.identity.id, static_cast<int>(number));
    if (!semaphore) return std::unexpected(object::not_found_for_id(std::move(semaphore).error()));
    semaphores.push_back(*semaphore);
  }
  return semaphores;
}

/// Why a set should not be removed.
Result<> prove_nobody_waits(const Set& set)
{
  const auto subject = subject_of(set.identity.id);
  const auto semaphores = semaphores_here(set);
  if (!semaphores) {
    Error error = semaphores.error();
    if (error.kind == Errc::access_denied) error.kind = Errc::unseen;
    return std::unexpected(std::move(error));
  }
  std::uint64_t waiters = 0;
  for (const Semaphore& semaphore : *semaphores) waiters += semaphore.waiting_to_take + semaphore.waiting_for_zero;
  if (waiters == 0) return {};
  return fail(Errc::busy, "remove", subject, object::counted(waiters, "waiter", "waiters"));
}

}  // namespace

Result<object::Listing<Set>> list(const object::View& view, object::Source first)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  auto listing = IPCKIT_TRY(object::list_table<Set>(
      view, object::Kind::sem, "sem", first, extent, [](int index) { return stat_index(index, SEM_STAT_ANY); },
      [](int index) { return stat_index(index, SEM_STAT); }, parse_text));
  std::erase_if(listing.rows, [](Set& set) { return !add_values(set); });
  std::uint64_t unread = 0;
  for (const Set& set : listing.rows) unread += set.values ? 0U : 1U;
  if (unread > 0) {
    listing.gaps.push_back({.what = object::Missing::values,
                            .kind = object::Kind::sem,
                            .count = unread,
                            .subject = {},
                            .os_error = EACCES});
  }
  return listing;
}

Result<Set> inspect(const object::View& view, int id)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  auto set = IPCKIT_TRY(inspect_here(view, id));
  if (!add_values(set)) return fail(Errc::not_found, "stat", subject_of(id));
  return set;
}

Result<std::vector<Semaphore>> inspect_semaphores(const object::View& view, const Set& set)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return semaphores_here(set);
}

Result<int> find(const object::View& view, std::int32_t key)
{
  // IPC_PRIVATE would make one.
  if (key == IPC_PRIVATE) return fail(Errc::not_found, "find", "key 0");
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return sys::semget(key, 0, 0, "");
}

Result<int> create(const object::View& view, const NewSet& wanted)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const int id = IPCKIT_TRY(sys::semget(wanted.key, static_cast<int>(wanted.count), IPC_CREAT | IPC_EXCL | 0600, ""));
  auto finished = finish(id, wanted);
  if (finished) return id;
  if (auto removed = sys::semctl(id, IPC_RMID, ""); !removed) finished.error().detail = subject_of(id) + " stays";
  return std::unexpected(std::move(finished).error());
}

Result<> change(const object::View& view, int id, const Change& wanted)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const auto subject = subject_of(id);
  const auto set = IPCKIT_TRY(inspect_here(view, id));
  const bool wrong_count = !wanted.values.empty() && wanted.values.size() != set.count;
  bool wrong_number = false;
  for (const auto& [number, value] : wanted.singles) wrong_number = wrong_number || number >= set.count;
  if (wrong_count || wrong_number) {
    return fail(Errc::system, "change", subject,
                "the set has " + std::to_string(set.count) + (set.count == 1 ? " semaphore" : " semaphores"));
  }
  if (!wanted.values.empty()) IPCKIT_TRY(object::by_id(sys::semctl_setall(id, wanted.values, subject)));
  for (const auto& [number, value] : wanted.singles) {
    IPCKIT_TRY(object::by_id(sys::semctl(id, static_cast<int>(number), SETVAL, value, subject)));
  }
  if (!wanted.attributes.empty()) IPCKIT_TRY(apply_attributes(id, wanted.attributes));
  return {};
}

Result<> prove_unused(const object::View& view, const Set& judged)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const auto now = IPCKIT_TRY(inspect_here(view, judged.identity.id));
  IPCKIT_TRY(object::same_object(judged.identity, now.identity, subject_of(judged.identity.id)));
  return prove_nobody_waits(now);
}

Result<object::Removal> remove(const object::View& view, const Set& judged, object::Force force)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const int id = judged.identity.id;
  const auto now = IPCKIT_TRY(inspect_here(view, id));
  IPCKIT_TRY(object::same_object(judged.identity, now.identity, subject_of(id)));
  if (force == object::Force::no) IPCKIT_TRY(prove_nobody_waits(now));
  IPCKIT_TRY(object::by_id(sys::semctl(id, IPC_RMID, subject_of(id))));
  return object::Removal::gone;
}

}  // namespace ipckit::sem
