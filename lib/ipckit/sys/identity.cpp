// SPDX-License-Identifier: MIT
#include <ipckit/sys/identity.hpp>

#include <algorithm>
#include <ctime>
#include <limits>
#include <vector>

#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {
namespace {

std::optional<std::uint64_t> limit_value(rlim_t value) noexcept
{
  return value == RLIM_INFINITY ? std::nullopt : std::optional<std::uint64_t>{value};
}

Timestamp clock_time(clockid_t clock) noexcept
{
  timespec time{};
  static_cast<void>(::clock_gettime(clock, &time));  // cannot fail: the clock is one of ours, the pointer good
  return {.seconds = time.tv_sec, .nanoseconds = static_cast<std::uint32_t>(time.tv_nsec)};
}

}  // namespace

uid_t effective_user() noexcept
{
  return ::geteuid();
}

bool is_in_group(gid_t group)
{
  if (group == ::getegid()) return true;
  const int count = ::getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0)));
  const int filled = ::getgroups(count, groups.data());
  groups.resize(static_cast<std::size_t>(std::max(filled, 0)));
  return std::ranges::find(groups, group) != groups.end();
}

Result<ResourceLimit> resource_limit(int resource)
{
  rlimit raw{};
  IPCKIT_TRY(check("getrlimit", "", [&] { return ::getrlimit(static_cast<__rlimit_resource>(resource), &raw); }));
  return ResourceLimit{.soft = limit_value(raw.rlim_cur), .hard = limit_value(raw.rlim_max)};
}

Result<> raise_soft_limit(int resource)
{
  rlimit raw{};
  IPCKIT_TRY(check("getrlimit", "", [&] { return ::getrlimit(static_cast<__rlimit_resource>(resource), &raw); }));
  raw.rlim_cur = raw.rlim_max;
  return check("setrlimit", "", [&] { return ::setrlimit(static_cast<__rlimit_resource>(resource), &raw); });
}

Timestamp now() noexcept
{
  return clock_time(CLOCK_REALTIME);
}

Timestamp boot_time() noexcept
{
  const Timestamp wall = clock_time(CLOCK_REALTIME);
  const Timestamp up = clock_time(CLOCK_BOOTTIME);
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t nanoseconds =
      static_cast<std::int64_t>(wall.nanoseconds) - static_cast<std::int64_t>(up.nanoseconds);
  const std::int64_t borrow = nanoseconds < 0 ? 1 : 0;
  return {.seconds = wall.seconds - up.seconds - borrow,
          .nanoseconds = static_cast<std::uint32_t>(nanoseconds + borrow * second)};
}

std::uint64_t free_memory() noexcept
{
  struct sysinfo info = {};
  return ::sysinfo(&info) == 0 ? std::uint64_t{info.freeram} * info.mem_unit : 0;
}

std::uint64_t total_swap() noexcept
{
  struct sysinfo info = {};
  if (::sysinfo(&info) != 0) return std::numeric_limits<std::uint64_t>::max();
  return std::uint64_t{info.totalswap} * info.mem_unit;
}

std::uint64_t page_size() noexcept
{
  return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t ticks_per_second() noexcept
{
  return static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
}

}  // namespace ipckit::sys
