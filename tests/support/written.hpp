// SPDX-License-Identifier: MIT
#pragma once
// What is written to an Output, as text.

#include <functional>
#include <string>

#include <ipckit/render/output.hpp>

namespace ipckit::tests {

/// All that `write` puts out.
[[nodiscard]] std::string written(const std::function<void(render::Output&)>& write);

}  // namespace ipckit::tests
