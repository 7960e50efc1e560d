// SPDX-License-Identifier: MIT
// A live view: single objects in detail, or the objects of a kind as they come and go. It only looks.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/options.hpp>
#include <ipckit/cli/sightings.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/render/screen.hpp>
#include <ipckit/rows/entries.hpp>
#include <ipckit/sys/identity.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Entry;
using std::chrono::nanoseconds;

constexpr std::uint64_t usual_window = 256;          // bytes of a segment
constexpr std::uint64_t largest_window = 1U << 20U;  // two of them are held, and all is compared each time

struct Options {
  std::vector<std::string> operands;
  std::optional<nanoseconds> interval;
  std::optional<nanoseconds> timeout;
  std::optional<std::uint64_t> count;
  std::optional<render::ValueType> type;
  std::optional<Bytes> offset;
  std::optional<Bytes> size;
  bool json = false;
  bool jsonl = false;

  [[nodiscard]] Format format() const noexcept { return json || jsonl ? Format::jsonl : Format::text; }
};

render::ValueType parse_type(const std::string& word)
{
  if (const auto type = render::parse_value_type(word)) return *type;
  throw UsageError("--as: '" + render::printable(word) + "' is no type",
                   "types are u8, u16, u32, u64, i8, i16, i32, i64, f32, f64 and str");
}

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("KIND|REF", options.operands, "Kinds, groups or single objects", Completes::objects);
  arguments.value("--interval", "DURATION", options.interval, "Look so often; 1s unless given, 10ms at least");
  arguments.value("-c,--count", "N", options.count, "End after so many looks");
  arguments.value("-w,--timeout", "DURATION", options.timeout, "End after so long");
  arguments.value(
      "--as", "TYPE", [&options](const std::string& word) { options.type = parse_type(word); },
      "Show a segment as u8 ... i64, f32, f64 or str", Completes::value_types);
  arguments.value("--offset", "SIZE", options.offset, "Watch a segment from this byte on");
  arguments.value("--size", "SIZE", options.size, "Watch so many bytes of a segment; 256 unless given");
  // A view without an end makes no document: both print lines.
  arguments.flag("--json", options.json, "Print one JSON object for each change");
  arguments.flag("--jsonl", options.jsonl, "The same");
}

/// A point in time and a duration behind it, or the end of time where that would be beyond it.
std::chrono::steady_clock::time_point later(std::chrono::steady_clock::time_point from, nanoseconds length)
{
  const auto most = std::chrono::steady_clock::time_point::max() - from;
  return length < most ? from + length : std::chrono::steady_clock::time_point::max();
}

nanoseconds interval_of(const Options& options)
{
  return options.interval.value_or(std::chrono::seconds{1});
}

WindowView window_of(const Options& options)
{
  return {.offset = options.offset.value_or(Bytes{}).count, .type = options.type};
}

/// "50ms", "1.5s", "1h", "16m40s".
std::string duration_text(nanoseconds length)
{
  using namespace std::chrono;
  if (length < 1s) return std::to_string(duration_cast<milliseconds>(length).count()) + "ms";
  if (length < 1min && length % 1s != 0ns) {
    std::string text = std::to_string(duration<double>(floor<milliseconds>(length)).count());
    return text.erase(text.find_last_not_of('0') + 1) + "s";
  }
  const hh_mm_ss rest{floor<seconds>(length % 24h)};
  std::string text;
  const auto add = [&text](auto count, char unit) {
    if (count > 0) text += std::to_string(count) + unit;
  };
  add(length / 24h, 'd');
  add(rest.hours().count(), 'h');
  add(rest.minutes().count(), 'm');
  add(rest.seconds().count(), 's');
  return text;
}

/// Refuses what makes no sense before anything is looked at.
void check_options(const Options& options, const Operands& operands)
{
  if (operands.kinds.empty() && operands.refs.empty()) {
    throw UsageError("what is to be watched? A REF or a kind is needed", "everything: ipckit watch all");
  }
  if (options.json && options.jsonl) throw UsageError("--json and --jsonl exclude each other");
  if (interval_of(options) < std::chrono::milliseconds{10}) {
    throw UsageError("--interval: " + duration_text(interval_of(options)) + " is less than 10ms");
  }
  if (options.count == 0) throw UsageError("--count: at least one look is taken");
  const bool any_segment = std::ranges::any_of(operands.refs, [](const AskedRef& asked) {
    return asked.ref.kind == object::Kind::shm || asked.ref.kind == object::Kind::pshm;
  });
  const bool window = options.type || options.offset || options.size;
  if (window && !any_segment) throw UsageError("--as, --offset and --size go with a segment, shm or pshm, only");
  if (!options.size) return;
  if (options.size->count == 0 || options.size->count > largest_window) {
    throw UsageError("--size: it is from 1 byte to 1M");
  }
  if (!options.type) return;
  const std::size_t width = render::width_of(*options.type);
  if (width > 0 && options.size->count % width != 0) {
    throw UsageError("--size: " + std::to_string(options.size->count) + " bytes are no whole number of " +
                     std::string(render::name_of(*options.type)));
  }
}

// ------------------------------------------------------------------------------------------------------- what is seen

class Watch {
public:
  Watch(const Options& options, const Operands& operands, Context& context)
      : options_{options},
        operands_{operands},
        context_{context},
        report_{context},
        printer_{context, options.format(), window_of(options)}
  {
    if (options.format() == Format::text && context.out.is_terminal()) {
      screen_ = std::make_unique<render::Screen>(context.out);
    }
  }

  Exit run()
  {
    const auto interval = interval_of(options_);
    find_singles();
    if (nothing_left()) return ending();
    tell_limits(interval);
    const auto start = std::chrono::steady_clock::now();
    auto next = start;
    for (;;) {
      time_ = sys::now();
      look();
      if (nothing_left()) return ending();
      if (looks_ == 1 && may_look_at_none()) return denied();
      if (options_.count && looks_ >= *options_.count) return ending();
      next = std::max(later(next, interval), std::chrono::steady_clock::now());
      if (!wait(start, next)) return ending();
    }
  }

private:
  void tell_limits(nanoseconds interval)
  {
    if (options_.count == 1) return;
    tell("looks every " + duration_text(interval) + "; what lives shorter than that may be missed");
  }

  /// Says something once. On a screen it stands below what is watched.
  void tell(const std::string& text)
  {
    if (!told_.insert(text).second) return;
    notes_.push_back(text);
    if (!screen_ || !context_.err.is_terminal()) context_.say(text);
  }

  void find_singles()
  {
    const std::size_t width = options_.type ? render::width_of(*options_.type) : 0;
    const WindowAt window{
        .offset = options_.offset.value_or(Bytes{}).count,
        .size = options_.size.value_or(Bytes{width == 0 ? usual_window : usual_window / width * width}).count};
    for (const auto& [asked, ref] : operands_.refs) {
      auto watched = Watched::find(context_, asked, ref, window);
      if (watched) {
        add_single(std::move(*watched));
      } else {
        report_.fail(asked, ref.kind, watched.error(), near_miss(context_, ref, watched.error()));
        // The first frame goes over that line.
        if (screen_) notes_.push_back(render::printable(asked) + ": " + explain(watched.error(), ref.kind));
        ++failed_;
      }
    }
  }

  /// What was named twice is one.
  void add_single(Watched watched)
  {
    const bool known =
        std::ranges::any_of(singles_, [&](const Single& single) { return single.watched.ref() == watched.ref(); });
    if (!known) singles_.push_back({.watched = std::move(watched), .before = {}, .now = {}});
  }

  /// Whether not one of the objects may be looked at: what could not be read at first is said, and nothing will change.
  bool may_look_at_none() const
  {
    return operands_.kinds.empty() && std::ranges::all_of(singles_, [](const Single& single) {
             return !single.gone && single.now && single.now->denied;
           });
  }

  void look()
  {
    ++looks_;
    removed_.clear();
    for (auto& single : singles_) look_at(single);
    if (!operands_.kinds.empty()) look_at_kinds();
    if (screen_) draw();
    context_.out.flush();
  }

  /// Waits for the next look; false when it is over.
  bool wait(std::chrono::steady_clock::time_point start, std::chrono::steady_clock::time_point next)
  {
    auto until = next;
    if (options_.timeout) until = std::min(until, later(start, *options_.timeout));
    for (;;) {
      if (context_.out.failure() != 0) return false;
      switch (render::wait_until(context_.out, until)) {
        case render::Wake::gone: return false;
        case render::Wake::redraw:
          if (screen_) draw();
          break;
        case render::Wake::time: return until == next;
      }
    }
  }

  bool nothing_left() const { return operands_.kinds.empty() && std::ranges::all_of(singles_, &Single::gone); }

  Exit ending()
  {
    screen_.reset();
    if (nothing_left() && !singles_.empty()) {
      return failed_ == 0 ? Exit::removed : Exit::refused;
    }
    if (!singles_.empty() || !operands_.kinds.empty()) report_.succeed();
    return report_.status();
  }

  Exit denied()
  {
    screen_.reset();
    return failed_ == 0 || report_.status() == Exit::denied ? Exit::denied : Exit::refused;
  }

  void look_at(Single& single)
  {
    if (single.gone) return;
    auto sight = single.watched.look(context_, [&](const std::string& text) { tell(text); });
    if (!sight) {
      const auto kind = sight.error().kind;
      if (kind != Errc::not_found && kind != Errc::removed && kind != Errc::mismatch) {
        tell(single.watched.ref() + ": " + explain(sight.error(), single.watched.kind()));
        return;
      }
      single.gone = true;
      print(Event::removed, single);
      return;
    }
    single.before = std::exchange(single.now, std::make_unique<Sight>(std::move(*sight)));
    if (!single.before) {
      print(Event::start, single);
    } else if (differ(*single.before, *single.now)) {
      print(Event::changed, single);
    }
  }

  void look_at_kinds()
  {
    auto found =
        inventory::find(context_.view, {.kinds = operands_.kinds, .fifo_directories = fifo_directories({}, context_)});
    if (looks_ == 1) {
      for (const auto& [kind, error] : found.errors) report_.fail(object::name_of(kind), kind, error);
      for (const auto& gap : found.gaps) tell(explain(gap));
    }
    ListedByRef now;
    for (Entry& entry : found.entries) {
      std::string ref = rows::ref_text(entry);
      std::string use = rows::use_of(entry).text;
      now.insert_or_assign(std::move(ref), Listed{.entry = std::move(entry), .use = std::move(use)});
    }
    // What could not be listed this time has not gone.
    for (const auto& [kind, error] : found.errors) keep(kind, now);
    compare(now);
    listed_ = std::move(now);
  }

  void keep(object::Kind kind, ListedByRef& now) const
  {
    for (const auto& [ref, listed] : listed_) {
      if (inventory::kind_of(listed.entry) == kind) now.try_emplace(ref, listed);
    }
  }

  static bool is_same(const Entry& before, const Entry& now)
  {
    const auto* const file = inventory::file_of(before);
    return file == nullptr || file->same_inode(*inventory::file_of(now));
  }

  void compare(ListedByRef& now)
  {
    for (const auto& [ref, listed] : listed_) {
      const auto found = now.find(ref);
      if (found != now.end() && is_same(listed.entry, found->second.entry)) continue;
      print(Event::removed, ref, listed);
    }
    for (auto& [ref, listed] : now) {
      const auto before = listed_.find(ref);
      const bool known = before != listed_.end() && is_same(before->second.entry, listed.entry);
      listed.fresh = looks_ > 1 && (!known || before->second.use != listed.use);
      if (!known) {
        print(looks_ == 1 ? Event::start : Event::appeared, ref, listed);
      } else if (listed.fresh) {
        print(Event::changed, ref, listed);
      }
    }
  }

  void print(Event event, const Single& single)
  {
    if (event == Event::removed) removed_.push_back(single.watched.ref());
    if (!screen_) printer_.print(time_, event, single);
  }

  void print(Event event, const std::string& ref, const Listed& listed)
  {
    if (event == Event::removed) removed_.push_back(ref);
    if (!screen_) printer_.print(time_, event, ref, listed);
  }

  void draw()
  {
    const Scene scene{.time = time_,
                      .singles = singles_,
                      .listed = operands_.kinds.empty() ? nullptr : &listed_,
                      .removed = removed_,
                      .notes = notes_,
                      .window = window_of(options_)};
    screen_->draw(lines_of(scene, screen_->columns()));
  }

  const Options& options_;
  const Operands& operands_;
  Context& context_;
  Report report_;
  EventPrinter printer_;
  std::unique_ptr<render::Screen> screen_;
  std::vector<Single> singles_;
  ListedByRef listed_;
  std::vector<std::string> removed_;  // in this look
  std::set<std::string> told_;
  std::vector<std::string> notes_;
  Timestamp time_;
  std::uint64_t looks_ = 0;
  std::uint64_t failed_ = 0;
};

Exit run(const Options& options, Context& context)
{
  const auto operands = parse_operands(options.operands);
  check_options(options, operands);
  return Watch{options, operands, context}.run();
}

}  // namespace

extern const Verb watch_verb;
constexpr Verb watch_verb = define_verb<&declare, &run>(
    {.name = "watch",
     .synopsis = "[OPTION]... KIND|REF...",
     .summary = "Watch objects live, and disturb nothing",
     .examples = "ipckit watch msg:@jobs                 # how deep it is, how fast it fills\n"
                 "ipckit watch shm:@cache --as i32       # values, the changed ones marked\n"
                 "ipckit watch all --jsonl               # what comes, changes and goes\n"});
}  // namespace ipckit::cli::verbs
