// SPDX-License-Identifier: MIT
// /proc/PID/stat, whose second field is whatever the process likes.
#include <ipckit/procfs/process_stat.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using procfs::parse_process_stat;
using procfs::ProcessStat;

namespace {

/// The fields from the third on: state S, flags 4194560, start 987654.
constexpr const char* rest =
    "S 1 4711 4711 34816 4711 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 10 11 18446744073709551615 0 0\n";

std::string line_of(const std::string& command)
{
  return "4711 (" + command + ") " + rest;
}

}  // namespace

TEST_CASE("a process is read from its stat", "[procfs]")
{
  CHECK(parse_process_stat(line_of("bash")) ==
        ProcessStat{.pid = 4711, .command = "bash", .state = 'S', .flags = 4194560, .start_ticks = 987654});
}

TEST_CASE("a command that looks like the end of the field is only a command", "[procfs]")
{
  for (const std::string command : {") R 1 (x", ")", "(", "", " ", "a b", "((", "))", ") Z 0 0", "\n", "a\nb",
                                    ") R 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "\x1b[31m", "\xff\xfe"}) {
    INFO("command '" << command << "'");
    CHECK(parse_process_stat(line_of(command)) ==
          ProcessStat{.pid = 4711, .command = command, .state = 'S', .flags = 4194560, .start_ticks = 987654});
  }
}

TEST_CASE("a stat that lacks something is malformed", "[procfs]")
{
  for (const std::string& text : std::vector<std::string>{
           "", "\n", "4711", "4711 (bash", "4711 bash) S", ")(", "4711 )bash( S", "(bash) " + std::string(rest),
           "x (bash) " + std::string(rest), "4711 (bash)", "4711 (bash) S",
           // Field 22, or its number, is missing.
           "4711 (bash) S 1 4711 4711 34816 4711 4194560 1 2 3 4 5 6 7 8 20 0 1 0\n",
           "4711 (bash) S 1 4711 4711 34816 4711 4194560 1 2 3 4 5 6 7 8 20 0 1 0 x\n",
           "4711 (bash) S 1 4711 4711 34816 4711 -1 1 2 3 4 5 6 7 8 20 0 1 0 987654\n",
           // What stands on a second line is none of it.
           "4711 (bash) S 1 4711 4711 34816 4711 4194560 1 2 3 4 5 6 7 8 20 0 1 0\n987654"}) {
    INFO("text '" << text << "'");
    CHECK(tests::error_of(parse_process_stat(text)) ==
          Error{.kind = Errc::malformed, .operation = "parse", .subject = "stat"});
  }
}
