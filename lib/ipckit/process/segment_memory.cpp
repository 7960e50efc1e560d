// SPDX-License-Identifier: MIT
#include <ipckit/process/segment_memory.hpp>

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <ipckit/base/text.hpp>
#include <ipckit/object/key.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/procfs/maps.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/memory.hpp>

namespace ipckit::process {
namespace {

std::string home_of(const object::View& view, pid_t pid)
{
  return view.proc_directory + "/" + std::to_string(pid);
}

/// Whether the process is surely in the IPC namespace that the view shows: the same number may be another segment in
/// another one.
bool is_in_namespace(const object::View& view, pid_t pid)
{
  const auto own = view.ipc_namespace < 0 ? sys::status_through(AT_FDCWD, view.proc_directory + "/self/ns/ipc")
                                          : sys::status(view.ipc_namespace, "ipc namespace");
  const auto its = sys::status_through(AT_FDCWD, home_of(view, pid) + "/ns/ipc");
  return own && its && own->inode == its->inode;
}

/// "/SYSV00004e1f (deleted)": how the kernel names the mappings, by the key that the segment was made with.
bool is_name(std::string_view path, std::optional<std::int32_t> key)
{
  constexpr std::string_view front = "/SYSV";
  constexpr std::string_view back = " (deleted)";
  constexpr std::size_t digits = 8;
  if (path.size() != front.size() + digits + back.size() || !path.starts_with(front) || !path.ends_with(back)) {
    return false;
  }
  return !key || path.substr(front.size(), digits) == std::string_view(object::key_text(*key)).substr(2);
}

bool is_segment(const procfs::Mapping& mapping, const SegmentIdentity& segment)
{
  return mapping.is_shared() && mapping.inode == static_cast<std::uint64_t>(segment.id) &&
         is_name(mapping.path, segment.key) && sys::is_memory_device(makedev(mapping.major, mapping.minor));
}

std::string hexadecimal(std::uint64_t number)
{
  std::array<char, 16> digits{};
  auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return {digits.data(), end};
}

}  // namespace

/// Calls `visit` with each mapping of the segment that the process has, until it says false.
template <class Visit>
void SegmentReader::for_each_place(pid_t pid, Visit visit) const
{
  const auto text = sys::read_text(home_of(view_, pid) + "/maps");
  if (!text) return;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto mapping = procfs::parse_mapping(take_line(rest));
    if (!mapping || !is_segment(*mapping, segment_)) continue;
    if (!visit(Place{.pid = pid, .start = mapping->start, .end = mapping->end, .offset = mapping->offset})) return;
  }
}

bool SegmentReader::is_mapped(const Place& place) const
{
  bool found = false;
  for_each_place(place.pid, [&](const Place& now) {
    found = now.start == place.start && now.end == place.end && now.offset == place.offset;
    return !found;
  });
  return found && is_in_namespace(view_, place.pid);
}

/// By the file behind the mapping (needs CAP_CHECKPOINT_RESTORE): the descriptor proves what is read, and pages that
/// nobody has touched are not made by reading.
bool SegmentReader::read_file(const Place& place, std::uint64_t offset, std::span<std::byte> buffer) const
{
  const std::string path =
      home_of(view_, place.pid) + "/map_files/" + hexadecimal(place.start) + "-" + hexadecimal(place.end);
  const auto file = sys::open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return false;
  const auto status = sys::status(file->get(), path);
  const bool same = status && status->inode == static_cast<std::uint64_t>(segment_.id) &&
                    sys::is_memory_device(status->device) && status->size >= segment_.size;
  if (!same) return false;
  const auto count = sys::pread_all(file->get(), buffer, offset, path);
  return count && *count == buffer.size();
}

/// By the memory of the process. It could map something else at that address in between, so what was read counts only
/// if the segment is there afterwards, too.
bool SegmentReader::read_memory(const Place& place, std::uint64_t offset, std::span<std::byte> buffer) const
{
  const std::uint64_t length = place.end - place.start;
  if (offset < place.offset || offset - place.offset > length) return false;
  if (buffer.size() > length - (offset - place.offset)) return false;
  const auto read = sys::read_process(place.pid, place.start + (offset - place.offset), buffer);
  return read && is_mapped(place);
}

bool SegmentReader::read_at(const Place& place, std::uint64_t offset, std::span<std::byte> buffer) const
{
  return is_mapped(place) && (read_file(place, offset, buffer) || read_memory(place, offset, buffer));
}

bool SegmentReader::search_in(pid_t pid, std::uint64_t offset, std::span<std::byte> buffer)
{
  bool found = false;
  for_each_place(pid, [&](const Place& place) {
    found = read_at(place, offset, buffer);
    if (found) last_ = place;
    return !found;
  });
  return found;
}

Result<> SegmentReader::read(std::uint64_t offset, std::span<std::byte> buffer)
{
  if (last_ && read_at(*last_, offset, buffer)) return {};
  last_.reset();
  const auto pids = list(view_);
  if (pids) {
    for (const pid_t pid : *pids) {
      if (search_in(pid, offset, buffer)) return {};
    }
  }
  return fail(Errc::unseen, "read", "shm:" + std::to_string(segment_.id));
}

}  // namespace ipckit::process
