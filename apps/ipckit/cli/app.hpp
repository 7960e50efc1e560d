// SPDX-License-Identifier: MIT
#pragma once
// The program as a function of its arguments: finds the verb, builds its grammar and no other, runs it.

#include <ipckit/cli/exit_status.hpp>

namespace ipckit::cli {

/// Runs ipckit on descriptors 1 and 2 and the process's environment.
[[nodiscard]] Exit run(int argc, char** argv);

}  // namespace ipckit::cli
