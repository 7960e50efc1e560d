// SPDX-License-Identifier: MIT
// The three texts of /proc/sysvipc.
#include <ipckit/procfs/sysvipc.hpp>

#include <algorithm>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

namespace {

template <class Rows>
void check(const Result<Rows>& rows, std::string_view text, std::string_view file)
{
  if (!rows) {
    promise(rows.error().kind == Errc::malformed && rows.error().subject.starts_with(file), "an error names the file");
    return;
  }
  promise(rows->size() <= static_cast<std::size_t>(std::ranges::count(text, '\n')), "no more rows than lines");
  for (const auto& row : *rows) promise(row.common.id >= -2147483647 - 1, "an id is a number");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = fuzz::text_of(data, size);
  check(procfs::parse_sysvipc_msg(text), text, "sysvipc/msg:");
  check(procfs::parse_sysvipc_shm(text), text, "sysvipc/shm:");
  check(procfs::parse_sysvipc_sem(text), text, "sysvipc/sem:");
  return 0;
}
