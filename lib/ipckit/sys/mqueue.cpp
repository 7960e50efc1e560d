// SPDX-License-Identifier: MIT
#include <ipckit/sys/mqueue.hpp>

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {

Result<UniqueFd> mq_open(const std::string& name, int flags)
{
  return UniqueFd{IPCKIT_TRY(call("mq_open", name, [&] { return ::mq_open(name.c_str(), flags | O_CLOEXEC); }))};
}

Result<UniqueFd> mq_create(const std::string& name, mode_t mode, const std::optional<mq_attr>& attributes)
{
  mq_attr wanted = attributes.value_or(mq_attr{});
  mq_attr* const argument = attributes ? &wanted : nullptr;
  const mode_t saved = ::umask(0);
  auto made = call("mq_open", name,
                   [&] { return ::mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode, argument); });
  ::umask(saved);
  return UniqueFd{IPCKIT_TRY(std::move(made))};
}

Result<mq_attr> mq_getattr(int queue, const std::string& subject)
{
  mq_attr attributes{};
  IPCKIT_TRY(check("mq_getattr", subject, [&] { return ::mq_getattr(queue, &attributes); }));
  return attributes;
}

Result<> mq_unlink(const std::string& name)
{
  return check("mq_unlink", name, [&] { return ::mq_unlink(name.c_str()); });
}

Result<UniqueFd> mount_mqueue()
{
  const std::string name = "mqueue";
  const UniqueFd context{IPCKIT_TRY(
      call("fsopen", name, [&] { return static_cast<int>(::syscall(SYS_fsopen, name.c_str(), FSOPEN_CLOEXEC)); }))};
  IPCKIT_TRY(check("fsconfig", name, [&] {
    return static_cast<int>(::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
  }));
  return UniqueFd{IPCKIT_TRY(call("fsmount", name, [&] {
    return static_cast<int>(
        ::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
  }))};
}

}  // namespace ipckit::sys
