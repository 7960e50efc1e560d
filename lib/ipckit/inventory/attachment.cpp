// SPDX-License-Identifier: MIT
#include <ipckit/inventory/attachment.hpp>

#include <cerrno>
#include <string>

#include <fcntl.h>

#include <ipckit/object/sysv_table.hpp>
#include <ipckit/object/tmpfs.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/mqueue.hpp>

namespace ipckit::inventory {
namespace {

/// Opens for reading, or for writing where only that is allowed: any open descriptor is a use.
template <class Open>
Result<sys::UniqueFd> open_somehow(Open open)
{
  auto opened = open(O_RDONLY);
  if (opened || opened.error().os_error != EACCES) return opened;
  return open(O_WRONLY);
}

Result<> check_same(const sys::UniqueFd& opened, const sys::FileStatus& judged, const std::string& subject)
{
  const auto now = IPCKIT_TRY(sys::status(opened.get(), subject));
  if (!now.same_inode(judged)) return fail(Errc::removed, "open", subject, "replaced");
  return {};
}

/// A file of /dev/shm.
Result<sys::UniqueFd> open_file(const object::View& view, const std::string& name, const sys::FileStatus& judged)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto found = IPCKIT_TRY(object::look_at(directory, name));
  auto opened = IPCKIT_TRY(
      open_somehow([&](int how) { return object::open_again(directory, name, found, how | O_NONBLOCK | O_NOCTTY); }));
  IPCKIT_TRY(check_same(opened, judged, name));
  return opened;
}

using Held = std::variant<sys::SharedMemory, sys::UniqueFd>;

struct Hold {
  const object::View& view;

  Result<Held> operator()(const shm::Segment& segment) const
  {
    const int id = segment.identity.id;
    return IPCKIT_TRY(
        object::by_id(sys::SharedMemory::attach(id, segment.size, sys::Access::read, "shm:" + std::to_string(id))));
  }
  Result<Held> operator()(const pmsg::Queue& queue) const
  {
    auto opened = IPCKIT_TRY(open_somehow([&](int how) { return sys::mq_open("/" + queue.name, how | O_NONBLOCK); }));
    IPCKIT_TRY(check_same(opened, queue.file, queue.name));
    return opened;
  }
  Result<Held> operator()(const pshm::Segment& segment) const
  {
    return IPCKIT_TRY(open_file(view, segment.name, segment.file));
  }
  Result<Held> operator()(const psem::Semaphore& semaphore) const
  {
    return IPCKIT_TRY(open_file(view, psem::file_name(semaphore.name), semaphore.file));
  }
  Result<Held> operator()(const fifo::Fifo& fifo) const
  {
    // For both, so that it waits for nobody, and what is in the pipe has a reader that keeps it.
    const auto entry = IPCKIT_TRY(sys::open(fifo.path, O_PATH | O_NOFOLLOW));
    const auto found = IPCKIT_TRY(sys::status_at(entry.get(), ""));
    if (!found.same_inode(fifo.file)) return fail(Errc::removed, "open", fifo.path, "replaced");
    constexpr int how = O_RDWR | O_NONBLOCK | O_NOCTTY;
    auto opened = sys::reopen(entry.get(), how, fifo.path);
    // Without /proc the way leads through the path again.
    if (!opened && opened.error().os_error == ENOENT) opened = sys::open(fifo.path, how | O_NOFOLLOW);
    if (!opened) return std::unexpected(std::move(opened).error());
    IPCKIT_TRY(check_same(*opened, fifo.file, fifo.path));
    return std::move(*opened);
  }
  Result<Held> operator()(const msg::Queue& queue) const { return unsupported(queue); }
  Result<Held> operator()(const sem::Set& set) const { return unsupported(set); }

private:
  static Result<Held> unsupported(const auto& object)
  {
    return fail(Errc::unsupported, "attach", std::to_string(object.identity.id));
  }
};

}  // namespace

Result<Attachment> Attachment::attach(const object::View& view, const Entry& judged)
{
  return Attachment{IPCKIT_TRY(std::visit(Hold{view}, judged))};
}

int Attachment::descriptor() const noexcept
{
  const auto* const file = std::get_if<sys::UniqueFd>(&held_);
  return file == nullptr ? -1 : file->get();
}

}  // namespace ipckit::inventory
