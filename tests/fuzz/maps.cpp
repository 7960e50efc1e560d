// SPDX-License-Identifier: MIT
// Lines of /proc/PID/maps.
#include <ipckit/procfs/maps.hpp>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = fuzz::text_of(data, size);
  const auto mapping = procfs::parse_mapping(text);
  if (!mapping) {
    promise(mapping.error().kind == Errc::malformed, "what does not parse is malformed");
    return 0;
  }
  promise(mapping->permissions.size() == 4, "permissions are four letters");
  promise(text.ends_with(mapping->path), "the path is the end of the line");
  return 0;
}
