// SPDX-License-Identifier: MIT
// "Did you mean", as tables.
#include <ipckit/cli/suggest.hpp>

#include <ipckit/cli/verb.hpp>

#include "support/catch.hpp"

using namespace ipckit::cli;

TEST_CASE("the distance of two words is the steps from one to the other", "[cli]")
{
  struct Row {
    const char* left;
    const char* right;
    std::size_t steps;
  };
  for (const auto& [left, right, steps] :
       {Row{"", "", 0}, Row{"", "abc", 3}, Row{"same", "same", 0}, Row{"create", "creat", 1},
        Row{"create", "creates", 1}, Row{"create", "crebte", 1}, Row{"create", "craete", 1},
        Row{"kitten", "sitting", 3}, Row{"ab", "ba", 1}, Row{"abcd", "badc", 2}, Row{"msg", "shm", 3},
        Row{"ca", "abc", 3}}) {
    INFO(left << " and " << right);
    CHECK(distance(left, right) == steps);
    CHECK(distance(right, left) == steps);
  }
}

TEST_CASE("the nearest word is one that is near", "[cli]")
{
  const std::vector<std::string> words{"ls", "show", "limits", "create", "set", "rm"};
  struct Row {
    const char* word;
    std::optional<std::string> meant;
  };
  for (const auto& [word, meant] :
       {Row{"shwo", "show"}, Row{"show", "show"}, Row{"creat", "create"}, Row{"limit", "limits"}, Row{"sett", "set"},
        Row{"l", "ls"}, Row{"rn", "rm"}, Row{"x", std::nullopt}, Row{"xy", std::nullopt}, Row{"", std::nullopt},
        Row{"elephant", std::nullopt}}) {
    INFO("'" << word << "'");
    CHECK(nearest(word, words) == meant);
  }
  CHECK(nearest("show", {}) == std::nullopt);
}

TEST_CASE("of equally near words the first is meant", "[cli]")
{
  const std::vector<std::string> words{"--older-than", "--larger-than"};
  CHECK(nearest("--arger-than", words) == "--larger-than");
  const std::vector<std::string> twins{"sem", "set"};
  CHECK(nearest("sex", twins) == "sem");
}

TEST_CASE("a verb is meant by other tools' words for it", "[cli]")
{
  CHECK(nearest_verb("list") == "ls");
  CHECK(nearest_verb("ipcs") == "ls");
  CHECK(nearest_verb("stat") == "show");
  CHECK(nearest_verb("delete") == "rm");
  CHECK(nearest_verb("ipcrm") == "rm");
  CHECK(nearest_verb("ipcmk") == "create");
  CHECK(nearest_verb("chmod") == "set");
  CHECK(nearest_verb("ftok") == "key");
  CHECK(nearest_verb("hlep") == "help");
  CHECK(nearest_verb("supercalifragilistic") == std::nullopt);
}

TEST_CASE("every verb is nearest to itself", "[cli]")
{
  for (const Verb* const verb : all_verbs()) CHECK(nearest_verb(verb->name) == std::string(verb->name));
}

TEST_CASE("no word stands for a verb that is not there", "[cli]")
{
  for (const char* const word : {"receive", "fuser", "prune", "cat", "flock", "top", "monitor"}) {
    const auto meant = nearest_verb(word);
    if (meant) CHECK((find_verb(*meant) != nullptr || *meant == "help"));
  }
}

TEST_CASE("a kind is meant by what others call it", "[cli]")
{
  CHECK(nearest_kind("msgs") == "msg");
  CHECK(nearest_kind("mq") == "pmsg");
  CHECK(nearest_kind("shmem") == "shm");
  CHECK(nearest_kind("semaphores") == "semaphore");
  CHECK(nearest_kind("pipe") == "fifo");
  CHECK(nearest_kind("fif") == "fifo");
  CHECK(nearest_kind("pmgs") == "pmsg");
  CHECK(nearest_kind("elephant") == std::nullopt);
}
