// SPDX-License-Identifier: MIT
// /proc/PID/task/TID/syscall.
#include <ipckit/procfs/blocked_call.hpp>

#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = ipckit::fuzz::text_of(data, size);
  const auto call = ipckit::procfs::parse_blocked_call(text);
  if (!call) return 0;
  ipckit::fuzz::promise(call->number >= 0, "a call has a number");
  ipckit::fuzz::promise(text.contains("0x"), "a call has arguments");
  return 0;
}
