// SPDX-License-Identifier: MIT
#include <ipckit/sys/sysv.hpp>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {
namespace {

/// The fourth argument of semctl(2), which the caller has to define.
union semun {
  int val;
  semid_ds* buf;
  unsigned short* array;
  seminfo* info;
};

}  // namespace

Result<int> msgget(key_t key, int flags, const std::string& subject)
{
  return call("msgget", subject, [&] { return ::msgget(key, flags); });
}

Result<int> shmget(key_t key, std::size_t size, int flags, const std::string& subject)
{
  return call("shmget", subject, [&] { return ::shmget(key, size, flags); });
}

Result<int> semget(key_t key, int count, int flags, const std::string& subject)
{
  return call("semget", subject, [&] { return ::semget(key, count, flags); });
}

Result<int> msgctl(int id, int command, msqid_ds& data, const std::string& subject)
{
  return call("msgctl", subject, [&] { return ::msgctl(id, command, &data); });
}

Result<int> shmctl(int id, int command, shmid_ds& data, const std::string& subject)
{
  return call("shmctl", subject, [&] { return ::shmctl(id, command, &data); });
}

Result<int> semctl(int id, int command, semid_ds& data, const std::string& subject)
{
  return call("semctl", subject, [&] { return ::semctl(id, 0, command, semun{.buf = &data}); });
}

Result<> msgctl(int id, int command, const std::string& subject)
{
  return check("msgctl", subject, [&] { return ::msgctl(id, command, nullptr); });
}

Result<> shmctl(int id, int command, const std::string& subject)
{
  return check("shmctl", subject, [&] { return ::shmctl(id, command, nullptr); });
}

Result<> semctl(int id, int command, const std::string& subject)
{
  return check("semctl", subject, [&] { return ::semctl(id, 0, command, semun{.val = 0}); });
}

Result<int> semctl(int id, int number, int command, int value, const std::string& subject)
{
  return call("semctl", subject, [&] { return ::semctl(id, number, command, semun{.val = value}); });
}

Result<> msgsnd(int id, const void* letter, std::size_t size, const Patience& patience, const std::string& subject)
{
  IPCKIT_TRY(at_once_or_block(
      "msgsnd", subject, patience, [&] { return ::msgsnd(id, letter, size, IPC_NOWAIT); },
      [&](const Wait&) { return ::msgsnd(id, letter, size, 0); }));
  return {};
}

Result<std::size_t> msgrcv(int id, void* letter, std::size_t size, long type, int flags, const Patience& patience,
                           const std::string& subject)
{
  const auto count = IPCKIT_TRY(at_once_or_block(
      "msgrcv", subject, patience, [&] { return ::msgrcv(id, letter, size, type, flags | IPC_NOWAIT); },
      [&](const Wait&) { return ::msgrcv(id, letter, size, type, flags); }));
  return static_cast<std::size_t>(count);
}

Result<std::size_t> msgrcv_copy(int id, std::int64_t index, std::span<std::byte> buffer, const std::string& subject)
{
  if (buffer.size() < sizeof(long)) return fail(Errc::invalid, "msgrcv", subject, "no room for the type");
  const auto length = IPCKIT_TRY(call("msgrcv", subject, [&] {
    return ::msgrcv(id, buffer.data(), buffer.size() - sizeof(long), index, MSG_COPY | IPC_NOWAIT);
  }));
  return static_cast<std::size_t>(length);
}

Result<> semop(int id, std::span<sembuf> operations, const Patience& patience, const std::string& subject)
{
  constexpr short nowait = IPC_NOWAIT;
  // The wait has its own clock: semtimedop(2) would say EAGAIN at its end, which is also what "busy" says.
  IPCKIT_TRY(at_once_or_block(
      "semop", subject, patience,
      [&] {
        for (sembuf& operation : operations) operation.sem_flg = static_cast<short>(operation.sem_flg | nowait);
        return ::semop(id, operations.data(), operations.size());
      },
      [&](const Wait&) {
        for (sembuf& operation : operations) operation.sem_flg = static_cast<short>(operation.sem_flg & ~nowait);
        return ::semop(id, operations.data(), operations.size());
      }));
  return {};
}

Result<std::vector<std::uint16_t>> semctl_getall(int id, std::size_t count, const std::string& subject)
{
  std::vector<std::uint16_t> values(count);
  IPCKIT_TRY(check("semctl", subject, [&] { return ::semctl(id, 0, GETALL, semun{.array = values.data()}); }));
  return values;
}

Result<> semctl_setall(int id, std::span<const std::uint16_t> values, const std::string& subject)
{
  std::vector<std::uint16_t> copy(values.begin(), values.end());
  return check("semctl", subject, [&] { return ::semctl(id, 0, SETALL, semun{.array = copy.data()}); });
}

Result<MsgInfo> msg_info()
{
  MsgInfo info{};
  IPCKIT_TRY(call("msgctl", "", [&] { return ::msgctl(0, IPC_INFO, reinterpret_cast<msqid_ds*>(&info.limits)); }));
  info.highest =
      IPCKIT_TRY(call("msgctl", "", [&] { return ::msgctl(0, MSG_INFO, reinterpret_cast<msqid_ds*>(&info.use)); }));
  return info;
}

Result<ShmInfo> shm_limits()
{
  ShmInfo info{};
  info.highest =
      IPCKIT_TRY(call("shmctl", "", [&] { return ::shmctl(0, IPC_INFO, reinterpret_cast<shmid_ds*>(&info.limits)); }));
  return info;
}

Result<shm_info> shm_use()
{
  shm_info info{};
  IPCKIT_TRY(call("shmctl", "", [&] { return ::shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds*>(&info)); }));
  return info;
}

Result<SemInfo> sem_info()
{
  SemInfo info{};
  IPCKIT_TRY(call("semctl", "", [&] { return ::semctl(0, 0, IPC_INFO, semun{.info = &info.limits}); }));
  info.highest = IPCKIT_TRY(call("semctl", "", [&] { return ::semctl(0, 0, SEM_INFO, semun{.info = &info.use}); }));
  return info;
}

}  // namespace ipckit::sys
