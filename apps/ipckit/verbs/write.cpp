// SPDX-License-Identifier: MIT
// Writes into the memory of a segment: bytes from stdin, or typed values.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <unistd.h>

#include <ipckit/base/bytes.hpp>
#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/memory.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/rows/entries.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Memory;

struct Options {
  std::vector<std::string> words;
  std::optional<Bytes> offset;
  std::optional<std::string> as;
  bool grow = false;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF [VALUE]...", options.words, "The segment (shm, pshm), and with --as what to write into it",
                     Completes::segments);
  arguments.value("--offset", "SIZE", options.offset, "Begin there; 0 without it");
  arguments.value("--as", "TYPE", options.as, "Write VALUEs: u8, u16, u32, u64, i8, i16, i32, i64, f32, f64 or str",
                  Completes::value_types);
  arguments.flag("--grow", options.grow, "Let the segment grow where it is too small (pshm)");
  declare_json(arguments, options.output);
  declare_quiet(arguments, options.output);
}

/// One value as it goes into memory: a number of `width` bytes, or text and its NUL where the width is 0.
struct Item {
  object::ValueBytes number{};
  std::size_t width = 0;
  std::string text;
  [[nodiscard]] std::size_t size() const noexcept { return width == 0 ? text.size() + 1 : width; }
};

/// What is to be written, understood.
struct Wish {
  AskedRef asked;
  std::uint64_t offset = 0;
  std::optional<std::vector<Item>> items;  // stdin without them
};

Item parse_item(const As& as, const std::string& word)
{
  if (as.text) return {.text = word};
  const auto value = object::parse_value(as.type, word);
  if (value) return {.number = *value, .width = object::width_of(as.type)};
  const std::string shown = "'" + render::printable(word) + "'";
  if (value.error() == object::ValueProblem::out_of_range) {
    throw UsageError("--as " + as.word + ": " + shown + " does not fit");
  }
  throw UsageError("--as " + as.word + ": " + shown + " is no such value");
}

Wish parse(const Options& options)
{
  Wish wish{.asked = parse_segment(options.words)};
  if (options.offset) wish.offset = options.offset->count;
  if (options.grow && wish.asked.ref.kind != object::Kind::pshm) {
    throw UsageError("--grow does not go with '" + render::printable(wish.asked.asked) + "'",
                     "a System V segment has its size for life");
  }
  const std::span values = std::span{options.words}.subspan(1);
  if (!options.as) {
    if (values.empty()) return wish;
    throw UsageError("of what type is '" + render::printable(values.front()) + "'? Values need --as",
                     "without --as, bytes are read from stdin");
  }
  const As as = parse_as(*options.as);
  if (values.empty()) throw UsageError("--as needs at least one VALUE");
  wish.items.emplace();
  for (const std::string& word : values) wish.items->push_back(parse_item(as, word));
  return wish;
}

/// One segment that is being written.
struct Writing {
  Memory& memory;
  std::uint64_t offset;
  std::uint64_t room;  // bytes up to the end, or up to the largest size where it may grow
  bool grows = false;
  std::uint64_t written = 0;  // so far
};

/// A file has no byte beyond: off_t ends there.
constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::unexpected<Error> no_segment_so_large(const Memory& memory)
{
  return fail(Errc::too_large, "reach", {},
              "no segment can be so large: at most " + bytes_text(largest) + ", and this one has " +
                  std::to_string(memory.size()));
}

/// That so many bytes do not fit.
std::unexpected<Error> no_room(const Writing& writing, std::uint64_t length)
{
  if (writing.grows) return no_segment_so_large(writing.memory);
  return std::unexpected(past_end({.offset = writing.offset, .length = length}, writing.memory.size()));
}

Result<> write_items(Writing& writing, const std::vector<Item>& items)
{
  std::uint64_t total = 0;
  for (const Item& item : items) total += item.size();
  if (total > writing.room) return no_room(writing, total);
  IPCKIT_TRY(writing.memory.reserve(writing.offset, total));
  for (const Item& item : items) {
    if (item.width == 0) {
      IPCKIT_TRY(writing.memory.write_string(writing.offset + writing.written, item.text, writing.written));
      continue;
    }
    IPCKIT_TRY(writing.memory.store(writing.offset + writing.written, item.number, item.width));
    writing.written += item.width;
  }
  return {};
}

/// Fills the buffer from stdin; how much of it, which is less than all at the end.
Result<std::size_t> fill(std::span<std::byte> buffer)
{
  std::size_t have = 0;
  while (have < buffer.size()) {
    const auto count = IPCKIT_TRY(sys::read_next(STDIN_FILENO, buffer.subspan(have), "stdin"));
    if (count == 0) break;
    have += count;
  }
  return have;
}

/// What stdin has beyond the room, which only shows when the room is full.
std::unexpected<Error> longer_than_room(const Writing& writing)
{
  return fail(Errc::too_large, "reach", {},
              "stdin has more than the " + bytes_text(writing.room) + " from " + std::to_string(writing.offset) +
                  " to the end of the segment, which has " + std::to_string(writing.memory.size()));
}

/// Up to a mebibyte is taken whole before the first byte is written: what does not fit then writes nothing.
Result<> write_stdin(Writing& writing)
{
  constexpr std::size_t most = std::size_t{1} << 20U;
  std::vector<std::byte> buffer(most);
  auto have = IPCKIT_TRY(fill(buffer));
  // What is there counts, and not what a file of sysfs claims; only of what is longer its size has to be believed.
  const auto rest = have == most ? sys::bytes_left(STDIN_FILENO) : std::nullopt;
  const auto total = saturating_add(have, rest.value_or(0));
  if ((rest || have < most) && total > writing.room) return no_room(writing, total);
  IPCKIT_TRY(writing.memory.reserve(writing.offset, std::min(total, writing.room)));
  for (;;) {
    const auto left = writing.room - writing.written;
    const auto fitting = std::span{buffer}.first(static_cast<std::size_t>(std::min<std::uint64_t>(have, left)));
    IPCKIT_TRY(writing.memory.write(writing.offset + writing.written, fitting, writing.written));
    if (have > left) return longer_than_room(writing);
    if (have < most) return {};
    have = IPCKIT_TRY(fill(buffer));
  }
}

Result<Writing> begin(Memory& memory, const Wish& wish, const Options& options)
{
  const std::uint64_t size = options.grow ? largest : memory.size();
  if (options.grow) memory.let_grow();
  if (wish.offset > size && options.grow) return no_segment_so_large(memory);
  if (wish.offset > size) return std::unexpected(past_end({.offset = wish.offset}, memory.size()));
  return Writing{.memory = memory, .offset = wish.offset, .room = size - wish.offset, .grows = options.grow};
}

void say_written(const Writing& writing, const Wish& wish, const std::string& ref, const Options& options,
                 Context& context, ObjectStream& objects)
{
  if (options.output.format == Format::refs) context.out.write(ref + "\n");
  if (options.output.format == Format::text) {
    context.say(render::printable(wish.asked.asked) + ": " + bytes_text(writing.written) + " written");
  }
  objects.add([&](render::JsonObject& object) {
    object.add("ref", render::RefText{ref});
    if (wish.asked.asked != ref) object.add("asked", render::Foreign{wish.asked.asked});
    object.add("offset", render::Number{writing.offset});
    object.add("written", render::Number{writing.written});
    object.add("action", render::Words{.text = "written"});
  });
}

Result<> write_segment(const inventory::Entry& entry, const Wish& wish, const Options& options, Context& context,
                       ObjectStream& objects)
{
  auto memory = IPCKIT_TRY(Memory::open(context.view, entry, sys::Access::write));
  auto writing = IPCKIT_TRY(begin(memory, wish, options));
  auto outcome = wish.items ? write_items(writing, *wish.items) : write_stdin(writing);
  if (outcome || writing.written > 0) {
    say_written(writing, wish, rows::ref_text(entry), options, context, objects);
  }
  return outcome;
}

std::string hint_for(const Error& error, const Wish& wish, const Context& context)
{
  const bool may_not_read = error.operation == "shmat" && error.kind == Errc::access_denied;
  if (may_not_read) return "to write a System V segment takes the right to read it, too";
  return near_miss(context, wish.asked.ref, error);
}

Exit run(const Options& options, Context& context)
{
  const Wish wish = parse(options);
  Report report{context};
  ObjectStream objects{context, options.output.format};
  const auto entry = inventory::inspect(context.view, wish.asked.ref);
  const auto outcome = entry ? write_segment(*entry, wish, options, context, objects) : std::unexpected(entry.error());
  if (outcome) {
    report.succeed();
  } else {
    const Error& error = outcome.error();
    const bool of_stdin = error.subject == "stdin";
    report.fail(of_stdin ? error.subject : wish.asked.asked, wish.asked.ref.kind, error,
                of_stdin ? "" : hint_for(error, wish, context));
  }
  objects.finish(report);
  return report.status();
}

}  // namespace

extern const Verb write_verb;
constexpr Verb write_verb =
    define_verb<&declare, &run>({.name = "write",
                                 .synopsis = "[OPTION]... REF [VALUE]...",
                                 .summary = "Write bytes from stdin, or values, into a segment",
                                 .examples = "ipckit write pshm:/frame < frame.raw\n"
                                             "ipckit write shm:@state --as i32 1 60\n"
                                             "ipckit write shm:@state --offset 64 --as str idle\n"
                                             "ipckit write pshm:/log --grow < new-content\n"});
}  // namespace ipckit::cli::verbs
