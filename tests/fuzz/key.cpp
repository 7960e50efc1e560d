// SPDX-License-Identifier: MIT
// Keys, words that stand for them, and projects of ftok(3).
#include <ipckit/object/key.hpp>

#include "target.hpp"

using namespace ipckit::object;
using ipckit::fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = ipckit::fuzz::text_of(data, size);
  if (const auto key = parse_key(text)) {
    promise(parse_key(key_text(*key)) == *key, "the text of a key is read back");
    promise(parse_key(std::to_string(*key)) == *key, "so is its number");
  }
  promise(key_of_word(text) != 0, "no word has the key of private objects");
  const auto project = parse_project(text);
  promise(project.has_value() || text.size() != 1, "every character is a project");
  if (project) promise(parse_project(std::to_string(*project)) == *project, "the number of a project is read back");
  return 0;
}
