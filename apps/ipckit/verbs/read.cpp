// SPDX-License-Identifier: MIT
// Reads the memory of a segment: raw, as a hex view, or as typed values.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ipckit/base/bytes.hpp>
#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/memory.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/render/hex.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/messages.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/rows/entries.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Memory;
using object::ValueBytes;

/// Read and written at a time: small enough for a processor's cache, a multiple of every width, of a row of the hex
/// view and (three quarters of it) of base64's groups.
constexpr std::size_t chunk = std::size_t{96} * 1024;

/// The operation of an error that says what reading untouched pages would take.
constexpr std::string_view sparse = "allocate";

struct Options {
  std::vector<std::string> words;
  std::optional<Bytes> offset;
  std::optional<Bytes> size;
  std::optional<std::string> as;
  std::optional<std::uint64_t> count;
  bool hex = false;
  bool raw = false;
  bool force = false;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF", options.words, "The segment (shm, pshm)", Completes::segments);
  arguments.value("--offset", "SIZE", options.offset, "Begin there; 0 without it");
  arguments.value("--size", "SIZE", options.size, "Bytes to read; without it all to the end");
  arguments.value("--as", "TYPE", options.as, "Print values: u8, u16, u32, u64, i8, i16, i32, i64, f32, f64 or str",
                  Completes::value_types);
  arguments.value("-c,--count", "N", options.count, "Values to read (--as); a str is one without it");
  arguments.flag("--hex", options.hex, "Print a hex view, also into a pipe or file");
  arguments.flag("--raw", options.raw, "Write the bytes as they are, also to a terminal");
  arguments.flag("-f,--force", options.force, "Read even if untouched pages would take more than free memory");
  declare_json(arguments, options.output);
}

/// What is to be read, understood.
struct Wish {
  AskedRef asked;
  std::optional<As> as;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;  // all to the end without it
};

void check_options(const Options& options)
{
  if (options.words.size() > 1) {
    throw UsageError("'" + render::printable(options.words[1]) + "' is one operand too many: one segment is read");
  }
  if (options.hex && options.raw) throw UsageError("--hex and --raw exclude each other");
  if (options.as && (options.hex || options.raw)) {
    throw UsageError(std::string("--as and ") + (options.hex ? "--hex" : "--raw") + " exclude each other");
  }
  if (options.count && !options.as) throw UsageError("--count counts values: it goes with --as");
  if (options.count == 0U) throw UsageError("--count: at least one value is read");
  if (is_json(options.output.format) && (options.hex || options.raw)) {
    throw UsageError(std::string(options.hex ? "--hex" : "--raw") + " does not go with JSON");
  }
}

void check_lengths(const Options& options, Wish& wish)
{
  if (options.size) wish.length = options.size->count;
  if (!wish.as || wish.as->text) return;
  const std::uint64_t width = object::width_of(wish.as->type);
  if (options.count && options.size) throw UsageError("--count and --size exclude each other");
  if (options.count) wish.length = saturating_multiply(*options.count, width);
  if (options.size && options.size->count % width != 0) {
    throw UsageError("--size: " + std::to_string(options.size->count) + " is no multiple of the " + bytes_text(width) +
                     " of " + wish.as->word);
  }
}

Wish parse(const Options& options)
{
  Wish wish{.asked = parse_segment(options.words)};
  check_options(options);
  if (options.as) wish.as = parse_as(*options.as);
  if (options.offset) wish.offset = options.offset->count;
  check_lengths(options, wish);
  return wish;
}

/// The bytes of a range, piece by piece.
class Pieces {
public:
  Pieces(Memory& memory, const Range& range)
      : memory_{memory}, range_{range}, room_(static_cast<std::size_t>(std::min<std::uint64_t>(range.length, chunk)))
  {
  }
  /// Calls `take` with each piece until one fails, there are no more, or `take` says false.
  template <class Take>
  Result<> each(Take take)
  {
    while (done_ < range_.length) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(range_.length - done_, chunk));
      const auto piece = IPCKIT_TRY(memory_.read(range_.offset + done_, size, room_));
      done_ += size;
      if (!take(piece)) break;
    }
    return {};
  }
  /// Bytes that were read.
  [[nodiscard]] std::uint64_t done() const noexcept { return done_; }

private:
  Memory& memory_;
  Range range_;
  std::vector<std::byte> room_;
  std::uint64_t done_ = 0;
};

Result<> write_raw(Pieces& pieces, std::uint64_t length, render::Output& out)
{
  if (length > chunk) out.expect_much();
  return pieces.each([&](std::span<const std::byte> piece) {
    out.write_through(render::text_of(piece));
    return out.failure() == 0;
  });
}

Result<> write_hex(Pieces& pieces, std::uint64_t offset, render::Output& out)
{
  render::HexView view{offset};
  std::string copy;
  auto outcome = pieces.each([&](std::span<const std::byte> piece) {
    copy = render::text_of(piece);  // others may be writing: a row shows the same twice
    view.append(out.buffer(), copy);
    out.filled();
    return out.failure() == 0;
  });
  view.finish(out.buffer());
  return outcome;
}

/// How values stand beside each other.
struct Notation {
  std::string_view between;
  bool json = false;
};

/// JSON has no inf and no nan: they are strings there.
void append_value(std::string& out, object::ValueType type, const ValueBytes& value, const Notation& notation)
{
  const bool quoted = notation.json && !object::is_finite(type, value);
  if (quoted) out += '"';
  object::append_value(out, type, value);
  if (quoted) out += '"';
}

Result<> write_values(Pieces& pieces, object::ValueType type, const Notation& notation, render::Output& out)
{
  const std::size_t width = object::width_of(type);
  bool first = true;
  return pieces.each([&](std::span<const std::byte> piece) {
    for (; !piece.empty(); piece = piece.subspan(width)) {
      if (!first) out.buffer() += notation.between;
      first = false;
      append_value(out.buffer(), type, object::load_value(type, piece.data()), notation);
    }
    out.filled();
    return out.failure() == 0;
  });
}

/// Calls `take` with each part of as many strings as are wanted, and whether the string ends there: at a NUL, or at the
/// end of all. How many there were. No string is held, for it may be as long as the segment.
template <class Take>
Result<std::uint64_t> each_part(Pieces& pieces, std::uint64_t wanted, Take take)
{
  std::uint64_t count = 0;
  bool open = false;  // bytes of the current one were seen
  std::string copy;   // others may be writing
  IPCKIT_TRY(pieces.each([&](std::span<const std::byte> piece) {
    copy = render::text_of(piece);
    for (std::string_view rest = copy; !rest.empty() && count < wanted;) {
      const auto end = rest.find('\0');
      open = end == std::string_view::npos;
      take(rest.substr(0, end), !open);
      rest.remove_prefix(open ? rest.size() : end + 1);
      if (!open) ++count;
    }
    return count < wanted;
  }));
  if (!open || count == wanted) return count;
  take(std::string_view{}, true);
  return count + 1;
}

/// Calls `take` with each whole string.
template <class Take>
Result<std::uint64_t> each_string(Pieces& pieces, std::uint64_t wanted, Take take)
{
  std::string current;
  return each_part(pieces, wanted, [&](std::string_view part, bool ends) {
    current += part;
    if (!ends) return;
    take(current);
    current.clear();
  });
}

/// One segment that is being read.
struct Reading {
  const Wish& wish;
  std::string ref;
  Range range;
  Memory& memory;
  Pieces pieces;
  std::uint64_t strings = 1;  // --as str: how many are wanted
  bool counted = false;       // there were as many
};

/// That a segment has fewer strings than are wanted.
std::unexpected<Error> too_few(const Reading& reading, std::uint64_t count)
{
  return fail(Errc::too_large, "reach", reading.ref,
              "past the end: there are " + std::to_string(count) + " strings, of the " +
                  bytes_text(reading.range.offset + reading.range.length));
}

/// What became of printing them: others may be writing, and there may be fewer than were counted.
Result<> judge(const Reading& reading, const Result<std::uint64_t>& count)
{
  if (!count) return std::unexpected(count.error());
  if (reading.counted && *count < reading.strings) return too_few(reading, *count);
  return {};
}

Result<> write_strings(Reading& reading, render::Output& out)
{
  if (out.is_terminal()) {
    // What is escaped may not be cut in the middle of a character.
    return judge(reading, each_string(reading.pieces, reading.strings,
                                      [&](const std::string& text) { out.write(render::printable(text) + "\n"); }));
  }
  return judge(reading, each_part(reading.pieces, reading.strings, [&](std::string_view part, bool ends) {
                 out.write(part);
                 if (ends) out.write("\n");
               }));
}

/// A JSON array of text; where some of it is not UTF-8, another of the bytes, for which all is read again.
Result<> add_strings(render::JsonObject& object, Reading& reading, render::Output& out)
{
  bool first = true;
  bool whole = true;
  object.add_json("values", "[");
  const auto told = each_string(reading.pieces, reading.strings, [&](const std::string& text) {
    if (!std::exchange(first, false)) out.buffer() += ',';
    render::append_json_string(out.buffer(), text);
    whole = whole && render::is_utf8(text);
    out.filled();
  });
  out.buffer() += ']';
  if (!told || whole) return judge(reading, told);
  first = true;
  object.add_json("values_base64", "[");
  Pieces again{reading.memory, reading.range};
  const auto encoded = each_string(again, *told, [&](const std::string& text) {
    out.buffer() += (std::exchange(first, false) ? "\"" : ",\"") + render::base64(text) + '"';
    out.filled();
  });
  out.buffer() += ']';
  return judge(reading, encoded);
}

Result<> write_base64(Pieces& pieces, render::Output& out)
{
  return pieces.each([&](std::span<const std::byte> piece) {
    out.buffer() += render::base64(render::text_of(piece));
    out.filled();
    return out.failure() == 0;
  });
}

Result<> write_json(Reading& reading, Context& context, ObjectStream& objects)
{
  Result<> outcome;
  const auto& as = reading.wish.as;
  objects.add([&](render::JsonObject& object) {
    object.add("ref", render::RefText{reading.ref});
    if (reading.wish.asked.asked != reading.ref) object.add("asked", render::Foreign{reading.wish.asked.asked});
    object.add("offset", render::Number{reading.range.offset});
    if (as) object.add("type", render::Words{.text = as->word});
    if (as && as->text) {
      outcome = add_strings(object, reading, context.out);
      return;
    }
    // The array or string is written as it is read, and never stands in memory as a whole.
    object.add_json(as ? "values" : "data_base64", as ? "[" : "\"");
    outcome = as ? write_values(reading.pieces, as->type, {.between = ",", .json = true}, context.out)
                 : write_base64(reading.pieces, context.out);
    context.out.buffer() += as ? "]" : "\"";
    object.add("size", render::Number{reading.pieces.done()});
  });
  return outcome;
}

Result<> write_text(Reading& reading, const Options& options, render::Output& out)
{
  const auto& as = reading.wish.as;
  if (as && as->text) return write_strings(reading, out);
  if (as) {
    auto outcome = write_values(reading.pieces, as->type, {.between = " "}, out);
    if (reading.pieces.done() > 0) out.write("\n");
    return outcome;
  }
  const bool hex = options.hex || (out.is_terminal() && !options.raw);
  return hex ? write_hex(reading.pieces, reading.range.offset, out)
             : write_raw(reading.pieces, reading.range.length, out);
}

/// The part that is to be read, if the segment has it. Without a length all that is left; of numbers, whole ones.
Result<Range> range_of(const Wish& wish, std::uint64_t size)
{
  Range range{.offset = wish.offset, .length = wish.length.value_or(0)};
  const bool nothing_left = wish.offset > 0 && wish.offset >= size;
  if (!wish.length && nothing_left) range.length = 1;
  if (!is_inside(range, size)) return std::unexpected(past_end(range, size));
  if (wish.length) return range;
  range.length = size - wish.offset;
  if (wish.as && !wish.as->text) range.length -= range.length % object::width_of(wish.as->type);
  return range;
}

/// Refuses to read what would take too much memory.
Result<> check_cost(const inventory::Entry& entry, const Range& range, const Options& options, const Context& context)
{
  const auto* const segment = std::get_if<shm::Segment>(&entry);
  if (segment == nullptr || options.force) return {};
  const auto cost = inventory::reading_cost(context.view, *segment);
  const auto needed = std::min(cost.untouched, range.length);
  if (needed <= cost.available) return {};
  const std::string what = cost.resident_known
                               ? "reading it would allocate " + render::human_bytes(needed) + " that nobody has touched"
                               : "reading it might allocate " + render::human_bytes(needed) +
                                     " (what is resident cannot be told without /proc/sysvipc)";
  return fail(Errc::system, sparse, rows::ref_text(entry),
              what + ", and " + render::human_bytes(cost.available) + " of memory are free");
}

/// Counts what has to be there before anything is written.
Result<> prepare(Reading& reading, const Options& options)
{
  const auto& as = reading.wish.as;
  if (!as || !as->text || !options.count) return {};
  reading.strings = *options.count;
  Pieces all{reading.memory, reading.range};
  const auto count = IPCKIT_TRY(each_part(all, reading.strings, [](std::string_view /*part*/, bool /*ends*/) {}));
  if (count < reading.strings) return too_few(reading, count);
  reading.counted = true;
  return {};
}

Result<> read_segment(const inventory::Entry& entry, const Wish& wish, const Options& options, Context& context,
                      ObjectStream& objects)
{
  auto memory = IPCKIT_TRY(Memory::open(context.view, entry, sys::Access::read));
  const auto range = IPCKIT_TRY(range_of(wish, memory.size()));
  IPCKIT_TRY(check_cost(entry, range, options, context));
  Reading reading{
      .wish = wish, .ref = rows::ref_text(entry), .range = range, .memory = memory, .pieces = {memory, range}};
  IPCKIT_TRY(prepare(reading, options));
  return is_json(options.output.format) ? write_json(reading, context, objects)
                                        : write_text(reading, options, context.out);
}

std::string hint_for(const Error& error, const Wish& wish, const Context& context)
{
  return error.operation == sparse ? "-f reads it all the same" : near_miss(context, wish.asked.ref, error);
}

Exit run(const Options& options, Context& context)
{
  const Wish wish = parse(options);
  Report report{context};
  ObjectStream objects{context, options.output.format};
  const auto entry = inventory::inspect(context.view, wish.asked.ref);
  const auto outcome = entry ? read_segment(*entry, wish, options, context, objects) : std::unexpected(entry.error());
  if (outcome) {
    report.succeed();
  } else {
    report.fail(wish.asked.asked, wish.asked.ref.kind, outcome.error(), hint_for(outcome.error(), wish, context));
  }
  objects.finish(report);
  return report.status();
}

}  // namespace

extern const Verb read_verb;
constexpr Verb read_verb =
    define_verb<&declare, &run>({.name = "read",
                                 .synopsis = "[OPTION]... REF",
                                 .summary = "Read the memory of a segment: raw, in hex or as values",
                                 .examples = "ipckit read pshm:/frame > frame.raw\n"
                                             "ipckit read shm:@state --as i32 -c 2    # its first two ints\n"
                                             "ipckit read shm:@state --offset 64 --as str\n"
                                             "ipckit read pshm:/frame --size 256 --hex\n"});
}  // namespace ipckit::cli::verbs
