// SPDX-License-Identifier: MIT
#pragma once
// Typed cells and the columns that make them. Both renderers read the same columns: text.cpp for people, json.cpp for
// programs. What a value looks like is decided there by its type, never where it is made.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ipckit/base/bytes.hpp>
#include <ipckit/base/timestamp.hpp>

namespace ipckit::render {

// clang-format off
struct Absent {};                        // does not apply: "-", no member in JSON
struct Unknown {};                       // applies, but could not be seen: "?", null
struct Mode { std::uint32_t bits = 0; };           // "0640"
struct Key { std::int32_t key = 0; };              // "0x00004e1f"
struct Age { std::chrono::nanoseconds length; };   // "3m", seconds
struct Number { std::uint64_t count = 0; };
struct Signed { std::int64_t count = 0; };
struct Percent { double value = 0; };              // "12%", 12.4
struct Flag { bool set = false; };                 // "yes", true
struct Unlimited {};                                // a limit that there is none of: "unlimited", no member
struct Never {};                         // a time that has not come: "never", no member
/// A user or group: the name for people, where the number has one.
struct Named { std::uint32_t number = 0; std::string_view name; };
/// Words of our own; `alert` marks what a reader should notice.
struct Words { std::string text; bool alert = false; };
/// Text from outside; may hold any byte.
struct Foreign { std::string text; };
/// Small numbers in a row: "1,0,5".
struct Numbers { std::span<const std::uint16_t> values; };
/// A REF, which is one printable word by its making.
struct RefText { std::string text; };
// clang-format on

using Cell = std::variant<Absent, Unknown, Unlimited, Mode, Key, Age, Number, Signed, Percent, Flag, Never, Named,
                          Words, Foreign, Numbers, RefText, Bytes, Timestamp>;

enum class Align : std::uint8_t { left, right };

/// What cells may need to know besides their row.
struct CellContext;

/// Where a column is shown when nobody chooses.
enum class Shown : std::uint8_t {
  always,      // in the table and in JSON
  when_room,   // in the table where the terminal has room for it, and in JSON
  table,       // in the table only: JSON has the facts it is made of
  table_room,  // in the table where there is room for it only
  json,        // in JSON, and in the table with all columns
  chosen,      // only when it is named: it costs more than the others
};

template <class Row>
struct Column {
  std::string_view key;  // the member in JSON, and the name for -o
  std::string_view heading;
  std::string_view help;
  Cell (*cell)(const Row&, const CellContext&);
  Shown shown = Shown::json;
  Align align = Align::left;
};

}  // namespace ipckit::render
