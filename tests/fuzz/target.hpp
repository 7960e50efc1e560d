// SPDX-License-Identifier: MIT
#pragma once
// What a fuzz target is: a function that takes any bytes, and ends the process when a promise is broken.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// libFuzzer's entry, and that of replay.cpp. Always 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace ipckit::fuzz {

[[nodiscard]] inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept
{
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process unless the promise is kept.
inline void promise(bool kept, const char* what)
{
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace ipckit::fuzz
