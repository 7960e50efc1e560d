// SPDX-License-Identifier: MIT
// Removes objects by REF, or sets of them by kind and filter. What is in use stays unless forced.
#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/filter.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/process/pipe_ends.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/rows/entries.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Entry;
using object::Kind;

struct Options {
  std::vector<std::string> words;
  bool all = false;
  bool force = false;
  bool yes = false;
  bool dry_run = false;
  bool ignore_missing = false;
  bool verbose = false;
  FilterOptions filters;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF|KIND", options.words, "The objects; with --all, the kinds", Completes::own_objects_or_kinds);
  arguments.flag("--all", options.all, "Remove every object of the kinds that the filters leave");
  arguments.flag("-f,--force", options.force, "Remove what is held, waited on or full of messages, too");
  arguments.flag("-y,--yes", options.yes, "With --all: do not ask");
  arguments.flag("-n,--dry-run", options.dry_run, "Remove nothing, print what would go");
  arguments.flag("--ignore-missing", options.ignore_missing, "What is not there is no error");
  arguments.flag("-v,--verbose", options.verbose, "Say what was removed");
  declare_filters(arguments, options.filters);
  declare_json(arguments, options.output);
  declare_quiet(arguments, options.output);
}

/// One object to remove, and the word it was asked by; empty for a set.
struct Target {
  std::string asked;
  Entry entry;
};

std::string name_of(const Target& target)
{
  return target.asked.empty() ? rows::ref_text(target.entry) : target.asked;
}

/// What is still there of an object that was removed; nullptr when nothing is.
const char* left_over(object::Removal removal) noexcept
{
  switch (removal) {
    case object::Removal::gone: return nullptr;
    case object::Removal::doomed: return "doomed, not gone: it goes when the last who holds it lets go";
    case object::Removal::linked: return "its name is gone; another name of the same file keeps its memory";
    case object::Removal::unknown: return "its name is gone; whether somebody still holds it could not be seen";
  }
  return nullptr;
}

/// Prints what has become of each object in the form that was asked for.
class Outcome {
public:
  Outcome(const Options& options, Context& context)
      : options_{options}, context_{context}, objects_{context, options.output.format}
  {
  }

  void removed(const Target& target, object::Removal removal)
  {
    const std::string ref = rows::ref_text(target.entry);
    if (const char* const left = left_over(removal)) context_.say(name_of(target) + ": " + left);
    if (options_.verbose && removal == object::Removal::gone) context_.say(name_of(target) + ": removed");
    print(target, ref, removal == object::Removal::doomed ? "doomed" : "removed");
  }
  void would_remove(const Target& target)
  {
    const std::string ref = rows::ref_text(target.entry);
    if (options_.output.format == Format::text) {
      const std::string use = rows::use_of(target.entry).text;
      context_.out.write("would remove " + ref + (use == "-" ? "\n" : " (" + use + ")\n"));
    }
    print(target, ref, "would-remove");
  }
  /// One more that stays; how many there are by now.
  unsigned count_refusal() noexcept { return ++refusals_; }
  void finish(const Report& report) { objects_.finish(report); }

private:
  void print(const Target& target, const std::string& ref, const char* action)
  {
    const auto format = options_.output.format;
    if (format == Format::refs) context_.out.write(ref + "\n");
    objects_.add([&](render::JsonObject& object) {
      object.add("ref", render::RefText{ref});
      object.add("kind", render::Words{.text = std::string(object::name_of(inventory::kind_of(target.entry)))});
      if (!target.asked.empty() && target.asked != ref) object.add("asked", render::Foreign{target.asked});
      object.add("action", render::Words{.text = action});
    });
  }

  const Options& options_;
  Context& context_;
  ObjectStream objects_;
  unsigned refusals_ = 0;
};

void report_missing(const AskedRef& asked, const Error& error, const Options& options, const Context& context,
                    Report& report)
{
  if (options.ignore_missing && error.kind == Errc::not_found) {
    report.succeed();
    return;
  }
  report.fail(asked.asked, asked.ref.kind, error, near_miss(context, asked.ref, error));
}

/// Root may remove everybody's, others what they own or made. A FIFO's directory decides, which the kernel knows.
bool may_remove(const Entry& entry, const Context& context)
{
  const auto* const identity = inventory::sysv_of(entry);
  if (inventory::kind_of(entry) == Kind::fifo) return true;
  return context.user == 0 || inventory::user_of(entry) == context.user ||
         (identity != nullptr && identity->creator_user == context.user);
}

/// Removes it, or only finds out whether that would be refused.
Result<object::Removal> attempt(const Target& target, const Options& options, const Context& context)
{
  const auto force = options.force ? object::Force::yes : object::Force::no;
  if (!options.dry_run) return inventory::remove(context.view, target.entry, force);
  if (force == object::Force::no) IPCKIT_TRY(inventory::prove_unused(context.view, target.entry));
  if (!may_remove(target.entry, context)) {
    return std::unexpected(Error{.kind = Errc::access_denied, .operation = "remove", .os_error = EPERM});
  }
  return object::Removal::gone;
}

/// Which processes could not be looked into when it was asked who holds a FIFO; once, for it is the same for all.
void note_unseen(const Target& target, const Options& options, const Context& context, Report& report)
{
  const auto* const fifo = std::get_if<fifo::Fifo>(&target.entry);
  if (fifo == nullptr || options.force || report.has_gaps()) return;
  const auto ends = process::pipe_ends(context.view, &fifo->file);
  for (const auto& gap : ends ? ends->gaps : std::vector<object::Gap>{}) {
    if (gap.what == object::Missing::processes) report.gap(gap);
  }
}

void remove_one(const Target& target, const Options& options, const Context& context, Outcome& outcome, Report& report)
{
  auto removal = attempt(target, options, context);
  if (removal) {
    note_unseen(target, options, context, report);
    if (options.dry_run) outcome.would_remove(target);
    if (!options.dry_run) outcome.removed(target, *removal);
    report.succeed();
    return;
  }
  // Whether a stranger's object is in use does not matter: it may not be removed anyhow.
  const bool in_the_way = removal.error().kind == Errc::unseen || removal.error().kind == Errc::busy;
  if (in_the_way && !may_remove(target.entry, context)) {
    removal = std::unexpected(Error{.kind = Errc::access_denied, .operation = "remove", .os_error = EPERM});
  }
  // Gone between our look and our hand: as good as removed where that is what was asked for.
  const bool vanished = removal.error().kind == Errc::not_found;
  if (vanished && (options.ignore_missing || target.asked.empty())) {
    report.succeed();
    return;
  }
  // Each look for names is one at every process: a set has them for the first few.
  constexpr unsigned named_at_most = 8;
  if (outcome.count_refusal() <= named_at_most || !target.asked.empty()) {
    inventory::name_holders(context.view, target.entry, removal.error());
  }
  report.fail(name_of(target), inventory::kind_of(target.entry), removal.error());
}

/// A queue whose mode keeps even its owner from looking at it: forced, it goes by its name.
void remove_closed(const AskedRef& asked, const Context& context, Outcome& outcome, Report& report)
{
  const std::string& name = std::get<object::ByName>(asked.ref.target).name;
  if (const auto removed = pmsg::unlink(context.view, name); !removed) {
    report.fail(asked.asked, Kind::pmsg, removed.error());
    return;
  }
  outcome.removed({.asked = asked.asked, .entry = pmsg::Queue{.name = name}}, object::Removal::unknown);
  report.succeed();
}

Exit remove_named(const Options& options, Context& context)
{
  const auto refs = parse_refs(options.words);
  Report report{context};
  Outcome outcome{options, context};
  for (const auto& asked : refs) {
    auto entry = inventory::inspect(context.view, asked.ref);
    const bool closed = !entry && entry.error().kind == Errc::access_denied && asked.ref.kind == Kind::pmsg;
    if (closed && options.force && !options.dry_run) {
      remove_closed(asked, context, outcome, report);
      continue;
    }
    if (!entry) {
      report_missing(asked, entry.error(), options, context, report);
      continue;
    }
    remove_one({.asked = asked.asked, .entry = std::move(*entry)}, options, context, outcome, report);
  }
  report.say_gaps();
  outcome.finish(report);
  return report.status();
}

/// The kinds of a set. FIFOs are among them only when they are named: a path is somebody's file.
object::KindSet kinds_of_set(const std::vector<std::string>& words, const Context& context)
{
  const auto operands = parse_operands(words);
  if (!operands.refs.empty()) {
    throw UsageError("'" + render::printable(operands.refs.front().asked) + "' is a REF; --all takes kinds",
                     "a REF is removed by: ipckit rm REF");
  }
  if (operands.kinds.empty()) throw UsageError("--all of which kind?", "write the kinds, such as: ipckit rm --all shm");
  auto kinds = operands.kinds;
  const bool fifo_named = std::ranges::find(operands.kind_words, "fifo") != operands.kind_words.end();
  if (kinds.has(Kind::fifo) && !fifo_named) {
    kinds.remove(Kind::fifo);
    context.say("FIFOs are left alone: in bulk they go only when 'fifo' is named");
  }
  return kinds;
}

std::vector<Entry> collect_set(const Options& options, object::KindSet kinds, Context& context, Report& report)
{
  const auto filter = resolved(options.filters, context);
  auto found = inventory::find(
      context.view, {.kinds = kinds, .fifo_directories = fifo_directories(options.filters.fifo_directories, context)});
  for (const auto& [kind, error] : found.errors) report.fail(object::name_of(kind), kind, error);
  for (const auto& gap : found.gaps) report.gap(gap);
  report.say_gaps();
  std::erase_if(found.entries, [&](const Entry& entry) { return !inventory::matches(entry, filter, context.now); });
  const auto others = std::erase_if(found.entries, [&](const Entry& entry) { return !may_remove(entry, context); });
  if (others > 0) context.say(render::plural(others, "object", "objects") + " of other users left alone");
  inventory::sort_by_age(found.entries);
  return std::move(found.entries);
}

void list_set(const std::vector<Entry>& entries, const Context& context)
{
  const render::CellContext cells{.now = context.now, .names = {}};
  const auto columns = select(rows::entry_columns(), in_table);
  auto table = table_of(columns, false);
  for (const auto& entry : entries) {
    for (const auto* const column : columns) table.add(column->cell(entry, cells));
  }
  table.write(context.err, {.width = context.err.is_terminal() ? context.err.columns() : 0});
}

/// Whether the set may go: by -y, by an answer, or because nothing will be done.
void ask_for_set(const Options& options, const std::vector<Entry>& entries, const Context& context)
{
  if (options.yes || options.dry_run || entries.empty()) return;
  list_set(entries, context);
  if (!context.can_ask()) {
    throw UsageError("nothing was removed: " + render::plural(entries.size(), "object waits", "objects wait") +
                         " for a yes, and nobody can be asked here",
                     "-y removes without asking");
  }
  const std::string question = "Remove " + render::plural(entries.size(), "object", "objects") + "?";
  if (!context.confirm(question)) throw UsageError("nothing was removed", "the answer was not yes");
}

Exit remove_set(const Options& options, Context& context)
{
  const auto kinds = kinds_of_set(options.words, context);
  Report report{context};
  Outcome outcome{options, context};
  auto entries = collect_set(options, kinds, context, report);
  ask_for_set(options, entries, context);
  for (auto& entry : entries) remove_one({.asked = {}, .entry = std::move(entry)}, options, context, outcome, report);
  outcome.finish(report);
  // Of what could not be listed nobody knows whether it should have gone.
  return report.status() == Exit::done && report.misses_objects() ? Exit::cannot_tell : report.status();
}

Exit run(const Options& options, Context& context)
{
  if (options.all) return remove_set(options, context);
  if (options.filters.given() || !options.filters.fifo_directories.empty()) {
    throw UsageError("filters choose from a set, which takes --all",
                     "write: ipckit rm --all KIND with the filters; -n shows what would go");
  }
  for (const std::string& word : options.words) {
    if (!object::parse_kinds(word)) continue;
    throw UsageError("'" + word + "' is a kind, and nothing is removed for that alone",
                     "every object of the kind is removed by: ipckit rm --all " + word);
  }
  if (options.words.empty()) throw UsageError("which object? A REF is needed", "they are listed by: ipckit ls");
  return remove_named(options, context);
}

}  // namespace

extern const Verb rm_verb;
constexpr Verb rm_verb = define_verb<&declare, &run>(
    {.name = "rm",
     .synopsis = "[OPTION]... REF... | --all [FILTER]... KIND...",
     .summary = "Remove objects; what is held, waited on or has messages inside stays unless forced",
     .examples = "ipckit rm msg:5 pshm:/frame                 # these two\n"
                 "ipckit rm --all shm --mine --idle-for 4h    # asks first\n"
                 "ipckit rm --all -n queue --name 'ci-*'      # what would go\n"});
}  // namespace ipckit::cli::verbs
