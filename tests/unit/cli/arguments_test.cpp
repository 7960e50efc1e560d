// SPDX-License-Identifier: MIT
// Where a command begins in the words of a verb that runs one.
#include <ipckit/cli/arguments.hpp>

#include <array>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace ipckit::cli;

namespace {

/// The index of the command in `words`, for a verb with options -q, -w VALUE and --size VALUE and one operand of its
/// own.
std::size_t start_in(std::vector<std::string> words)
{
  std::vector<OptionInfo> options{
      {.names = "REF", .operand = true},
      {.names = "-q,--quiet"},
      {.names = "-w,--timeout", .metavar = "DURATION"},
      {.names = "--size", .metavar = "SIZE"},
      {.names = "CMD...", .operand = true, .own = [](std::string_view, std::size_t index) { return index == 0; }}};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  return command_start(options, pointers);
}

}  // namespace

TEST_CASE("a command begins behind the operands of the verb", "[cli]")
{
  CHECK(start_in({}) == 0);
  CHECK(start_in({"shm:0"}) == 1);
  CHECK(start_in({"shm:0", "ls"}) == 1);
  CHECK(start_in({"shm:0", "ls", "-l", "--", "x"}) == 1);
  CHECK(start_in({"-q", "shm:0", "--quiet", "ls", "-q"}) == 3);
}

TEST_CASE("the value of an option is no operand", "[cli]")
{
  CHECK(start_in({"-w", "5", "shm:0", "ls"}) == 3);
  CHECK(start_in({"-qw", "5", "shm:0", "ls"}) == 3);
  CHECK(start_in({"-w5", "shm:0", "ls"}) == 2);
  CHECK(start_in({"--size=5", "shm:0", "ls"}) == 2);
  CHECK(start_in({"--size", "5", "shm:0", "--timeout", "1", "ls"}) == 5);
  CHECK(start_in({"--unknown", "shm:0", "ls"}) == 2);
}

TEST_CASE("two dashes end the options, before the operands or before the command", "[cli]")
{
  CHECK(start_in({"shm:0", "--", "-x"}) == 2);
  CHECK(start_in({"--", "shm:0", "ls"}) == 2);
  CHECK(start_in({"--", "-q", "-w"}) == 2);
  CHECK(start_in({"shm:0", "--"}) == 2);
  CHECK(start_in({"shm:0", "-"}) == 1);
}

TEST_CASE("a negative number is an operand where the verb wants one and has no such option", "[cli]")
{
  const auto start = [](std::vector<std::string> words, const char* letter) {
    const std::vector<OptionInfo> options{
        {.names = "REF", .operand = true},
        {.names = letter},
        {.names = "CMD...", .operand = true, .own = [](std::string_view word, std::size_t index) {
           return index == 0 || word == "-1" || word == "+2";
         }}};
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    return command_start(options, pointers);
  };
  CHECK(start({"sem:0", "-1", "+2", "ls", "-1"}, "-n") == 3);
  CHECK(start({"sem:0", "-1", "-n", "-1", "ls"}, "-n") == 4);
  CHECK(start({"sem:0", "--", "-1", "-2"}, "-n") == 3);
  CHECK(start({"sem:0", "-2", "ls"}, "-n") == 2);
  CHECK(start({"sem:0", "-1", "x", "ls"}, "-1,--one") == 2);
}

TEST_CASE("a verb that runs none has none", "[cli]")
{
  std::string word = "x";
  const std::array words{word.data()};
  CHECK(command_start({{.names = "REF", .operand = true}}, words) == 1);
}
