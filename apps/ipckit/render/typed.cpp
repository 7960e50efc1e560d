// SPDX-License-Identifier: MIT
#include <ipckit/render/typed.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace ipckit::render {
namespace {

template <class Value>
Value value_at(std::span<const std::byte> bytes) noexcept
{
  Value value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
  return value;
}

template <class Value>
std::string number_text(std::span<const std::byte> bytes)
{
  std::array<char, 40> digits{};
  auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value_at<Value>(bytes)).ptr;
  return {digits.data(), end};
}

std::string text_before_nul(std::span<const std::byte> bytes)
{
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  return std::string(text.substr(0, text.find('\0')));
}

}  // namespace

std::optional<ValueType> parse_value_type(std::string_view word) noexcept
{
  const auto* const found = std::ranges::find(value_types, word, &ValueTypeWord::word);
  return found == value_types.end() ? std::nullopt : std::optional(found->type);
}

std::string_view name_of(ValueType type) noexcept
{
  return value_types.at(static_cast<std::size_t>(type)).word;
}

std::size_t width_of(ValueType type) noexcept
{
  return value_types.at(static_cast<std::size_t>(type)).width;
}

std::string value_text(ValueType type, std::span<const std::byte> bytes)
{
  switch (type) {
    case ValueType::u8: return number_text<std::uint8_t>(bytes);
    case ValueType::i8: return number_text<std::int8_t>(bytes);
    case ValueType::u16: return number_text<std::uint16_t>(bytes);
    case ValueType::i16: return number_text<std::int16_t>(bytes);
    case ValueType::u32: return number_text<std::uint32_t>(bytes);
    case ValueType::i32: return number_text<std::int32_t>(bytes);
    case ValueType::u64: return number_text<std::uint64_t>(bytes);
    case ValueType::i64: return number_text<std::int64_t>(bytes);
    case ValueType::f32: return number_text<float>(bytes);
    case ValueType::f64: return number_text<double>(bytes);
    case ValueType::str: return text_before_nul(bytes);
  }
  return {};
}

std::string value_json(ValueType type, std::span<const std::byte> bytes)
{
  std::string text = value_text(type, bytes);
  // "inf", "nan" and their like begin with a letter once the sign is off; numbers never do.
  const auto first = text.find_first_not_of('-');
  const bool number = first != std::string::npos && text[first] >= '0' && text[first] <= '9';
  return number ? text : '"' + text + '"';
}

}  // namespace ipckit::render
