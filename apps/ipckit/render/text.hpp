// SPDX-License-Identifier: MIT
#pragma once
// Tables and blocks for people. Cells are formatted once, into one buffer; widths are known before the first line is
// written.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ipckit/render/cell.hpp>
#include <ipckit/render/output.hpp>

namespace ipckit::render {

/// How a table is to look.
struct TextStyle {
  bool headings = true;
  bool colour = false;
  unsigned width = 0;  // columns of the terminal; 0: as wide as it gets, nothing is cut or left out
};

/// The cell as a person reads it, safe for a terminal.
void append_text(std::string& out, const Cell& cell);
/// Whether it should stand out.
[[nodiscard]] bool is_alert(const Cell& cell) noexcept;

/// One column of a table that is being filled.
struct TextColumn {
  std::string_view heading;
  Align align = Align::left;
  bool droppable = false;  // left out where the terminal has no room
};

/// A table: fill it row by row, then write it.
class TextTable {
public:
  explicit TextTable(std::vector<TextColumn> columns) : columns_(std::move(columns)), widths_(columns_.size()) {}

  /// The next cell of the row; as many as there are columns make a row.
  void add(const Cell& cell);
  /// The last column alone is cut to fit; droppable ones go first, from the right.
  void write(Output& out, const TextStyle& style) const;

private:
  struct Place {
    std::uint32_t end = 0;    // where the cell's text ends in text_
    std::uint32_t width = 0;  // columns it takes
    bool alert = false;
  };
  [[nodiscard]] std::vector<std::size_t> fitting_columns(const TextStyle& style) const;
  [[nodiscard]] std::size_t heading_width(std::size_t column, const TextStyle& style) const;
  void write_row(Output& out, std::size_t first, std::span<const std::size_t> shown, const TextStyle& style) const;
  void write_headings(Output& out, std::span<const std::size_t> shown, const TextStyle& style) const;
  [[nodiscard]] std::size_t last_room(std::span<const std::size_t> shown, const TextStyle& style) const;

  std::vector<TextColumn> columns_;
  std::vector<std::size_t> widths_;
  std::vector<Place> places_;
  std::string text_;
};

}  // namespace ipckit::render
