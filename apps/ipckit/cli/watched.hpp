// SPDX-License-Identifier: MIT
#pragma once
// One object that is watched: look at it again and again, and disturb nothing.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <ipckit/cli/context.hpp>
#include <ipckit/inventory/entry.hpp>
#include <ipckit/object/ref.hpp>
#include <ipckit/process/pipe_ends.hpp>
#include <ipckit/process/segment_memory.hpp>
#include <ipckit/render/cell.hpp>

namespace ipckit::cli {

/// Something that a look found out.
struct Fact {
  std::string key;      // the member in JSON
  render::Cell cell;    // as people see it
  std::string json;     // a list, where the cell is none
  bool in_text = true;  // people see it, too
};

/// The part of a segment that is watched.
struct WindowAt {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  // bytes; less where the segment ends
};

/// One look.
struct Sight {
  inventory::Entry entry;
  std::vector<Fact> facts;
  std::optional<std::vector<std::byte>> bytes;  // of a segment's window; nothing: could not be read
  bool denied = false;                          // what it is watched for may not be read
  std::chrono::steady_clock::time_point when;
  std::int64_t second = 0;  // the same by CLOCK_REALTIME: System V times have no more than seconds
};

/// Says something once: that a look leaves a trace, or cannot see everything.
using Tell = std::function<void(const std::string&)>;

class Watched {
public:
  /// The object that `ref` names. Errors: those of inventory::inspect; Errc::too_large when the window begins behind
  /// the segment's end.
  [[nodiscard]] static Result<Watched> find(const Context& context, const std::string& asked, const object::Ref& ref,
                                            const WindowAt& window);

  /// Errc::not_found or Errc::removed when it is gone.
  [[nodiscard]] Result<Sight> look(const Context& context, const Tell& tell);

  [[nodiscard]] const std::string& asked() const noexcept { return asked_; }
  [[nodiscard]] const std::string& ref() const noexcept { return ref_; }
  [[nodiscard]] object::Kind kind() const noexcept { return inventory::kind_of(entry_); }
  [[nodiscard]] bool is_segment() const noexcept;

private:
  Watched(std::string asked, inventory::Entry entry, const WindowAt& window);
  struct AddFacts;
  [[nodiscard]] Result<inventory::Entry> inspect(const Context& context) const;
  [[nodiscard]] Result<> read_window(const Context& context, Sight& sight, const Tell& tell);
  [[nodiscard]] Result<> read_shm(const Context& context, const shm::Segment& segment, std::span<std::byte> bytes,
                                  const Tell& tell);
  void add_pipe(const Context& context, const fifo::Fifo& fifo, Sight& sight, const Tell& tell);

  std::string asked_;
  std::string ref_;
  inventory::Entry entry_;  // as it was found
  WindowAt window_;
  std::optional<process::SegmentReader> reader_;
  std::optional<process::PipeEnd> end_;
  // After our own look at a segment that nobody has attached, nothing can change until somebody attaches it.
  std::optional<shm::Segment> left_;
  std::vector<std::byte> left_bytes_;
};

/// Whether two looks differ in what is watched.
[[nodiscard]] bool differ(const Sight& before, const Sight& now);

/// How many messages a second came and went between two looks at a queue. The kernel keeps the difference and the
/// seconds of the last send and receive: where only one of the two can have happened, it is known how often.
struct Rates {
  std::optional<double> in;
  std::optional<double> out;
  double net = 0;
};
[[nodiscard]] std::optional<Rates> rates_of(const Sight& before, const Sight& now);

}  // namespace ipckit::cli
