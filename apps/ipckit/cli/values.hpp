// SPDX-License-Identifier: MIT
#pragma once
// Values that need more than a number: those of semaphores ("1,0,5" for all, "0=1,2=5" for some), users and groups.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace ipckit::cli {

/// "V[,V]…", each at most `most`. Throws UsageError in the name of `option`.
[[nodiscard]] std::vector<std::uint32_t> parse_values(const std::string& option, const std::string& text,
                                                      std::uint32_t most);

/// "N=V[,N=V]…": the number of a semaphore and its value.
[[nodiscard]] std::vector<std::pair<std::uint32_t, std::uint32_t>> parse_numbered_values(const std::string& option,
                                                                                         const std::string& text,
                                                                                         std::uint32_t most);

/// A message type as msgrcv(2) has it: any whole number. Throws UsageError in the name of `option`.
[[nodiscard]] std::int64_t parse_type(const std::string& option, const std::string& text);

/// A priority as mq_send(3) has it: 0 to 32767. Throws UsageError.
[[nodiscard]] std::uint32_t parse_priority(const std::string& text);

/// A user's number: of a name, or a number itself. Throws UsageError in the name of `option`.
[[nodiscard]] uid_t parse_user(const std::string& option, const std::string& text);
/// The same of a group.
[[nodiscard]] gid_t parse_group(const std::string& option, const std::string& text);

}  // namespace ipckit::cli
