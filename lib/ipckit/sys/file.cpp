// SPDX-License-Identifier: MIT
#include <ipckit/sys/file.hpp>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <ipckit/base/bytes.hpp>
#include <ipckit/sys/call.hpp>

namespace ipckit::sys {
namespace {

Timestamp timestamp(const struct statx_timestamp& time) noexcept
{
  return {.seconds = time.tv_sec, .nanoseconds = time.tv_nsec};
}

Result<FileStatus> statx_of(int directory, const std::string& name, unsigned flags)
{
  struct statx raw = {};
  IPCKIT_TRY(call("statx", name, [&] {
    return ::statx(directory, name.c_str(), static_cast<int>(flags), STATX_BASIC_STATS | STATX_BTIME, &raw);
  }));
  return FileStatus{
      .device = makedev(raw.stx_dev_major, raw.stx_dev_minor),
      .inode = raw.stx_ino,
      .type_and_mode = raw.stx_mode,
      .links = raw.stx_nlink,
      .user = raw.stx_uid,
      .group = raw.stx_gid,
      .size = raw.stx_size,
      .allocated = raw.stx_blocks * 512,
      .accessed = timestamp(raw.stx_atime),
      .modified = timestamp(raw.stx_mtime),
      .changed = timestamp(raw.stx_ctime),
      .born = (raw.stx_mask & STATX_BTIME) != 0 ? std::optional(timestamp(raw.stx_btime)) : std::nullopt,
  };
}

/// An entry by openat(2), with the promise that no mount is crossed kept by comparing devices.
Result<UniqueFd> open_plainly(int directory, const std::string& name)
{
  auto entry = IPCKIT_TRY(open_at(directory, name, O_PATH | O_NOFOLLOW));
  const auto found = IPCKIT_TRY(status_at(entry.get(), ""));
  const auto home = IPCKIT_TRY(status_at(directory, ""));
  if (found.device != home.device) return fail(Errc::mismatch, "open", name, "a mount point");
  return entry;
}

}  // namespace

bool FileStatus::is_regular() const noexcept
{
  return S_ISREG(type_and_mode);
}

bool FileStatus::is_fifo() const noexcept
{
  return S_ISFIFO(type_and_mode);
}

bool FileStatus::is_directory() const noexcept
{
  return S_ISDIR(type_and_mode);
}

bool FileStatus::is_symlink() const noexcept
{
  return S_ISLNK(type_and_mode);
}

bool FileStatus::same_inode(const FileStatus& other) const noexcept
{
  return device == other.device && inode == other.inode && born == other.born;
}

Result<FileStatus> status_at(int directory, const std::string& name)
{
  const unsigned empty = name.empty() ? AT_EMPTY_PATH : 0U;
  return statx_of(directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC | empty);
}

Result<FileStatus> status_through(int directory, const std::string& link)
{
  return statx_of(directory, link, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC);
}

Result<FileStatus> status(int fd, const std::string& subject)
{
  auto found = statx_of(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC);
  if (!found) found.error().subject = subject;
  return found;
}

Result<UniqueFd> open(const std::string& path, int flags, mode_t mode)
{
  return open_at(AT_FDCWD, path, flags, mode);
}

Result<UniqueFd> open_at(int directory, const std::string& name, int flags, mode_t mode)
{
  return UniqueFd{
      IPCKIT_TRY(call("open", name, [&] { return ::openat(directory, name.c_str(), flags | O_CLOEXEC, mode); }))};
}

Result<UniqueFd> open_entry(int directory, const std::string& name)
{
  struct open_how how = {};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH;
  auto opened = call("openat2", name, [&] {
    return static_cast<int>(::syscall(SYS_openat2, directory, name.c_str(), &how, sizeof how));
  });
  if (opened) return UniqueFd{*opened};
  // A final symbolic link is ELOOP to openat2 with RESOLVE_NO_SYMLINKS; the plain call opens the link itself, and its
  // type then says what it is. Kernels before 5.6 have no openat2.
  // Seccomp filters that are older may answer EPERM.
  const int why = opened.error().os_error;
  if (why == ENOSYS || why == ELOOP || why == EPERM) return open_plainly(directory, name);
  if (opened.error().os_error == EXDEV) {
    opened.error().kind = Errc::mismatch;
    const auto mounted = status_at(directory, name);
    opened.error().detail = mounted && mounted->is_directory() ? "a directory" : "a mount point";
  }
  return std::unexpected(std::move(opened).error());
}

std::string self_link(int fd)
{
  return "/proc/self/fd/" + std::to_string(fd);
}

Result<UniqueFd> reopen(int path_fd, int flags, const std::string& subject)
{
  auto opened = open(self_link(path_fd), flags);
  if (!opened) opened.error().subject = subject;
  return opened;
}

Result<std::string> read_to_end(const UniqueFd& fd, const std::string& subject)
{
  std::string text;
  std::array<char, 16384> buffer{};
  for (;;) {
    const auto count =
        IPCKIT_TRY(call("read", subject, [&] { return ::read(fd.get(), buffer.data(), buffer.size()); }));
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<std::string> read_text(const std::string& path)
{
  return read_text_at(AT_FDCWD, path);
}

Result<std::string> read_text_at(int directory, const std::string& path)
{
  const auto fd = IPCKIT_TRY(open_at(directory, path, O_RDONLY | O_NOCTTY));
  return read_to_end(fd, path);
}

std::optional<std::uint64_t> bytes_left(int fd) noexcept
{
  struct stat raw = {};
  if (::fstat(fd, &raw) != 0 || !S_ISREG(raw.st_mode)) return std::nullopt;
  const off_t position = ::lseek(fd, 0, SEEK_CUR);
  if (position < 0) return std::nullopt;
  return position < raw.st_size ? static_cast<std::uint64_t>(raw.st_size - position) : 0;
}

Result<std::size_t> pread_all(int fd, std::span<std::byte> buffer, std::uint64_t offset, const std::string& subject)
{
  std::size_t done = 0;
  while (done < buffer.size()) {
    const auto rest = buffer.subspan(done);
    const auto count = IPCKIT_TRY(call(
        "read", subject, [&] { return ::pread(fd, rest.data(), rest.size(), static_cast<off_t>(offset + done)); }));
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<> pwrite_all(int fd, std::span<const std::byte> bytes, std::uint64_t offset, const std::string& subject,
                    std::uint64_t* written)
{
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto rest = bytes.subspan(done);
    const auto count = IPCKIT_TRY(call(
        "write", subject, [&] { return ::pwrite(fd, rest.data(), rest.size(), static_cast<off_t>(offset + done)); }));
    done += static_cast<std::size_t>(count);
    if (written != nullptr) *written += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<> truncate(int fd, std::uint64_t size, const std::string& subject)
{
  return check("ftruncate", subject, [&] { return ::ftruncate(fd, static_cast<off_t>(size)); });
}

Result<> allocate(int fd, std::uint64_t offset, std::uint64_t length, const std::string& subject, Extent extent)
{
  if (length == 0) return {};
  const int mode = extent == Extent::grows ? 0 : FALLOC_FL_KEEP_SIZE;
  return check("fallocate", subject,
               [&] { return ::fallocate(fd, mode, static_cast<off_t>(offset), static_cast<off_t>(length)); });
}

Result<> change_mode(int fd, mode_t mode, const std::string& subject)
{
  constexpr long fchmodat2_number = 452;  // the same on every architecture; glibc 2.36 has no name for it
  auto changed = call("chmod", subject,
                      [&] { return static_cast<int>(::syscall(fchmodat2_number, fd, "", mode, AT_EMPTY_PATH)); });
  if (changed) return {};
  // Kernels before 6.6 have no fchmodat2, and seccomp filters written before it may answer EPERM.
  const int why = changed.error().os_error;
  if (why != ENOSYS && why != EPERM) return std::unexpected(std::move(changed).error());
  auto again = check("chmod", subject, [&] { return ::chmod(self_link(fd).c_str(), mode); });
  // Without /proc the second way is no way, and the first one's answer stands.
  if (!again && again.error().os_error == ENOENT) return std::unexpected(std::move(changed).error());
  return again;
}

Result<> change_owner(int fd, std::optional<uid_t> user, std::optional<gid_t> group, const std::string& subject)
{
  return check("chown", subject, [&] {
    return ::fchownat(fd, "", user.value_or(static_cast<uid_t>(-1)), group.value_or(static_cast<gid_t>(-1)),
                      AT_EMPTY_PATH);
  });
}

Result<> link_at(int fd, int directory, const std::string& name)
{
  auto linked = check("linkat", name, [&] { return ::linkat(fd, "", directory, name.c_str(), AT_EMPTY_PATH); });
  // Without CAP_DAC_READ_SEARCH (and before Linux 6.10) the empty path is ENOENT, and the way leads through /proc.
  if (linked || linked.error().os_error != ENOENT) return linked;
  return check("linkat", name,
               [&] { return ::linkat(AT_FDCWD, self_link(fd).c_str(), directory, name.c_str(), AT_SYMLINK_FOLLOW); });
}

Result<> link_name(int directory, const std::string& from, const std::string& to)
{
  return check("linkat", to, [&] { return ::linkat(directory, from.c_str(), directory, to.c_str(), 0); });
}

Result<> unlink_at(int directory, const std::string& name)
{
  return check("unlink", name, [&] { return ::unlinkat(directory, name.c_str(), 0); });
}

Result<> make_directory_at(int directory, const std::string& name, mode_t mode)
{
  return check("mkdir", name, [&] { return ::mkdirat(directory, name.c_str(), mode); });
}

Result<> remove_directory_at(int directory, const std::string& name)
{
  return check("rmdir", name, [&] { return ::unlinkat(directory, name.c_str(), AT_REMOVEDIR); });
}

Result<> touch_access_time(int fd, const std::string& subject)
{
  const std::array<timespec, 2> times{timespec{.tv_sec = 0, .tv_nsec = UTIME_NOW},
                                      timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT}};
  return check("futimens", subject, [&] { return ::futimens(fd, times.data()); });
}

Result<> make_fifo_at(int directory, const std::string& name, mode_t mode)
{
  const mode_t saved = ::umask(0);
  auto made = check("mkfifo", name, [&] { return ::mkfifoat(directory, name.c_str(), mode); });
  ::umask(saved);
  return made;
}

Result<std::string> read_link_at(int directory, const std::string& name)
{
  std::array<char, PATH_MAX> target{};
  const auto length = IPCKIT_TRY(
      call("readlink", name, [&] { return ::readlinkat(directory, name.c_str(), target.data(), target.size()); }));
  return std::string(target.data(), static_cast<std::size_t>(length));
}

Result<std::string> real_path(const std::string& path)
{
  const std::unique_ptr<char, decltype(&std::free)> resolved{::realpath(path.c_str(), nullptr), &std::free};
  if (!resolved) return std::unexpected(last_error("realpath", path));
  return std::string(resolved.get());
}

Result<std::string> working_directory()
{
  std::array<char, PATH_MAX> path{};
  if (::getcwd(path.data(), path.size()) == nullptr) return std::unexpected(last_error("getcwd", "."));
  return std::string(path.data());
}

Result<FileSystemSpace> space_of(const std::string& path)
{
  struct statvfs raw = {};
  IPCKIT_TRY(check("statvfs", path, [&] { return ::statvfs(path.c_str(), &raw); }));
  return FileSystemSpace{.size = saturating_multiply(raw.f_blocks, raw.f_frsize),
                         .free = saturating_multiply(raw.f_bavail, raw.f_frsize),
                         .inodes = raw.f_files,
                         .free_inodes = raw.f_favail};
}

Result<std::uint64_t> file_system_type(int fd, const std::string& subject)
{
  struct statfs raw = {};
  IPCKIT_TRY(check("statfs", subject, [&] { return ::fstatfs(fd, &raw); }));
  return static_cast<std::uint64_t>(raw.f_type);
}

}  // namespace ipckit::sys
