// SPDX-License-Identifier: MIT
#pragma once
// Typed values in memory, in the byte order of the machine: their text, and loading and storing them whole.

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ipckit::object {

enum class ValueType : std::uint8_t { u8, u16, u32, u64, i8, i16, i32, i64, f32, f64 };

struct ValueTypeWord {
  std::string_view word;
  ValueType type;
};
inline constexpr std::array value_type_words{
    ValueTypeWord{"u8", ValueType::u8},   ValueTypeWord{"u16", ValueType::u16}, ValueTypeWord{"u32", ValueType::u32},
    ValueTypeWord{"u64", ValueType::u64}, ValueTypeWord{"i8", ValueType::i8},   ValueTypeWord{"i16", ValueType::i16},
    ValueTypeWord{"i32", ValueType::i32}, ValueTypeWord{"i64", ValueType::i64}, ValueTypeWord{"f32", ValueType::f32},
    ValueTypeWord{"f64", ValueType::f64}};

[[nodiscard]] std::optional<ValueType> parse_value_type(std::string_view word) noexcept;

/// Bytes that a value takes, 1 to 8.
[[nodiscard]] std::size_t width_of(ValueType type) noexcept;

/// The bytes of one value; the first width_of(type) of them count.
using ValueBytes = std::array<std::byte, 8>;

/// Why a text is no value of a type.
enum class ValueProblem : std::uint8_t { malformed, out_of_range };

/// The value that a text says: a whole number in decimal or 0x, a decimal fraction, or inf and nan.
[[nodiscard]] std::expected<ValueBytes, ValueProblem> parse_value(ValueType type, std::string_view text) noexcept;

/// Appends the value as text: of a fraction the shortest that is read back as the same (inf, -inf and nan included).
void append_value(std::string& out, ValueType type, const ValueBytes& value);

/// Whether it is a number that JSON has: anything but inf and nan.
[[nodiscard]] bool is_finite(ValueType type, const ValueBytes& value) noexcept;

/// The value at the front of memory that others may be writing: in one step where its address is a multiple of its
/// width, so that it is never half an old and half a new one.
[[nodiscard]] ValueBytes load_value(ValueType type, const std::byte* memory) noexcept;

/// Stores bytes of a value of `width` likewise.
void store_value(std::byte* memory, const ValueBytes& value, std::size_t width) noexcept;

}  // namespace ipckit::object
