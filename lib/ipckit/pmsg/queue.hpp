// SPDX-License-Identifier: MIT
#pragma once
// POSIX message queues (mq_overview(7)).

#include <cstdint>
#include <optional>
#include <string>

#include <ipckit/base/error.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::pmsg {

/// struct mq_attr, mq_getattr(3).
struct Geometry {
  std::uint64_t messages = 0;      // mq_curmsgs, messages waiting
  std::uint64_t max_messages = 0;  // mq_maxmsg
  std::uint64_t message_size = 0;  // mq_msgsize, bytes a message may have
  bool operator==(const Geometry&) const = default;
};

/// Bytes that a queue of this geometry takes of its maker's RLIMIT_MSGQUEUE (getrlimit(2)): all its messages, and the
/// kernel's bookkeeping for each.
[[nodiscard]] std::uint64_t charge_of(const Geometry& geometry) noexcept;

struct Queue {
  std::string name;                  // without its leading slash
  sys::FileStatus file;              // of its file in the mqueue file system; modified: last send or receive
  std::optional<Geometry> geometry;  // unknown without read or write permission
  bool operator==(const Queue&) const = default;
};

/// mq_open(3) of a queue for as little as it takes to ask it: for reading, or where only that is allowed, for writing;
/// in this thread's IPC namespace, without waiting for a lease.
[[nodiscard]] Result<sys::UniqueFd> open_to_ask(const std::string& name);

/// The directory in which the names of this thread's IPC namespace come and go. Errc::unseen where the one that is
/// mounted may be another namespace's.
[[nodiscard]] Result<sys::UniqueFd> open_names(const object::View& view);

/// Every queue of the view's IPC namespace. Where neither the kernel gives us its mqueue file system nor the mounted
/// one is of this namespace, no names can be listed: a gap.
[[nodiscard]] Result<object::Listing<Queue>> list(const object::View& view);

/// The queue with this name; Errc::not_found when there is none, Errc::access_denied when nothing of it can be seen.
[[nodiscard]] Result<Queue> inspect(const object::View& view, const std::string& name);

struct NewQueue {
  std::string name;
  std::uint32_t mode = 0600;                  // exact
  std::optional<std::uint64_t> max_messages;  // fs.mqueue.msg_default when not given
  std::optional<std::uint64_t> message_size;  // fs.mqueue.msgsize_default when not given
};
/// Makes a queue. When RLIMIT_MSGQUEUE is in the way, the caller's soft limit is raised to its hard one and it is tried
/// again. Errc::already_exists when the name is taken.
[[nodiscard]] Result<> create(const object::View& view, const NewQueue& wanted);

/// Owner, group and mode.
[[nodiscard]] Result<> change(const object::View& view, const std::string& name, const object::Attributes& wanted);

/// Why the queue that was judged should not be removed, nothing when nobody uses it: the check that remove makes.
[[nodiscard]] Result<> prove_unused(const object::View& view, const Queue& judged);

/// mq_unlink(3) of a queue that may not be looked at: its owner may remove what its mode does not let him open.
[[nodiscard]] Result<> unlink(const object::View& view, const std::string& name);

/// mq_unlink(3). Without force Errc::busy when somebody else has it open or messages are inside, Errc::unseen when that
/// cannot be told.
[[nodiscard]] Result<object::Removal> remove(const object::View& view, const Queue& judged, object::Force force);

}  // namespace ipckit::pmsg
