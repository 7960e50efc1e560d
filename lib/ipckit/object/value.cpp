// SPDX-License-Identifier: MIT
#include <ipckit/object/value.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>
#include <type_traits>

namespace ipckit::object {
namespace {

/// Calls `visit` with the type that C++ has for it, as a std::type_identity.
template <class Visit>
auto with_type(ValueType type, Visit visit)
{
  switch (type) {
    case ValueType::u8: return visit(std::type_identity<std::uint8_t>{});
    case ValueType::u16: return visit(std::type_identity<std::uint16_t>{});
    case ValueType::u32: return visit(std::type_identity<std::uint32_t>{});
    case ValueType::u64: return visit(std::type_identity<std::uint64_t>{});
    case ValueType::i8: return visit(std::type_identity<std::int8_t>{});
    case ValueType::i16: return visit(std::type_identity<std::int16_t>{});
    case ValueType::i32: return visit(std::type_identity<std::int32_t>{});
    case ValueType::i64: return visit(std::type_identity<std::int64_t>{});
    case ValueType::f32: return visit(std::type_identity<float>{});
    case ValueType::f64: break;
  }
  return visit(std::type_identity<double>{});
}

template <class Number>
Number number_of(const ValueBytes& value) noexcept
{
  Number number{};
  std::memcpy(&number, value.data(), sizeof number);
  return number;
}

template <class Number>
ValueBytes bytes_of(Number number) noexcept
{
  ValueBytes bytes{};
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

/// The end of a number's text as from_chars leaves it.
template <class Number>
std::expected<ValueBytes, ValueProblem> finished(const std::from_chars_result& result, const char* end, Number number)
{
  if (result.ptr != end || result.ec == std::errc::invalid_argument) return std::unexpected(ValueProblem::malformed);
  if (result.ec != std::errc{}) return std::unexpected(ValueProblem::out_of_range);
  return bytes_of(number);
}

template <std::integral Number>
std::expected<ValueBytes, ValueProblem> parse(std::string_view text) noexcept
{
  const char* const end = text.data() + text.size();
  const bool negative = text.starts_with('-');
  std::string_view digits = text.substr(negative ? 1 : 0);
  const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
  if (hexadecimal) digits.remove_prefix(2);
  std::uint64_t magnitude = 0;
  const auto result = std::from_chars(digits.data(), end, magnitude, hexadecimal ? 16 : 10);
  const auto whole = finished(result, end, magnitude);
  if (!whole) return whole;
  // The largest negative number is one more than the largest positive one.
  using Unsigned = std::make_unsigned_t<Number>;
  const auto largest = static_cast<std::uint64_t>(static_cast<Unsigned>(std::numeric_limits<Number>::max()));
  std::uint64_t most = largest;
  if (negative) most = std::is_signed_v<Number> ? largest + 1 : 0;
  if (magnitude > most) return std::unexpected(ValueProblem::out_of_range);
  return bytes_of(static_cast<Number>(negative ? 0 - magnitude : magnitude));
}

template <std::floating_point Number>
std::expected<ValueBytes, ValueProblem> parse(std::string_view text) noexcept
{
  const char* const end = text.data() + text.size();
  Number number{};
  const auto result = std::from_chars(text.data(), end, number);
  return finished(result, end, number);
}

bool is_aligned(const std::byte* memory, std::size_t width) noexcept
{
  return reinterpret_cast<std::uintptr_t>(memory) % width == 0;
}

/// One machine load or store of as many bits.
template <class Word>
void load_whole(const std::byte* memory, ValueBytes& value) noexcept
{
  value = bytes_of(__atomic_load_n(reinterpret_cast<const Word*>(memory), __ATOMIC_SEQ_CST));
}

template <class Word>
void store_whole(std::byte* memory, const ValueBytes& value) noexcept
{
  __atomic_store_n(reinterpret_cast<Word*>(memory), number_of<Word>(value), __ATOMIC_SEQ_CST);
}

}  // namespace

std::optional<ValueType> parse_value_type(std::string_view word) noexcept
{
  const auto* const known = std::ranges::find(value_type_words, word, &ValueTypeWord::word);
  return known == value_type_words.end() ? std::nullopt : std::optional(known->type);
}

std::size_t width_of(ValueType type) noexcept
{
  return with_type(type, []<class Number>(std::type_identity<Number>) { return sizeof(Number); });
}

std::expected<ValueBytes, ValueProblem> parse_value(ValueType type, std::string_view text) noexcept
{
  return with_type(type, [&]<class Number>(std::type_identity<Number>) { return parse<Number>(text); });
}

void append_value(std::string& out, ValueType type, const ValueBytes& value)
{
  with_type(type, [&]<class Number>(std::type_identity<Number>) {
    const auto number = number_of<Number>(value);
    if constexpr (std::floating_point<Number>) {
      if (std::isnan(number)) {
        out += "nan";  // its sign and payload mean nothing
        return;
      }
    }
    std::array<char, 32> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
    out.append(text.data(), written.ptr);
  });
}

bool is_finite(ValueType type, const ValueBytes& value) noexcept
{
  return with_type(type, [&]<class Number>(std::type_identity<Number>) {
    if constexpr (std::floating_point<Number>) return static_cast<bool>(std::isfinite(number_of<Number>(value)));
    return true;
  });
}

ValueBytes load_value(ValueType type, const std::byte* memory) noexcept
{
  ValueBytes value{};
  const std::size_t width = width_of(type);
  if (!is_aligned(memory, width)) {
    std::memcpy(value.data(), memory, width);
    return value;
  }
  switch (width) {
    case 1: load_whole<std::uint8_t>(memory, value); break;
    case 2: load_whole<std::uint16_t>(memory, value); break;
    case 4: load_whole<std::uint32_t>(memory, value); break;
    default: load_whole<std::uint64_t>(memory, value); break;
  }
  return value;
}

void store_value(std::byte* memory, const ValueBytes& value, std::size_t width) noexcept
{
  if (!is_aligned(memory, width)) {
    std::memcpy(memory, value.data(), width);
    return;
  }
  switch (width) {
    case 1: store_whole<std::uint8_t>(memory, value); break;
    case 2: store_whole<std::uint16_t>(memory, value); break;
    case 4: store_whole<std::uint32_t>(memory, value); break;
    default: store_whole<std::uint64_t>(memory, value); break;
  }
}

}  // namespace ipckit::object
