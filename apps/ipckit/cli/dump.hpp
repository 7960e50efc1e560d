// SPDX-License-Identifier: MIT
#pragma once
// The grammar as data, so that tests can compare every other copy of it with this one.

#include <string>

namespace ipckit::cli {

/// The whole grammar as JSON, for `ipckit __dump-cli`: what the tests compare manual, completions and schema with.
[[nodiscard]] std::string dump_grammar();

}  // namespace ipckit::cli
