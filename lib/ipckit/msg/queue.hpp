// SPDX-License-Identifier: MIT
#pragma once
// System V message queues (sysvipc(7), msgget(2), msgctl(2)).

#include <cstdint>
#include <optional>

#include <ipckit/base/error.hpp>
#include <ipckit/base/timestamp.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::msg {

/// struct msqid_ds, msgctl(2).
struct Queue {
  object::SysvIdentity identity;
  std::uint64_t messages = 0;              // msg_qnum, messages waiting
  std::uint64_t bytes = 0;                 // __msg_cbytes, bytes waiting
  std::optional<std::uint64_t> max_bytes;  // msg_qbytes; unknown when read from /proc/sysvipc/msg
  pid_t last_sender = 0;                   // msg_lspid; 0: none, or of a PID namespace that we cannot see
  pid_t last_receiver = 0;                 // msg_lrpid
  Timestamp sent;                          // msg_stime; 0: never
  Timestamp received;                      // msg_rtime; 0: never
  Timestamp changed;                       // msg_ctime: creation or the last IPC_SET
  bool operator==(const Queue&) const = default;
};

/// Every queue of the view. Objects that come and go meanwhile are listed or not.
[[nodiscard]] Result<object::Listing<Queue>> list(const object::View& view,
                                                  object::Source first = object::Source::stat_any);

/// The queue with this id; Errc::not_found when there is none.
[[nodiscard]] Result<Queue> inspect(const object::View& view, int id);

/// The id behind a key, msgget(2); Errc::not_found when there is none.
[[nodiscard]] Result<int> find(const object::View& view, std::int32_t key);

struct NewQueue {
  std::int32_t key = 0;                    // 0: IPC_PRIVATE
  std::uint32_t mode = 0600;               // exact
  std::optional<std::uint64_t> max_bytes;  // kernel.msgmnb when not given; more needs CAP_SYS_RESOURCE
};
/// Makes a queue and says its id. Errc::already_exists when the key is taken.
[[nodiscard]] Result<int> create(const object::View& view, const NewQueue& wanted);

struct Change {
  object::Attributes attributes;
  std::optional<std::uint64_t> max_bytes;
};
/// IPC_SET.
[[nodiscard]] Result<> change(const object::View& view, int id, const Change& wanted);

/// Why the queue that was judged should not be removed, nothing when nobody uses it: the check that remove makes.
[[nodiscard]] Result<> prove_unused(const object::View& view, const Queue& judged);

/// IPC_RMID of the queue that was judged, if the id still names it. Without force Errc::busy when messages are inside.
[[nodiscard]] Result<object::Removal> remove(const object::View& view, const Queue& judged, object::Force force);

}  // namespace ipckit::msg
