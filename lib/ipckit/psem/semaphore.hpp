// SPDX-License-Identifier: MIT
#pragma once
// POSIX named semaphores (sem_overview(7)): regular files of /dev/shm named "sem.NAME" that hold one sem_t.

#include <cstdint>
#include <optional>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/object/tmpfs.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::psem {

enum class Health : std::uint8_t {
  sound,    // a sem_t, read
  damaged,  // not the size of a sem_t, or a value that no semaphore has
  unread,   // its content could not be read, or not without leaving a trace
};

struct Semaphore {
  std::string name;      // without its leading slash and without "sem."
  sys::FileStatus file;  // of /dev/shm/sem.NAME
  Health health = Health::unread;
  std::optional<std::uint32_t> value;  // sem_getvalue(3)
  bool operator==(const Semaphore&) const = default;
};

/// Whether reading the value may move the access time of a file that is not the caller's (the kernel gives O_NOATIME to
/// the owner only).
enum class Trace : bool { none, access_time };

/// What a sem_t's bytes say; nothing when no semaphore has such a value. Counted waiters are not told: they stay wrong
/// for ever when a waiter is killed.
[[nodiscard]] std::optional<std::uint32_t> parse_sem_value(std::string_view bytes) noexcept;

/// Every named semaphore of the view, with the values that can be read without a trace; the others are one gap.
[[nodiscard]] Result<object::Listing<Semaphore>> list(const object::View& view);

/// The semaphore with this name; Errc::not_found when there is none, Errc::mismatch when it is no regular file.
[[nodiscard]] Result<Semaphore> inspect(const object::View& view, const std::string& name, Trace trace);

struct NewSemaphore {
  std::string name;
  std::uint32_t mode = 0600;  // exact
  std::uint32_t value = 0;    // at most SEM_VALUE_MAX
};
/// Makes a semaphore that has its value from the first instant. Errc::already_exists when the name is taken.
[[nodiscard]] Result<> create(const object::View& view, const NewSemaphore& wanted);

/// Owner, group and mode.
[[nodiscard]] Result<> change(const object::View& view, const std::string& name, const object::Attributes& wanted);

/// Why the semaphore that was judged should not be removed, nothing when nobody uses it: the check that remove makes.
[[nodiscard]] Result<> prove_unused(const object::View& view, const Semaphore& judged);

/// Unlinks the semaphore that was judged. Without force Errc::busy when anybody has it open, Errc::unseen when that
/// cannot be told.
[[nodiscard]] Result<object::Removal> remove(const object::View& view, const Semaphore& judged, object::Force force);

/// The name of its file: "sem." and the name.
[[nodiscard]] std::string file_name(const std::string& name);

}  // namespace ipckit::psem
