// SPDX-License-Identifier: MIT
#include <ipckit/render/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include <ipckit/object/key.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/render/timestamp.hpp>

namespace ipckit::render {
namespace {

constexpr std::size_t gap = 2;  // blanks between two columns

struct AppendText {
  std::string& out;

  void number(auto value) const
  {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
  }
  void operator()(Absent /*cell*/) const { out += '-'; }
  void operator()(Unknown /*cell*/) const { out += '?'; }
  void operator()(Unlimited /*cell*/) const { out += "unlimited"; }
  void operator()(Mode cell) const
  {
    std::array<char, 12> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), cell.bits, 8).ptr;
    const std::string_view octal(digits.data(), static_cast<std::size_t>(end - digits.data()));
    out.append(octal.size() < 4 ? 4 - octal.size() : 1, '0');
    out += octal;
  }
  void operator()(Key cell) const { out += cell.key == 0 ? "private" : object::key_text(cell.key); }
  void operator()(Age cell) const { out += human_age(cell.length); }
  void operator()(Number cell) const { number(cell.count); }
  void operator()(Signed cell) const { number(cell.count); }
  void operator()(Percent cell) const
  {
    number(static_cast<std::uint64_t>(std::max(0.0, cell.value)));
    out += '%';
  }
  void operator()(Flag cell) const { out += cell.set ? "yes" : "no"; }
  void operator()(Never /*cell*/) const { out += "never"; }
  void operator()(Named cell) const
  {
    if (cell.name.empty()) {
      number(cell.number);
    } else {
      out += printable(cell.name);
    }
  }
  void operator()(const Words& cell) const { out += cell.text; }
  void operator()(const Foreign& cell) const { out += printable(cell.text); }
  void operator()(const Numbers& cell) const
  {
    bool first = true;
    for (const auto value : cell.values) {
      if (!first) out += ',';
      first = false;
      number(value);
    }
  }
  void operator()(const RefText& cell) const { out += cell.text; }
  void operator()(Bytes cell) const { out += human_bytes(cell.count); }
  void operator()(Timestamp cell) const { out += local_time(cell); }
};

void append_blanks(std::string& out, std::size_t count)
{
  out.append(count, ' ');
}

}  // namespace

void append_text(std::string& out, const Cell& cell)
{
  std::visit(AppendText{out}, cell);
}

bool is_alert(const Cell& cell) noexcept
{
  const auto* const words = std::get_if<Words>(&cell);
  return words != nullptr && words->alert;
}

void TextTable::add(const Cell& cell)
{
  const std::size_t column = places_.size() % columns_.size();
  const std::size_t start = text_.size();
  append_text(text_, cell);
  if (text_.size() == start) text_ += '-';  // every cell is filled
  const auto width = display_width(std::string_view(text_).substr(start));
  widths_[column] = std::max(widths_[column], width);
  places_.push_back({.end = static_cast<std::uint32_t>(text_.size()),
                     .width = static_cast<std::uint32_t>(width),
                     .alert = is_alert(cell)});
}

std::size_t TextTable::heading_width(std::size_t column, const TextStyle& style) const
{
  return std::max(widths_[column], style.headings ? columns_[column].heading.size() : 0);
}

std::vector<std::size_t> TextTable::fitting_columns(const TextStyle& style) const
{
  std::vector<std::size_t> shown(columns_.size());
  for (std::size_t at = 0; at < shown.size(); ++at) shown[at] = at;
  if (style.width == 0) return shown;
  const auto total = [&] {
    std::size_t sum = 0;
    for (const auto column : shown) sum += heading_width(column, style) + gap;
    return sum - gap;
  };
  for (std::size_t column = columns_.size(); column-- > 0 && total() > style.width;) {
    if (columns_[column].droppable) std::erase(shown, column);
  }
  return shown;
}

std::size_t TextTable::last_room(std::span<const std::size_t> shown, const TextStyle& style) const
{
  constexpr std::size_t least = 8;
  const std::size_t wanted = heading_width(shown.back(), style);
  if (style.width == 0) return wanted;
  std::size_t before = 0;
  for (const auto column : shown.first(shown.size() - 1)) before += heading_width(column, style) + gap;
  if (shown.size() == 1) return wanted;  // alone, it is what was asked for
  const std::size_t room = style.width > before ? style.width - before : 0;
  // Where cutting would not make the line fit, it would only hide what it says.
  return room < least ? wanted : std::min(wanted, room);
}

void TextTable::write_headings(Output& out, std::span<const std::size_t> shown, const TextStyle& style) const
{
  std::string& line = out.buffer();
  if (style.colour) line += "\x1b[1m";
  for (const auto column : shown) {
    const auto& [heading, align, droppable] = columns_[column];
    const auto padding = heading_width(column, style) - heading.size();
    if (align == Align::right) append_blanks(line, padding);
    line += heading;
    if (column == shown.back()) break;
    if (align == Align::left) append_blanks(line, padding);
    append_blanks(line, gap);
  }
  if (style.colour) line += "\x1b[0m";
  line += '\n';
}

void TextTable::write_row(Output& out, std::size_t first, std::span<const std::size_t> shown,
                          const TextStyle& style) const
{
  std::string& line = out.buffer();
  const auto room = last_room(shown, style);
  for (const auto column : shown) {
    const std::size_t at = first + column;
    const std::size_t start = at == 0 ? 0 : places_[at - 1].end;
    const std::string_view cell = std::string_view(text_).substr(start, places_[at].end - start);
    const bool last = column == shown.back();
    const std::size_t padding = heading_width(column, style) - places_[at].width;
    const bool is_cut = last && room < heading_width(column, style);
    if (columns_[column].align == Align::right && !is_cut) {
      append_blanks(line, padding);
    }
    if (style.colour && places_[at].alert) line += "\x1b[33m";
    if (last && places_[at].width > room) {
      line += cut_to_width(cell, room);
    } else {
      line += cell;
    }
    if (style.colour && places_[at].alert) line += "\x1b[0m";
    if (last) break;
    if (columns_[column].align == Align::left) append_blanks(line, padding);
    append_blanks(line, gap);
  }
  line += '\n';
  out.filled();
}

void TextTable::write(Output& out, const TextStyle& style) const
{
  const auto shown = fitting_columns(style);
  if (style.headings) write_headings(out, shown, style);
  for (std::size_t first = 0; first < places_.size(); first += columns_.size()) write_row(out, first, shown, style);
}

}  // namespace ipckit::render
