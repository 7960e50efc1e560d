// SPDX-License-Identifier: MIT
#pragma once
// Whose an object is, what may be changed of that, and what the three System V kinds have in common.

#include <cstdint>
#include <optional>
#include <string>

#include <sys/ipc.h>
#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/base/timestamp.hpp>
#include <ipckit/procfs/sysvipc.hpp>

namespace ipckit::object {

/// struct ipc_perm, msgctl(2): who an object belongs to, and its key.
struct SysvIdentity {
  int id = -1;
  std::int32_t key = 0;     // __key; 0 (IPC_PRIVATE) also when it is marked for destruction
  uid_t user = 0;           // uid, the owner
  gid_t group = 0;          // gid
  uid_t creator_user = 0;   // cuid
  gid_t creator_group = 0;  // cgid
  std::uint32_t mode = 0;   // the nine permission bits
  bool operator==(const SysvIdentity&) const = default;
};

[[nodiscard]] inline SysvIdentity identity_of(int id, const ipc_perm& perm) noexcept
{
  return {.id = id,
          .key = perm.__key,
          .user = perm.uid,
          .group = perm.gid,
          .creator_user = perm.cuid,
          .creator_group = perm.cgid,
          .mode = perm.mode & 0777U};
}

[[nodiscard]] inline SysvIdentity identity_of(const procfs::SysvRow& row) noexcept
{
  return {.id = row.id,
          .key = row.key,
          .user = row.uid,
          .group = row.gid,
          .creator_user = row.cuid,
          .creator_group = row.cgid,
          .mode = row.mode & 0777U};
}

/// Owner, group and mode of an object that is to be changed; nullopt leaves one as it is.
struct Attributes {
  std::optional<std::uint32_t> mode;
  std::optional<uid_t> user;
  std::optional<gid_t> group;
  [[nodiscard]] bool empty() const noexcept { return !mode && !user && !group; }
};

/// Puts them into what IPC_SET takes.
inline void apply(ipc_perm& perm, const Attributes& attributes) noexcept
{
  perm.uid = attributes.user.value_or(perm.uid);
  perm.gid = attributes.group.value_or(perm.gid);
  if (attributes.mode) perm.mode = static_cast<unsigned short>((perm.mode & ~0777U) | *attributes.mode);
}

/// Errc::removed when an id names another object than the one that was judged: removed, and the number given anew.
[[nodiscard]] inline Result<> same_object(const SysvIdentity& judged, const SysvIdentity& now,
                                          const std::string& subject)
{
  if (judged.id == now.id && judged.key == now.key && judged.creator_user == now.creator_user &&
      judged.user == now.user) {
    return {};
  }
  return fail(Errc::removed, "remove", subject, "replaced");
}

/// "1 message", "7 messages": the fact that an Error carries.
[[nodiscard]] inline std::string counted(std::uint64_t count, const char* one, const char* many)
{
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

enum class Force : bool { no, yes };

/// What became of an object that was removed.
enum class Removal : std::uint8_t {
  gone,     // nothing of it is left
  doomed,   // the name or key is gone; the memory stays for as long as somebody holds it
  linked,   // the name is gone; another name of the same file keeps it
  unknown,  // the name is gone; whether somebody still holds it could not be seen
};

/// A System V time in whole seconds; 0 is "never", and so is the default Timestamp.
[[nodiscard]] inline Timestamp timestamp_of(time_t seconds) noexcept
{
  return {.seconds = seconds};
}

}  // namespace ipckit::object
