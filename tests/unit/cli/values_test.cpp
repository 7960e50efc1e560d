// SPDX-License-Identifier: MIT
// Values of semaphores, users and groups as they are written.
#include <ipckit/cli/values.hpp>

#include <ipckit/cli/usage_error.hpp>

#include "support/catch.hpp"

using namespace ipckit::cli;

namespace {

using Values = std::vector<std::uint32_t>;
using Numbered = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// What is said of a command line that makes no sense; empty when it does make sense.
template <class Parse>
std::string complaint(Parse parse)
{
  try {
    static_cast<void>(parse());
  } catch (const UsageError& error) {
    return error.what();
  }
  return {};
}

std::string complaint_of_values(const std::string& text)
{
  return complaint([&] { return parse_values("--value", text, 32767); });
}

std::string complaint_of_numbered(const std::string& text)
{
  return complaint([&] { return parse_numbered_values("--value", text, 32767); });
}

}  // namespace

TEST_CASE("values are numbers between commas", "[cli]")
{
  CHECK(parse_values("--value", "5", 32767) == Values{5});
  CHECK(parse_values("--value", "1,0,32767", 32767) == Values{1, 0, 32767});
  CHECK(parse_values("--value", "2147483647", 2147483647) == Values{2147483647});
}

TEST_CASE("values that make no sense are named", "[cli]")
{
  CHECK(complaint_of_values("x") == "--value: 'x' is no value");
  CHECK(complaint_of_values("") == "--value: '' is no value");
  CHECK(complaint_of_values("1,") == "--value: '' is no value");
  CHECK(complaint_of_values(",1") == "--value: '' is no value");
  CHECK(complaint_of_values("1,,2") == "--value: '' is no value");
  CHECK(complaint_of_values("-1") == "--value: '-1' is no value");
  CHECK(complaint_of_values("1, 2") == "--value: ' 2' is no value");
  CHECK(complaint_of_values("\x1b[31m") == "--value: '\\x1b[31m' is no value");
  CHECK(complaint_of_values("32768") == "--value: 32768 is more than 32767");
  CHECK(complaint_of_values("18446744073709551615") == "--value: 18446744073709551615 is more than 32767");
  CHECK(complaint_of_values("18446744073709551616") == "--value: '18446744073709551616' is no value");
}

TEST_CASE("numbered values keep their order", "[cli]")
{
  CHECK(parse_numbered_values("--value", "0=1", 32767) == Numbered{{0, 1}});
  CHECK(parse_numbered_values("--value", "2=5,0=1,2=3", 32767) == Numbered{{2, 5}, {0, 1}, {2, 3}});
}

TEST_CASE("numbered values that make no sense are named", "[cli]")
{
  for (const char* const text : {"1", "=1", "x=1", "-1=1", "4294967296=1", ""}) {
    INFO("'" << text << "'");
    CHECK(complaint_of_numbered(text) == "--value: '" + std::string(text) + "' is not NUMBER=VALUE");
  }
  CHECK(complaint_of_numbered("0=") == "--value: '' is no value");
  CHECK(complaint_of_numbered("0=1=2") == "--value: '1=2' is no value");
  CHECK(complaint_of_numbered("0=1,1") == "--value: '1' is not NUMBER=VALUE");
  CHECK(complaint_of_numbered("0=32768") == "--value: 32768 is more than 32767");
}

TEST_CASE("a type is any whole number, for the kernel gives a meaning to each", "[cli]")
{
  CHECK(parse_type("--type", "0") == 0);
  CHECK(parse_type("--type", "5") == 5);
  CHECK(parse_type("--type", "-10") == -10);
  CHECK(parse_type("--type", "9223372036854775807") == INT64_MAX);
  CHECK(parse_type("--type", "-9223372036854775808") == INT64_MIN);
  for (const char* const text :
       {"", "x", "1.0", "0x5", " 1", "1 ", "+1", "--1", "9223372036854775808", "-9223372036854775809"}) {
    INFO("'" << text << "'");
    CHECK(complaint([&] { return parse_type("--except", text); }) ==
          "--except: '" + std::string(text) +
              "' is not a whole number from -9223372036854775808 to 9223372036854775807");
  }
  CHECK(complaint([] { return parse_type("--type", "\x1b"); }) ==
        "--type: '\\x1b' is not a whole number from -9223372036854775808 to 9223372036854775807");
}

TEST_CASE("a priority is a number below 32768", "[cli]")
{
  CHECK(parse_priority("0") == 0);
  CHECK(parse_priority("32767") == 32767);
  for (const char* const text : {"", "x", "-1", "32768", "4294967296", "1.5", " 1"}) {
    INFO("'" << text << "'");
    CHECK(complaint([&] { return parse_priority(text); }) ==
          "--priority: '" + std::string(text) + "' is not a whole number from 0 to 32767");
  }
}

TEST_CASE("users and groups go by name or number", "[cli]")
{
  CHECK(parse_user("--user", "root") == 0);
  CHECK(parse_user("--user", "4294967294") == 4294967294U);
  CHECK(parse_group("--owner", "root") == 0);
  CHECK(parse_group("--owner", "1234") == 1234);
  for (const char* const text : {"", "no-such-user-1", "-1", "4294967296", "1x"}) {
    INFO("'" << text << "'");
    CHECK_FALSE(complaint([&] { return parse_user("--user", text); }).empty());
    CHECK_FALSE(complaint([&] { return parse_group("--owner", text); }).empty());
  }
}

TEST_CASE("the number that means nobody is no user and no group", "[cli]")
{
  // chown(2) takes -1 for "leave it as it is".
  CHECK_FALSE(complaint([] { return parse_user("--owner", "4294967295"); }).empty());
  CHECK_FALSE(complaint([] { return parse_group("--owner", "4294967295"); }).empty());
}
