// SPDX-License-Identifier: MIT
#include "support/private_ipc.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace ipckit::tests {
namespace {

bool write_file(const std::string& path, const std::string& text)
{
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

/// Becomes root of a new user namespace.
bool become_root()
{
  const auto user = std::to_string(::geteuid());
  const auto group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER) != 0) return false;
  const int saved = errno;
  const bool mapped = write_file("/proc/self/uid_map", "0 " + user + " 1\n") &&
                      write_file("/proc/self/setgroups", "deny\n") &&
                      write_file("/proc/self/gid_map", "0 " + group + " 1\n");
  errno = mapped ? saved : EPERM;
  return mapped;
}

/// The effective capabilities of this process, capabilities(7).
unsigned long capabilities()
{
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    unsigned long bits = 0;
    if (word == "CapEff:" && file >> std::hex >> bits) return bits;
  }
  return 0;
}

}  // namespace

PrivateIpc::PrivateIpc() : before_{::open("/proc/thread-self/ns/ipc", O_RDONLY | O_CLOEXEC)}
{
  if (::unshare(CLONE_NEWIPC) == 0) return;
  if (errno == EPERM && become_root() && ::unshare(CLONE_NEWIPC) == 0) return;
  missing_ = std::string("no IPC namespace of one's own: ") + std::strerror(errno);
}

PrivateIpc::~PrivateIpc()
{
  // Whoever had to make a user namespace cannot go back, and need not: the next test makes a namespace of its own.
  if (before_ && missing_.empty() && ::setns(before_.get(), CLONE_NEWIPC) != 0) return;
}

bool choose_next_id(const std::string& kind, int id)
{
  return write_file("/proc/sys/kernel/" + kind + "_next_id", std::to_string(id) + "\n");
}

bool is_real_root()
{
  std::ifstream map("/proc/self/uid_map");
  unsigned long inside = 1;
  unsigned long outside = 1;
  unsigned long count = 0;
  map >> inside >> outside >> count;
  const bool has_all_users = inside == 0 && outside == 0 && count > 65536;
  constexpr unsigned long wanted = 1U << 0U | 1U << 6U | 1U << 7U;  // CAP_CHOWN, CAP_SETGID, CAP_SETUID
  return ::geteuid() == 0 && has_all_users && (capabilities() & wanted) == wanted;
}

}  // namespace ipckit::tests
