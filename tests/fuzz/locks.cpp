// SPDX-License-Identifier: MIT
// Lines of /proc/locks.
#include <ipckit/procfs/locks.hpp>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = fuzz::text_of(data, size);
  const auto lock = procfs::parse_file_lock(text);
  if (!lock) {
    promise(lock.error().kind == Errc::malformed, "what does not parse is malformed");
    return 0;
  }
  promise(text.contains(lock->type) && text.contains(lock->access), "words are parts of the line");
  promise(!lock->access.contains(' '), "a word has no space");
  promise(lock->waits || lock->type != "->", "the arrow is no type");
  return 0;
}
