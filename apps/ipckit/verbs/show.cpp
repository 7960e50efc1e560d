// SPDX-License-Identifier: MIT
// One block per object: all that the kernel keeps of it.
#include <algorithm>
#include <string>
#include <vector>

#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/filter.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/process/pipe_ends.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/rows/entries.hpp>
#include <ipckit/sys/pidfd.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Entry;
using render::Cell;

struct Options {
  std::vector<std::string> refs;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF", options.refs, "The objects", Completes::refs);
  declare_json(arguments, options.output);
  declare_quiet(arguments, options.output);
}

/// A line of the block, a member of the JSON object.
struct Detail {
  std::string key;
  Cell cell;
};

/// What is shown of one object.
struct Shown {
  std::string ref;
  std::string asked;  // the word that was given
  std::vector<Detail> details;
  bool is_set = false;
  std::vector<std::vector<Detail>> semaphores;  // of a set: one list for each
};

void add_command(std::vector<Detail>& details, const char* key, pid_t pid, Timestamp by, const Context& context)
{
  if (pid <= 0) return;
  auto command = process::command_of(context.view, pid, by);
  details.push_back({key, command ? Cell{render::Foreign{std::move(*command)}} : Cell{render::Unknown{}}});
}

/// What only `show` looks up, kind by kind.
struct AddDetails {
  Shown& shown;
  Context& context;
  Report& report;

  void operator()(const msg::Queue& queue) const
  {
    add_command(shown.details, "last_sender_command", queue.last_sender, queue.sent, context);
    add_command(shown.details, "last_receiver_command", queue.last_receiver, queue.received, context);
  }
  void operator()(const shm::Segment& segment) const
  {
    add_command(shown.details, "creator_command", segment.creator, segment.changed, context);
    add_command(shown.details, "last_command", segment.last_user, std::max(segment.attached, segment.detached),
                context);
  }
  void operator()(const sem::Set& set) const
  {
    shown.is_set = true;
    const auto semaphores = sem::inspect_semaphores(context.view, set);
    if (!semaphores) {
      const bool refused = semaphores.error().kind == Errc::access_denied;
      if (refused) report.gap({.what = object::Missing::values, .kind = object::Kind::sem, .count = 1});
      return;
    }
    for (std::size_t number = 0; number < semaphores->size(); ++number) {
      add_semaphore(set, number, (*semaphores)[number]);
    }
  }
  void operator()(const pmsg::Queue& queue) const
  {
    if (!queue.geometry) report.gap({.what = object::Missing::attributes, .kind = object::Kind::pmsg, .count = 1});
  }
  void operator()(const psem::Semaphore& semaphore) const
  {
    const bool unread = semaphore.health == psem::Health::unread;
    if (unread) report.gap({.what = object::Missing::values, .kind = object::Kind::psem, .count = 1});
  }
  void operator()(const fifo::Fifo& fifo) const
  {
    auto ends = process::pipe_ends(context.view, &fifo.file);
    if (!ends) {
      report.gap({.what = object::Missing::proc, .kind = object::Kind::fifo, .subject = context.view.proc_directory});
      add_pipe(render::Unknown{}, render::Unknown{});
      return;
    }
    std::erase_if(ends->rows, [](const auto& end) { return !end.reads && !end.writes; });
    for (const auto& end : ends->rows) {
      const auto borrowed = process::borrow(end);
      const auto waiting = borrowed ? sys::bytes_waiting(borrowed->get()) : std::unexpected(borrowed.error());
      const auto size = borrowed ? sys::pipe_size(borrowed->get()) : std::unexpected(borrowed.error());
      if (!waiting || !size) continue;
      add_pipe(Bytes{*waiting}, Bytes{*size});
      return;
    }
    for (const auto& gap : ends->gaps) report.gap(gap);
    // A pipe that nobody holds has nothing inside, and no size yet.
    const bool unheld = ends->rows.empty() && ends->gaps.empty();
    add_pipe(unheld ? Cell{Bytes{0}} : Cell{render::Unknown{}},
             unheld ? Cell{render::Absent{}} : Cell{render::Unknown{}});
  }
  void operator()(const auto& /*nothing to add*/) const {}

private:
  void add_pipe(const Cell& waiting, const Cell& size) const
  {
    shown.details.push_back({"bytes_waiting", waiting});
    shown.details.push_back({"pipe_size", size});
  }
  void add_semaphore(const sem::Set& set, std::size_t number, const sem::Semaphore& semaphore) const
  {
    std::vector<Detail> details{{"number", render::Number{number}},
                                {"value", render::Number{semaphore.value}},
                                {"waiting_to_take", render::Number{semaphore.waiting_to_take}},
                                {"waiting_for_zero", render::Number{semaphore.waiting_for_zero}}};
    if (semaphore.last_user > 0) {
      details.push_back({"last_pid", render::Signed{semaphore.last_user}});
      add_command(details, "last_command", semaphore.last_user, std::max(set.operated, set.changed), context);
    }
    shown.semaphores.push_back(std::move(details));
  }
};

/// Resident and swapped bytes of all segments at once: the file that has them lists every segment.
void add_resident(std::vector<Result<Entry>>& found, const Context& context, Report& report)
{
  std::vector<shm::Segment> segments;
  const auto segment_of = [](Result<Entry>& entry) { return entry ? std::get_if<shm::Segment>(&*entry) : nullptr; };
  for (auto& entry : found) {
    if (const auto* const segment = segment_of(entry)) segments.push_back(*segment);
  }
  if (segments.empty()) return;
  if (const auto added = shm::add_resident(context.view, segments); !added) {
    report.gap({.what = object::Missing::resident,
                .kind = object::Kind::shm,
                .subject = added.error().subject,
                .os_error = added.error().os_error});
  }
  auto next = segments.begin();
  for (auto& entry : found) {
    if (auto* const segment = segment_of(entry)) *segment = *next++;
  }
}

Shown describe_entry(const std::string& asked, const Entry& entry, const render::CellContext& cells, Context& context,
                     Report& report)
{
  Shown shown{.ref = rows::ref_text(entry), .asked = asked, .details = {}, .semaphores = {}};
  for (const auto& column : rows::entry_columns()) {
    if (column.shown == render::Shown::table || column.shown == render::Shown::table_room) continue;
    shown.details.push_back({std::string(column.key), column.cell(entry, cells)});
  }
  std::visit(AddDetails{shown, context, report}, entry);
  return shown;
}

/// "last_used" is a member's name; people read "last used".
std::string label(const std::string& key)
{
  std::string text = key;
  std::ranges::replace(text, '_', ' ');
  return text;
}

void append_value(std::string& out, const Cell& cell, const Context& context)
{
  render::append_text(out, cell);
  if (const auto* const time = std::get_if<Timestamp>(&cell)) {
    const auto age = inventory::age_of(*time, context.now);
    out += age < std::chrono::nanoseconds{0} ? " (" + render::human_age(age) + ")"
                                             : " (" + render::human_age(age) + " ago)";
  }
  const auto* const bytes = std::get_if<Bytes>(&cell);
  if (bytes != nullptr && bytes->count >= 1024) out += " (" + std::to_string(bytes->count) + " bytes)";
}

void print_semaphores(const Shown& shown, Context& context)
{
  if (shown.semaphores.empty()) return;
  context.out.write("\n");
  render::TextTable table{{{.heading = "  NUMBER", .align = render::Align::right},
                           {.heading = "VALUE", .align = render::Align::right},
                           {.heading = "WAIT-TO-TAKE", .align = render::Align::right},
                           {.heading = "WAIT-FOR-ZERO", .align = render::Align::right},
                           {.heading = "LAST-PID", .align = render::Align::right},
                           {.heading = "COMMAND"}}};
  constexpr std::size_t width = 6;
  for (const auto& details : shown.semaphores) {
    for (const auto& detail : details) table.add(detail.cell);
    for (std::size_t at = details.size(); at < width; ++at) table.add(render::Absent{});
  }
  table.write(context.out, {});
}

void print_text(const Shown& shown, Context& context)
{
  constexpr std::size_t indent = 24;
  std::string& out = context.out.buffer();
  out += shown.ref + "\n";
  for (const auto& [key, cell] : shown.details) {
    if (std::holds_alternative<render::Absent>(cell) || key == "ref") continue;
    const std::string text = label(key);
    out += "  " + text;
    out.append(text.size() + 3 < indent ? indent - text.size() - 2 : 1, ' ');
    append_value(out, cell, context);
    out += '\n';
  }
  context.out.filled();
  print_semaphores(shown, context);
}

std::string semaphores_json(const Shown& shown)
{
  std::string list = "[";
  for (const auto& details : shown.semaphores) {
    if (list.size() > 1) list += ',';
    render::JsonObject semaphore{list};
    for (const auto& [key, cell] : details) semaphore.add(key, cell);
    semaphore.close();
  }
  return list + "]";
}

void print_json(const Shown& shown, ObjectStream& objects)
{
  objects.add([&](render::JsonObject& object) {
    for (const auto& [key, cell] : shown.details) object.add(key, cell);
    if (shown.asked != shown.ref) object.add("asked", render::Foreign{shown.asked});
    if (shown.is_set) object.add_json("semaphores", shown.semaphores.empty() ? "null" : semaphores_json(shown));
  });
}

Exit run(const Options& options, Context& context)
{
  const auto refs = parse_refs(options.refs);
  const auto format = options.output.format;
  const render::CellContext cells{.now = context.now, .names = {}};
  Report report{context};
  ObjectStream objects{context, format};
  std::vector<Result<Entry>> found;
  found.reserve(refs.size());
  for (const auto& asked : refs) found.push_back(inventory::inspect(context.view, asked.ref));
  add_resident(found, context, report);
  bool first = true;
  for (std::size_t at = 0; at < refs.size(); ++at) {
    const auto& [asked, ref] = refs[at];
    const auto& entry = found[at];
    if (!entry) {
      report.fail(asked, ref.kind, entry.error(), near_miss(context, ref, entry.error()));
      continue;
    }
    report.succeed();
    if (format == Format::refs) {
      context.out.write(rows::ref_text(*entry) + "\n");
      continue;
    }
    const auto shown = describe_entry(asked, *entry, cells, context, report);
    if (format == Format::text && !first) context.out.write("\n");
    first = false;
    if (format == Format::text) print_text(shown, context);
    print_json(shown, objects);
  }
  report.say_gaps();
  objects.finish(report);
  return report.status();
}

}  // namespace

extern const Verb show_verb;
constexpr Verb show_verb =
    define_verb<&declare, &run>({.name = "show",
                                 .synopsis = "[OPTION]... REF...",
                                 .summary = "Show all that the kernel keeps of single objects",
                                 .examples = "ipckit show sem:@deploy                # values, waiters, last pids\n"
                                             "ipckit ls -q | xargs -r ipckit show    # everything of all\n"
                                             "ipckit show msg:5 --json               # the same for programs\n"});
}  // namespace ipckit::cli::verbs
