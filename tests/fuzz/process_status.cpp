// SPDX-License-Identifier: MIT
// The text of /proc/PID/status.
#include <ipckit/procfs/process_status.hpp>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = fuzz::text_of(data, size);
  const auto pid = procfs::innermost_pid(text);
  if (pid) promise(text.find("NSpid:") != std::string_view::npos, "a pid comes from the line NSpid");
  return 0;
}
