// SPDX-License-Identifier: MIT
#pragma once
// JSON written as it comes, member by member: a listing of 30,000 objects is never a tree in memory.

#include <string>
#include <string_view>

#include <ipckit/render/cell.hpp>

namespace ipckit::render {

/// Writes one JSON object at the end of a string: members in the order in which they are given.
class JsonObject {
public:
  explicit JsonObject(std::string& out) : out_{out} { out_ += '{'; }
  /// The closing brace. Nothing may be added after it.
  void close() { out_ += '}'; }

  /// A member of a cell's value; none when the cell does not apply. Text that is not UTF-8 adds a member KEY_base64.
  void add(std::string_view key, const Cell& cell);
  /// A member whose value is JSON already.
  void add_json(std::string_view key, std::string_view json);

private:
  void begin(std::string_view key);
  std::string& out_;
  bool first_ = true;
};

}  // namespace ipckit::render
