// SPDX-License-Identifier: MIT
#pragma once
// Bytes as values, in the byte order of the machine: --as u8 … f64, str.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ipckit::render {

enum class ValueType : std::uint8_t { u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, str };

/// The word of each type and the bytes that a value has; 0: up to a NUL.
struct ValueTypeWord {
  ValueType type;
  std::string_view word;
  std::size_t width;
};
inline constexpr std::array value_types{
    ValueTypeWord{ValueType::u8, "u8", 1},   ValueTypeWord{ValueType::i8, "i8", 1},
    ValueTypeWord{ValueType::u16, "u16", 2}, ValueTypeWord{ValueType::i16, "i16", 2},
    ValueTypeWord{ValueType::u32, "u32", 4}, ValueTypeWord{ValueType::i32, "i32", 4},
    ValueTypeWord{ValueType::u64, "u64", 8}, ValueTypeWord{ValueType::i64, "i64", 8},
    ValueTypeWord{ValueType::f32, "f32", 4}, ValueTypeWord{ValueType::f64, "f64", 8},
    ValueTypeWord{ValueType::str, "str", 0},
};

[[nodiscard]] std::optional<ValueType> parse_value_type(std::string_view word) noexcept;
[[nodiscard]] std::string_view name_of(ValueType type) noexcept;
/// Bytes of a value; 0 for str.
[[nodiscard]] std::size_t width_of(ValueType type) noexcept;

/// The value at the front of `bytes`, which has as many as the type: whole numbers in decimal, the others in the
/// shortest form that reads back alike ("inf" and "nan" among them); str is everything before the first NUL as it is,
/// which is not fit for a terminal.
[[nodiscard]] std::string value_text(ValueType type, std::span<const std::byte> bytes);
/// The same as JSON: a number; "inf", "-inf" and "nan", which JSON has no number for, as strings. Not of str.
[[nodiscard]] std::string value_json(ValueType type, std::span<const std::byte> bytes);

}  // namespace ipckit::render
