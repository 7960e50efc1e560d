// SPDX-License-Identifier: MIT
#pragma once
// The columns of an object of any kind: what `ls` tabulates, `show` prints as a block, and both write as JSON.

#include <span>
#include <string>

#include <ipckit/inventory/entry.hpp>
#include <ipckit/render/cell.hpp>

namespace ipckit::rows {

using EntryColumn = render::Column<inventory::Entry>;

/// All of them, in the order of the table and of JSON.
[[nodiscard]] std::span<const EntryColumn> entry_columns() noexcept;

/// The USE cell: what the kernel tells of the object alone.
[[nodiscard]] render::Words use_of(const inventory::Entry& entry);

/// The canonical REF as text.
[[nodiscard]] std::string ref_text(const inventory::Entry& entry);

}  // namespace ipckit::rows
