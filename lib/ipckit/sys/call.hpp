// SPDX-License-Identifier: MIT
#pragma once
// The one place where errno is read and where an interrupted call is made again.

#include <cerrno>
#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include <ipckit/base/error.hpp>

namespace ipckit::sys {

/// Runs a system call that reports failure as -1, again for as long as a signal interrupts it. Only for calls without a
/// relative timeout.
template <std::invocable Call>
[[nodiscard]] auto call(std::string_view operation, std::string_view subject, Call attempt)
    -> Result<std::invoke_result_t<Call>>
{
  for (;;) {
    const auto outcome = attempt();
    if (outcome != -1) return outcome;
    if (errno != EINTR) return std::unexpected(last_error(operation, subject));
  }
}

/// The same for a call whose value says only that it worked.
template <std::invocable Call>
[[nodiscard]] Result<> check(std::string_view operation, std::string_view subject, Call attempt)
{
  auto outcome = call(operation, subject, std::move(attempt));
  if (!outcome) return std::unexpected(std::move(outcome).error());
  return {};
}

}  // namespace ipckit::sys
