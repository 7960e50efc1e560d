// SPDX-License-Identifier: MIT
#include <ipckit/sys/directory.hpp>

#include <cstddef>
#include <vector>

#include <dirent.h>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {
namespace {

EntryType entry_type(unsigned char raw) noexcept
{
  switch (raw) {
    case DT_REG: return EntryType::regular;
    case DT_DIR: return EntryType::directory;
    case DT_FIFO: return EntryType::fifo;
    case DT_UNKNOWN: return EntryType::unknown;
    default: return EntryType::other;
  }
}

}  // namespace

Result<> for_each_entry(int directory, std::string_view subject,
                        const std::function<bool(const DirectoryEntry&)>& visit)
{
  constexpr std::size_t buffer_size = 65536;
  std::vector<std::byte> buffer(buffer_size);
  for (;;) {
    const auto filled =
        IPCKIT_TRY(call("getdents64", subject, [&] { return ::getdents64(directory, buffer.data(), buffer.size()); }));
    if (filled == 0) return {};
    for (std::size_t at = 0; at < static_cast<std::size_t>(filled);) {
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      const std::string_view name{static_cast<const char*>(entry->d_name)};
      if (name == "." || name == "..") continue;
      if (!visit({.name = name, .type = entry_type(entry->d_type)})) return {};
    }
  }
}

}  // namespace ipckit::sys
