// SPDX-License-Identifier: MIT
// Operations on semaphores as they are written.
#include <ipckit/cli/operations.hpp>

#include <string>

#include <ipckit/cli/usage_error.hpp>

#include "support/catch.hpp"

using namespace ipckit::cli;
using ipckit::sem::Operation;

namespace {

/// What is said of a word that is no operation; empty when it is one.
std::string complaint(std::string_view word)
{
  try {
    static_cast<void>(parse_operation(word));
  } catch (const UsageError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("an operation is a number, a sign and how many", "[cli]")
{
  CHECK(parse_operation("0-1") == Operation{.number = 0, .change = -1});
  CHECK(parse_operation("1+2") == Operation{.number = 1, .change = 2});
  CHECK(parse_operation("2=0") == Operation{.number = 2, .change = 0});
  CHECK(parse_operation("65535-32767") == Operation{.number = 65535, .change = -32767});
  CHECK(parse_operation("007+0032767") == Operation{.number = 7, .change = 32767});
}

TEST_CASE("without a number it is on semaphore 0", "[cli]")
{
  CHECK(parse_operation("-1") == Operation{.number = 0, .change = -1});
  CHECK(parse_operation("+2") == Operation{.number = 0, .change = 2});
  CHECK(parse_operation("=0") == Operation{.number = 0, .change = 0});
}

TEST_CASE("what is out of range is said", "[cli]")
{
  for (const char* const word : {"+32768", "-32768", "0+65536", "0-99999999999999999999"}) {
    CHECK(complaint(word) == "'" + std::string(word) + "' is no operation: a value is at most 32767");
  }
  for (const char* const word : {"65536-1", "99999999999999999999+1"}) {
    CHECK(complaint(word) == "'" + std::string(word) + "' is no operation: no set has a semaphore beyond number 65535");
  }
  CHECK(complaint("+0") == "'+0' is no operation: it would change nothing");
  CHECK(complaint("3-0") == "'3-0' is no operation: it would change nothing");
  for (const char* const word : {"=1", "0=32768", "0=99999999"}) {
    CHECK(complaint(word) == "'" + std::string(word) + "' is no operation: only the value 0 can be waited for so");
  }
}

TEST_CASE("what begins as an operation must be one to its end", "[cli]")
{
  for (const char* const word : {"-1x", "0+1 ", "0-1-1", "1+1,2-1", "=0x", "+1.5"}) {
    CHECK(looks_like_operation(word));
    CHECK(complaint(word) == "'" + std::string(word) + "' is no operation: a number follows the sign");
  }
}

TEST_CASE("other words are left to be a command", "[cli]")
{
  for (const char* const word : {"", "-", "+", "=", "0", "12", "0+", "0++1", "--1", "-n", "true", "7-zip", "2to3-2.7",
                                 "./0+1", "x+1", " +1", "0 +1", "sem:0", "0:1"}) {
    INFO(word);
    CHECK_FALSE(looks_like_operation(word));
    CHECK(complaint(word) == "'" + std::string(word) + "' is no operation");
  }
}
