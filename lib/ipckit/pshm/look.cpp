// SPDX-License-Identifier: MIT
#include <ipckit/pshm/look.hpp>

#include <cerrno>

#include <fcntl.h>

#include <ipckit/object/tmpfs.hpp>

namespace ipckit::pshm {

Result<Glimpse> look(const object::View& view, const Segment& judged, std::uint64_t offset, std::span<std::byte> buffer)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto found = IPCKIT_TRY(object::look_at(directory, judged.name));
  if (!found.file.same_inode(judged.file)) return fail(Errc::removed, "open", judged.name, "replaced");
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  auto opened = object::open_again(directory, judged.name, found, flags | O_NOATIME);
  const bool trace = !opened && opened.error().os_error == EPERM;
  if (trace) opened = object::open_again(directory, judged.name, found, flags);
  if (!opened) return std::unexpected(std::move(opened).error());
  return Glimpse{.count = IPCKIT_TRY(sys::pread_all(opened->get(), buffer, offset, judged.name)), .trace = trace};
}

}  // namespace ipckit::pshm
