// SPDX-License-Identifier: MIT
#pragma once
// A part of a segment that is watched: as a line, as lines of a screen, as members of JSON, and what of it changed.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ipckit/render/json.hpp>
#include <ipckit/render/typed.hpp>

namespace ipckit::render {

/// The bytes of a segment from `offset`, and what they are taken for; nothing: bytes.
struct Window {
  std::uint64_t offset = 0;
  std::span<const std::byte> bytes;
  std::optional<ValueType> type;
};

/// A part of a window, by its place in it.
struct Run {
  std::size_t at = 0;
  std::size_t size = 0;
  bool operator==(const Run&) const = default;
};

/// What of `now` is not as it was: values, or runs of bytes. Bytes that were not there before have changed; a string is
/// one value.
[[nodiscard]] std::vector<Run> changed_runs(std::span<const std::byte> before, const Window& now);

/// All of it in one line: "0x10: 1 60 3", "0x10: 0001ff", or a string in quotation marks.
[[nodiscard]] std::string window_text(const Window& window);
/// What changed, in one line: "0x14: 60 -> 61, 0x18: 3 -> 4".
[[nodiscard]] std::string changes_text(std::span<const std::byte> before, const Window& now);
/// Lines no wider than `columns`; what stands in `changed` is in reverse video.
[[nodiscard]] std::vector<std::string> window_lines(const Window& window, const std::vector<Run>& changed,
                                                    std::size_t columns);
/// The members `offset`, `type` and `values`, `text` or `data_base64`.
void add_window(JsonObject& object, const Window& window);
/// [{"offset":20,"size":4}], offsets in the segment.
[[nodiscard]] std::string runs_json(const Window& window, const std::vector<Run>& runs);

}  // namespace ipckit::render
