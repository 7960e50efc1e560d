// SPDX-License-Identifier: MIT
#pragma once
// How messages stand on stdin and stdout: the framings of the library, and JSON lines.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ipckit/object/framing.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/object/transfer.hpp>

namespace ipckit::messages {

enum class Format : std::uint8_t { none, lines, null, length_prefixed, json_lines };

/// The framing that carries the format: a JSON line is a line.
[[nodiscard]] object::Framing framing_of(Format format) noexcept;

/// A message of a JSON line. What the line does not say is not there.
struct ParsedMessage {
  std::optional<std::int64_t> type;
  std::optional<std::uint32_t> priority;
  std::string data;
};

/// `{"type":1,"priority":0,"data":"…"}`, or `data_base64` for bytes that are not UTF-8. Other members are passed over.
/// An Error of Errc::malformed says in `detail` what is wrong.
[[nodiscard]] Result<ParsedMessage> parse_json_line(std::string_view line);

/// RFC 4648 base64, padded or not; nothing when it is none.
[[nodiscard]] std::optional<std::string> parse_base64(std::string_view text);

/// The members of a message in a JSON object: type of msg, priority of pmsg, and data or data_base64.
void append_json(std::string& out, object::Kind kind, const object::Message& message);

[[nodiscard]] inline std::string_view text_of(std::span<const std::byte> bytes) noexcept
{
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline std::span<const std::byte> bytes_of(std::string_view text) noexcept
{
  return std::as_bytes(std::span{text.data(), text.size()});
}

}  // namespace ipckit::messages
