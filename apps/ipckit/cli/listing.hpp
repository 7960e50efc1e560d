// SPDX-License-Identifier: MIT
#pragma once
// From columns and rows to what is printed: a table, a JSON document, JSON lines or REFs, row by row.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ipckit/cli/context.hpp>
#include <ipckit/cli/options.hpp>
#include <ipckit/cli/report.hpp>
#include <ipckit/render/cell.hpp>
#include <ipckit/render/json.hpp>
#include <ipckit/render/text.hpp>
#include <ipckit/rows/context.hpp>

namespace ipckit::cli {

/// Whether a format is one of JSON.
[[nodiscard]] inline bool is_json(Format format) noexcept
{
  return format == Format::json || format == Format::jsonl;
}

/// A JSON document of objects, or the objects alone, a line each. Does nothing in another format. Every object ends its
/// line, so that what is said on stderr meanwhile never lands inside one on a terminal.
class ObjectStream {
public:
  ObjectStream(Context& context, Format format) noexcept : context_{context}, format_{format} {}
  /// One object; `write` adds its members.
  template <class Write>
  void add(Write write)
  {
    if (!is_json(format_)) return;
    std::string& out = context_.out.buffer();
    begin(out);
    if (!first_ && format_ == Format::json) out += ',';
    first_ = false;
    render::JsonObject object{out};
    write(object);
    object.close();
    out += '\n';
    context_.out.filled();
  }
  /// Closes the document; what went wrong stands in it.
  void finish(const Report& report);

private:
  /// The head of the document, once: a verb that ends before it has anything to say prints nothing.
  void begin(std::string& out);

  Context& context_;
  Format format_;
  bool begun_ = false;
  bool first_ = true;
};

/// Which columns a listing has.
template <class Row>
using Columns = std::vector<const render::Column<Row>*>;

/// The columns that `wanted` accepts.
template <class Row, class Wanted>
[[nodiscard]] Columns<Row> select(std::span<const render::Column<Row>> all, Wanted wanted)
{
  Columns<Row> selected;
  for (const auto& column : all) {
    if (wanted(column.shown)) selected.push_back(&column);
  }
  return selected;
}

[[nodiscard]] inline bool in_table(render::Shown shown) noexcept
{
  return shown == render::Shown::always || shown == render::Shown::when_room || shown == render::Shown::table ||
         shown == render::Shown::table_room;
}

[[nodiscard]] inline bool in_json(render::Shown shown) noexcept
{
  return shown == render::Shown::always || shown == render::Shown::when_room || shown == render::Shown::json;
}

[[nodiscard]] inline bool is_droppable(render::Shown shown) noexcept
{
  return shown == render::Shown::when_room || shown == render::Shown::table_room;
}

/// An empty table of the columns. `fixed`: chosen by the user, so none is left out for want of room.
template <class Row>
[[nodiscard]] render::TextTable table_of(const Columns<Row>& columns, bool fixed)
{
  std::vector<render::TextColumn> headings;
  for (const auto* const column : columns) {
    headings.push_back(
        {.heading = column->heading, .align = column->align, .droppable = !fixed && is_droppable(column->shown)});
  }
  return render::TextTable{std::move(headings)};
}

/// The members of a row's JSON object.
template <class Row>
void add_members(render::JsonObject& object, const Columns<Row>& columns, const Row& row,
                 const render::CellContext& context)
{
  for (const auto* const column : columns) object.add(column->key, column->cell(row, context));
}

}  // namespace ipckit::cli
