// SPDX-License-Identifier: MIT
// Changes what can be changed of an object: owner, mode, limits, values, size, pinning.
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ipckit/base/text.hpp>
#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/values.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/inventory/limits.hpp>
#include <ipckit/inventory/refusal.hpp>
#include <ipckit/process/pipe_ends.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/rows/entries.hpp>
#include <ipckit/sys/pidfd.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Entry;
using object::Kind;

constexpr std::uint32_t largest_value = 32767;  // SEMVMX

struct Options {
  std::vector<std::string> words;
  std::optional<FileMode> mode;
  std::optional<std::string> owner;
  std::optional<Bytes> max_bytes;
  std::optional<std::string> value;
  std::optional<Bytes> size;
  std::optional<Bytes> pipe_size;
  bool pin = false;
  bool unpin = false;
  bool force = false;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF", options.words, "The objects", Completes::own_objects);
  arguments.value("-m,--mode", "MODE", options.mode, "Permission bits in octal");
  arguments.value("--owner", "USER[:GROUP]", options.owner, "Owner, group or both (names or numbers)",
                  Completes::users);
  arguments.value("--max-bytes", "SIZE", options.max_bytes, "Bytes that the queue holds (msg)");
  arguments.value("--value", "VALUES", options.value,
                  "Values: N=V,... of single semaphores, or V,... of all at once (sem)");
  arguments.value("--size", "SIZE", options.size, "Bytes of the segment (pshm)");
  arguments.value("--pipe-size", "SIZE", options.pipe_size, "Bytes that the pipe holds while it is open (fifo)");
  arguments.flag("--pin", options.pin, "Keep it from being swapped out (shm)");
  arguments.flag("--unpin", options.unpin, "Let it be swapped out again (shm)");
  arguments.flag("-f,--force", options.force, "Shrink a segment even if somebody has it mapped (SIGBUS)");
  declare_json(arguments, options.output);
  declare_quiet(arguments, options.output);
}

/// What is to be changed, understood.
struct Wish {
  object::Attributes attributes;
  std::vector<std::uint16_t> values;
  std::vector<std::pair<std::uint32_t, std::uint16_t>> singles;
};

void parse_owner(const std::string& text, object::Attributes& attributes)
{
  const auto [user, group] = split_once(text, ':');
  if (!user.empty()) attributes.user = parse_user("--owner", std::string(user));
  if (!group.empty()) attributes.group = parse_group("--owner", std::string(group));
  if (user.empty() && group.empty()) throw UsageError("--owner: '" + render::printable(text) + "' names nobody");
}

Wish parse(const Options& options)
{
  Wish wish;
  if (options.mode) wish.attributes.mode = options.mode->bits;
  if (options.owner) parse_owner(*options.owner, wish.attributes);
  if (options.value && options.value->contains('=')) {
    for (const auto& [number, value] : parse_numbered_values("--value", *options.value, largest_value)) {
      wish.singles.emplace_back(number, static_cast<std::uint16_t>(value));
    }
  } else if (options.value) {
    for (const auto value : parse_values("--value", *options.value, largest_value)) {
      wish.values.push_back(static_cast<std::uint16_t>(value));
    }
  }
  if (options.pin && options.unpin) throw UsageError("--pin and --unpin exclude each other");
  return wish;
}

bool nothing_wanted(const Options& options, const Wish& wish)
{
  return wish.attributes.empty() && !options.max_bytes && !options.value && !options.size && !options.pipe_size &&
         !options.pin && !options.unpin;
}

void refuse_for(bool given, const char* option, Kind fitting, const AskedRef& asked)
{
  if (!given || asked.ref.kind == fitting) return;
  throw UsageError(std::string(option) + " does not go with '" + render::printable(asked.asked) + "'",
                   "it is for " + std::string(object::name_of(fitting)));
}

void check(const Options& options, const Wish& wish, const std::vector<AskedRef>& refs)
{
  if (nothing_wanted(options, wish)) {
    throw UsageError("what is to be changed? Say --mode, --owner, --value or the like");
  }
  for (const auto& asked : refs) {
    refuse_for(options.max_bytes.has_value(), "--max-bytes", Kind::msg, asked);
    refuse_for(options.value.has_value(), "--value", Kind::sem, asked);
    refuse_for(options.size.has_value(), "--size", Kind::pshm, asked);
    refuse_for(options.pipe_size.has_value(), "--pipe-size", Kind::fifo, asked);
    refuse_for(options.pin, "--pin", Kind::shm, asked);
    refuse_for(options.unpin, "--unpin", Kind::shm, asked);
  }
}

/// F_SETPIPE_SZ on the end of whoever has the FIFO open: a pipe that nobody holds has no size.
Result<> set_pipe_size(const object::View& view, const fifo::Fifo& fifo, std::uint64_t size)
{
  const auto ends = IPCKIT_TRY(process::pipe_ends(view, &fifo.file));
  Result<> last = fail(Errc::busy, "fcntl", fifo.path,
                       "not open: a pipe has a size only while somebody has it open, and nobody is seen to");
  for (const auto& end : ends.rows) {
    if (!end.reads && !end.writes) continue;  // O_PATH holds nothing
    const auto borrowed = process::borrow(end);
    const auto given = borrowed ? sys::set_pipe_size(borrowed->get(), size) : std::unexpected(borrowed.error());
    if (given) return {};
    last = std::unexpected(given.error());
  }
  return last;
}

struct Change {
  const Options& options;
  const Wish& wish;
  const object::View& view;

  Result<> operator()(const msg::Queue& queue) const
  {
    std::optional<std::uint64_t> max_bytes;
    if (options.max_bytes) max_bytes = options.max_bytes->count;
    return msg::change(view, queue.identity.id, {.attributes = wish.attributes, .max_bytes = max_bytes});
  }
  Result<> operator()(const shm::Segment& segment) const
  {
    auto pinning = options.pin ? shm::Pinning::pin : shm::Pinning::keep;
    if (options.unpin) pinning = shm::Pinning::unpin;
    return shm::change(view, segment.identity.id, {.attributes = wish.attributes, .pinning = pinning});
  }
  Result<> operator()(const sem::Set& set) const
  {
    return sem::change(view, set.identity.id,
                       {.attributes = wish.attributes, .values = wish.values, .singles = wish.singles});
  }
  Result<> operator()(const pmsg::Queue& queue) const { return pmsg::change(view, queue.name, wish.attributes); }
  Result<> operator()(const pshm::Segment& segment) const
  {
    const auto force = options.force ? object::Force::yes : object::Force::no;
    if (options.size) IPCKIT_TRY(pshm::resize(view, segment.name, options.size->count, force));
    if (wish.attributes.empty()) return {};
    return pshm::change(view, segment.name, wish.attributes);
  }
  Result<> operator()(const psem::Semaphore& semaphore) const
  {
    return psem::change(view, semaphore.name, wish.attributes);
  }
  Result<> operator()(const fifo::Fifo& fifo) const
  {
    if (options.pipe_size) IPCKIT_TRY(set_pipe_size(view, fifo, options.pipe_size->count));
    if (wish.attributes.empty()) return {};
    return fifo::change(fifo.path, wish.attributes);
  }
};

void report_failure(const AskedRef& asked, const Error& error, const Options& options, const Context& context,
                    Report& report)
{
  inventory::Wanted wanted{.kind = asked.ref.kind};
  if (options.max_bytes) wanted.max_bytes = options.max_bytes->count;
  if (options.size) wanted.size = options.size->count;
  if (options.pipe_size && error.os_error == EPERM) wanted.size = options.pipe_size->count;
  const bool by_limit =
      error.os_error == EPERM || error.os_error == ENOSPC || error.os_error == EINVAL || error.kind == Errc::too_large;
  const auto limits = by_limit ? inventory::limits(context.view, {asked.ref.kind}) : inventory::Limits{};
  const auto refusal = inventory::explain_refusal(limits.rows, wanted, error.os_error);
  const bool told = refusal && (wanted.max_bytes || wanted.size);
  if (!told) {
    const bool pinning = options.pin && (error.os_error == EPERM || error.os_error == ENOMEM);
    report.fail(asked.asked, asked.ref.kind, error,
                pinning ? "RLIMIT_MEMLOCK (ulimit -l) limits what one's own segments may pin" : "");
    return;
  }
  report.fail(asked.asked, exit_status(error), error, explain(error, asked.ref.kind) + ": " + explain(*refusal),
              remedy(*refusal));
}

void print(const Entry& entry, const AskedRef& asked, ObjectStream& objects, const Context& context)
{
  const render::CellContext cells{.now = context.now, .names = {}};
  const std::string ref = rows::ref_text(entry);
  objects.add([&](render::JsonObject& object) {
    add_members(object, select(rows::entry_columns(), in_json), entry, cells);
    if (asked.asked != ref) object.add("asked", render::Foreign{asked.asked});
    object.add("action", render::Words{.text = "changed"});
  });
}

Exit run(const Options& options, Context& context)
{
  const auto refs = parse_refs(options.words);
  const Wish wish = parse(options);
  check(options, wish, refs);
  const auto format = options.output.format;
  Report report{context};
  ObjectStream objects{context, format};
  for (const auto& asked : refs) {
    auto entry = inventory::inspect(context.view, asked.ref);
    if (!entry) {
      report.fail(asked.asked, asked.ref.kind, entry.error(), near_miss(context, asked.ref, entry.error()));
      continue;
    }
    auto changed = std::visit(Change{options, wish, context.view}, *entry);
    if (!changed) {
      inventory::name_holders(context.view, *entry, changed.error());
      report_failure(asked, changed.error(), options, context, report);
      continue;
    }
    report.succeed();
    if (format == Format::refs) context.out.write(rows::ref_text(*entry) + "\n");
    if (!is_json(format)) continue;
    if (auto now = inventory::inspect(context.view, inventory::ref_of(*entry))) entry = std::move(now);
    print(*entry, asked, objects, context);
  }
  objects.finish(report);
  return report.status();
}

}  // namespace

extern const Verb set_verb;
constexpr Verb set_verb =
    define_verb<&declare, &run>({.name = "set",
                                 .synopsis = "[OPTION]... REF...",
                                 .summary = "Change owner, mode, limits, values, size or pinning of objects",
                                 .examples = "ipckit set msg:@jobs --max-bytes 64K\n"
                                             "ipckit set sem:@deploy --value 0=1,2=5    # two of its semaphores\n"
                                             "ipckit set pshm:/frame --mode 0660 --owner :video\n"
                                             "ipckit set shm:@cache --pin               # never swapped out\n"});
}  // namespace ipckit::cli::verbs
