// SPDX-License-Identifier: MIT
#include <ipckit/cli/sightings.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <span>
#include <string_view>

#include <ipckit/cli/listing.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/render/timestamp.hpp>
#include <ipckit/render/window.hpp>
#include <ipckit/rows/entries.hpp>

namespace ipckit::cli {
namespace {

std::string_view name_of(Event event) noexcept
{
  switch (event) {
    case Event::start: return "start";
    case Event::appeared: return "appeared";
    case Event::changed: return "changed";
    case Event::removed: return "removed";
  }
  return {};
}

std::string rate_text(std::optional<double> rate)
{
  if (!rate) return "?";
  std::array<char, 32> digits{};
  auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), *rate, std::chars_format::fixed, 1).ptr;
  return {digits.data(), end};
}

/// "messages=3 bytes=120", and how fast a queue fills.
std::string facts_text(const Single& single, std::string_view equals, std::string_view between)
{
  std::string text;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!text.empty()) text += between;
    text += key;
    text += equals;
    text += value;
  };
  for (const auto& fact : single.now->facts) {
    if (!fact.in_text || std::holds_alternative<render::Absent>(fact.cell)) continue;
    std::string value;
    render::append_text(value, fact.cell);
    add(fact.key, value);
  }
  const auto rates = single.before ? rates_of(*single.before, *single.now) : std::nullopt;
  if (rates) {
    add("in", rate_text(rates->in) + "/s");
    add("out", rate_text(rates->out) + "/s");
    add("net", rate_text(rates->net) + "/s");
  }
  return text;
}

std::string rate_json(std::optional<double> rate)
{
  return rate ? rate_text(rate) : "null";
}

std::string head_of(Timestamp time, Event event, const std::string& ref)
{
  std::string text;
  render::append_rfc3339(text, time);
  return text + " " + std::string(name_of(event)) + " " + ref;
}

void add_head(render::JsonObject& object, Timestamp time, Event event)
{
  object.add("time", time);
  object.add("event", render::Words{.text = std::string(name_of(event))});
}

render::Words kind_word(object::Kind kind)
{
  return {.text = std::string(object::name_of(kind))};
}

render::Window window_of(const Sight& sight, const WindowView& view)
{
  const auto bytes = sight.bytes ? std::span<const std::byte>{*sight.bytes} : std::span<const std::byte>{};
  return {.offset = view.offset, .bytes = bytes, .type = view.type};
}

/// What of a segment's window is not as it was.
std::vector<render::Run> changes_of(const Single& single, const WindowView& view)
{
  if (!single.before || !single.before->bytes) return {};
  return render::changed_runs(window_of(*single.before, view).bytes, window_of(*single.now, view));
}

void add_facts(render::JsonObject& object, const Single& single)
{
  for (const auto& fact : single.now->facts) {
    if (fact.json.empty()) {
      object.add(fact.key, fact.cell);
    } else {
      object.add_json(fact.key, fact.json);
    }
  }
  const auto rates = single.before ? rates_of(*single.before, *single.now) : std::nullopt;
  if (!rates) return;
  object.add_json("in_rate", rate_json(rates->in));
  object.add_json("out_rate", rate_json(rates->out));
  object.add_json("net_rate", rate_json(rates->net));
}

/// Lines that grow.
class Lines {
public:
  explicit Lines(std::size_t columns) : columns_{columns} {}
  void add(const std::string& text, bool mark = false)
  {
    const std::string line = render::cut_to_width(text, columns_);
    lines_.push_back(mark ? "\x1b[7m" + line + "\x1b[0m" : line);
  }
  void add(const Single& single, const WindowView& view)
  {
    if (single.gone || !single.now) return;
    add("");
    const bool changed = single.before && differ(*single.before, *single.now);
    const bool bytes = single.now->bytes.has_value();
    add(single.watched.ref() + "  " + facts_text(single, " ", "  "), changed && !bytes);
    if (!bytes) return;
    const auto lines = render::window_lines(window_of(*single.now, view), changes_of(single, view), columns_);
    lines_.insert(lines_.end(), lines.begin(), lines.end());
  }
  void add(const ListedByRef& objects)
  {
    std::size_t widest = 0;
    for (const auto& [ref, listed] : objects) widest = std::max(widest, ref.size());
    add("");
    for (const auto& [ref, listed] : objects) {
      add(ref + std::string(widest - ref.size() + 2, ' ') + listed.use, listed.fresh);
    }
    if (objects.empty()) add("nothing is there");
  }
  [[nodiscard]] std::vector<std::string> take() && { return std::move(lines_); }

private:
  std::size_t columns_;
  std::vector<std::string> lines_;
};

}  // namespace

void EventPrinter::print(Timestamp time, Event event, const Single& single)
{
  const auto& watched = single.watched;
  if (!is_json(format_)) {
    std::string line = head_of(time, event, watched.ref());
    if (event != Event::removed) {
      const std::string facts = facts_text(single, "=", " ");
      line += (facts.empty() ? "" : " ") + facts + window_part(event, single);
    }
    context_.out.write(line + "\n");
    return;
  }
  ObjectStream{context_, Format::jsonl}.add([&](render::JsonObject& object) {
    add_head(object, time, event);
    object.add("ref", render::RefText{watched.ref()});
    if (watched.asked() != watched.ref()) object.add("asked", render::Foreign{watched.asked()});
    object.add("kind", kind_word(watched.kind()));
    if (event == Event::removed) return;
    add_facts(object, single);
    if (watched.is_segment()) add_window(object, event, single);
  });
}

/// The bytes of a segment at the start, and later what changed of them.
std::string EventPrinter::window_part(Event event, const Single& single) const
{
  if (!single.watched.is_segment()) return {};
  if (!single.now->bytes) return " ?";
  const auto window = window_of(*single.now, window_);
  if (event == Event::start || !single.before || !single.before->bytes) return " " + render::window_text(window);
  const std::string changes = render::changes_text(window_of(*single.before, window_).bytes, window);
  return changes.empty() ? changes : " " + changes;
}

void EventPrinter::add_window(render::JsonObject& object, Event event, const Single& single) const
{
  if (!single.now->bytes) {
    object.add("data_base64", render::Unknown{});
    return;
  }
  const auto window = window_of(*single.now, window_);
  render::add_window(object, window);
  if (event == Event::changed && single.before->bytes) {
    object.add_json("changed", render::runs_json(window, changes_of(single, window_)));
  }
}

void EventPrinter::print(Timestamp time, Event event, const std::string& ref, const Listed& listed)
{
  const bool removed = event == Event::removed;
  if (!is_json(format_)) {
    context_.out.write(head_of(time, event, ref) + (removed ? "" : " " + listed.use) + "\n");
    return;
  }
  ObjectStream{context_, Format::jsonl}.add([&](render::JsonObject& object) {
    add_head(object, time, event);
    if (removed) {
      object.add("ref", render::RefText{ref});
      object.add("kind", kind_word(inventory::kind_of(listed.entry)));
    } else {
      add_members(object, select(rows::entry_columns(), in_json), listed.entry, cells_);
    }
  });
}

std::vector<std::string> lines_of(const Scene& scene, std::size_t columns)
{
  Lines lines{columns};
  lines.add("ipckit watch  " + render::local_time(scene.time));
  for (const auto& single : scene.singles) lines.add(single, scene.window);
  if (scene.listed != nullptr) lines.add(*scene.listed);
  for (const auto& ref : scene.removed) lines.add(ref + "  removed", true);
  lines.add("");
  for (const auto& note : scene.notes) lines.add(note);
  return std::move(lines).take();
}

}  // namespace ipckit::cli
