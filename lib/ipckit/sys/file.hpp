// SPDX-License-Identifier: MIT
#pragma once
// Files: looked at by descriptor, never twice by path, and never opened before it is known what they are.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/base/timestamp.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::sys {

/// What statx(2) tells of an inode.
struct FileStatus {
  std::uint64_t device = 0;         // makedev of stx_dev_major and stx_dev_minor
  std::uint64_t inode = 0;          // stx_ino
  std::uint32_t type_and_mode = 0;  // stx_mode
  std::uint32_t links = 0;          // stx_nlink
  uid_t user = 0;                   // stx_uid
  gid_t group = 0;                  // stx_gid
  std::uint64_t size = 0;           // stx_size, bytes
  std::uint64_t allocated = 0;      // stx_blocks * 512, bytes
  Timestamp accessed;               // stx_atime
  Timestamp modified;               // stx_mtime
  Timestamp changed;                // stx_ctime
  std::optional<Timestamp> born;    // stx_btime, where the file system keeps it
  bool operator==(const FileStatus&) const = default;

  [[nodiscard]] bool is_regular() const noexcept;
  [[nodiscard]] bool is_fifo() const noexcept;
  [[nodiscard]] bool is_directory() const noexcept;
  [[nodiscard]] bool is_symlink() const noexcept;
  [[nodiscard]] std::uint32_t mode() const noexcept { return type_and_mode & 07777U; }
  /// The same inode: device, number and, where known, time of birth.
  [[nodiscard]] bool same_inode(const FileStatus& other) const noexcept;
};

/// statx(2) of `name` in `directory`, without following a link, mounting anything or asking a server
/// (AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT, AT_STATX_DONT_SYNC). An empty name is the directory descriptor itself.
[[nodiscard]] Result<FileStatus> status_at(int directory, const std::string& name);

/// The same through a link of /proc, such as `4711/fd/3`, which must be followed to reach the file.
[[nodiscard]] Result<FileStatus> status_through(int directory, const std::string& link);

/// statx(2) of an open descriptor.
[[nodiscard]] Result<FileStatus> status(int fd, const std::string& subject);

/// open(2), close-on-exec.
[[nodiscard]] Result<UniqueFd> open(const std::string& path, int flags, mode_t mode = 0);

/// openat(2), close-on-exec; `mode` is cut by the umask.
[[nodiscard]] Result<UniqueFd> open_at(int directory, const std::string& name, int flags, mode_t mode = 0);

/// An O_PATH descriptor of an entry of `directory`: no link is followed and no mount crossed (openat2(2), or openat(2)
/// with O_NOFOLLOW where the kernel is older than 5.6); Errc::mismatch where something is mounted over it. Opening a
/// FIFO or device this way does nothing to it.
[[nodiscard]] Result<UniqueFd> open_entry(int directory, const std::string& name);

/// The path under which /proc shows this process's descriptor.
[[nodiscard]] std::string self_link(int fd);

/// Opens what an O_PATH descriptor stands for. Errc::not_found without a mounted /proc.
[[nodiscard]] Result<UniqueFd> reopen(int path_fd, int flags, const std::string& subject);

/// read(2) until the end.
[[nodiscard]] Result<std::string> read_to_end(const UniqueFd& fd, const std::string& subject);

/// The whole of a file; for the small texts of /proc and configuration files.
[[nodiscard]] Result<std::string> read_text(const std::string& path);
[[nodiscard]] Result<std::string> read_text_at(int directory, const std::string& path);

/// Bytes between a descriptor's position and the end of its file; nothing where it is no regular file.
[[nodiscard]] std::optional<std::uint64_t> bytes_left(int fd) noexcept;

/// pread(2) until `buffer` is full or the file ends; the number of bytes read.
[[nodiscard]] Result<std::size_t> pread_all(int fd, std::span<std::byte> buffer, std::uint64_t offset,
                                            const std::string& subject);

/// pwrite(2) of all of it. What was written, of a part too when it failed, is added to `*written` where there is one.
[[nodiscard]] Result<> pwrite_all(int fd, std::span<const std::byte> bytes, std::uint64_t offset,
                                  const std::string& subject, std::uint64_t* written = nullptr);

/// ftruncate(2), bytes.
[[nodiscard]] Result<> truncate(int fd, std::uint64_t size, const std::string& subject);

/// What reserving does to the size of a file: grow it to `offset + length`, or nothing (FALLOC_FL_KEEP_SIZE).
enum class Extent : std::uint8_t { grows, stays };
/// posix_fallocate(3) without its emulation: the kernel reserves the bytes now or says ENOSPC; nothing is written.
[[nodiscard]] Result<> allocate(int fd, std::uint64_t offset, std::uint64_t length, const std::string& subject,
                                Extent extent = Extent::grows);

/// Permission bits of what `fd` stands for, an O_PATH descriptor included (fchmodat2(2), or through /proc/self/fd).
[[nodiscard]] Result<> change_mode(int fd, mode_t mode, const std::string& subject);

/// Owner and group of what `fd` stands for, an O_PATH descriptor included; nullopt leaves one as it is.
[[nodiscard]] Result<> change_owner(int fd, std::optional<uid_t> user, std::optional<gid_t> group,
                                    const std::string& subject);

/// Gives a nameless file (O_TMPFILE) the name `name` in `directory`; Errc::already_exists when it is taken.
[[nodiscard]] Result<> link_at(int fd, int directory, const std::string& name);

/// linkat(2) of one name of `directory` to a second; Errc::already_exists when it is taken.
[[nodiscard]] Result<> link_name(int directory, const std::string& from, const std::string& to);

/// unlinkat(2); never a directory.
[[nodiscard]] Result<> unlink_at(int directory, const std::string& name);

/// mkdirat(2), of at most this mode; Errc::already_exists when the name is taken.
[[nodiscard]] Result<> make_directory_at(int directory, const std::string& name, mode_t mode);
/// unlinkat(2) of an empty directory.
[[nodiscard]] Result<> remove_directory_at(int directory, const std::string& name);

/// futimens(2): the time of access becomes now, nothing else changes.
[[nodiscard]] Result<> touch_access_time(int fd, const std::string& subject);

/// mkfifoat(3) with exactly `mode`. Process-wide for an instant: the umask is set and put back.
[[nodiscard]] Result<> make_fifo_at(int directory, const std::string& name, mode_t mode);

/// readlinkat(2).
[[nodiscard]] Result<std::string> read_link_at(int directory, const std::string& name);

/// realpath(3).
[[nodiscard]] Result<std::string> real_path(const std::string& path);

/// getcwd(3).
[[nodiscard]] Result<std::string> working_directory();

/// Space and inodes of the file system at a path, statvfs(3). Zero inodes: the file system does not count them.
struct FileSystemSpace {
  std::uint64_t size = 0;         // f_blocks * f_frsize, bytes
  std::uint64_t free = 0;         // f_bavail * f_frsize, bytes
  std::uint64_t inodes = 0;       // f_files
  std::uint64_t free_inodes = 0;  // f_favail
  bool operator==(const FileSystemSpace&) const = default;
};
[[nodiscard]] Result<FileSystemSpace> space_of(const std::string& path);

/// The magic number of the file system that `fd` is on, statfs(2): 0x19800202 is mqueue, 0x01021994 tmpfs.
[[nodiscard]] Result<std::uint64_t> file_system_type(int fd, const std::string& subject);
inline constexpr std::uint64_t mqueue_magic = 0x19800202;

}  // namespace ipckit::sys
