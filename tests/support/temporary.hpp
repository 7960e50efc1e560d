// SPDX-License-Identifier: MIT
#pragma once
// Places for files that go away with the test.

#include <cstdint>
#include <string>

#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::tests {

/// A new directory with a random name on the tmpfs at /dev/shm (leases and O_TMPFILE behave there as for real objects),
/// or below /tmp where that cannot be written. Removed with all that is in it.
class TemporaryDirectory {
public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  TemporaryDirectory(TemporaryDirectory&&) = delete;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The path of an entry.
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// A view whose POSIX segments and semaphores are here.
  [[nodiscard]] object::View view() const { return {.shm_directory = path_}; }

private:
  std::string path_;
};

/// Makes a regular file.
void write_file(const std::string& path, const std::string& content, unsigned mode = 0600);
/// The whole content of a file.
[[nodiscard]] std::string read_file(const std::string& path);
/// Whether there is an entry at the path, itself not followed.
[[nodiscard]] bool exists(const std::string& path);

/// A new tmpfs of at most `bytes`, mounted nowhere and reached through /proc/self/fd; empty without the rights.
class PrivateTmpfs {
public:
  explicit PrivateTmpfs(std::uint64_t bytes);
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(root_); }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(root_.get()); }

private:
  sys::UniqueFd root_;
};

}  // namespace ipckit::tests
