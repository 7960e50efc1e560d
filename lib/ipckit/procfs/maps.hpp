// SPDX-License-Identifier: MIT
#pragma once
// /proc/PID/maps (proc(5)): one mapping a line.

#include <cstdint>
#include <string_view>

#include <ipckit/base/error.hpp>

namespace ipckit::procfs {

/// What a line of the text says. The views are into it.
struct Mapping {
  std::uint64_t start = 0;       // first address
  std::uint64_t end = 0;         // behind the last one
  std::string_view permissions;  // "rw-s": s is a shared mapping
  std::uint64_t offset = 0;      // bytes into the file
  std::uint32_t major = 0;       // of the device; hexadecimal in the text
  std::uint32_t minor = 0;
  std::uint64_t inode = 0;  // 0: no file
  std::string_view path;    // may end in " (deleted)"; newlines in it are \012
  bool operator==(const Mapping&) const = default;

  [[nodiscard]] bool is_shared() const noexcept { return permissions.size() == 4 && permissions[3] == 's'; }
};

/// One line, without its newline. Errc::malformed when a field is missing or no number.
[[nodiscard]] Result<Mapping> parse_mapping(std::string_view line);

}  // namespace ipckit::procfs
