// SPDX-License-Identifier: MIT
#include <ipckit/psem/operate.hpp>

#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <utility>

#include <fcntl.h>
#include <semaphore.h>

#include <ipckit/object/tmpfs.hpp>
#include <ipckit/psem/semaphore.hpp>

namespace ipckit::psem {
namespace {

using std::chrono::steady_clock;

/// How often a wait looks whether there still is something to wait for.
constexpr std::chrono::seconds between_looks{1};

/// The part of a wait until the next look.
sys::Patience until_next_look(const sys::Patience& whole)
{
  const auto look = steady_clock::now() + between_looks;
  return {.interrupts = whole.interrupts, .limit = {}, .until = whole.until ? std::min(*whole.until, look) : look};
}

bool is_over(const sys::Patience& whole)
{
  return whole.until && steady_clock::now() >= *whole.until;
}

/// A file of another size, or with a value that no semaphore has, would be a strange semaphore to wait for.
Result<> prove_semaphore(const sys::UniqueFd& content, const std::string& name)
{
  const auto size = IPCKIT_TRY(sys::status(content.get(), name)).size;
  if (size != sizeof(sem_t)) {
    return fail(Errc::mismatch, "open", name, "a file of " + std::to_string(size) + " bytes, no semaphore");
  }
  std::string bytes(sizeof(sem_t), '\0');
  IPCKIT_TRY(sys::pread_all(content.get(), std::as_writable_bytes(std::span{bytes}), 0, name));
  if (!parse_sem_value(bytes)) return fail(Errc::mismatch, "open", name, "damaged: no semaphore has its value");
  return {};
}

}  // namespace

Result<Mapped> Mapped::open(const object::View& view, const std::string& name)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto entry = IPCKIT_TRY(object::look_at(directory, file_name(name)));
  // It is a regular file, so that nothing but a lease makes an open wait, which who looks at it holds for an instant.
  auto content = IPCKIT_TRY(object::open_again(directory, file_name(name), entry, O_RDWR | O_NOCTTY));
  IPCKIT_TRY(prove_semaphore(content, name));
  auto semaphore = IPCKIT_TRY(sys::MappedSemaphore::map(content.get(), name));
  const auto present = IPCKIT_TRY(sys::status_at(directory.get(), file_name(name)));
  if (!present.same_inode(entry.file)) return fail(Errc::removed, "open", name, "replaced");
  return Mapped{name, entry.file, std::move(content), std::move(semaphore)};
}

Result<> Mapped::take(const sys::Patience& patience)
{
  auto taken = sys::sem_trywait(semaphore_.get(), name_);
  if (taken || patience.none() || taken.error().kind != Errc::busy) return taken;
  const sys::Patience whole = patience.begun();
  for (;;) {
    taken = sys::sem_wait(semaphore_.get(), until_next_look(whole), name_);
    if (taken || taken.error().kind != Errc::timed_out) return taken;
    IPCKIT_TRY(prove_linked());
    if (is_over(whole)) return taken;
  }
}

Result<> Mapped::post()
{
  return sys::sem_post(semaphore_.get(), name_);
}

Result<> Mapped::prove_linked() const
{
  const auto now = IPCKIT_TRY(sys::status(content_.get(), name_));
  if (now.links == 0) return fail(Errc::removed, "sem_wait", name_);
  return {};
}

}  // namespace ipckit::psem
