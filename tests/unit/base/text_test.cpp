// SPDX-License-Identifier: MIT
// Cutting text.
#include <ipckit/base/text.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace ipckit;

namespace {

using Pair = std::pair<std::string_view, std::string_view>;
using Views = std::vector<std::string_view>;

Views all_lines(std::string_view text)
{
  Views lines;
  while (!text.empty()) lines.push_back(take_line(text));
  return lines;
}

Views all_words(std::string_view text)
{
  Views words;
  for (auto word = take_word(text); !word.empty(); word = take_word(text)) words.push_back(word);
  return words;
}

}  // namespace

TEST_CASE("text is split at the first separator", "[base]")
{
  CHECK(split_once("user:group", ':') == Pair{"user", "group"});
  CHECK(split_once("a:b:c", ':') == Pair{"a", "b:c"});
  CHECK(split_once(":group", ':') == Pair{"", "group"});
  CHECK(split_once("user:", ':') == Pair{"user", ""});
  CHECK(split_once("user", ':') == Pair{"user", ""});
  CHECK(split_once("", ':') == Pair{"", ""});
}

TEST_CASE("lines end with a newline or with the text", "[base]")
{
  CHECK(all_lines("one\ntwo\n") == Views{"one", "two"});
  CHECK(all_lines("one\ntwo") == Views{"one", "two"});
  CHECK(all_lines("\n\none\n") == Views{"", "", "one"});
  CHECK(all_lines("").empty());
}

TEST_CASE("words are separated by blanks and tabs alone", "[base]")
{
  CHECK(all_words("  one\ttwo   three ") == Views{"one", "two", "three"});
  CHECK(all_words("one\ntwo") == Views{"one\ntwo"});
  CHECK(all_words(" \t ").empty());
  CHECK(all_words("").empty());
}

TEST_CASE("taking a word leaves the rest as it is", "[base]")
{
  std::string_view rest = "  one  two ";
  CHECK(take_word(rest) == "one");
  CHECK(rest == "  two ");
  CHECK(take_word(rest) == "two");
  CHECK(rest == " ");
  CHECK(take_word(rest).empty());
  CHECK(rest.empty());
}
