// SPDX-License-Identifier: MIT
#include <ipckit/psem/semaphore.hpp>

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <semaphore.h>

#include <ipckit/sys/lease.hpp>

namespace ipckit::psem {
namespace {

constexpr std::string_view prefix = "sem.";

using SemBytes = std::array<std::byte, sizeof(sem_t)>;

/// Opens the looked-at file for reading, without moving its access time unless that is allowed.
Result<sys::UniqueFd> open_content(const sys::UniqueFd& directory, const object::ShmEntry& entry,
                                   const std::string& name, Trace trace)
{
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  const auto open = [&](int how) {
    return sys::open_past_lease([&] { return object::open_again(directory, file_name(name), entry, how); });
  };
  auto opened = open(flags | O_NOATIME);
  if (opened || opened.error().os_error != EPERM || trace == Trace::none) return opened;
  return open(flags);
}

void read_content(const sys::UniqueFd& directory, const object::ShmEntry& entry, Trace trace, Semaphore& semaphore)
{
  semaphore.health = Health::damaged;
  if (entry.file.size != sizeof(sem_t)) return;
  semaphore.health = Health::unread;
  const auto content = open_content(directory, entry, semaphore.name, trace);
  if (!content) return;
  SemBytes bytes{};
  const auto count = sys::pread_all(content->get(), bytes, 0, semaphore.name);
  if (!count) return;
  semaphore.value = parse_sem_value({reinterpret_cast<const char*>(bytes.data()), *count});
  semaphore.health = semaphore.value ? Health::sound : Health::damaged;
}

Result<Semaphore> inspect_in(const sys::UniqueFd& directory, const std::string& name, Trace trace)
{
  const auto entry = IPCKIT_TRY(object::look_at(directory, file_name(name)));
  Semaphore semaphore{.name = name, .file = entry.file};
  read_content(directory, entry, trace, semaphore);
  return semaphore;
}

}  // namespace

std::string file_name(const std::string& name)
{
  return std::string(prefix) + name;
}

std::optional<std::uint32_t> parse_sem_value(std::string_view bytes) noexcept
{
  if (bytes.size() != sizeof(sem_t)) return std::nullopt;
  // glibc's own function reads a copy, so its layout is known in one place only.
  sem_t copy{};
  std::memcpy(&copy, bytes.data(), sizeof copy);
  int value = 0;
  if (::sem_getvalue(&copy, &value) != 0 || value < 0) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

Result<object::Listing<Semaphore>> list(const object::View& view)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto is_semaphore = [](std::string_view name) { return name.starts_with(prefix) && name != prefix; };
  const auto files = IPCKIT_TRY(object::list_shm_files(directory, view.shm_directory, is_semaphore));
  object::Listing<Semaphore> listing;
  std::uint64_t unread = 0;
  for (const auto& [name, file] : files) {
    auto semaphore = inspect_in(directory, name.substr(prefix.size()), Trace::none);
    if (!semaphore) continue;  // gone meanwhile, or replaced by something that is no file
    unread += semaphore->health == Health::unread ? 1U : 0U;
    listing.rows.push_back(std::move(*semaphore));
  }
  if (unread > 0) {
    listing.gaps.push_back({.what = object::Missing::values,
                            .kind = object::Kind::psem,
                            .count = unread,
                            .subject = {},
                            .os_error = EACCES});
  }
  return listing;
}

Result<Semaphore> inspect(const object::View& view, const std::string& name, Trace trace)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  return inspect_in(directory, name, trace);
}

Result<> create(const object::View& view, const NewSemaphore& wanted)
{
  if (wanted.value > SEM_VALUE_MAX) return fail(Errc::too_large, "create", wanted.name);
  sem_t fresh{};
  if (::sem_init(&fresh, 1, wanted.value) != 0) return std::unexpected(last_error("sem_init", wanted.name));
  IPCKIT_TRY(object::create_file(view, {.name = file_name(wanted.name),
                                        .mode = wanted.mode,
                                        .size = sizeof fresh,
                                        .allocate = true,
                                        .content = std::as_bytes(std::span{&fresh, 1})}));
  return {};
}

Result<> change(const object::View& view, const std::string& name, const object::Attributes& wanted)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto entry = IPCKIT_TRY(object::look_at(directory, file_name(name)));
  return object::apply(entry.entry.get(), wanted, name);
}

Result<> prove_unused(const object::View& view, const Semaphore& judged)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto entry = IPCKIT_TRY(object::look_at(directory, file_name(judged.name)));
  if (!entry.file.same_inode(judged.file)) return fail(Errc::removed, "remove", judged.name, "replaced");
  return object::prove_unused(directory, file_name(judged.name), entry);
}

Result<object::Removal> remove(const object::View& view, const Semaphore& judged, object::Force force)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto entry = IPCKIT_TRY(object::look_at(directory, file_name(judged.name)));
  if (!entry.file.same_inode(judged.file)) return fail(Errc::removed, "remove", judged.name, "replaced");
  return object::remove_file(directory, file_name(judged.name), entry, force);
}

}  // namespace ipckit::psem
