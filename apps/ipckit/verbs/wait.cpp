// SPDX-License-Identifier: MIT
// Waits until a condition of objects is true, and changes nothing of them.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ipckit/cli/command.hpp>
#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/options.hpp>
#include <ipckit/cli/report.hpp>
#include <ipckit/cli/suggest.hpp>
#include <ipckit/cli/transfer_options.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/await.hpp>
#include <ipckit/inventory/condition.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/sys/spawn.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Condition;
using inventory::Wish;
using object::Kind;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::uint32_t largest_value = 2147483647;    // SEM_VALUE_MAX
constexpr std::uint32_t largest_value_of_set = 32767;  // SEMVMX

// Where there are many, those are looked at together whose time has nearly come.
constexpr std::size_t few = 8;
constexpr std::chrono::nanoseconds together = 10ms;

struct Options {
  std::vector<std::string> words;
  std::vector<std::string> command;
  std::optional<std::string> condition;
  bool any = false;
  WaitOptions wait;
  std::optional<std::uint64_t> conflict_status;
  OutputOptions output;
};

/// Whether a word still is a REF. A path alone may be a command: it is a REF where a FIFO is there. What has a colon
/// and is no path was meant to be a REF, also where it is misspelt.
bool is_ref(std::string_view word, std::size_t index)
{
  if (index == 0) return true;
  const auto colon = word.find(':');
  const auto ref = object::parse_ref(word);
  if (!ref) return colon != std::string_view::npos && !word.substr(0, colon).contains('/');
  const auto* const path = std::get_if<object::ByPath>(&ref->target);
  return path == nullptr || !path->bare || fifo::inspect(path->path).has_value();
}

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF", options.words, "What to wait for", Completes::refs);
  arguments.value("--for", "CONDITION", options.condition,
                  "exists, gone, empty, nonempty, writable, unused, used, zero or value=N", Completes::conditions);
  arguments.flag("--any", options.any, "One of several objects is enough; print which");
  declare_wait(arguments, options.wait, "Look once and do not wait", "Wait so long at most");
  arguments.value("-E,--conflict-exit-code", "CODE", options.conflict_status,
                  "Status when a command did not run because of that (75)");
  declare_json(arguments, options.output);
  arguments.command("CMD...", options.command, "Runs when the condition is true", &is_ref);
}

// ------------------------------------------------------------------------------------------------------------- parsing

/// "exists, gone, unused or used": the conditions of a kind, or all.
std::string condition_words(std::optional<Kind> kind)
{
  std::vector<std::string> words;
  for (const auto& row : inventory::conditions()) {
    if (kind && inventory::means_of(row.condition, *kind) == inventory::Means::none) continue;
    words.push_back(std::string(row.word) + (row.condition == Condition::value ? "=N" : ""));
  }
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += &word == &words.back() ? " or " : ", ";
    text += word;
  }
  return text;
}

Wish parse_condition(const Options& options)
{
  if (!options.condition) throw UsageError("what is to be waited for? Say --for " + condition_words({}));
  if (const auto wish = inventory::parse_wish(*options.condition)) return *wish;
  std::vector<std::string> known;
  for (const auto& row : inventory::conditions()) known.emplace_back(row.word);
  const auto meant = nearest(*options.condition, known);
  throw UsageError("--for: '" + render::printable(*options.condition) + "' is no condition",
                   meant && *meant != *options.condition ? "did you mean '" + *meant + "'?"
                                                         : "conditions are " + condition_words({}));
}

void check_value(const Wish& wish, Kind kind)
{
  const std::uint32_t most = kind == Kind::sem ? largest_value_of_set : largest_value;
  if (wish.value <= most) return;
  throw UsageError("--for: " + std::to_string(wish.value) + " is more than a " + std::string(noun_of(kind)) +
                   " can have: " + std::to_string(most));
}

/// Why there is no such condition; empty where its name says it.
std::string why_not(Condition condition, Kind kind)
{
  const bool about_use = condition == Condition::used || condition == Condition::unused;
  if (!about_use || !object::is_sysv(kind)) return {};
  return "it is used by its id, and nobody has it open; ";
}

void check_kinds(const Wish& wish, const std::vector<AskedRef>& refs)
{
  for (const auto& asked : refs) {
    const Kind kind = asked.ref.kind;
    if (inventory::means_of(wish.condition, kind) == inventory::Means::none) {
      throw UsageError("--for " + std::string(inventory::name_of(wish.condition)) + " does not go with '" +
                           render::printable(asked.asked) + "', a " + std::string(noun_of(kind)),
                       why_not(wish.condition, kind) + "it has " + condition_words(kind));
    }
    check_value(wish, kind);
  }
}

// ------------------------------------------------------------------------------------------------------------- waiting

/// One of the objects, and what the last look at it brought.
struct Item {
  AskedRef asked;
  inventory::Awaited awaited;
  bool holds = false;
  std::optional<Error> unseen;  // why it could not be told
  bool failed = false;          // it never will hold
};

class Waiting {
public:
  Waiting(const Options& options, const Wish& wish, const std::vector<AskedRef>& refs, Context& context)
      : options_{options}, wish_{wish}, context_{context}, report_{context}
  {
    for (const auto& asked : refs) {
      items_.push_back({.asked = asked, .awaited = {context.view, asked.ref, wish}, .unseen = {}});
    }
  }

  Exit run()
  {
    deadline_ = deadline();
    tell_blind();
    look_at_all();
    if (!is_over() && !options_.wait.none()) wait();
    if (!is_met() && !is_hopeless()) report_unmet();
    print();
    return is_met() ? go_on() : own_status();
  }

private:
  [[nodiscard]] std::optional<Clock::time_point> deadline() const
  {
    if (!options_.wait.timeout) return std::nullopt;
    const auto now = Clock::now();
    if (*options_.wait.timeout >= Clock::time_point::max() - now) return std::nullopt;
    return now + *options_.wait.timeout;
  }

  [[nodiscard]] bool is_met() const
  {
    return options_.any ? std::ranges::any_of(items_, &Item::holds) : std::ranges::all_of(items_, &Item::holds);
  }
  [[nodiscard]] bool is_hopeless() const
  {
    return options_.any ? std::ranges::all_of(items_, &Item::failed) : std::ranges::any_of(items_, &Item::failed);
  }
  [[nodiscard]] bool is_over() const { return is_met() || is_hopeless(); }

  void wait()
  {
    for (Item& item : items_) item.awaited.listen(items_.size());
    look_at_all();
    tell_slow();
    while (!is_over() && sleep()) {
      for (Item& item : items_) item.awaited.hear();
      const auto due = Clock::now() + (items_.size() > few ? together : 0ns);
      for (Item& item : items_) {
        if (item.awaited.next_look() <= due) look_at(item);
      }
      // Each has been true at some time: whether all are is told by a look at all.
      if (items_.size() > 1 && is_met()) look_at_all();
    }
  }

  /// Until something has happened or is to be looked at; false when the time is over.
  bool sleep()
  {
    std::vector<pollfd> descriptors;
    auto until = Clock::time_point::max();
    for (const Item& item : items_) {
      if (item.failed) continue;
      item.awaited.add_descriptors(descriptors);
      until = std::min(until, item.awaited.next_look());
    }
    const auto now = Clock::now();
    if (deadline_ && now >= *deadline_) return false;
    if (deadline_) until = std::min(until, *deadline_);
    sys::sleep_until_ready(descriptors, until - now);
    return true;
  }

  void look_at_all()
  {
    for (Item& item : items_) look_at(item);
  }

  void look_at(Item& item)
  {
    if (item.failed) return;
    const auto answer = item.awaited.look();
    item.holds = answer && *answer;
    item.unseen.reset();
    if (answer) return;
    if (answer.error().kind == Errc::unseen) {
      item.unseen = answer.error();
      return;
    }
    item.failed = true;
    fail(item, answer.error());
  }

  void fail(const Item& item, const Error& error)
  {
    if (error.kind == Errc::removed) {
      report_.fail(item.asked.asked, Exit::removed, error,
                   error.detail.empty() ? "removed while waiting" : "removed while waiting, and made anew", "");
      return;
    }
    report_.fail(item.asked.asked, item.asked.ref.kind, error, near_miss(context_, item.asked.ref, error));
  }

  /// Says what a container cannot see: nobody else tells who has a FIFO open.
  void tell_blind() const
  {
    const auto looks_at_ends = [this](const Item& item) {
      const bool about_presence = wish_.condition == Condition::exists || wish_.condition == Condition::gone;
      return item.asked.ref.kind == Kind::fifo && !about_presence;
    };
    const auto fifo = std::ranges::find_if(items_, looks_at_ends);
    if (fifo == items_.end()) return;
    for (const auto& gap : process::blind_spots(context_.view, Kind::fifo)) {
      if (gap.what != object::Missing::outside) continue;
      context_.say(render::printable(fifo->asked.asked) + ": " + explain(gap) + ", nor what they have open");
    }
  }

  /// Says once what takes its time, and what cannot be told.
  void tell_slow()
  {
    for (Item& item : items_) {
      if (item.failed || item.holds) continue;
      const std::string about = render::printable(item.asked.asked) + ": ";
      if (item.unseen) context_.say(about + why_unseen(*item.unseen) + "; goes on looking");
      if (!item.awaited.is_slow()) continue;
      context_.say(
          about +
          (item.awaited.scans() ? "all processes have to be looked at"
                                : "the kernel does not tell when it is opened or closed") +
          (item.awaited.is_told() ? ": looks when it is opened or closed, and every 2 s" : ": looks every 2 s"));
    }
  }

  // --------------------------------------------------------------------------------------------------------- the end

  [[nodiscard]] std::string why_unseen(const Error& error) const
  {
    const bool about_use = wish_.condition == Condition::used || wish_.condition == Condition::unused;
    return about_use ? explain(error, Kind::fifo) : "cannot tell: " + render::printable(error.detail);
  }

  void report_unmet()
  {
    for (Item& item : items_) {
      if (item.failed || item.holds) continue;
      const bool now = options_.wait.none();
      const Error error = item.unseen.value_or(
          Error{.kind = now ? Errc::busy : Errc::timed_out, .operation = "wait", .subject = {}, .detail = {}});
      const std::string why = item.unseen ? why_unseen(*item.unseen) : unmet(item);
      const Exit status_now = item.unseen ? Exit::cannot_tell : Exit::busy;
      report_.fail(item.asked.asked, now ? status_now : Exit::timed_out, error, now ? why : "timed out: " + why, "");
    }
  }

  /// What stands in the way.
  [[nodiscard]] std::string unmet(const Item& item) const
  {
    switch (wish_.condition) {
      case Condition::exists: return "it does not exist";
      case Condition::gone: return "it is still there";
      case Condition::empty: return "it is not empty";
      case Condition::nonempty: return "it is empty";
      case Condition::writable:
        return item.asked.ref.kind == Kind::fifo ? "nobody reads it, or it is full" : "it is full";
      case Condition::unused: return in_use(item);
      case Condition::used: return "nobody uses it";
      case Condition::zero: return "it is not zero";
      case Condition::value: return "its value is not " + std::to_string(wish_.value);
    }
    return {};
  }

  /// With the names of who has it, where they can be seen.
  [[nodiscard]] std::string in_use(const Item& item) const
  {
    Error error{.kind = Errc::busy, .operation = "lease", .subject = {}, .detail = {}};
    if (item.asked.ref.kind == Kind::shm) error.operation = "remove";
    if (item.asked.ref.kind == Kind::fifo || !item.awaited.seen()) return "it is in use";
    inventory::name_holders(context_.view, *item.awaited.seen(), error);
    const bool attached = error.detail.starts_with(" in ");
    const std::string names = attached ? error.detail.substr(4) : error.detail;
    return names.empty() ? "it is in use" : "it is in use: " + render::printable(names);
  }

  void print()
  {
    if (is_json(options_.output.format)) {
      ObjectStream objects{context_, options_.output.format};
      for (const Item& item : items_) objects.add([&](render::JsonObject& object) { add(object, item); });
      objects.finish(report_);
      return;
    }
    if (!options_.any || !options_.command.empty()) return;
    for (const Item& item : items_) {
      const auto ref = item.awaited.ref();
      if (item.holds) context_.out.write((ref ? object::to_text(*ref) : render::printable(item.asked.asked)) + "\n");
    }
  }

  static const char* truth(bool holds) noexcept { return holds ? "true" : "false"; }

  void add(render::JsonObject& object, const Item& item) const
  {
    const auto ref = item.awaited.ref();
    const std::string text = ref ? object::to_text(*ref) : "";
    object.add("ref", ref ? render::Cell{render::Words{.text = text}} : render::Cell{render::Unknown{}});
    object.add("kind", render::Words{.text = std::string(object::name_of(item.asked.ref.kind))});
    if (item.asked.asked != text) object.add("asked", render::Foreign{item.asked.asked});
    object.add("condition", render::Words{.text = std::string(inventory::name_of(wish_.condition))});
    if (wish_.condition == Condition::value) object.add("value", render::Number{wish_.value});
    const bool unknown = item.unseen || item.failed;
    object.add_json("holds", unknown ? "null" : truth(item.holds));
  }

  Exit go_on()
  {
    if (options_.command.empty()) return Exit::done;
    return become_command(options_.command, context_);
  }

  /// Where a command was to run: that it did not happen is no failure of ours.
  [[nodiscard]] Exit own_status()
  {
    const Exit status = report_.status();
    const bool too_late = status == Exit::busy || status == Exit::timed_out;
    if (options_.command.empty() || !too_late) return status;
    context_.command = CommandState::ended;
    return static_cast<Exit>(options_.conflict_status.value_or(std::to_underlying(Exit::not_acquired)));
  }

  const Options& options_;
  const Wish& wish_;
  Context& context_;
  Report report_;
  std::vector<Item> items_;
  std::optional<Clock::time_point> deadline_;
};

/// The status of a command that could not be started now and would not be later.
std::optional<Exit> check_command(const Options& options, Context& context)
{
  if (options.command.empty()) return std::nullopt;
  const auto startable = sys::can_start(
      {.words = options.command, .environment = environment_with({}), .mask = {}, .default_signals = {}});
  if (startable) return std::nullopt;
  const auto why = explain_not_started(startable.error(), options.command.front());
  context.say(why.text);
  context.command = CommandState::ended;
  return why.status;
}

Exit run(const Options& options, Context& context)
{
  const auto refs = parse_refs(options.words);
  const Wish wish = parse_condition(options);
  check_kinds(wish, refs);
  refuse_contradiction(options.wait);
  if (is_json(options.output.format) && !options.command.empty()) {
    throw UsageError("--json does not go with a command, which stdout is for");
  }
  if (options.conflict_status && options.command.empty()) {
    throw UsageError("--conflict-exit-code goes with a command only");
  }
  if (options.conflict_status.value_or(0) > 255) throw UsageError("--conflict-exit-code: from 0 to 255");
  if (const auto failed = check_command(options, context)) return *failed;
  return Waiting{options, wish, refs, context}.run();
}

}  // namespace

extern const Verb wait_verb;
constexpr Verb wait_verb =
    define_verb<&declare, &run>({.name = "wait",
                                 .synopsis = "[OPTION]... REF... --for CONDITION [CMD...]",
                                 .summary = "Wait until objects exist, are empty, used, of a value ...",
                                 .examples = "ipckit wait pshm:/ready --for exists -w 5 && echo up\n"
                                             "ipckit wait msg:@jobs pmsg:/work --for empty   # both at once\n"
                                             "ipckit wait sem:@gate --for zero ./next        # runs it then\n"
                                             "ipckit wait --any --for nonempty msg:@a msg:@b # prints which\n"});
}  // namespace ipckit::cli::verbs
