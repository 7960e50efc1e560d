// SPDX-License-Identifier: MIT
#pragma once
// What -h and `ipckit help` print.

#include <string>
#include <vector>

#include <ipckit/cli/verb.hpp>

namespace ipckit::cli {

/// Options and operands of a verb, -h included, in the order in which they are declared.
[[nodiscard]] std::vector<OptionInfo> describe(const Verb& verb);

/// The help of the whole program, at most 80 columns.
[[nodiscard]] std::string general_help();
/// The help of one verb, at most 80 columns.
[[nodiscard]] std::string verb_help(const Verb& verb);

}  // namespace ipckit::cli
