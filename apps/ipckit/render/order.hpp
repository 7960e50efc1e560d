// SPDX-License-Identifier: MIT
#pragma once
// The order of cells, for sorting by a column.

#include <ipckit/render/cell.hpp>

namespace ipckit::render {

/// Whether `left` comes before `right` when a column is sorted: numbers by size, text by bytes; what does not apply or
/// is not known comes last.
[[nodiscard]] bool comes_before(const Cell& left, const Cell& right);

}  // namespace ipckit::render
