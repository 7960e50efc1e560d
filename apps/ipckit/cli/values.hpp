// SPDX-License-Identifier: MIT
#pragma once
// Values of semaphores as they are written: "1,0,5" for all, "0=1,2=5" for some.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ipckit::cli {

/// "V[,V]…", each at most `most`. Throws UsageError in the name of `option`.
[[nodiscard]] std::vector<std::uint32_t> parse_values(const std::string& option, const std::string& text,
                                                      std::uint32_t most);

/// "N=V[,N=V]…": the number of a semaphore and its value.
[[nodiscard]] std::vector<std::pair<std::uint32_t, std::uint32_t>> parse_numbered_values(const std::string& option,
                                                                                         const std::string& text,
                                                                                         std::uint32_t most);

}  // namespace ipckit::cli
