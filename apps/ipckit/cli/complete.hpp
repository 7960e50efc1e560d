// SPDX-License-Identifier: MIT
#pragma once
// What the shells complete with: they ask the program, which knows its own grammar and the objects there are.

#include <span>

#include <ipckit/cli/context.hpp>

namespace ipckit::cli {

/// `ipckit __complete WORD...`: what the last word, which may be empty, can become; one candidate a line, a tab and
/// what it is. A line ":files" or ":directories" leaves the rest to the shell. Never reads a process.
void complete(std::span<char* const> words, Context& context);

}  // namespace ipckit::cli
