// SPDX-License-Identifier: MIT
// Sizes as people write them, and sums that stop at the top.
#include <ipckit/base/bytes.hpp>

#include <limits>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using tests::failure;

namespace {
constexpr auto most = std::numeric_limits<std::uint64_t>::max();
}

TEST_CASE("a size is a number with or without a unit", "[base]")
{
  CHECK(parse_size("0") == Bytes{0});
  CHECK(parse_size("4096") == Bytes{4096});
  CHECK(parse_size("4096B") == Bytes{4096});
  CHECK(parse_size("64K") == Bytes{65536});
  CHECK(parse_size("64k") == Bytes{65536});
  CHECK(parse_size("3M") == Bytes{3145728});
  CHECK(parse_size("2G") == Bytes{2147483648});
  CHECK(parse_size("1T") == Bytes{1099511627776});
  CHECK(parse_size("1P") == Bytes{1125899906842624});
  CHECK(parse_size("1E") == Bytes{1152921504606846976});
  CHECK(parse_size("007") == Bytes{7});
}

TEST_CASE("iB counts in 1024, B after a letter in 1000", "[base]")
{
  CHECK(parse_size("1KiB") == Bytes{1024});
  CHECK(parse_size("1KB") == Bytes{1000});
  CHECK(parse_size("1GiB") == Bytes{1073741824});
  CHECK(parse_size("1GB") == Bytes{1000000000});
  CHECK(parse_size("1gb") == Bytes{1000000000});
  CHECK(parse_size("1EB") == Bytes{1000000000000000000});
}

TEST_CASE("a fraction of a unit is rounded down to whole bytes", "[base]")
{
  CHECK(parse_size("1.5M") == Bytes{1572864});
  CHECK(parse_size("0.5K") == Bytes{512});
  CHECK(parse_size("1.5") == Bytes{1});
  CHECK(parse_size("0.0001K") == Bytes{0});
  CHECK(parse_size("1.999999999999K") == Bytes{2047});
}

TEST_CASE("a size ends where 64 bits end", "[base]")
{
  CHECK(parse_size("18446744073709551615") == Bytes{most});
  CHECK(failure(parse_size("18446744073709551616")) == Errc::invalid);
  CHECK(parse_size("15.999999999E") == Bytes{18446744072556630111ULL});
  CHECK(failure(parse_size("16E")) == Errc::invalid);
  CHECK(failure(parse_size("18.447EB")) == Errc::invalid);
  CHECK(failure(parse_size("99999999999999999999999999K")) == Errc::invalid);
}

TEST_CASE("what is no size names the text", "[base]")
{
  for (const char* const text :
       {"",      " ",    "K",   "B",   "KiB", "-1", "+1",  " 1",   "1 ", "1 K", "1,5M", ".5K", "1.",   "1..5",
        "1.5.5", "0x10", "1KK", "1Ki", "1BK", "1Z", "1e3", "1K\n", "٣K", "nan", "inf",  "1.K", "1._5K"}) {
    INFO("'" << text << "'");
    CHECK(tests::error_of(parse_size(text)) == Error{.kind = Errc::invalid, .operation = "size", .subject = text});
  }
  CHECK(failure(parse_size(std::string_view("1\0K", 3))) == Errc::invalid);
}

TEST_CASE("sums and products stop at the largest number", "[base]")
{
  CHECK(saturating_add(2, 3) == 5);
  CHECK(saturating_add(most, 0) == most);
  CHECK(saturating_add(most - 1, 1) == most);
  CHECK(saturating_add(most, 1) == most);
  CHECK(saturating_add(std::uint64_t{7} << 60U, std::uint64_t{14} << 60U) == most);
  CHECK(saturating_multiply(6, 7) == 42);
  CHECK(saturating_multiply(most, 0) == 0);
  CHECK(saturating_multiply(std::uint64_t{1} << 32U, std::uint64_t{1} << 31U) == std::uint64_t{1} << 63U);
  CHECK(saturating_multiply(std::uint64_t{1} << 32U, std::uint64_t{1} << 32U) == most);
  STATIC_REQUIRE(saturating_multiply(most, 2) == most);
}
