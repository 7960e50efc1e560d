// SPDX-License-Identifier: MIT
// logind.conf.
#include <ipckit/procfs/logind.hpp>

#include <string>

#include "target.hpp"

using ipckit::fuzz::promise;
using ipckit::procfs::parse_remove_ipc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string text(ipckit::fuzz::text_of(data, size));
  const auto setting = parse_remove_ipc(text);
  promise(parse_remove_ipc(text + "\n[Login]\nRemoveIPC=no\n") == false, "the last setting counts");
  promise(parse_remove_ipc(text + "\n[Login]\nRemoveIPC=yes\n") == true, "the last setting counts");
  promise(parse_remove_ipc(text + "\n[Other]\nRemoveIPC=yes\nRemoveIPC=no\n") == setting,
          "other sections do not count");
  return 0;
}
