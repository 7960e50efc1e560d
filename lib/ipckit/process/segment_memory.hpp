// SPDX-License-Identifier: MIT
#pragma once
// Bytes of a System V segment, read through a process that has it attached. shmat(2) would move its times, its last pid
// and its count of mappings; this moves nothing.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::process {

/// What tells a segment's mappings from others.
struct SegmentIdentity {
  int id = 0;
  std::optional<std::int32_t> key;  // the one it was made with; nothing: not known any more (it is doomed)
  std::uint64_t size = 0;           // bytes
};

/// Reads one segment again and again.
class SegmentReader {
public:
  SegmentReader(object::View view, const SegmentIdentity& segment) : view_{std::move(view)}, segment_{segment} {}

  /// Copies bytes from `offset`, all of which the segment has. Only from mappings that are proved to be the segment: by
  /// device, inode number, name, and the IPC namespace of the process. Errc::unseen when no process has it attached
  /// that can be looked into. Looks at every process, but begins with the one that answered last time.
  [[nodiscard]] Result<> read(std::uint64_t offset, std::span<std::byte> buffer);

private:
  struct Place {
    pid_t pid = 0;
    std::uint64_t start = 0;   // first address
    std::uint64_t end = 0;     // behind the last one
    std::uint64_t offset = 0;  // of the first address, in the segment
  };
  [[nodiscard]] bool is_mapped(const Place& place) const;
  [[nodiscard]] bool read_file(const Place& place, std::uint64_t offset, std::span<std::byte> buffer) const;
  [[nodiscard]] bool read_memory(const Place& place, std::uint64_t offset, std::span<std::byte> buffer) const;
  [[nodiscard]] bool read_at(const Place& place, std::uint64_t offset, std::span<std::byte> buffer) const;
  [[nodiscard]] bool search_in(pid_t pid, std::uint64_t offset, std::span<std::byte> buffer);
  template <class Visit>
  void for_each_place(pid_t pid, Visit visit) const;

  object::View view_;
  SegmentIdentity segment_;
  std::optional<Place> last_;
};

}  // namespace ipckit::process
