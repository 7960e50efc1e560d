// SPDX-License-Identifier: MIT
#include <ipckit/object/tmpfs.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <ipckit/sys/directory.hpp>
#include <ipckit/sys/lease.hpp>

namespace ipckit::object {
namespace {

/// What of a file is made before it gets its name.
Result<> fill(int fd, const NewFile& wanted)
{
  if (wanted.allocate) {
    IPCKIT_TRY(reserve(fd, 0, wanted.size, wanted.name));
  } else {
    IPCKIT_TRY(sys::truncate(fd, wanted.size, wanted.name));
  }
  IPCKIT_TRY(sys::pwrite_all(fd, wanted.content, 0, wanted.name));
  return sys::change_mode(fd, wanted.mode, wanted.name);
}

/// A nameless file, or one with a passing name where the file system has no O_TMPFILE.
struct Draft {
  sys::UniqueFd file;
  std::string passing_name;
};

Result<Draft> start_draft(const sys::UniqueFd& directory)
{
  auto nameless = sys::open_at(directory.get(), ".", O_TMPFILE | O_RDWR, 0600);
  if (nameless) return Draft{.file = std::move(*nameless), .passing_name = {}};
  const int why = nameless.error().os_error;
  if (why != EOPNOTSUPP && why != EISDIR && why != ENOENT) return std::unexpected(std::move(nameless).error());
  for (unsigned attempt = 0;; ++attempt) {
    std::string name = ".ipckit." + std::to_string(::getpid()) + "." + std::to_string(attempt);
    auto named = sys::open_at(directory.get(), name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0600);
    if (named) return Draft{.file = std::move(*named), .passing_name = std::move(name)};
    if (named.error().kind != Errc::already_exists || attempt > 99) return std::unexpected(std::move(named).error());
  }
}

Result<> publish(const sys::UniqueFd& directory, const Draft& draft, const NewFile& wanted)
{
  IPCKIT_TRY(fill(draft.file.get(), wanted));
  if (draft.passing_name.empty()) return sys::link_at(draft.file.get(), directory.get(), wanted.name);
  return sys::link_name(directory.get(), draft.passing_name, wanted.name);
}

/// Opens a looked-at file for a lease, for which any access will do.
Result<sys::UniqueFd> open_for_lease(const sys::UniqueFd& directory, const std::string& name, const ShmEntry& entry)
{
  auto opened = open_again(directory, name, entry, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (opened || opened.error().os_error != EACCES) return opened;
  return open_again(directory, name, entry, O_WRONLY | O_NONBLOCK | O_NOCTTY);
}

/// Errors of opening and leasing as a verdict: what is not known is "not known".
Error as_verdict(Error error)
{
  const bool plain = error.kind == Errc::busy || error.kind == Errc::not_found || error.kind == Errc::removed;
  if (!plain) error.kind = Errc::unseen;
  return error;
}

/// A file that is open for its lease, and the lease or why there is none.
struct Leased {
  sys::UniqueFd file;
  Result<sys::WriteLease> lease;
};

/// Nothing but the error of opening it where it cannot be opened at all.
Result<Leased> lease_file(const sys::UniqueFd& directory, const std::string& name, const ShmEntry& entry)
{
  for (int attempt = 1;; ++attempt) {
    auto file = IPCKIT_TRY(open_for_lease(directory, name, entry));
    auto lease = sys::WriteLease::take(file, name);
    const bool busy = !lease && lease.error().kind == Errc::busy;
    if (!busy || attempt == sys::lease_attempts) return Leased{.file = std::move(file), .lease = std::move(lease)};
    file.reset();
    sys::wait_out_a_look(attempt);
  }
}

Result<> unlink_same(const sys::UniqueFd& directory, const std::string& name, const ShmEntry& entry)
{
  const auto present = IPCKIT_TRY(sys::status_at(directory.get(), name));
  if (!present.same_inode(entry.file)) return fail(Errc::removed, "unlink", name, "replaced");
  return sys::unlink_at(directory.get(), name);
}

}  // namespace

Removal remains(const sys::UniqueFd& file, const std::string& subject)
{
  for (int attempt = 1; attempt <= sys::lease_attempts; ++attempt) {
    const auto lease = sys::WriteLease::take(file, subject);
    if (lease) return Removal::gone;
    if (lease.error().kind != Errc::busy) return Removal::unknown;
    sys::wait_out_a_look(attempt);
  }
  return Removal::doomed;
}

Result<sys::UniqueFd> open_shm_directory(const View& view)
{
  return sys::open(view.shm_directory, O_RDONLY | O_DIRECTORY);
}

Result<std::vector<ShmFile>> list_shm_files(const sys::UniqueFd& directory, std::string_view subject,
                                            const std::function<bool(std::string_view)>& wanted)
{
  const auto home = IPCKIT_TRY(sys::status(directory.get(), std::string(subject)));
  std::vector<ShmFile> files;
  IPCKIT_TRY(sys::for_each_entry(directory.get(), subject, [&](const sys::DirectoryEntry& entry) {
    if (entry.type != sys::EntryType::regular && entry.type != sys::EntryType::unknown) return true;
    if (!wanted(entry.name)) return true;
    std::string name(entry.name);
    auto file = sys::status_at(directory.get(), name);
    if (file && file->is_regular() && file->device == home.device) {
      files.push_back({.name = std::move(name), .file = *file});
    }
    return true;
  }));
  return files;
}

Result<ShmEntry> look_at(const sys::UniqueFd& directory, const std::string& name)
{
  auto entry = IPCKIT_TRY(sys::open_entry(directory.get(), name));
  auto file = IPCKIT_TRY(sys::status_at(entry.get(), ""));
  if (!file.is_regular()) return fail(Errc::mismatch, "open", name, "no regular file");
  return ShmEntry{.entry = std::move(entry), .file = file};
}

Result<sys::UniqueFd> open_again(const sys::UniqueFd& directory, const std::string& name, const ShmEntry& entry,
                                 int flags)
{
  auto opened = sys::open_past_lease([&] { return sys::reopen(entry.entry.get(), flags, name); });
  if (opened || opened.error().os_error != ENOENT) return opened;
  auto again =
      IPCKIT_TRY(sys::open_past_lease([&] { return sys::open_at(directory.get(), name, flags | O_NOFOLLOW); }));
  const auto found = IPCKIT_TRY(sys::status(again.get(), name));
  if (!found.same_inode(entry.file)) return fail(Errc::removed, "open", name);
  return again;
}

Result<> prove_unused(const sys::UniqueFd& directory, const std::string& name, const ShmEntry& entry)
{
  auto leased = lease_file(directory, name, entry);
  if (!leased) return std::unexpected(as_verdict(std::move(leased).error()));
  if (!leased->lease) return std::unexpected(as_verdict(leased->lease.error()));
  return {};
}

Result<Removal> remove_file(const sys::UniqueFd& directory, const std::string& name, const ShmEntry& entry, Force force)
{
  auto leased = lease_file(directory, name, entry);
  if (!leased) {
    if (force == Force::no) return std::unexpected(as_verdict(std::move(leased).error()));
    IPCKIT_TRY(unlink_same(directory, name, entry));
    return Removal::unknown;
  }
  auto& [file, lease] = *leased;
  if (!lease && force == Force::no) return std::unexpected(as_verdict(lease.error()));
  IPCKIT_TRY(unlink_same(directory, name, entry));
  lease = fail(Errc::unseen, "lease", name);  // given back, so that it can be asked for anew
  if (entry.file.links > 1) return Removal::linked;
  return remains(file, name);
}

Result<ShmEntry> create_file(const View& view, const NewFile& wanted)
{
  const auto directory = IPCKIT_TRY(open_shm_directory(view));
  // A name that is taken is found out before gigabytes are reserved for it; the link itself is what decides.
  const auto taken = sys::status_at(directory.get(), wanted.name);
  if (taken) return fail(Errc::already_exists, "create", wanted.name);
  const auto draft = IPCKIT_TRY(start_draft(directory));
  auto published = publish(directory, draft, wanted);
  if (!draft.passing_name.empty()) {
    // What the link could not do is the error that counts.
    if (auto cleared = sys::unlink_at(directory.get(), draft.passing_name); published && !cleared) published = cleared;
  }
  if (!published) return std::unexpected(std::move(published).error());
  return look_at(directory, wanted.name);
}

Result<> reserve(int fd, std::uint64_t offset, std::uint64_t length, const std::string& subject)
{
  auto allocated = sys::allocate(fd, offset, length, subject);
  if (allocated || allocated.error().kind != Errc::unsupported) return allocated;
  constexpr std::size_t chunk = std::size_t{1} << 20U;
  const std::vector<std::byte> zeros(static_cast<std::size_t>(std::min<std::uint64_t>(length, chunk)));
  while (length > 0) {
    const auto part = std::span{zeros}.first(static_cast<std::size_t>(std::min<std::uint64_t>(length, chunk)));
    IPCKIT_TRY(sys::pwrite_all(fd, part, offset, subject));
    offset += part.size();
    length -= part.size();
  }
  return {};
}

Result<> apply(int fd, const Attributes& attributes, const std::string& subject)
{
  if (attributes.user || attributes.group) {
    IPCKIT_TRY(sys::change_owner(fd, attributes.user, attributes.group, subject));
  }
  if (attributes.mode) IPCKIT_TRY(sys::change_mode(fd, *attributes.mode, subject));
  return {};
}

}  // namespace ipckit::object
