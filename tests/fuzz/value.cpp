// SPDX-License-Identifier: MIT
// Typed values.
#include <ipckit/object/value.hpp>

#include <string>

#include "target.hpp"

using namespace ipckit::object;
using ipckit::fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = ipckit::fuzz::text_of(data, size);
  for (const auto& [word, type] : value_type_words) {
    promise(parse_value_type(word) == type, "a type has its word");
    const auto value = parse_value(type, text);
    if (!value) continue;
    std::string written;
    append_value(written, type, *value);
    const auto again = parse_value(type, written);
    promise(again.has_value(), "what is written is read");
    promise(*again == *value || written == "nan", "what is written is read back as the same");
    promise(load_value(type, value->data()) == *value, "a value is loaded as it is stored");
  }
  return 0;
}
