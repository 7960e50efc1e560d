// SPDX-License-Identifier: MIT
#include <ipckit/inventory/filter.hpp>

#include <algorithm>
#include <limits>
#include <string_view>

#include <fnmatch.h>

namespace ipckit::inventory {
namespace {

bool name_matches(const Entry& entry, const std::vector<std::string>& patterns)
{
  const std::string name = name_of(entry);
  if (name.empty()) return false;
  const auto last = name.rfind('/');
  const std::string without_slash = name.substr(last + 1);
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    const std::string& subject = pattern.contains('/') ? name : without_slash;
    return ::fnmatch(pattern.c_str(), subject.c_str(), 0) == 0;
  });
}

bool is_larger(const Entry& entry, std::uint64_t bytes)
{
  auto taken = taken_by(entry);
  if (!taken) taken = size_of(entry);
  return taken && *taken > bytes;
}

}  // namespace

bool Filter::empty() const noexcept
{
  return users.empty() && !older_than && !idle_for && !larger_than && names.empty();
}

std::chrono::nanoseconds age_of(Timestamp time, Timestamp now) noexcept
{
  // A file of tmpfs can be given any time, far outside what nanoseconds can count.
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
  std::int64_t seconds = 0;
  if (__builtin_sub_overflow(now.seconds, time.seconds, &seconds)) seconds = now.seconds > time.seconds ? most : -most;
  const auto whole = std::chrono::seconds{std::clamp(seconds, -most, most)};
  return whole + std::chrono::nanoseconds{now.nanoseconds} - std::chrono::nanoseconds{time.nanoseconds};
}

bool matches(const Entry& entry, const Filter& filter, Timestamp now)
{
  if (!filter.users.empty() && std::ranges::find(filter.users, user_of(entry)) == filter.users.end()) return false;
  if (filter.older_than && age_of(since(entry), now) < *filter.older_than) return false;
  if (filter.idle_for && age_of(last_used(entry), now) < *filter.idle_for) return false;
  if (filter.larger_than && !is_larger(entry, *filter.larger_than)) return false;
  return filter.names.empty() || name_matches(entry, filter.names);
}

}  // namespace ipckit::inventory
