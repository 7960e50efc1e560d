// SPDX-License-Identifier: MIT
// How fast a queue fills, as far as the kernel tells.
#include <ipckit/cli/watched.hpp>

#include "support/catch.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using cli::rates_of;
using cli::Sight;

namespace {

/// A queue that has `messages` inside, was sent to and received from at these seconds, and is looked at in second 1000.
Sight sight(std::uint64_t messages, std::int64_t sent, std::int64_t received, std::chrono::milliseconds later = 0ms)
{
  Sight seen{.entry = msg::Queue{.messages = messages, .sent = {.seconds = sent}, .received = {.seconds = received}},
             .facts = {},
             .bytes = {},
             .when = std::chrono::steady_clock::time_point{} + later};
  seen.second = 1000 + std::chrono::duration_cast<std::chrono::seconds>(later).count();
  return seen;
}

}  // namespace

TEST_CASE("nothing sent and nothing received is no traffic", "[cli]")
{
  const auto rates = rates_of(sight(5, 900, 900), sight(5, 900, 900, 2s));
  REQUIRE(rates);
  CHECK(rates->in == 0.0);
  CHECK(rates->out == 0.0);
  CHECK(rates->net == 0.0);
}

TEST_CASE("only sent, or only received: how fast is known", "[cli]")
{
  const auto filling = rates_of(sight(5, 900, 900), sight(15, 1001, 900, 2s));
  REQUIRE(filling);
  CHECK(filling->in == 5.0);
  CHECK(filling->out == 0.0);
  CHECK(filling->net == 5.0);
  const auto emptied = rates_of(sight(15, 900, 900), sight(5, 900, 1000, 2s));
  REQUIRE(emptied);
  CHECK(emptied->in == 0.0);
  CHECK(emptied->out == 5.0);
  CHECK(emptied->net == -5.0);
}

TEST_CASE("sent and received: the difference is known alone", "[cli]")
{
  const auto rates = rates_of(sight(5, 900, 900), sight(7, 1001, 1001, 1s));
  REQUIRE(rates);
  CHECK_FALSE(rates->in);
  CHECK_FALSE(rates->out);
  CHECK(rates->net == 2.0);
}

TEST_CASE("what happened in the second of the look before may have been later", "[cli]")
{
  const auto rates = rates_of(sight(5, 900, 1000), sight(7, 1000, 1000, 500ms));
  REQUIRE(rates);
  CHECK_FALSE(rates->in);
  CHECK_FALSE(rates->out);
}

TEST_CASE("a POSIX queue has no such times, and other kinds no depth", "[cli]")
{
  Sight before{.entry = pmsg::Queue{.geometry = pmsg::Geometry{.messages = 1}}, .facts = {}, .bytes = {}, .when = {}};
  Sight now{.entry = pmsg::Queue{.geometry = pmsg::Geometry{.messages = 3}},
            .facts = {},
            .bytes = {},
            .when = std::chrono::steady_clock::time_point{} + 1s};
  const auto rates = rates_of(before, now);
  REQUIRE(rates);
  CHECK_FALSE(rates->in);
  CHECK_FALSE(rates->out);
  CHECK(rates->net == 2.0);
  before.entry = pshm::Segment{};
  now.entry = pshm::Segment{};
  CHECK_FALSE(rates_of(before, now));
}
