// SPDX-License-Identifier: MIT
#pragma once
// Messages that wait in a queue, written as they are looked at.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <ipckit/msg/peek.hpp>
#include <ipckit/render/json.hpp>
#include <ipckit/render/output.hpp>
#include <ipckit/render/text.hpp>

namespace ipckit::render {

/// How bytes are shown.
enum class Look : std::uint8_t {
  table,  // a line each, escaped
  hex,    // a heading each, and a view in hexadecimal
  raw,    // as they are, and nothing else
  json,   // elements of an array
  jsonl,  // an object a line
};

[[nodiscard]] inline std::string_view text_of(std::span<const std::byte> bytes) noexcept
{
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The member `data`, or `data_base64` where it is no UTF-8.
void add_data(JsonObject& object, std::string_view data);

/// Writes messages as they come. What it holds in memory does not grow with their number.
class MessagePrinter {
public:
  MessagePrinter(Output& out, Look look, const TextStyle& style);
  void add(const msg::WaitingMessage& message);
  /// Writes what is held back, when there are no more.
  void finish();

private:
  void add_row(const msg::WaitingMessage& message);
  void write_table();
  void add_hex(const msg::WaitingMessage& message);
  void add_object(const msg::WaitingMessage& message);

  Output& out_;
  Look look_;
  TextStyle style_;
  TextTable table_;
  std::size_t held_ = 0;  // bytes in the table
  bool first_ = true;
};

}  // namespace ipckit::render
