// SPDX-License-Identifier: MIT
// Sizes.
#include <ipckit/base/bytes.hpp>
#include <ipckit/base/number.hpp>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = fuzz::text_of(data, size);
  const auto bytes = parse_size(text);
  promise(bytes || bytes.error().subject == text, "an error names the text");
  if (const auto number = parse_number<std::uint64_t>(text)) {
    promise(bytes && bytes->count == *number, "a bare number is bytes");
  }
  if (bytes) promise(parse_size(std::to_string(bytes->count)) == *bytes, "a count is read back");
  return 0;
}
