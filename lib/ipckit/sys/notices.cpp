// SPDX-License-Identifier: MIT
#include <ipckit/sys/notices.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include <unistd.h>

#include <ipckit/sys/call.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::sys {
namespace {

void note(std::uint32_t event, Noticed& noticed) noexcept
{
  if ((event & IN_OPEN) != 0) {
    ++noticed.opened;
  } else if ((event & IN_CLOSE_NOWRITE) != 0) {
    ++noticed.left;
  } else {
    ++noticed.other;
  }
  if ((event & (IN_IGNORED | IN_MOVE_SELF | IN_UNMOUNT)) != 0) noticed.over = true;
}

timespec timespec_of(std::chrono::nanoseconds length) noexcept
{
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length);
  return {.tv_sec = seconds.count(), .tv_nsec = (length - seconds).count()};
}

}  // namespace

Result<Notices> Notices::of(int fd, std::uint32_t events, const std::string& subject)
{
  UniqueFd instance{
      IPCKIT_TRY(call("inotify_init1", subject, [] { return ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }))};
  const std::string link = self_link(fd);
  IPCKIT_TRY(
      check("inotify_add_watch", subject, [&] { return ::inotify_add_watch(instance.get(), link.c_str(), events); }));
  return Notices{std::move(instance)};
}

Noticed Notices::take() noexcept
{
  Noticed noticed;
  alignas(inotify_event) std::array<char, 4096> buffer{};
  for (;;) {
    const auto count = ::read(instance_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return noticed;
    for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      note(event.mask, noticed);
      at += sizeof event + event.len;
    }
  }
}

void sleep_until_ready(std::span<pollfd> descriptors, std::chrono::nanoseconds longest) noexcept
{
  constexpr timespec moment{.tv_sec = 0, .tv_nsec = 20'000'000};
  const timespec limit = timespec_of(std::max(longest, std::chrono::nanoseconds{0}));
  if (::ppoll(descriptors.data(), descriptors.size(), &limit, nullptr) >= 0 || errno == EINTR) return;
  static_cast<void>(::clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, nullptr));  // cut short by a signal, it will do
}

std::chrono::nanoseconds thread_cpu_time() noexcept
{
  timespec now{};
  static_cast<void>(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now));
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

}  // namespace ipckit::sys
