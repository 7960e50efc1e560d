// SPDX-License-Identifier: MIT
#include <ipckit/fifo/fifo.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>

#include <ipckit/object/tmpfs.hpp>
#include <ipckit/sys/directory.hpp>

namespace ipckit::fifo {
namespace {

struct Split {
  std::string directory;
  std::string name;
};

Split split(const std::string& path)
{
  const std::string trimmed = path.substr(0, path.find_last_not_of('/') + 1);
  const auto slash = trimmed.rfind('/');
  if (slash == std::string::npos) return {.directory = ".", .name = trimmed};
  return {.directory = slash == 0 ? "/" : trimmed.substr(0, slash), .name = trimmed.substr(slash + 1)};
}

/// A FIFO that was looked at: its directory, and itself by O_PATH.
struct Entry {
  sys::UniqueFd directory;
  std::string name;
  sys::UniqueFd entry;
  sys::FileStatus file;
};

const char* what_it_is(const sys::FileStatus& file) noexcept
{
  if (file.is_symlink()) return "a symbolic link";
  if (file.is_directory()) return "a directory";
  return file.is_regular() ? "a regular file" : "no FIFO";
}

Result<Entry> look_at(const std::string& path)
{
  Split parts = split(path);
  std::string& name = parts.name;
  if (name.empty() || name == "." || name == "..") return fail(Errc::mismatch, "open", path, "a directory");
  auto directory = IPCKIT_TRY(sys::open(parts.directory, O_PATH | O_DIRECTORY));
  auto entry = IPCKIT_TRY(sys::open_entry(directory.get(), name));
  const auto file = IPCKIT_TRY(sys::status_at(entry.get(), ""));
  if (!file.is_fifo()) {
    return fail(Errc::mismatch, "open", path, what_it_is(file));
  }
  return Entry{.directory = std::move(directory), .name = std::move(name), .entry = std::move(entry), .file = file};
}

std::string join(const std::string& directory, const std::string& name)
{
  return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

Result<> list_directory(const sys::UniqueFd& directory, const std::string& path, std::vector<Fifo>& found)
{
  return sys::for_each_entry(directory.get(), path, [&](const sys::DirectoryEntry& entry) {
    if (entry.type != sys::EntryType::fifo && entry.type != sys::EntryType::unknown) return true;
    const std::string name(entry.name);
    const auto file = sys::status_at(directory.get(), name);
    if (file && file->is_fifo()) found.push_back({.path = join(path, name), .file = *file});
    return true;
  });
}

object::Gap gap_of(const std::string& path, const Error& error)
{
  return {.what = object::Missing::directory,
          .kind = object::Kind::fifo,
          .count = 0,
          .subject = path,
          .os_error = error.os_error};
}

}  // namespace

object::Listing<Fifo> list(const std::vector<Place>& places)
{
  object::Listing<Fifo> listing;
  std::vector<sys::FileStatus> seen;
  for (const auto& [path, must_exist] : places) {
    const auto directory = sys::open(path, O_RDONLY | O_DIRECTORY);
    if (!directory) {
      if (must_exist || directory.error().os_error != ENOENT) listing.gaps.push_back(gap_of(path, directory.error()));
      continue;
    }
    const auto identity = sys::status(directory->get(), path);
    if (!identity) {
      listing.gaps.push_back(gap_of(path, identity.error()));
      continue;
    }
    if (std::ranges::any_of(seen, [&](const auto& other) { return other.same_inode(*identity); })) continue;
    seen.push_back(*identity);
    const auto real = sys::real_path(path);
    if (auto listed = list_directory(*directory, real.value_or(path), listing.rows); !listed) {
      listing.gaps.push_back(gap_of(path, listed.error()));
    }
  }
  return listing;
}

Result<Fifo> inspect(const std::string& path)
{
  const auto found = IPCKIT_TRY(look_at(path));
  return Fifo{.path = IPCKIT_TRY(absolute(path)), .file = found.file};
}

Result<sys::UniqueFd> open_entry(const std::string& path)
{
  return IPCKIT_TRY(look_at(path)).entry;
}

Result<std::string> absolute(const std::string& path)
{
  const auto [directory, name] = split(path);
  if (const auto real = sys::real_path(directory)) return join(*real, name);
  if (path.starts_with('/')) return path;
  return join(IPCKIT_TRY(sys::working_directory()), path);
}

Result<> create(const std::string& path, std::uint32_t mode)
{
  const auto [directory_path, name] = split(path);
  const auto directory = IPCKIT_TRY(sys::open(directory_path, O_PATH | O_DIRECTORY));
  return sys::make_fifo_at(directory.get(), name, mode);
}

Result<> change(const std::string& path, const object::Attributes& wanted)
{
  const auto found = IPCKIT_TRY(look_at(path));
  return object::apply(found.entry.get(), wanted, path);
}

Result<> remove(const Fifo& judged)
{
  const auto found = IPCKIT_TRY(look_at(judged.path));
  if (!found.file.same_inode(judged.file)) return fail(Errc::removed, "remove", judged.path, "replaced");
  const auto present = IPCKIT_TRY(sys::status_at(found.directory.get(), found.name));
  if (!present.same_inode(found.file)) return fail(Errc::removed, "remove", judged.path, "replaced");
  return sys::unlink_at(found.directory.get(), found.name);
}

}  // namespace ipckit::fifo
