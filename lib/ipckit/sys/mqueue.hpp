// SPDX-License-Identifier: MIT
#pragma once
// POSIX message queues: mq_open(3), mq_getattr(3), mq_unlink(3), and the file system in which their names live.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <mqueue.h>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::sys {

/// mq_open(3) of an existing queue; `name` has its leading slash. On Linux an mqd_t is a file descriptor
/// (mq_overview(7)), so UniqueFd owns it.
[[nodiscard]] Result<UniqueFd> mq_open(const std::string& name, int flags);

/// mq_open(3) with O_CREAT | O_EXCL and exactly `mode`; without attributes the kernel's defaults (fs.mqueue.*_default).
/// Process-wide for an instant: the umask is set and put back.
[[nodiscard]] Result<UniqueFd> mq_create(const std::string& name, mode_t mode,
                                         const std::optional<mq_attr>& attributes);

/// mq_getattr(3); works on any descriptor of a queue's file, also one that open(2) gave. Reading the file's text
/// instead would change its times.
[[nodiscard]] Result<mq_attr> mq_getattr(int queue, const std::string& subject);

/// mq_timedsend(3). Errc::busy: full, and no patience; Errc::too_large: more than mq_msgsize bytes.
[[nodiscard]] Result<> mq_send(int queue, std::span<const std::byte> data, unsigned priority, const Patience& patience,
                               const std::string& subject);

/// What mq_timedreceive(3) took.
struct Received {
  std::size_t size = 0;  // bytes written to the buffer
  unsigned priority = 0;
};
/// mq_timedreceive(3) into a buffer of at least mq_msgsize bytes. Errc::busy: empty, and no patience.
[[nodiscard]] Result<Received> mq_receive(int queue, std::span<std::byte> buffer, const Patience& patience,
                                          const std::string& subject);

/// mq_unlink(3).
[[nodiscard]] Result<> mq_unlink(const std::string& name);

/// An O_PATH descriptor of the mqueue file system of this thread's IPC namespace, mounted nowhere (fsopen(2),
/// fsmount(2), Linux 5.2). Errc::access_denied without CAP_SYS_ADMIN over the namespace.
[[nodiscard]] Result<UniqueFd> mount_mqueue();

}  // namespace ipckit::sys
