// SPDX-License-Identifier: MIT
// Keys: from text, from a word, from a file as ftok(3) makes them.
#include <ipckit/object/key.hpp>

#include <string>

#include <sys/ipc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace ipckit::object;

TEST_CASE("a word's key is its FNV-1a hash of 32 bits", "[object]")
{
  // The vectors of the algorithm's authors.
  CHECK(key_text(key_of_word("")) == "0x811c9dc5");
  CHECK(key_text(key_of_word("a")) == "0xe40c292c");
  CHECK(key_text(key_of_word("b")) == "0xe70c2de5");
  CHECK(key_text(key_of_word("foobar")) == "0xbf9cf968");
  CHECK(key_text(key_of_word("chongo was here!\n")) == "0xd49930d5");
  CHECK(key_text(key_of_word({"\xff\x00\x00\x01", 4})) == "0xc48fb86d");
  CHECK(key_text(key_of_word("deploy")) == "0x5cd3477e");
}

TEST_CASE("a hash of 0 becomes 1, for 0 is IPC_PRIVATE", "[object]")
{
  CHECK(key_of_word({"\xcc\x24\x31\xc4", 4}) == 1);  // published as a preimage of 0
}

TEST_CASE("a key is decimal or hexadecimal, with or without a sign", "[object]")
{
  CHECK(parse_key("19999") == 19999);
  CHECK(parse_key("0x4e1f") == 19999);
  CHECK(parse_key("0X00004E1F") == 19999);
  CHECK(parse_key("010") == 10);
  CHECK(parse_key("0") == 0);
  CHECK(parse_key("0x0") == 0);
  CHECK(parse_key("-1") == -1);
  CHECK(parse_key("4294967295") == -1);
  CHECK(parse_key("0xffffffff") == -1);
  CHECK(parse_key("2147483648") == -2147483647 - 1);
  CHECK(parse_key("-2147483648") == -2147483647 - 1);
  CHECK(parse_key("0x000000000001") == 1);
}

TEST_CASE("a key has 32 bits and nothing around it", "[object]")
{
  for (const char* const text : {"", "x", "0x", "0xg", "4294967296", "-2147483649", "0x100000000", "-0x1", "0x-1", "+1",
                                 " 1", "1 ", "1.0", "--1", "4e1f", "18446744073709551617", "0b1"}) {
    INFO("'" << text << "'");
    CHECK(parse_key(text) == std::nullopt);
  }
}

TEST_CASE("a key is shown as ipcs shows it", "[object]")
{
  CHECK(key_text(0) == "0x00000000");
  CHECK(key_text(19999) == "0x00004e1f");
  CHECK(key_text(-1) == "0xffffffff");
  CHECK(key_text(-2147483647 - 1) == "0x80000000");
}

TEST_CASE("a project is a number of which 8 bits count, or one character", "[object]")
{
  CHECK(parse_project("a") == 97);
  CHECK(parse_project("1") == 1);
  CHECK(parse_project("0") == 0);
  CHECK(parse_project("97") == 97);
  CHECK(parse_project("255") == 255);
  CHECK(parse_project("256") == 0);
  CHECK(parse_project("257") == 1);
  CHECK(parse_project("18446744073709551615") == 255);
  CHECK(parse_project("-") == 45);
  CHECK(parse_project("\xff") == 255);
  for (const char* const text : {"", "ab", "-1", "0x1", "1a", "18446744073709551616", "ä"}) {
    INFO("'" << text << "'");
    CHECK(parse_project(text) == std::nullopt);
  }
}

TEST_CASE("a file's key is the one of ftok", "[object]")
{
  const tests::TemporaryDirectory directory;
  const std::string file = directory / "file";
  const std::string link = directory / "link";
  tests::write_file(file, "");
  REQUIRE(::symlink("file", link.c_str()) == 0);
  for (const std::string& path : {file, link, directory.path(), std::string("/"), std::string("/etc/passwd"),
                                  std::string("/proc/self/exe"), std::string("/dev/null"), std::string(".")}) {
    for (const int project : {1, 97, 127, 128, 255}) {
      INFO(path << ", project " << project);
      CHECK(key_of_file(path, static_cast<std::uint8_t>(project)) == ::ftok(path.c_str(), project));
    }
  }
}

TEST_CASE("a file that is not there has no key", "[object]")
{
  const tests::TemporaryDirectory directory;
  const auto missing = tests::error_of(key_of_file(directory / "missing", 1));
  CHECK(missing.kind == Errc::not_found);
  CHECK(missing.subject == directory / "missing");
  CHECK(tests::failure(key_of_file("", 1)) == Errc::not_found);
}
