// SPDX-License-Identifier: MIT
#include <ipckit/sys/mqueue.hpp>

#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {
namespace {

/// A point of CLOCK_REALTIME, by which mq_timedsend(3) counts; that clock may be set meanwhile, so that the wait's own
/// decides in the end. Nothing: no end.
std::optional<timespec> deadline_of(const Wait& wait) noexcept
{
  const auto left = wait.left();
  if (!left) return std::nullopt;
  timespec now{};
  static_cast<void>(::clock_gettime(CLOCK_REALTIME, &now));
  constexpr long second = 1'000'000'000;
  const auto nanoseconds = now.tv_nsec + left->count() % second;
  return timespec{.tv_sec = now.tv_sec + left->count() / second + nanoseconds / second,
                  .tv_nsec = nanoseconds % second};
}

/// A deadline long past: the call does what it can at once.
constexpr timespec past{.tv_sec = 0, .tv_nsec = 0};

/// With such a deadline, "timed out" says that it would have had to wait.
template <class Outcome>
Outcome would_block(Outcome outcome) noexcept
{
  if (outcome == -1 && errno == ETIMEDOUT) errno = EAGAIN;
  return outcome;
}

/// Calls `attempt(const timespec*)` at once, then for as long as there is patience.
template <class Attempt>
auto timed(std::string_view operation, const std::string& subject, const Patience& patience, Attempt attempt)
{
  return at_once_or_block(
      operation, subject, patience, [&] { return would_block(attempt(&past)); },
      [&](const Wait& wait) {
        const auto deadline = deadline_of(wait);
        return attempt(deadline ? &*deadline : nullptr);
      });
}

}  // namespace

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

Result<> mq_send(int queue, std::span<const std::byte> data, unsigned priority, const Patience& patience,
                 const std::string& subject)
{
  // A message of nothing has an address all the same.
  const char* const bytes = data.empty() ? "" : reinterpret_cast<const char*>(data.data());
  IPCKIT_TRY(timed("mq_send", subject, patience, [&](const timespec* deadline) {
    if (deadline == nullptr) return ::mq_send(queue, bytes, data.size(), priority);
    return ::mq_timedsend(queue, bytes, data.size(), priority, deadline);
  }));
  return {};
}

Result<Received> mq_receive(int queue, std::span<std::byte> buffer, const Patience& patience,
                            const std::string& subject)
{
  Received received;
  char* const bytes = reinterpret_cast<char*>(buffer.data());
  const auto size = IPCKIT_TRY(timed("mq_receive", subject, patience, [&](const timespec* deadline) {
    if (deadline == nullptr) return ::mq_receive(queue, bytes, buffer.size(), &received.priority);
    return ::mq_timedreceive(queue, bytes, buffer.size(), &received.priority, deadline);
  }));
  received.size = static_cast<std::size_t>(size);
  return received;
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
