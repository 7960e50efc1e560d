// SPDX-License-Identifier: MIT
#include <ipckit/rows/limits.hpp>

#include <array>
#include <string>

namespace ipckit::rows {
namespace {

using inventory::Limit;
using render::Absent;
using render::Align;
using render::Cell;
using render::CellContext;
using render::Shown;
using render::Unknown;
using render::Words;

Cell kind_cell(const Limit& limit, const CellContext& /*context*/)
{
  return Words{.text = std::string(object::name_of(limit.kind))};
}

Cell name_cell(const Limit& limit, const CellContext& /*context*/)
{
  return Words{.text = std::string(limit.name)};
}

Cell value_cell(const Limit& limit, const CellContext& /*context*/)
{
  if (limit.unlimited) return render::Unlimited{};
  return limit.value ? amount_of(limit, *limit.value) : Cell{Unknown{}};
}

Cell used_cell(const Limit& limit, const CellContext& /*context*/)
{
  if (!limit.counted) return Absent{};
  return limit.used ? amount_of(limit, *limit.used) : Cell{Unknown{}};
}

Cell percent_cell(const Limit& limit, const CellContext& /*context*/)
{
  if (!limit.counted || limit.unlimited) return Absent{};
  const auto percent = limit.percent();
  return percent ? Cell{render::Percent{*percent}} : Cell{Unknown{}};
}

Cell unlimited_cell(const Limit& limit, const CellContext& /*context*/)
{
  return render::Flag{limit.unlimited};
}

Cell unit_cell(const Limit& limit, const CellContext& /*context*/)
{
  switch (limit.unit) {
    case inventory::Unit::count: return Words{.text = "count"};
    case inventory::Unit::bytes: return Words{.text = "bytes"};
    case inventory::Unit::pages: return Words{.text = "pages"};
  }
  return Absent{};
}

Cell meaning_cell(const Limit& limit, const CellContext& /*context*/)
{
  return Words{.text = std::string(limit.meaning)};
}

Cell set_by_cell(const Limit& limit, const CellContext& /*context*/)
{
  return Words{.text = limit.set_by};
}

constexpr std::array columns{
    LimitColumn{"kind", "KIND", "the kind it limits", kind_cell, Shown::always},
    LimitColumn{"limit", "LIMIT", "its name", name_cell, Shown::always},
    LimitColumn{"value", "AT-MOST", "the limit", value_cell, Shown::always, Align::right},
    LimitColumn{"unlimited", "UNLIMITED", "whether there is none", unlimited_cell, Shown::json},
    LimitColumn{"used", "USED", "what is used of it", used_cell, Shown::always, Align::right},
    LimitColumn{"percent", "USE%", "per cent of it", percent_cell, Shown::always, Align::right},
    LimitColumn{"unit", "UNIT", "count, bytes or pages", unit_cell, Shown::json},
    LimitColumn{"meaning", "MEANING", "what it counts", meaning_cell, Shown::when_room},
    LimitColumn{"set_by", "SET-BY", "the sysctl, rlimit or mount that sets it", set_by_cell, Shown::always},
};

}  // namespace

std::span<const LimitColumn> limit_columns() noexcept
{
  return columns;
}

Cell amount_of(const Limit& limit, std::uint64_t amount)
{
  return limit.unit == inventory::Unit::bytes ? Cell{Bytes{amount}} : Cell{render::Number{amount}};
}

}  // namespace ipckit::rows
