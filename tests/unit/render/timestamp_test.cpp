// SPDX-License-Identifier: MIT
// Points in time as text.
#include <ipckit/render/timestamp.hpp>

#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>

#include "support/catch.hpp"

using ipckit::Timestamp;
using ipckit::render::local_time;

namespace {

std::string rfc3339(std::int64_t seconds, std::uint32_t nanoseconds = 0)
{
  std::string text;
  ipckit::render::append_rfc3339(text, {.seconds = seconds, .nanoseconds = nanoseconds});
  return text;
}

}  // namespace

TEST_CASE("a time in JSON is RFC 3339 in UTC", "[render]")
{
  CHECK(rfc3339(0) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339(1795440350) == "2026-11-23T13:25:50Z");
  CHECK(rfc3339(951782399) == "2000-02-28T23:59:59Z");
  CHECK(rfc3339(951782400) == "2000-02-29T00:00:00Z");
  CHECK(rfc3339(1709164800) == "2024-02-29T00:00:00Z");
}

TEST_CASE("nanoseconds are written where there are some", "[render]")
{
  CHECK(rfc3339(1, 5) == "1970-01-01T00:00:01.000000005Z");
  CHECK(rfc3339(1, 999'999'999) == "1970-01-01T00:00:01.999999999Z");
  CHECK(rfc3339(-1, 500'000'000) == "1969-12-31T23:59:59.500000000Z");
}

TEST_CASE("a time before 1970 is one", "[render]")
{
  CHECK(rfc3339(-1) == "1969-12-31T23:59:59Z");
  CHECK(rfc3339(-86400) == "1969-12-31T00:00:00Z");
  CHECK(rfc3339(-86401) == "1969-12-30T23:59:59Z");
  CHECK(rfc3339(-2208988800) == "1900-01-01T00:00:00Z");
}

TEST_CASE("a year has four digits, whatever a file claims", "[render]")
{
  CHECK(rfc3339(-62167219200) == "0000-01-01T00:00:00Z");
  CHECK(rfc3339(-62167219201) == "0000-01-01T00:00:00Z");
  CHECK(rfc3339(std::numeric_limits<std::int64_t>::min()) == "0000-01-01T00:00:00Z");
  CHECK(rfc3339(253402300799) == "9999-12-31T23:59:59Z");
  CHECK(rfc3339(253402300800) == "9999-12-31T23:59:59Z");
  CHECK(rfc3339(std::numeric_limits<std::int64_t>::max()) == "9999-12-31T23:59:59Z");
}

TEST_CASE("a time for people is in their own zone", "[render]")
{
  const char* const before = std::getenv("TZ");
  const std::string saved = before == nullptr ? "" : before;
  ::setenv("TZ", "XYZ-2", 1);  // two hours east
  ::tzset();
  CHECK(local_time({.seconds = 1795440350}) == "2026-11-23 15:25:50");
  CHECK_FALSE(local_time({.seconds = std::numeric_limits<std::int64_t>::max()}).empty());
  CHECK_FALSE(local_time({.seconds = std::numeric_limits<std::int64_t>::min()}).empty());
  if (before == nullptr) {
    ::unsetenv("TZ");
  } else {
    ::setenv("TZ", saved.c_str(), 1);
  }
  ::tzset();
}
