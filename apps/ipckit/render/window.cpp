// SPDX-License-Identifier: MIT
#include <ipckit/render/window.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <ipckit/render/hex.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::render {
namespace {

/// Bytes that change together: a value, all of a string, or one.
std::size_t unit_of(const Window& window)
{
  if (!window.type) return 1;
  const std::size_t width = width_of(*window.type);
  return width == 0 ? std::max<std::size_t>(1, window.bytes.size()) : width;
}

std::string address(std::uint64_t offset)
{
  std::array<char, 16> digits{};
  auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), offset, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

void append_bytes(std::string& out, std::span<const std::byte> bytes)
{
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::byte byte : bytes) {
    out += digits[std::to_integer<unsigned>(byte) >> 4U];
    out += digits[std::to_integer<unsigned>(byte) & 0xfU];
  }
}

/// One value, string or run of bytes, fit for a terminal; "-" where there is nothing.
std::string shown(std::span<const std::byte> bytes, std::optional<ValueType> type)
{
  if (type == ValueType::str) return '"' + printable(value_text(*type, bytes)) + '"';
  if (bytes.empty()) return "-";
  if (type) return value_text(*type, bytes);
  std::string text;
  append_bytes(text, bytes);
  return text;
}

/// The part of `bytes` that is there of a run.
std::span<const std::byte> part(std::span<const std::byte> bytes, Run run)
{
  const std::size_t start = std::min(run.at, bytes.size());
  return bytes.subspan(start, std::min(run.size, bytes.size() - start));
}

/// Runs are sorted and apart. There may be as many as bytes, and each byte asks: no walk through all of them.
bool overlaps(const std::vector<Run>& runs, std::size_t at, std::size_t size)
{
  const auto next = std::ranges::partition_point(runs, [&](const Run& run) { return run.at + run.size <= at; });
  return next != runs.end() && next->at < at + size;
}

std::vector<std::string> hex_lines(const Window& window, const std::vector<Run>& changed, std::size_t columns)
{
  std::size_t width = hex_line_bytes;
  while (width > 1 && hex_line_width(width) > columns) width /= 2;
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < window.bytes.size(); at += width) {
    const auto line = window.bytes.subspan(at, std::min(width, window.bytes.size() - at));
    append_hex_line(lines.emplace_back(), window.offset + at, line, width,
                    [&](std::size_t place) { return overlaps(changed, at + place, 1); });
  }
  return lines;
}

std::vector<std::string> text_lines(const Window& window, const std::vector<Run>& changed, std::size_t columns)
{
  const std::string text = cut_to_width(shown(window.bytes, window.type), columns);
  if (changed.empty()) return {text};
  return {"\x1b[7m" + text + "\x1b[0m"};
}

/// Values in columns of one width, as many as a line takes.
std::vector<std::string> value_lines(const Window& window, ValueType type, const std::vector<Run>& changed,
                                     std::size_t columns)
{
  const std::size_t width = unit_of(window);
  std::vector<std::string> values;
  std::size_t widest = 1;
  for (std::size_t at = 0; at + width <= window.bytes.size(); at += width) {
    values.push_back(value_text(type, window.bytes.subspan(at, width)));
    widest = std::max(widest, values.back().size());
  }
  constexpr std::size_t margin = 10;  // the offset and a gap
  const std::size_t room = columns > margin ? columns - margin : 1;
  const std::size_t per_line = std::clamp<std::size_t>(room / (widest + 2), 1, 16);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (at % per_line == 0) {
      std::string start = address(window.offset + at * width) + ":";
      start.resize(std::max(margin - 2, start.size()), ' ');
      lines.push_back(std::move(start));
    }
    std::string& line = lines.back();
    line.append(2 + widest - values[at].size(), ' ');
    line += overlaps(changed, at * width, width) ? "\x1b[7m" + values[at] + "\x1b[0m" : values[at];
  }
  return lines;
}

}  // namespace

std::vector<Run> changed_runs(std::span<const std::byte> before, const Window& now)
{
  const std::size_t unit = unit_of(now);
  std::vector<Run> runs;
  for (std::size_t at = 0; at < now.bytes.size(); at += unit) {
    const Run run{.at = at, .size = std::min(unit, now.bytes.size() - at)};
    if (std::ranges::equal(part(before, run), part(now.bytes, run))) continue;
    const bool joins = !now.type && !runs.empty() && runs.back().at + runs.back().size == at;
    if (joins) {
      ++runs.back().size;
    } else {
      runs.push_back(run);
    }
  }
  return runs;
}

std::string window_text(const Window& window)
{
  std::string text = address(window.offset) + ":";
  if (!window.type || *window.type == ValueType::str) return text + " " + shown(window.bytes, window.type);
  const std::size_t width = unit_of(window);
  for (std::size_t at = 0; at + width <= window.bytes.size(); at += width) {
    text += " " + value_text(*window.type, window.bytes.subspan(at, width));
  }
  return text;
}

std::string changes_text(std::span<const std::byte> before, const Window& now)
{
  std::string text;
  for (const Run& run : changed_runs(before, now)) {
    if (!text.empty()) text += ", ";
    text += address(now.offset + run.at) + ": " + shown(part(before, run), now.type) + " -> " +
            shown(part(now.bytes, run), now.type);
  }
  return text;
}

std::vector<std::string> window_lines(const Window& window, const std::vector<Run>& changed, std::size_t columns)
{
  if (!window.type) return hex_lines(window, changed, columns);
  if (*window.type == ValueType::str) return text_lines(window, changed, columns);
  return value_lines(window, *window.type, changed, columns);
}

void add_window(JsonObject& object, const Window& window)
{
  object.add("offset", Number{window.offset});
  if (!window.type) {
    object.add("data_base64",
               Words{.text = base64({reinterpret_cast<const char*>(window.bytes.data()), window.bytes.size()})});
    return;
  }
  object.add("type", Words{.text = std::string(name_of(*window.type))});
  if (*window.type == ValueType::str) {
    object.add("text", Foreign{value_text(*window.type, window.bytes)});
    return;
  }
  const std::size_t width = unit_of(window);
  std::string list = "[";
  for (std::size_t at = 0; at + width <= window.bytes.size(); at += width) {
    if (at > 0) list += ',';
    list += value_json(*window.type, window.bytes.subspan(at, width));
  }
  object.add_json("values", list + "]");
}

std::string runs_json(const Window& window, const std::vector<Run>& runs)
{
  std::string list = "[";
  for (const Run& run : runs) {
    if (list.size() > 1) list += ',';
    list += R"({"offset":)" + std::to_string(window.offset + run.at) + R"(,"size":)" + std::to_string(run.size) + "}";
  }
  return list + "]";
}

}  // namespace ipckit::render
