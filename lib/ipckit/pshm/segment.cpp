// SPDX-License-Identifier: MIT
#include <ipckit/pshm/segment.hpp>

#include <string_view>
#include <utility>

#include <fcntl.h>

#include <ipckit/sys/lease.hpp>

namespace ipckit::pshm {
namespace {

bool is_segment_name(std::string_view name) noexcept
{
  return !name.starts_with("sem.") || name == "sem.";  // a semaphore has a name behind it
}

Result<object::ShmEntry> look_at(const object::View& view, const std::string& name)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  return object::look_at(directory, name);
}

/// Bytes that are there but take no memory: a segment made sparse stays so.
bool is_sparse(const sys::FileStatus& file) noexcept
{
  return file.allocated < file.size;
}

}  // namespace

Result<object::Listing<Segment>> list(const object::View& view)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  auto files = IPCKIT_TRY(object::list_shm_files(directory, view.shm_directory, is_segment_name));
  object::Listing<Segment> listing;
  listing.rows.reserve(files.size());
  for (auto& [name, file] : files) listing.rows.push_back({.name = std::move(name), .file = file});
  return listing;
}

Result<Segment> inspect(const object::View& view, const std::string& name)
{
  const auto found = IPCKIT_TRY(look_at(view, name));
  return Segment{.name = name, .file = found.file};
}

Result<> create(const object::View& view, const NewSegment& wanted)
{
  IPCKIT_TRY(object::create_file(
      view,
      {.name = wanted.name, .mode = wanted.mode, .size = wanted.size, .allocate = !wanted.sparse, .content = {}}));
  return {};
}

Result<> change(const object::View& view, const std::string& name, const object::Attributes& wanted)
{
  const auto found = IPCKIT_TRY(look_at(view, name));
  return object::apply(found.entry.get(), wanted, name);
}

Result<> resize(const object::View& view, const std::string& name, std::uint64_t size, object::Force force)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto found = IPCKIT_TRY(object::look_at(directory, name));
  const auto file = IPCKIT_TRY(object::open_again(directory, name, found, O_RDWR | O_NONBLOCK | O_NOCTTY));
  const auto now = IPCKIT_TRY(sys::status(file.get(), name));
  if (size >= now.size) {
    if (is_sparse(now)) return sys::truncate(file.get(), size, name);
    return object::reserve(file.get(), now.size, size - now.size, name);
  }
  if (force == object::Force::yes) return sys::truncate(file.get(), size, name);
  // The kernel holds back whoever opens it until it is cut: nobody can map what goes away.
  const auto lease = IPCKIT_TRY(sys::WriteLease::take(file, name));
  return sys::truncate(file.get(), size, name);
}

Result<> prove_unused(const object::View& view, const Segment& judged)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto found = IPCKIT_TRY(object::look_at(directory, judged.name));
  if (!found.file.same_inode(judged.file)) return fail(Errc::removed, "remove", judged.name, "replaced");
  return object::prove_unused(directory, judged.name, found);
}

Result<object::Removal> remove(const object::View& view, const Segment& judged, object::Force force)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto found = IPCKIT_TRY(object::look_at(directory, judged.name));
  if (!found.file.same_inode(judged.file)) return fail(Errc::removed, "remove", judged.name, "replaced");
  return object::remove_file(directory, judged.name, found, force);
}

}  // namespace ipckit::pshm
