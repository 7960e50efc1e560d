// SPDX-License-Identifier: MIT
#include <ipckit/sys/memory.hpp>

#include <cerrno>
#include <cstdint>
#include <optional>

#include <sys/mman.h>
#include <sys/uio.h>

#include <ipckit/sys/call.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::sys {
namespace {

/// The device of anonymous memory: a memfd is on the same one as segments.
std::optional<std::uint64_t> device_of_memory(unsigned flags)
{
  const auto fd = call("memfd_create", "", [&] { return ::memfd_create("", MFD_CLOEXEC | flags); });
  if (!fd) return std::nullopt;
  const UniqueFd memory{*fd};
  const auto file = status(memory.get(), "");
  return file ? std::optional(file->device) : std::nullopt;
}

}  // namespace

bool is_memory_device(std::uint64_t device)
{
  static const auto small_pages = device_of_memory(0);
  static const auto huge_pages = device_of_memory(MFD_HUGETLB);
  return device == small_pages || device == huge_pages;
}

Result<> read_process(pid_t pid, std::uint64_t address, std::span<std::byte> buffer)
{
  const iovec here{.iov_base = buffer.data(), .iov_len = buffer.size()};
  // An address of another process, which is none of ours.
  auto* const elsewhere = reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr)
  const iovec there{.iov_base = elsewhere, .iov_len = buffer.size()};
  const auto count =
      IPCKIT_TRY(call("process_vm_readv", "", [&] { return ::process_vm_readv(pid, &here, 1, &there, 1, 0); }));
  if (static_cast<std::size_t>(count) == buffer.size()) return {};
  return std::unexpected(Error{.kind = Errc::system, .operation = "process_vm_readv", .os_error = EFAULT});
}

}  // namespace ipckit::sys
