// SPDX-License-Identifier: MIT
#pragma once
// "Did you mean": the nearest of the right words, also through what other tools call the same thing.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ipckit::cli {

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
[[nodiscard]] std::size_t distance(std::string_view left, std::string_view right);

/// The candidate that is near enough to be meant; nothing when none is.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// The verb that a word means: near to one, or another tool's word for it.
[[nodiscard]] std::optional<std::string> nearest_verb(std::string_view word);

/// The kind or group that a word means.
[[nodiscard]] std::optional<std::string> nearest_kind(std::string_view word);

}  // namespace ipckit::cli
