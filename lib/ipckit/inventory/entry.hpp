// SPDX-License-Identifier: MIT
#pragma once
// One object of any kind, and what can be asked of all of them alike.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <sys/types.h>

#include <ipckit/base/timestamp.hpp>
#include <ipckit/fifo/fifo.hpp>
#include <ipckit/msg/queue.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/ref.hpp>
#include <ipckit/pmsg/queue.hpp>
#include <ipckit/psem/semaphore.hpp>
#include <ipckit/pshm/segment.hpp>
#include <ipckit/sem/set.hpp>
#include <ipckit/shm/segment.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::inventory {

/// The alternatives stand in the order of object::Kind.
using Entry = std::variant<msg::Queue, shm::Segment, sem::Set, pmsg::Queue, pshm::Segment, psem::Semaphore, fifo::Fifo>;

[[nodiscard]] object::Kind kind_of(const Entry& entry) noexcept;

/// Its canonical REF: by id, name or absolute path.
[[nodiscard]] object::Ref ref_of(const Entry& entry);
/// The same as text, at the end of `text`: what listings of 100,000 names do.
void append_ref(std::string& text, const Entry& entry);

/// The System V part; nullptr for the other kinds.
[[nodiscard]] const object::SysvIdentity* sysv_of(const Entry& entry) noexcept;
/// The inode; nullptr for System V objects.
[[nodiscard]] const sys::FileStatus* file_of(const Entry& entry) noexcept;

[[nodiscard]] uid_t user_of(const Entry& entry) noexcept;
[[nodiscard]] gid_t group_of(const Entry& entry) noexcept;
/// Permission bits.
[[nodiscard]] std::uint32_t mode_of(const Entry& entry) noexcept;

/// The name as the kernel's calls take it: "/jobs" of a POSIX object, a path of a FIFO; empty for System V objects.
[[nodiscard]] std::string name_of(const Entry& entry);

/// Creation, where the kernel keeps it; else the last change of owner, mode or (of a semaphore set) values.
[[nodiscard]] Timestamp since(const Entry& entry) noexcept;
/// The newest of all times that the kernel keeps of it.
[[nodiscard]] Timestamp last_used(const Entry& entry) noexcept;

/// Bytes it has or may hold: a segment's size, a queue's capacity; nothing for semaphore sets and FIFOs, and where it
/// is not known.
[[nodiscard]] std::optional<std::uint64_t> size_of(const Entry& entry) noexcept;
/// Bytes of memory it takes now: allocated bytes of POSIX segments (a file of tmpfs can claim any size), waiting bytes
/// of queues, the size of System V segments.
[[nodiscard]] std::optional<std::uint64_t> taken_by(const Entry& entry) noexcept;

}  // namespace ipckit::inventory
