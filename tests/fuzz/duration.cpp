// SPDX-License-Identifier: MIT
// Durations.
#include <ipckit/base/duration.hpp>

#include <string>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = fuzz::text_of(data, size);
  const auto duration = parse_duration(text);
  promise(duration || duration.error().subject == text, "an error names the text");
  if (!duration) return 0;
  promise(duration->count() >= 0, "no duration is negative");
  promise(parse_duration(std::to_string(duration->count()) + "ns") == *duration, "nanoseconds are read back");
  return 0;
}
