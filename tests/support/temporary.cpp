// SPDX-License-Identifier: MIT
#include "support/temporary.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ipckit::tests {
namespace {

int fsconfig(int context, unsigned command, const char* key, const char* value)
{
  return static_cast<int>(::syscall(SYS_fsconfig, context, command, key, value, 0));
}

}  // namespace

TemporaryDirectory::TemporaryDirectory()
{
  for (const char* const parent : {"/dev/shm", "/tmp"}) {
    path_ = std::string(parent) + "/ipckit-test-XXXXXX";
    if (::mkdtemp(path_.data()) != nullptr) return;
  }
  throw std::runtime_error("neither /dev/shm nor /tmp takes a directory");
}

TemporaryDirectory::~TemporaryDirectory()
{
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const std::string& content, unsigned mode)
{
  std::ofstream file(path, std::ios::binary);
  file << content << std::flush;
  if (!file || ::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) throw std::runtime_error("cannot write " + path);
}

std::string read_file(const std::string& path)
{
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool exists(const std::string& path)
{
  struct stat status = {};
  return ::lstat(path.c_str(), &status) == 0;
}

PrivateTmpfs::PrivateTmpfs(std::uint64_t bytes)
{
  const sys::UniqueFd context{static_cast<int>(::syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC))};
  if (!context) return;
  const bool made = fsconfig(context.get(), FSCONFIG_SET_STRING, "size", std::to_string(bytes).c_str()) == 0 &&
                    fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr) == 0;
  if (made) root_ = sys::UniqueFd{static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0))};
}

}  // namespace ipckit::tests
