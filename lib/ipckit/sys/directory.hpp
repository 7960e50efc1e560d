// SPDX-License-Identifier: MIT
#pragma once
// The names in a directory, as getdents64(2) gives them: nothing is stat'ed or opened.

#include <functional>
#include <string_view>

#include <ipckit/base/error.hpp>

namespace ipckit::sys {

/// What a directory entry says of itself. Some file systems do not tell: then it is `unknown`, to be asked of statx(2).
enum class EntryType : unsigned char { unknown, regular, directory, fifo, other };

struct DirectoryEntry {
  std::string_view name;  // valid during the visit only; never "." or ".."
  EntryType type = EntryType::unknown;
};

/// Calls `visit` with each entry of an open directory (O_RDONLY | O_DIRECTORY) until it returns false.
[[nodiscard]] Result<> for_each_entry(int directory, std::string_view subject,
                                      const std::function<bool(const DirectoryEntry&)>& visit);

}  // namespace ipckit::sys
