// SPDX-License-Identifier: MIT
#pragma once
// /dev/shm: a directory where anybody may plant anything. POSIX segments and semaphores are its regular files; whatever
// else lies there is neither an object nor an error.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::object {

/// The directory, open for listing.
[[nodiscard]] Result<sys::UniqueFd> open_shm_directory(const View& view);

/// A regular file of the directory.
struct ShmFile {
  std::string name;
  sys::FileStatus file;
};

/// The regular files of `directory` whose names `wanted` accepts. Files that vanish meanwhile and files of other file
/// systems (something mounted over a name) are passed over.
[[nodiscard]] Result<std::vector<ShmFile>> list_shm_files(const sys::UniqueFd& directory, std::string_view subject,
                                                          const std::function<bool(std::string_view)>& wanted);

/// A file that was looked at: the descriptor is O_PATH, so nothing has been opened.
struct ShmEntry {
  sys::UniqueFd entry;
  sys::FileStatus file;
};

/// Errc::not_found when there is no such name, Errc::mismatch when it is no regular file.
[[nodiscard]] Result<ShmEntry> look_at(const sys::UniqueFd& directory, const std::string& name);

/// Opens the file that was looked at with the flags of open(2): through /proc, or where that is not mounted by its name
/// again, and only if it still is the same (Errc::removed).
[[nodiscard]] Result<sys::UniqueFd> open_again(const sys::UniqueFd& directory, const std::string& name,
                                               const ShmEntry& entry, int flags);

/// Whether anybody else has the file open or mapped, by the kernel's own proof. Errc::busy: yes. Errc::unseen: the
/// kernel would not say.
[[nodiscard]] Result<> prove_unused(const sys::UniqueFd& directory, const std::string& name, const ShmEntry& entry);

/// What is left of a file or queue whose name is gone, which only `file` should still have open.
[[nodiscard]] Removal remains(const sys::UniqueFd& file, const std::string& subject);

/// Unlinks `name` if it is still the file of `entry`. Without force only when nobody else has it open or mapped
/// (Errc::busy, Errc::unseen), with the kernel holding back everybody who opens it in that instant.
[[nodiscard]] Result<Removal> remove_file(const sys::UniqueFd& directory, const std::string& name,
                                          const ShmEntry& entry, Force force);

/// Reserves bytes of a file now, which grows to `offset + length`: fallocate(2), or zeros written where the file system
/// has none.
[[nodiscard]] Result<> reserve(int fd, std::uint64_t offset, std::uint64_t length, const std::string& subject);

/// How a new file is to be.
struct NewFile {
  std::string name;
  std::uint32_t mode = 0600;           // exact, the umask does not cut it
  std::uint64_t size = 0;              // bytes
  bool allocate = false;               // reserve all bytes now
  std::span<const std::byte> content;  // written at the start
};

/// Makes a file that appears under its name only when it is complete: killed half way, nothing is left (but a file
/// `.ipckit.PID.N` where the file system has no O_TMPFILE).
/// Errc::already_exists when the name is taken.
[[nodiscard]] Result<ShmEntry> create_file(const View& view, const NewFile& wanted);

/// chown(2) and chmod(2), in this order (chown may clear mode bits), of what `fd` stands for.
[[nodiscard]] Result<> apply(int fd, const Attributes& attributes, const std::string& subject);

}  // namespace ipckit::object
