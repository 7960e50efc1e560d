// SPDX-License-Identifier: MIT
// Every object in one table, oldest first. Reads no process unless FIFOs that processes hold are asked for.
#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <ipckit/base/text.hpp>
#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/options.hpp>
#include <ipckit/cli/suggest.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/filter.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/order.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/rows/entries.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Entry;
using rows::EntryColumn;

struct Options {
  std::vector<std::string> operands;
  bool long_listing = false;
  bool full = false;
  bool columns_help = false;
  std::optional<std::string> columns;
  std::optional<std::string> sort;
  bool reverse = false;
  FilterOptions filters;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("KIND|REF", options.operands, "Kinds, groups or single objects; everything without one",
                     Completes::objects);
  arguments.flag("-l,--long", options.long_listing, "Show all columns");
  arguments.value("-o,--columns", "LIST", options.columns, "Show these columns; +LIST appends to the usual ones",
                  Completes::columns);
  arguments.flag("--columns-help", options.columns_help, "Print the columns that there are");
  arguments.value("--sort", "COLUMN", options.sort, "Sort by this column instead of age", Completes::columns);
  arguments.flag("--reverse", options.reverse, "Turn the order round");
  arguments.flag("--full", options.full, "Find FIFOs wherever a process holds one, too");
  declare_filters(arguments, options.filters);
  declare_json(arguments, options.output);
  declare_quiet(arguments, options.output);
  declare_table(arguments, options.output);
}

/// A column's name as it is meant: any case, - or _.
std::string folded(std::string_view name)
{
  std::string out(name);
  for (char& c : out) {
    if (c == '-') c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

const EntryColumn* find_column(std::string_view name)
{
  const std::string wanted = folded(name);
  std::vector<std::string> known;
  for (const auto& column : rows::entry_columns()) {
    if (column.key == wanted || folded(column.heading) == wanted) return &column;
    known.emplace_back(column.key);
  }
  const auto meant = nearest(wanted, known);
  throw UsageError("'" + render::printable(name) + "' is no column",
                   meant ? "did you mean '" + *meant + "'?" : "they are listed by: ipckit ls --columns-help");
}

Columns<Entry> parse_columns(std::string_view list)
{
  Columns<Entry> columns;
  if (list.starts_with('+')) {
    columns = select(rows::entry_columns(), in_table);
    list.remove_prefix(1);
  }
  for (;;) {
    const auto comma = list.find(',');
    const auto* const column = find_column(list.substr(0, comma));
    if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
    if (comma == std::string_view::npos) return columns;
    list.remove_prefix(comma + 1);
  }
}

/// What is shown, and whether somebody chose it.
struct Chosen {
  Columns<Entry> columns;
  bool fixed = false;
};

Chosen choose_columns(const Options& options)
{
  const bool text = options.output.format == Format::text;
  if (options.columns) {
    Chosen chosen{.columns = parse_columns(*options.columns), .fixed = true};
    // An object of JSON always says which it is.
    const auto* const ref = find_column("ref");
    const bool has_ref = std::ranges::find(chosen.columns, ref) != chosen.columns.end();
    if (!text && !has_ref) chosen.columns.insert(chosen.columns.begin(), ref);
    return chosen;
  }
  if (options.long_listing) {
    const auto all = [&](render::Shown shown) {
      return text || (shown != render::Shown::table && shown != render::Shown::table_room);
    };
    return {.columns = select(rows::entry_columns(), all), .fixed = true};
  }
  return {.columns = select(rows::entry_columns(), text ? in_table : in_json), .fixed = false};
}

bool needs_resident(const Chosen& chosen)
{
  return std::ranges::any_of(chosen.columns, [](const auto* column) {
    return column->key == "resident" || column->key == "swapped" || column->key == "huge_pages";
  });
}

/// What is listed, and the words by which some of it was asked for: canonical REF to word.
struct Collected {
  std::vector<Entry> entries;
  std::unordered_map<std::string, std::string> asked;
};

/// Adds the objects that REFs name, unless the kinds have brought them.
void add_named(const std::vector<AskedRef>& refs, Context& context, Collected& collected, Report& report)
{
  if (refs.empty()) return;
  std::unordered_set<std::string> known;
  for (const Entry& entry : collected.entries) known.insert(rows::ref_text(entry));
  for (const auto& [asked, ref] : refs) {
    auto found = inventory::inspect(context.view, ref);
    if (!found) {
      report.fail(asked, ref.kind, found.error(), near_miss(context, ref, found.error()));
      continue;
    }
    report.succeed();
    const std::string canonical = rows::ref_text(*found);
    if (known.insert(canonical).second) collected.entries.push_back(std::move(*found));
    if (canonical != asked) collected.asked.try_emplace(canonical, asked);
  }
}

Collected collect(const Options& options, const Operands& operands, bool resident, Context& context, Report& report)
{
  const bool everything = operands.kinds.empty() && operands.refs.empty();
  auto found =
      inventory::find(context.view, {.kinds = everything ? object::KindSet::all() : operands.kinds,
                                     .fifo_directories = fifo_directories(options.filters.fifo_directories, context),
                                     .held_fifos = options.full,
                                     .resident = resident});
  for (const auto& [kind, error] : found.errors) report.fail(object::name_of(kind), kind, error);
  for (const auto& gap : found.gaps) report.gap(gap);
  report.say_gaps();
  if (!operands.kinds.empty() || everything) report.succeed();
  Collected collected{.entries = std::move(found.entries), .asked = {}};
  add_named(operands.refs, context, collected, report);
  return collected;
}

void sort_by(const EntryColumn& column, const render::CellContext& cells, std::vector<Entry>& entries)
{
  std::vector<std::pair<render::Cell, std::size_t>> places;
  places.reserve(entries.size());
  for (std::size_t at = 0; at < entries.size(); ++at) places.emplace_back(column.cell(entries[at], cells), at);
  std::ranges::sort(places, [](const auto& left, const auto& right) {
    if (render::comes_before(left.first, right.first)) return true;
    return !render::comes_before(right.first, left.first) && left.second < right.second;  // equal ones stay in order
  });
  std::vector<Entry> sorted;
  sorted.reserve(entries.size());
  for (const auto& [cell, at] : places) sorted.push_back(std::move(entries[at]));
  entries = std::move(sorted);
}

/// The word that was given for an object, where it was not its canonical REF.
void add_asked(render::JsonObject& object, const Collected& collected, const Entry& entry)
{
  const auto found = collected.asked.find(rows::ref_text(entry));
  if (found != collected.asked.end()) object.add("asked", render::Foreign{found->second});
}

void print(const Collected& collected, const Chosen& chosen, const Options& options, const render::CellContext& cells,
           const Report& report, Context& context)
{
  const auto& columns = chosen.columns;
  const auto& entries = collected.entries;
  switch (options.output.format) {
    case Format::refs:
      for (const auto& entry : entries) {
        inventory::append_ref(context.out.buffer(), entry);
        context.out.write("\n");
      }
      return;
    case Format::text: {
      auto table = table_of(columns, chosen.fixed);
      for (const auto& entry : entries) {
        for (const auto* const column : columns) table.add(column->cell(entry, cells));
      }
      table.write(context.out, text_style(options.output, context));
      return;
    }
    case Format::json:
    case Format::jsonl: break;
  }
  ObjectStream objects{context, options.output.format};
  for (const auto& entry : entries) {
    objects.add([&](render::JsonObject& object) {
      add_members(object, columns, entry, cells);
      if (!collected.asked.empty()) add_asked(object, collected, entry);
    });
  }
  objects.finish(report);
}

void print_columns(Context& context)
{
  render::TextTable table{{{.heading = "COLUMN"}, {.heading = "HEADING"}, {.heading = "WHAT IT SHOWS"}}};
  for (const auto& column : rows::entry_columns()) {
    table.add(render::Words{.text = std::string(column.key)});
    table.add(render::Words{.text = std::string(column.heading)});
    table.add(render::Words{.text = std::string(column.help)});
  }
  table.write(context.out, {});
}

/// Nothing of a kind that was named, but something of its twin: people mix them up.
void mention_twins(const Operands& operands, const std::vector<Entry>& entries, Context& context)
{
  for (const std::string& word : operands.kind_words) {
    const auto kind = object::parse_kind(word);
    const auto twin = kind ? object::twin_of(*kind) : std::nullopt;
    if (!twin || operands.kinds.has(*twin)) continue;
    if (std::ranges::any_of(entries, [&](const Entry& entry) { return inventory::kind_of(entry) == *kind; })) continue;
    const auto count = inventory::find(context.view, {.kinds = {*twin}, .fifo_directories = {}}).entries.size();
    if (count == 0) continue;
    const std::string noun{noun_of(*twin)};
    const std::string family = object::is_sysv(*twin) ? "System V " : "";
    context.say("no " + std::string(noun_of(*kind)) + ", but " +
                render::plural(count, (family + noun).c_str(), (family + noun + "s").c_str()) + " (ipckit ls " +
                std::string(object::name_of(*twin)) + ")");
  }
}

Exit run(const Options& options, Context& context)
{
  if (options.columns_help) {
    if (options.output.format != Format::text) throw UsageError("--columns-help is a table for people");
    print_columns(context);
    return Exit::done;
  }
  const auto operands = parse_operands(options.operands);
  const auto chosen = choose_columns(options);
  const auto* const sort_column = options.sort ? find_column(*options.sort) : nullptr;
  const auto filter = resolved(options.filters, context);
  const render::CellContext cells{.now = context.now, .names = {}};
  Report report{context};
  auto collected = collect(options, operands, needs_resident(chosen), context, report);
  auto& entries = collected.entries;
  if (!options.filters.given() && !report.misses_objects()) mention_twins(operands, entries, context);
  std::erase_if(entries, [&](const Entry& entry) { return !inventory::matches(entry, filter, context.now); });
  inventory::sort_by_age(entries);
  if (sort_column != nullptr) sort_by(*sort_column, cells, entries);
  if (options.reverse) std::ranges::reverse(entries);
  print(collected, chosen, options, cells, report, context);
  return report.status();
}

}  // namespace

extern const Verb ls_verb;
constexpr Verb ls_verb = define_verb<&declare, &run>(
    {.name = "ls",
     .synopsis = "[OPTION]... [KIND|REF]...",
     .summary = "List IPC objects of all kinds in one table, oldest first",
     .examples = "ipckit ls                              # everything\n"
                 "ipckit ls shm pshm --sort size         # memory, the largest last\n"
                 "ipckit ls --mine --older-than 4h -q    # REFs of what I left lying about\n"
                 "ipckit ls queue -o ref,messages,use    # how full the queues are\n"});
}  // namespace ipckit::cli::verbs
