// SPDX-License-Identifier: MIT
#pragma once
// The System V calls: msgget(2), msgctl(2), shmget(2), shmctl(2), semget(2), semctl(2) under their own names. `subject`
// is what an Error calls the object.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include <ipckit/base/error.hpp>
#include <ipckit/sys/interrupts.hpp>

namespace ipckit::sys {

[[nodiscard]] Result<int> msgget(key_t key, int flags, const std::string& subject);
[[nodiscard]] Result<int> shmget(key_t key, std::size_t size, int flags, const std::string& subject);
[[nodiscard]] Result<int> semget(key_t key, int count, int flags, const std::string& subject);

/// msgctl(2) with a buffer: IPC_STAT, MSG_STAT, MSG_STAT_ANY and IPC_SET. The value is what the call returns (the id
/// for the STAT calls by index).
[[nodiscard]] Result<int> msgctl(int id, int command, msqid_ds& data, const std::string& subject);
[[nodiscard]] Result<int> shmctl(int id, int command, shmid_ds& data, const std::string& subject);
[[nodiscard]] Result<int> semctl(int id, int command, semid_ds& data, const std::string& subject);

/// msgctl(2) and its like without a buffer: IPC_RMID, SHM_LOCK, SHM_UNLOCK.
[[nodiscard]] Result<> msgctl(int id, int command, const std::string& subject);
[[nodiscard]] Result<> shmctl(int id, int command, const std::string& subject);
[[nodiscard]] Result<> semctl(int id, int command, const std::string& subject);

/// semctl(2) of one semaphore: GETVAL, GETPID, GETNCNT, GETZCNT, or SETVAL with `value`.
[[nodiscard]] Result<int> semctl(int id, int number, int command, int value, const std::string& subject);

/// msgsnd(2): `letter` is a struct msgbuf of msgop(2), the type and behind it `size` bytes of text. Errc::busy: full,
/// and no patience; Errc::removed: the queue went away during the wait.
[[nodiscard]] Result<> msgsnd(int id, const void* letter, std::size_t size, const Patience& patience,
                              const std::string& subject);
/// msgrcv(2); the number of bytes of text that were written behind the type. `flags` are MSG_EXCEPT and MSG_NOERROR.
/// Errc::too_large: the message has more than `size` bytes and stays.
[[nodiscard]] Result<std::size_t> msgrcv(int id, void* letter, std::size_t size, long type, int flags,
                                         const Patience& patience, const std::string& subject);
/// msgrcv(2) with MSG_COPY: the message at place `index` (0 is the next one) into `buffer`, its type first, a long, and
/// its text behind it; nothing is taken, and nothing of the queue changes. The value is the length of the text. ENOMSG:
/// there is no such place; E2BIG: the buffer is too small; EINVAL: no such queue, or the message is longer than
/// kernel.msgmax is now; ENOSYS: the kernel was built without CONFIG_CHECKPOINT_RESTORE.
[[nodiscard]] Result<std::size_t> msgrcv_copy(int id, std::int64_t index, std::span<std::byte> buffer,
                                              const std::string& subject);

/// semop(2): all operations in one step, or none. IPC_NOWAIT in their flags is set and taken out as `patience` wants
/// it. Errc::busy: one of them would have to wait, and no patience; Errc::removed: the set went away during the wait.
/// E2BIG: more than SEMOPM operations; EFBIG: a number beyond the set; ERANGE: a value, or what SEM_UNDO would give
/// back, beyond SEMVMX; ENOMEM: no memory for SEM_UNDO; EINVAL: no such set, or no operation.
[[nodiscard]] Result<> semop(int id, std::span<sembuf> operations, const Patience& patience,
                             const std::string& subject);

/// GETALL; `count` is sem_nsems.
[[nodiscard]] Result<std::vector<std::uint16_t>> semctl_getall(int id, std::size_t count, const std::string& subject);

/// SETALL; one value per semaphore of the set.
[[nodiscard]] Result<> semctl_setall(int id, std::span<const std::uint16_t> values, const std::string& subject);

/// IPC_INFO and MSG_INFO, SHM_INFO, SEM_INFO: the limits and the use of the caller's namespace. `highest` is the
/// highest index in use (0 also when nothing is).
struct MsgInfo {
  msginfo limits;  // IPC_INFO: msgmax, msgmnb, msgmni
  msginfo use;     // MSG_INFO: msgpool queues, msgmap messages, msgtql bytes
  int highest;
};
[[nodiscard]] Result<MsgInfo> msg_info();
struct ShmInfo {
  shminfo limits;  // IPC_INFO: shmmax bytes, shmmni, shmall pages
  int highest;
};
[[nodiscard]] Result<ShmInfo> shm_limits();
/// SHM_INFO: walks every segment in the kernel (4 ms at 30,000), so it is a call of its own.
[[nodiscard]] Result<shm_info> shm_use();
struct SemInfo {
  seminfo limits;  // IPC_INFO: semmni, semmns, semmsl, semopm, semvmx
  seminfo use;     // SEM_INFO: semusz sets, semaem semaphores
  int highest;
};
[[nodiscard]] Result<SemInfo> sem_info();

}  // namespace ipckit::sys
