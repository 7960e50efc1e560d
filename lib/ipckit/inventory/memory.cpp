// SPDX-License-Identifier: MIT
#include <ipckit/inventory/memory.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <vector>

#include <fcntl.h>

#include <ipckit/base/bytes.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/object/tmpfs.hpp>
#include <ipckit/procfs/meminfo.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/identity.hpp>

namespace ipckit::inventory {
namespace {

Result<sys::UniqueFd> open_file(const object::View& view, const pshm::Segment& segment, sys::Access access)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto found = IPCKIT_TRY(object::look_at(directory, segment.name));
  if (!found.file.same_inode(segment.file)) return fail(Errc::removed, "open", segment.name, "replaced");
  const int how = access == sys::Access::read ? O_RDONLY : O_WRONLY;
  return object::open_again(directory, segment.name, found, how | O_NONBLOCK | O_NOCTTY);
}

/// That a file has fewer bytes than it had.
std::unexpected<Error> shrunk(const char* operation, int file, const std::string& subject)
{
  const auto now = sys::status(file, subject);
  return fail(Errc::system, operation, subject,
              now ? "it shrank to " + std::to_string(now->size) + " bytes meanwhile" : "it shrank meanwhile");
}

/// Bytes of a mapping that are brought in at once, and let go of when they have been gone through, so that a large
/// segment does not count as ours.
constexpr std::size_t block = std::size_t{4} << 20U;
/// Who asks for less at once may not want the rest.
constexpr std::size_t worth_a_block = std::size_t{64} << 10U;

}  // namespace

Result<Memory> Memory::open(const object::View& view, const Entry& segment, sys::Access access)
{
  if (const auto* const sysv = std::get_if<shm::Segment>(&segment)) {
    const int id = sysv->identity.id;
    std::string subject = "shm:" + std::to_string(id);
    auto mapped = IPCKIT_TRY(object::by_id(sys::SharedMemory::attach(id, sysv->size, access, subject)));
    const bool spares = access == sys::Access::read && mapped.tells_untouched();
    Memory memory{std::move(mapped), sysv->size, std::move(subject)};
    memory.spares_ = spares;
    return memory;
  }
  if (const auto* const posix = std::get_if<pshm::Segment>(&segment)) {
    auto file = IPCKIT_TRY(open_file(view, *posix, access));
    const auto now = IPCKIT_TRY(sys::status(file.get(), posix->name));
    return Memory{std::move(file), now.size, posix->name};
  }
  return fail(Errc::unsupported, "open", name_of(segment));
}

Result<std::span<const std::byte>> Memory::read(std::uint64_t offset, std::size_t length, std::span<std::byte> room)
{
  if (const auto* const mapped = std::get_if<sys::SharedMemory>(&bytes_)) {
    return read_mapped(*mapped, static_cast<std::size_t>(offset), length, room);
  }
  const int file = std::get<sys::UniqueFd>(bytes_).get();
  const auto count = IPCKIT_TRY(sys::pread_all(file, room.first(length), offset, subject_));
  if (count < length) return shrunk("read", file, subject_);
  return room.first(length);
}

std::span<const std::byte> Memory::read_mapped(const sys::SharedMemory& mapped, std::size_t start, std::size_t length,
                                               std::span<std::byte> room)
{
  const auto bytes = mapped.bytes();
  const std::size_t block_start = start / block * block;
  if (block_start > 0 && start - block_start < length) mapped.forget(bytes.subspan(block_start - block, block));
  const auto part = bytes.subspan(start, length);
  if (start >= brought_in_from_ && start + length <= brought_in_) return part;
  // Bringing in a block at a time takes three quarters of the time that page after page does.
  const std::size_t block_end = std::min(block_start + block, bytes.size());
  if (length >= worth_a_block && start - block_start < length) {
    if (sys::bring_in(bytes.subspan(block_start, block_end - block_start))) {
      brought_in_from_ = block_start;
      brought_in_ = block_end;
    }
  }
  if (!spares_ || sys::is_touched(part)) return part;
  sys::copy_sparing(part, room);
  return room.first(length);
}

Result<> Memory::reserve(std::uint64_t offset, std::uint64_t length)
{
  const auto* const file = std::get_if<sys::UniqueFd>(&bytes_);
  if (file == nullptr) return {};
  auto allocated = sys::allocate(file->get(), offset, length, subject_, sys::Extent::stays);
  // A file system that cannot do it has to do without.
  if (!allocated && allocated.error().kind == Errc::unsupported) return {};
  return allocated;
}

Result<> Memory::store(std::uint64_t offset, const object::ValueBytes& value, std::size_t width)
{
  if (const auto* const mapped = std::get_if<sys::SharedMemory>(&bytes_)) {
    object::store_value(mapped->bytes().data() + offset, value, width);
    return {};
  }
  return write_file(std::get<sys::UniqueFd>(bytes_).get(), offset, std::span{value}.first(width), nullptr);
}

Result<> Memory::write(std::uint64_t offset, std::span<const std::byte> bytes, std::uint64_t& done)
{
  if (const auto* const mapped = std::get_if<sys::SharedMemory>(&bytes_)) {
    const auto target = mapped->bytes().subspan(static_cast<std::size_t>(offset), bytes.size());
    std::memcpy(target.data(), bytes.data(), bytes.size());
    mapped->forget(target);
    done += bytes.size();
    return {};
  }
  return write_file(std::get<sys::UniqueFd>(bytes_).get(), offset, bytes, &done);
}

Result<> Memory::write_string(std::uint64_t offset, const std::string& text, std::uint64_t& done)
{
  const auto bytes = std::as_bytes(std::span{text.c_str(), text.size() + 1});
  const bool mapped = std::holds_alternative<sys::SharedMemory>(bytes_);
  if (!mapped) return write(offset, bytes, done);
  IPCKIT_TRY(write(offset, bytes.first(text.size()), done));
  std::atomic_thread_fence(std::memory_order_release);
  IPCKIT_TRY(store(offset + text.size(), {}, 1));
  ++done;
  return {};
}

Result<> Memory::write_file(int file, std::uint64_t offset, std::span<const std::byte> bytes, std::uint64_t* done) const
{
  if (!grows_) {
    const auto now = IPCKIT_TRY(sys::status(file, subject_));
    if (now.size < offset + bytes.size()) return shrunk("write", file, subject_);
  }
  return sys::pwrite_all(file, bytes, offset, subject_, done);
}

ReadingCost reading_cost(const object::View& view, const shm::Segment& segment)
{
  ReadingCost cost;
  std::vector<shm::Segment> one{segment};
  cost.resident_known = shm::add_resident(view, one) && one.front().resident.has_value();
  const auto resident = saturating_add(one.front().resident.value_or(0), one.front().swapped.value_or(0));
  // Huge pages are set aside when they are made and take no free memory.
  const bool set_aside = one.front().huge_pages == true;
  if (!set_aside && resident < segment.size) cost.untouched = segment.size - resident;
  const auto text = sys::read_text(view.proc_directory + "/meminfo");
  const auto told = text ? procfs::parse_meminfo(*text).available : std::nullopt;
  cost.available = told.value_or(sys::free_memory());
  return cost;
}

}  // namespace ipckit::inventory
