// SPDX-License-Identifier: MIT
// Amounts as people read them, as tables.
#include <ipckit/render/human.hpp>

#include <limits>

#include "support/catch.hpp"

using namespace ipckit::render;
using namespace std::chrono_literals;

TEST_CASE("bytes are read with two digits at least, and never with five", "[render]")
{
  struct Row {
    std::uint64_t bytes;
    const char* text;
  };
  for (const auto& [bytes, text] : {Row{0, "0"},
                                    Row{1, "1"},
                                    Row{512, "512"},
                                    Row{1023, "1023"},
                                    Row{1024, "1.0K"},
                                    Row{1075, "1.0K"},
                                    Row{1076, "1.1K"},
                                    Row{3174, "3.1K"},
                                    Row{4096, "4.0K"},
                                    Row{10188, "9.9K"},
                                    Row{10189, "10K"},
                                    Row{16384, "16K"},
                                    Row{1023 * 1024, "1023K"},
                                    Row{1024 * 1024 - 513, "1023K"},
                                    Row{1024 * 1024 - 512, "1.0M"},
                                    Row{1024 * 1024, "1.0M"},
                                    Row{std::uint64_t{3} << 30U, "3.0G"},
                                    Row{std::uint64_t{5} << 40U, "5.0T"},
                                    Row{std::uint64_t{1000} << 50U, "1000P"},
                                    Row{std::uint64_t{7} << 60U, "7.0E"},
                                    Row{std::numeric_limits<std::uint64_t>::max(), "16E"}}) {
    INFO(bytes);
    CHECK(human_bytes(bytes) == text);
  }
}

TEST_CASE("an age is read by its largest unit", "[render]")
{
  struct Row {
    std::chrono::nanoseconds age;
    const char* text;
  };
  for (const auto& [age, text] :
       {Row{0ns, "0s"}, Row{999ms, "0s"}, Row{1s, "1s"}, Row{59s, "59s"}, Row{119s, "119s"}, Row{2min, "2m"},
        Row{119min, "119m"}, Row{2h, "2h"}, Row{47h, "47h"}, Row{48h, "2d"}, Row{729 * 24h, "729d"},
        Row{730 * 24h, "2y"}, Row{std::chrono::nanoseconds::max(), "292y"}, Row{-1ns, "0s"}, Row{-1s, "0s"},
        Row{-1500ms, "in 1s"}, Row{-3min, "in 3m"}, Row{-50h, "in 2d"}}) {
    INFO(age.count());
    CHECK(human_age(age) == text);
  }
}

TEST_CASE("one is one, all else is many", "[render]")
{
  CHECK(plural(0, "message", "messages") == "0 messages");
  CHECK(plural(1, "message", "messages") == "1 message");
  CHECK(plural(2, "message", "messages") == "2 messages");
}
