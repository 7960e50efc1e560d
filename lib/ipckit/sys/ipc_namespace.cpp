// SPDX-License-Identifier: MIT
#include <ipckit/sys/ipc_namespace.hpp>

#include <cstdlib>

#include <fcntl.h>
#include <sched.h>

#include <ipckit/sys/call.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::sys {
namespace {

constexpr const char* own_link = "/proc/thread-self/ns/ipc";

}  // namespace

Result<std::uint64_t> own_ipc_namespace()
{
  const auto found = IPCKIT_TRY(status_through(AT_FDCWD, own_link));
  return found.inode;
}

Result<InIpcNamespace> InIpcNamespace::enter(int descriptor)
{
  if (descriptor < 0) return InIpcNamespace{UniqueFd{}};
  auto before = IPCKIT_TRY(open(own_link, O_RDONLY));
  IPCKIT_TRY(check("setns", "ipc namespace", [&] { return ::setns(descriptor, CLONE_NEWIPC); }));
  return InIpcNamespace{std::move(before)};
}

InIpcNamespace::~InIpcNamespace()
{
  if (before_ && ::setns(before_.get(), CLONE_NEWIPC) != 0) std::abort();
}

}  // namespace ipckit::sys
