// SPDX-License-Identifier: MIT
#include <ipckit/cli/options.hpp>

#include <algorithm>

#include <ipckit/cli/values.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

void choose(OutputOptions& options, Format format)
{
  if (options.format != Format::text && options.format != format) {
    const bool quiet = options.format == Format::refs || format == Format::refs;
    throw UsageError(quiet ? "--json, --jsonl and -q exclude each other" : "--json and --jsonl exclude each other");
  }
  options.format = format;
}

Colour parse_colour(const std::string& text)
{
  if (text == "auto") return Colour::automatic;
  if (text == "always") return Colour::always;
  if (text == "never") return Colour::never;
  throw UsageError("--color: '" + render::printable(text) + "' is not auto, always or never");
}

void refuse_empty(const char* option, const std::string& text)
{
  if (text.empty()) throw UsageError(std::string(option) + ": an empty value is refused");
}

}  // namespace

void declare_json(Arguments& arguments, OutputOptions& options)
{
  arguments.action("--json", [&options] { choose(options, Format::json); }, "Print one JSON document");
  arguments.action("--jsonl", [&options] { choose(options, Format::jsonl); }, "Print one JSON object a line");
}

void declare_quiet(Arguments& arguments, OutputOptions& options)
{
  arguments.action(
      "-q,--quiet", [&options] { choose(options, Format::refs); }, "Print canonical REFs only, one a line");
}

void declare_table(Arguments& arguments, OutputOptions& options)
{
  arguments.action("--no-headings", [&options] { options.headings = false; }, "Leave out the line of headings");
  arguments.value(
      "--color", "WHEN", [&options](const std::string& text) { options.colour = parse_colour(text); },
      "Colour: auto (on a terminal), always or never", Completes::colours);
}

render::TextStyle text_style(const OutputOptions& options, const Context& context)
{
  const bool terminal = context.out.is_terminal();
  const bool automatic = terminal && !context.environment.no_colour;
  return {.headings = options.headings,
          .colour = options.colour == Colour::automatic ? automatic : options.colour == Colour::always,
          .width = terminal ? context.out.columns() : 0};
}

void declare_filters(Arguments& arguments, FilterOptions& options)
{
  arguments.value(
      "--user", "USER",
      [&options](const std::string& text) {
        refuse_empty("--user", text);
        static_cast<void>(parse_user("--user", text));  // every word is understood before anything is done
        options.users.push_back(text);
      },
      "Only what USER owns (name or number; may be repeated)", Completes::users, true);
  arguments.flag("--mine", options.mine, "Only what the caller owns");
  arguments.value("--older-than", "DURATION", options.filter.older_than,
                  "Only what was made or changed at least DURATION ago");
  arguments.value("--idle-for", "DURATION", options.filter.idle_for,
                  "Only what shows no use for DURATION, by any of its times");
  arguments.value(
      "--larger-than", "SIZE",
      [&options](const std::string& text) {
        const auto size = ValueOf<Bytes>::parse(text);
        if (!size) {
          throw UsageError("--larger-than: '" + render::printable(text) + "' is not " +
                           std::string(ValueOf<Bytes>::expected));
        }
        options.filter.larger_than = size->count;
      },
      "Only what takes more than SIZE of memory");
  arguments.value(
      "--name", "GLOB",
      [&options](const std::string& text) {
        refuse_empty("--name", text);
        options.filter.names.push_back(text);
      },
      "Only names that match GLOB, with or without the slash (may be repeated)", Completes::nothing, true);
  arguments.value(
      "--fifo-dir", "DIR",
      [&options](const std::string& text) {
        refuse_empty("--fifo-dir", text);
        options.fifo_directories.push_back(text);
      },
      "Look for FIFOs in DIR too (may be repeated)", Completes::directories, true);
}

inventory::Filter resolved(const FilterOptions& options, const Context& context)
{
  inventory::Filter filter = options.filter;
  for (const std::string& user : options.users) filter.users.push_back(parse_user("--user", user));
  if (!options.mine) return filter;
  // Filters intersect: --mine beside --user of somebody else leaves nothing.
  const bool nobody = !filter.users.empty() && std::ranges::find(filter.users, context.user) == filter.users.end();
  filter.users = {nobody ? static_cast<uid_t>(-1) : context.user};
  return filter;
}

std::vector<fifo::Place> fifo_directories(const std::vector<std::string>& given, const Context& context)
{
  std::vector<fifo::Place> places{{.path = "/tmp"}, {.path = "/run"}, {.path = context.view.shm_directory}};
  if (context.environment.runtime_directory) places.push_back({.path = *context.environment.runtime_directory});
  if (context.environment.temporary_directory) places.push_back({.path = *context.environment.temporary_directory});
  for (const std::string& path : given) places.push_back({.path = path, .must_exist = true});
  return places;
}

}  // namespace ipckit::cli
