// SPDX-License-Identifier: MIT
// Typed values: text, bytes, and both ways.
#include <ipckit/object/value.hpp>

#include <cstring>
#include <string>
#include <utility>

#include "support/catch.hpp"

using namespace ipckit::object;

namespace {

std::string text_of(ValueType type, const ValueBytes& value)
{
  std::string text;
  append_value(text, type, value);
  return text;
}

/// What comes out when a text goes in.
std::string there_and_back(ValueType type, const std::string& text)
{
  const auto value = parse_value(type, text);
  if (!value) return value.error() == ValueProblem::malformed ? "malformed" : "out of range";
  return text_of(type, *value);
}

}  // namespace

TEST_CASE("a type has a word and a width", "[object]")
{
  CHECK(parse_value_type("u8") == ValueType::u8);
  CHECK(parse_value_type("f64") == ValueType::f64);
  for (const char* const word : {"", "u", "u9", "U8", "i128", "float", "str"}) CHECK_FALSE(parse_value_type(word));
  CHECK(width_of(ValueType::i8) == 1);
  CHECK(width_of(ValueType::u16) == 2);
  CHECK(width_of(ValueType::f32) == 4);
  CHECK(width_of(ValueType::i64) == 8);
}

TEST_CASE("whole numbers, to their ends", "[object]")
{
  const std::pair<ValueType, std::pair<const char*, const char*>> ends[] = {
      {ValueType::u8, {"0", "255"}},
      {ValueType::i8, {"-128", "127"}},
      {ValueType::u16, {"0", "65535"}},
      {ValueType::i16, {"-32768", "32767"}},
      {ValueType::u32, {"0", "4294967295"}},
      {ValueType::i32, {"-2147483648", "2147483647"}},
      {ValueType::u64, {"0", "18446744073709551615"}},
      {ValueType::i64, {"-9223372036854775808", "9223372036854775807"}},
  };
  for (const auto& [type, range] : ends) {
    CHECK(there_and_back(type, range.first) == range.first);
    CHECK(there_and_back(type, range.second) == range.second);
    CHECK(there_and_back(type, "99999999999999999999") == "out of range");
    CHECK(there_and_back(type, "-99999999999999999999") == "out of range");
  }
  CHECK(there_and_back(ValueType::u8, "256") == "out of range");
  CHECK(there_and_back(ValueType::u8, "-1") == "out of range");
  CHECK(there_and_back(ValueType::u8, "-0") == "0");
  CHECK(there_and_back(ValueType::i8, "128") == "out of range");
  CHECK(there_and_back(ValueType::i8, "-129") == "out of range");
  CHECK(there_and_back(ValueType::i64, "9223372036854775808") == "out of range");
  CHECK(there_and_back(ValueType::u32, "0xfF") == "255");
  CHECK(there_and_back(ValueType::i32, "-0x80000000") == "-2147483648");
  CHECK(there_and_back(ValueType::u32, "010") == "10");
}

TEST_CASE("fractions are written as the shortest text that is the same", "[object]")
{
  CHECK(there_and_back(ValueType::f32, "0.1") == "0.1");
  CHECK(there_and_back(ValueType::f64, "0.1") == "0.1");
  CHECK(there_and_back(ValueType::f64, "0.30000000000000004") == "0.30000000000000004");
  CHECK(there_and_back(ValueType::f32, "16777217") == "16777216");
  CHECK(there_and_back(ValueType::f64, "1e3") == "1000");
  CHECK(there_and_back(ValueType::f64, "-0") == "-0");
  CHECK(there_and_back(ValueType::f32, "inf") == "inf");
  CHECK(there_and_back(ValueType::f64, "-inf") == "-inf");
  CHECK(there_and_back(ValueType::f64, "-nan") == "nan");
  CHECK(there_and_back(ValueType::f32, "1e39") == "out of range");
  CHECK(there_and_back(ValueType::f64, "1e400") == "out of range");
}

TEST_CASE("what is no value", "[object]")
{
  for (const char* const text : {"", "-", "+1", " 1", "1 ", "1x", "x", "0x", "0xg", "1.5", "1e3", "--1", "-+1"}) {
    INFO(text);
    CHECK(there_and_back(ValueType::i32, text) == "malformed");
  }
  for (const char* const text : {"", "-", "+1", " 1", "1 ", "1,5", "0x1p3", "one", "1e"}) {
    INFO(text);
    CHECK(there_and_back(ValueType::f64, text) == "malformed");
  }
}

TEST_CASE("inf and nan are no numbers of JSON", "[object]")
{
  CHECK(is_finite(ValueType::f32, *parse_value(ValueType::f32, "1.5")));
  CHECK_FALSE(is_finite(ValueType::f32, *parse_value(ValueType::f32, "inf")));
  CHECK_FALSE(is_finite(ValueType::f64, *parse_value(ValueType::f64, "nan")));
  CHECK(is_finite(ValueType::u64, *parse_value(ValueType::u64, "18446744073709551615")));
}

TEST_CASE("values are stored and loaded at any address, and nothing beside them", "[object]")
{
  for (const auto& [word, type] : value_type_words) {
    const std::size_t width = width_of(type);
    const auto value = *parse_value(type, "97");
    for (std::size_t offset = 0; offset < 16; ++offset) {
      INFO(word << " at " << offset);
      alignas(8) std::array<std::byte, 32> memory{};
      memory.fill(std::byte{0xaa});
      store_value(memory.data() + offset, value, width);
      CHECK(load_value(type, memory.data() + offset) == value);
      for (std::size_t index = 0; index < memory.size(); ++index) {
        if (index < offset || index >= offset + width) CHECK(memory[index] == std::byte{0xaa});
      }
    }
  }
}
