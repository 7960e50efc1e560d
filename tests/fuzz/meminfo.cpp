// SPDX-License-Identifier: MIT
// /proc/meminfo.
#include <ipckit/procfs/meminfo.hpp>

#include <string>

#include "target.hpp"

using ipckit::fuzz::promise;
using ipckit::procfs::parse_meminfo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string text(ipckit::fuzz::text_of(data, size));
  const auto found = parse_meminfo(text);
  promise(!found.available || *found.available % 1024 == 0 || *found.available == UINT64_MAX, "kilobytes");
  promise(parse_meminfo("MemAvailable: 3 kB\n" + text).available == 3072, "the first line counts");
  promise(parse_meminfo("Other: 1 kB\n" + text) == found, "other lines do not count");
  return 0;
}
