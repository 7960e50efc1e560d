// SPDX-License-Identifier: MIT
// Spans of time as people write them.
#include <ipckit/base/duration.hpp>

#include <limits>
#include <string>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using tests::failure;

TEST_CASE("a bare number is seconds", "[base]")
{
  CHECK(parse_duration("0") == 0ns);
  CHECK(parse_duration("30") == 30s);
  CHECK(parse_duration("1.5") == 1500ms);
}

TEST_CASE("units go from nanoseconds to weeks", "[base]")
{
  CHECK(parse_duration("7ns") == 7ns);
  CHECK(parse_duration("7us") == 7us);
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("2min") == 2min);
  CHECK(parse_duration("4h") == 4h);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("1w") == 168h);
  CHECK(parse_duration("0.25h") == 15min);
  CHECK(parse_duration("0.5ns") == 0ns);
}

TEST_CASE("a duration ends where nanoseconds can no longer count it", "[base]")
{
  CHECK(parse_duration("9223372036854775807ns") == std::chrono::nanoseconds::max());
  CHECK(failure(parse_duration("9223372036854775808ns")) == Errc::invalid);
  CHECK(parse_duration("9223372036") == 9223372036s);
  CHECK(failure(parse_duration("9223372037")) == Errc::invalid);
  CHECK(parse_duration("15250w") == 15250 * 168h);
  CHECK(failure(parse_duration("15251w")) == Errc::invalid);
  CHECK(failure(parse_duration("18446744073709551616ns")) == Errc::invalid);
  CHECK(failure(parse_duration(std::string(400, '9'))) == Errc::invalid);
}

TEST_CASE("what is no duration names the text", "[base]")
{
  for (const char* const text : {"",   "s",     "ms",  "-1",  "+1",  "1 s", " 1s", "1s ",      "1S",    "1M",  "1mins",
                                 "1y", "1h30m", ".5s", "1.s", "1e3", "0x1", "inf", "infinity", "never", "1,5s"}) {
    INFO("'" << text << "'");
    CHECK(tests::error_of(parse_duration(text)) ==
          Error{.kind = Errc::invalid, .operation = "duration", .subject = text});
  }
}
