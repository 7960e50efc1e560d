// SPDX-License-Identifier: MIT
#include <ipckit/render/typed.hpp>

#include <algorithm>

#include <ipckit/object/value.hpp>

namespace ipckit::render {
namespace {

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
  const auto number = object::parse_value_type(name_of(type));
  if (!number) return text_before_nul(bytes);
  object::ValueBytes value{};
  std::ranges::copy(bytes.first(std::min(bytes.size(), width_of(type))), value.begin());
  std::string text;
  object::append_value(text, *number, value);
  return text;
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
