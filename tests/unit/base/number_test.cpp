// SPDX-License-Identifier: MIT
// Numbers in text: to the last character or not at all.
#include <ipckit/base/number.hpp>

#include "support/catch.hpp"

using ipckit::parse_decimal;
using ipckit::parse_number;

TEST_CASE("a number is all of the text", "[base]")
{
  CHECK(parse_number<int>("42") == 42);
  CHECK(parse_number<int>("-42") == -42);
  CHECK(parse_number<int>("0042") == 42);
  CHECK(parse_number<unsigned>("ff", 16) == 255);
  CHECK(parse_number<unsigned>("FF", 16) == 255);
  CHECK(parse_number<unsigned>("755", 8) == 493);
  for (const char* const text : {"", " ", " 1", "1 ", "+1", "1x", "x1", "0x1", "--1", "1-", "1.0", "1\n"}) {
    INFO("'" << text << "'");
    CHECK(parse_number<int>(text) == std::nullopt);
  }
  CHECK(parse_number<int>({"1\0", 2}) == std::nullopt);
  CHECK(parse_number<unsigned>("8", 8) == std::nullopt);
}

TEST_CASE("a number that does not fit is none", "[base]")
{
  CHECK(parse_number<std::int32_t>("2147483647") == 2147483647);
  CHECK(parse_number<std::int32_t>("2147483648") == std::nullopt);
  CHECK(parse_number<std::int32_t>("-2147483648") == -2147483647 - 1);
  CHECK(parse_number<std::int32_t>("-2147483649") == std::nullopt);
  CHECK(parse_number<std::uint32_t>("4294967295") == 4294967295U);
  CHECK(parse_number<std::uint32_t>("4294967296") == std::nullopt);
  CHECK(parse_number<std::uint32_t>("-1") == std::nullopt);
  CHECK(parse_number<std::uint64_t>("18446744073709551615") == 18446744073709551615ULL);
  CHECK(parse_number<std::uint64_t>("18446744073709551616") == std::nullopt);
}

TEST_CASE("a decimal is multiplied by its unit and rounded down", "[base]")
{
  CHECK(parse_decimal("3", 1000) == 3000);
  CHECK(parse_decimal("1.5", 1000) == 1500);
  CHECK(parse_decimal("0.9999", 1000) == 999);
  CHECK(parse_decimal("0.0", 1000) == 0);
  CHECK(parse_decimal("1.50000000000000000000000000000000001", 10) == 15);
  // Nine digits after the point count, the tenth does not.
  CHECK(parse_decimal("0.000000001", 1'000'000'000) == 1);
  CHECK(parse_decimal("0.0000000009", 10'000'000'000) == 0);
  CHECK(parse_decimal("18446744073709551615.9", 1) == 18446744073709551615ULL);
}

TEST_CASE("a decimal beyond 64 bits is none", "[base]")
{
  CHECK(parse_decimal("18446744073709551615", 1) == 18446744073709551615ULL);
  CHECK(parse_decimal("18446744073709551615", 2) == std::nullopt);
  CHECK(parse_decimal("18446744073709551616", 1) == std::nullopt);
  CHECK(parse_decimal("18446744073709551615.999999999", 18446744073709551615ULL) == std::nullopt);
}

TEST_CASE("a decimal has digits on both sides of its point", "[base]")
{
  for (const char* const text : {"", ".", ".5", "1.", "-1", "+1", "-1.5", "1.-5", "1.5.5", "1e3", "1,5", " 1", "1 "}) {
    INFO("'" << text << "'");
    CHECK(parse_decimal(text, 1) == std::nullopt);
  }
}
