// SPDX-License-Identifier: MIT
#pragma once
// The columns of a limit.

#include <span>

#include <ipckit/inventory/limits.hpp>
#include <ipckit/render/cell.hpp>

namespace ipckit::rows {

using LimitColumn = render::Column<inventory::Limit>;

[[nodiscard]] std::span<const LimitColumn> limit_columns() noexcept;

/// An amount of the limit's unit.
[[nodiscard]] render::Cell amount_of(const inventory::Limit& limit, std::uint64_t amount);

}  // namespace ipckit::rows
