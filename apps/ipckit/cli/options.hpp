// SPDX-License-Identifier: MIT
#pragma once
// Options that several verbs share, declared once.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ipckit/cli/arguments.hpp>
#include <ipckit/cli/context.hpp>
#include <ipckit/inventory/filter.hpp>
#include <ipckit/render/text.hpp>

namespace ipckit::cli {

enum class Format : std::uint8_t { text, json, jsonl, refs };
enum class Colour : std::uint8_t { automatic, always, never };

struct OutputOptions {
  Format format = Format::text;
  bool headings = true;
  Colour colour = Colour::automatic;
};

/// --json and --jsonl. Both are a usage error.
void declare_json(Arguments& arguments, OutputOptions& options);
/// -q, which excludes them.
void declare_quiet(Arguments& arguments, OutputOptions& options);
/// --no-headings and --color.
void declare_table(Arguments& arguments, OutputOptions& options);

/// How a table is to look here.
[[nodiscard]] render::TextStyle text_style(const OutputOptions& options, const Context& context);

struct FilterOptions {
  std::vector<std::string> users;  // as given
  bool mine = false;
  inventory::Filter filter;  // all but the users
  std::vector<std::string> fifo_directories;
  /// Whether any filter was given.
  [[nodiscard]] bool given() const noexcept { return mine || !users.empty() || !filter.empty(); }
};

/// --user, --mine, --older-than, --idle-for, --larger-than, --name and --fifo-dir. An empty value is a usage error.
void declare_filters(Arguments& arguments, FilterOptions& options);

/// The filter with its users' numbers.
[[nodiscard]] inventory::Filter resolved(const FilterOptions& options, const Context& context);

/// The directories in which FIFOs are looked for: /tmp, /run, /dev/shm, $XDG_RUNTIME_DIR, $TMPDIR and those given.
[[nodiscard]] std::vector<fifo::Place> fifo_directories(const std::vector<std::string>& given, const Context& context);

}  // namespace ipckit::cli
