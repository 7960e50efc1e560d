// SPDX-License-Identifier: MIT
// Bytes as values.
#include <ipckit/render/typed.hpp>

#include <limits>
#include <span>

#include "support/catch.hpp"

using namespace ipckit::render;

namespace {

template <class Value>
std::string text(ValueType type, Value value)
{
  return value_text(type, std::as_bytes(std::span{&value, 1}));
}

template <class Value>
std::string json(ValueType type, Value value)
{
  return value_json(type, std::as_bytes(std::span{&value, 1}));
}

}  // namespace

TEST_CASE("every type has its word and its width", "[render]")
{
  for (const auto& [type, word, width] : value_types) {
    CHECK(parse_value_type(word) == type);
    CHECK(name_of(type) == word);
    CHECK(width_of(type) == width);
  }
  for (const char* const word : {"", "U8", "int", "u128", "u8 "}) CHECK_FALSE(parse_value_type(word));
}

TEST_CASE("whole numbers in decimal, to their ends", "[render]")
{
  CHECK(text(ValueType::u8, std::uint8_t{255}) == "255");
  CHECK(text(ValueType::i8, std::int8_t{-128}) == "-128");
  CHECK(text(ValueType::u16, std::uint16_t{65535}) == "65535");
  CHECK(text(ValueType::i16, std::int16_t{-32768}) == "-32768");
  CHECK(text(ValueType::u32, std::uint32_t{4294967295}) == "4294967295");
  CHECK(text(ValueType::i32, std::numeric_limits<std::int32_t>::min()) == "-2147483648");
  CHECK(text(ValueType::u64, std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(text(ValueType::i64, std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
}

TEST_CASE("the others in the shortest form that reads back alike", "[render]")
{
  CHECK(text(ValueType::f64, 0.1) == "0.1");
  CHECK(text(ValueType::f32, 0.1F) == "0.1");
  CHECK(text(ValueType::f64, -1e300) == "-1e+300");
  CHECK(text(ValueType::f64, 0.0) == "0");
}

TEST_CASE("what JSON has no number for is a string", "[render]")
{
  CHECK(json(ValueType::f64, 1.5) == "1.5");
  CHECK(json(ValueType::i32, std::int32_t{-3}) == "-3");
  CHECK(json(ValueType::f64, std::numeric_limits<double>::infinity()) == "\"inf\"");
  CHECK(json(ValueType::f32, -std::numeric_limits<float>::infinity()) == "\"-inf\"");
  CHECK(json(ValueType::f64, std::numeric_limits<double>::quiet_NaN()) == "\"nan\"");
}

TEST_CASE("a string ends at its first NUL, or where the bytes do", "[render]")
{
  CHECK(value_text(ValueType::str, std::as_bytes(std::span{"ab\0cd", 5})) == "ab");
  CHECK(value_text(ValueType::str, std::as_bytes(std::span{"abc", 3})) == "abc");
  CHECK(value_text(ValueType::str, {}).empty());
}
