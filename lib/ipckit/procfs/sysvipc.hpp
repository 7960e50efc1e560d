// SPDX-License-Identifier: MIT
#pragma once
// /proc/sysvipc: the text of msg, shm and sem (proc(5); the formats are sysvipc_*_proc_show in ipc/ of the kernel).

#include <cstdint>
#include <string_view>
#include <vector>

#include <ipckit/base/error.hpp>

namespace ipckit::procfs {

/// What all three files have in each row.
struct SysvRow {
  std::int32_t key = 0;
  int id = 0;
  std::uint32_t mode = 0;  // perms, octal in the text; shm adds 01000 (dest) and 02000 (locked)
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t cuid = 0;
  std::uint32_t cgid = 0;
  std::int64_t ctime = 0;  // seconds since 1970
  bool operator==(const SysvRow&) const = default;
};

struct MsgRow {
  SysvRow common;
  std::uint64_t cbytes = 0;  // bytes waiting
  std::uint64_t qnum = 0;    // messages waiting
  std::int32_t lspid = 0;
  std::int32_t lrpid = 0;
  std::int64_t stime = 0;
  std::int64_t rtime = 0;
  bool operator==(const MsgRow&) const = default;
};

struct ShmRow {
  SysvRow common;
  std::uint64_t size = 0;  // bytes
  std::int32_t cpid = 0;
  std::int32_t lpid = 0;
  std::uint64_t nattch = 0;  // mappings
  std::int64_t atime = 0;
  std::int64_t dtime = 0;
  std::uint64_t rss = 0;   // bytes resident; too large for huge pages on some kernels
  std::uint64_t swap = 0;  // bytes swapped out
  bool operator==(const ShmRow&) const = default;
};

struct SemRow {
  SysvRow common;
  std::uint64_t nsems = 0;
  std::int64_t otime = 0;
  bool operator==(const SemRow&) const = default;
};

/// The rows of a file; its heading is passed over. Errc::malformed names the file and the line in `subject`.
[[nodiscard]] Result<std::vector<MsgRow>> parse_sysvipc_msg(std::string_view text);
[[nodiscard]] Result<std::vector<ShmRow>> parse_sysvipc_shm(std::string_view text);
[[nodiscard]] Result<std::vector<SemRow>> parse_sysvipc_sem(std::string_view text);

}  // namespace ipckit::procfs
