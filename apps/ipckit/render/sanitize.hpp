// SPDX-License-Identifier: MIT
#pragma once
// Text from outside on its way to a terminal or into JSON.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ipckit::render {

/// The length of the UTF-8 sequence at the front of `text`, 1 to 4; nothing when it is not well formed.
[[nodiscard]] std::optional<std::size_t> utf8_length(std::string_view text) noexcept;
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// `text` with every byte that could steer a terminal or deceive its reader as \xNN: control characters, what is not
/// UTF-8, and characters that turn the direction of writing or have no width.
[[nodiscard]] std::string printable(std::string_view text);

/// Appends a JSON string, quotes included. What printable() hides is escaped by its code; bytes that are not UTF-8
/// become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// RFC 4648 base64, padded.
[[nodiscard]] std::string base64(std::string_view bytes);

/// Columns that printable text takes on a terminal: one a character.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

/// At most `width` columns of it; an ellipsis shows that something was cut.
[[nodiscard]] std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace ipckit::render
