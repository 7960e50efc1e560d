// SPDX-License-Identifier: MIT
#pragma once
// Whether a FIFO has something inside and whether one could write to it, seen again and again through a descriptor of a
// process that holds it. The descriptor is borrowed for an instant each time: kept, it would be a reader or writer of
// our own that hides from the others that theirs have gone.

#include <optional>
#include <string>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/process/pipe_ends.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::process {

struct PipeLevel {
  bool empty = true;      // nothing is inside: always so where nobody holds it
  bool writable = false;  // somebody has it open for reading, and there is room
  bool operator==(const PipeLevel&) const = default;
};

class PipeObserver {
public:
  /// The level now. All processes are looked at unless the one whose descriptor was borrowed before still has it.
  /// Errc::unseen where nobody is seen to hold it and processes that may cannot be looked into, and where no
  /// descriptor may be borrowed (ptrace(2), PTRACE_MODE_ATTACH).
  [[nodiscard]] Result<PipeLevel> look(const object::View& view, const sys::FileStatus& fifo);
  /// Whether the next look goes by a descriptor that is known.
  [[nodiscard]] bool knows_end() const noexcept { return known_.has_value(); }

private:
  std::optional<PipeEnd> known_;
};

/// Errc::unseen: why it cannot be told that nobody holds a FIFO although nobody is seen to: processes of others, where
/// its mode lets them open it. Root's do not count for a FIFO that is its owner's alone, or nobody could ever tell.
[[nodiscard]] Result<> check_all_seen(const sys::FileStatus& fifo, const std::vector<object::Gap>& gaps,
                                      const std::string& subject);

}  // namespace ipckit::process
