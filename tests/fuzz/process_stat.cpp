// SPDX-License-Identifier: MIT
// /proc/PID/stat.
#include <ipckit/procfs/process_stat.hpp>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = fuzz::text_of(data, size);
  const auto stat = procfs::parse_process_stat(text);
  if (!stat) {
    promise(stat.error().kind == Errc::malformed, "what does not parse is malformed");
    return 0;
  }
  promise(text.contains("(" + stat->command + ")"), "the command is what stands in brackets");
  promise(!text.substr(text.rfind(')') + 1).contains(')'), "the last bracket ends it");

  // Whatever a process calls itself, it changes nothing but its name.
  const std::string line = "7 (" + std::string(text) + ") S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21\n";
  const auto named = procfs::parse_process_stat(line);
  promise(named.has_value(), "any name is a name");
  promise(named->pid == 7 && named->state == 'S' && named->flags == 6 && named->start_ticks == 19,
          "a name changes no other field");
  promise(named->command == text, "the name is told as it is");
  return 0;
}
