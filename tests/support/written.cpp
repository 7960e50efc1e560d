// SPDX-License-Identifier: MIT
#include "support/written.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/sys/fd.hpp>

namespace ipckit::tests {

std::string written(const std::function<void(render::Output&)>& write)
{
  const sys::UniqueFd file{::memfd_create("output", MFD_CLOEXEC)};
  {
    render::Output out{file.get()};
    write(out);
  }
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return "fstat failed";
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  if (::pread(file.get(), text.data(), text.size(), 0) != status.st_size) return "pread failed";
  return text;
}

}  // namespace ipckit::tests
