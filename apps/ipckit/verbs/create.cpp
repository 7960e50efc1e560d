// SPDX-License-Identifier: MIT
// Makes one object and prints its REF. Touches nothing that exists.
#include <climits>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ipckit/base/number.hpp>
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
#include <ipckit/object/accounts.hpp>
#include <ipckit/object/key.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/rows/entries.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Entry;
using object::Kind;
using object::KindSet;

struct Options {
  std::vector<std::string> words;
  std::optional<FileMode> mode;
  std::optional<Bytes> size;
  bool huge = false;
  bool no_reserve = false;
  bool sparse = false;
  std::optional<std::uint64_t> count;
  std::optional<std::string> value;
  std::optional<std::uint64_t> max_messages;
  std::optional<Bytes> message_size;
  std::optional<Bytes> max_bytes;
  bool exist_ok = false;
  bool any_owner = false;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF|KIND", options.words,
                     "What to make: sem:@deploy, pmsg:/work, fifo:ctl; msg, shm or sem alone is private",
                     Completes::new_objects);
  arguments.value("-m,--mode", "MODE", options.mode, "Permission bits in octal, exact; 0600 without it");
  arguments.value("--size", "SIZE", options.size, "Bytes of a segment (shm, pshm)");
  arguments.flag("--huge", options.huge, "Make it of huge pages (shm)");
  arguments.flag("--no-reserve", options.no_reserve, "Reserve no swap space for it (shm)");
  arguments.flag("--sparse", options.sparse, "Allocate pages when they are touched, not now (pshm)");
  arguments.value("--count", "N", options.count, "Semaphores of the set; as many as values, or 1 (sem)");
  arguments.value("--value", "V[,V]...", options.value, "Initial values; one V is for all of them (sem, psem)");
  arguments.value("--max-messages", "N", options.max_messages, "Messages that it holds (pmsg)");
  arguments.value("--message-size", "SIZE", options.message_size, "Bytes of the largest message (pmsg)");
  arguments.value("--max-bytes", "SIZE", options.max_bytes, "Bytes that it holds (msg)");
  arguments.flag("--exist-ok", options.exist_ok, "Take what exists, if kind and geometry agree");
  arguments.flag("--any-owner", options.any_owner, "Take it even if it is neither the caller's nor root's");
  declare_json(arguments, options.output);
  declare_quiet(arguments, options.output);
}

/// What is to be made, understood.
struct Wish {
  object::Ref ref;  // of a private object only its kind counts
  bool is_private = false;
  std::string asked;
  std::uint32_t mode = 0600;
  std::vector<std::uint32_t> values;  // sem: one for each or none; psem: one
  std::uint32_t count = 1;
};

void refuse_for(bool given, const char* option, KindSet kinds, Kind kind)
{
  if (!given || kinds.has(kind)) return;
  std::string fitting;
  for (const Kind candidate : object::all_kinds) {
    if (kinds.has(candidate)) fitting += (fitting.empty() ? "" : " and ") + std::string(object::name_of(candidate));
  }
  throw UsageError(std::string(option) + " does not go with " + std::string(object::name_of(kind)),
                   "it is for " + fitting);
}

void check_options(const Options& options, Kind kind)
{
  refuse_for(options.size.has_value(), "--size", {Kind::shm, Kind::pshm}, kind);
  refuse_for(options.huge, "--huge", {Kind::shm}, kind);
  refuse_for(options.no_reserve, "--no-reserve", {Kind::shm}, kind);
  refuse_for(options.sparse, "--sparse", {Kind::pshm}, kind);
  refuse_for(options.count.has_value(), "--count", {Kind::sem}, kind);
  refuse_for(options.value.has_value(), "--value", {Kind::sem, Kind::psem}, kind);
  refuse_for(options.max_messages.has_value(), "--max-messages", {Kind::pmsg}, kind);
  refuse_for(options.message_size.has_value(), "--message-size", {Kind::pmsg}, kind);
  refuse_for(options.max_bytes.has_value(), "--max-bytes", {Kind::msg}, kind);
  if (options.max_messages == 0U) throw UsageError("--max-messages: a queue holds at least one message");
  if (options.message_size == Bytes{0}) throw UsageError("--message-size: a message may have at least one byte");
  if (options.any_owner && !options.exist_ok) throw UsageError("--any-owner goes with --exist-ok");
  if ((kind == Kind::shm || kind == Kind::pshm) && !options.size) throw UsageError("a segment needs --size");
  if (kind == Kind::shm && options.size.value_or(Bytes{}).count == 0) {
    throw UsageError("--size: a System V segment has at least one byte");
  }
}

void read_values(const Options& options, Kind kind, Wish& wish)
{
  constexpr std::uint32_t sysv_most = 32767;  // SEMVMX
  if (options.value) wish.values = parse_values("--value", *options.value, kind == Kind::sem ? sysv_most : INT_MAX);
  if (kind == Kind::psem && wish.values.size() > 1) throw UsageError("--value: a POSIX semaphore has one value");
  if (kind != Kind::sem) return;
  if (options.count == 0U) throw UsageError("--count: a set has at least one semaphore");
  if (options.count && *options.count > INT_MAX) throw UsageError("--count: a set cannot have that many semaphores");
  const auto given = wish.values.size();
  wish.count = static_cast<std::uint32_t>(options.count.value_or(given == 0 ? 1 : given));
  if (given > 1 && given != wish.count) {
    throw UsageError("--value has " + std::to_string(given) + " values, --count says " + std::to_string(wish.count));
  }
}

/// The kind that is meant by a word alone: a System V one, which will be private.
Wish private_wish(const std::string& word)
{
  const auto kind = object::parse_kind(word);
  if (!kind) throw UsageError("'" + word + "' is a group; one object is made at a time");
  if (object::is_sysv(*kind)) return {.ref = {.kind = *kind}, .is_private = true, .asked = word};
  const std::string example = word + (*kind == Kind::fifo ? ":PATH" : ":/NAME");
  throw UsageError("a " + std::string(noun_of(*kind)) + " needs a name", "write " + example);
}

Wish parse(const Options& options)
{
  if (options.words.empty()) throw UsageError("what is to be made? A REF or a System V kind is needed");
  if (options.words.size() > 1) {
    throw UsageError("'" + render::printable(options.words[1]) +
                     "' is one operand too many: one object is made at a time");
  }
  const std::string& word = options.words.front();
  Wish wish = object::parse_kinds(word) ? private_wish(word) : Wish{};
  if (!wish.is_private) wish = {.ref = parse_refs(options.words).front().ref, .asked = word};
  if (!wish.is_private && std::holds_alternative<object::ById>(wish.ref.target)) {
    throw UsageError("an id is given by the kernel, not chosen",
                     "write " + std::string(object::name_of(wish.ref.kind)) + ":key=… or " +
                         std::string(object::name_of(wish.ref.kind)) + ":@WORD");
  }
  const auto* const path = std::get_if<object::ByPath>(&wish.ref.target);
  if (path != nullptr && path->bare) {
    throw UsageError("of what kind is '" + render::printable(word) + "' to be?", "write fifo:" + object::escape(word));
  }
  wish.mode = options.mode.value_or(FileMode{0600}).bits;
  check_options(options, wish.ref.kind);
  read_values(options, wish.ref.kind, wish);
  return wish;
}

std::optional<std::uint64_t> count_of(const std::optional<Bytes>& bytes)
{
  return bytes ? std::optional(bytes->count) : std::nullopt;
}

Result<int> make_sysv(const Options& options, const Wish& wish, const object::View& view, std::int32_t key)
{
  switch (wish.ref.kind) {
    case Kind::msg: return msg::create(view, {.key = key, .mode = wish.mode, .max_bytes = count_of(options.max_bytes)});
    case Kind::shm:
      return shm::create(view, {.key = key,
                                .mode = wish.mode,
                                .size = options.size.value_or(Bytes{}).count,
                                .huge_pages = options.huge,
                                .no_reserve = options.no_reserve});
    default:
      return sem::create(
          view,
          {.key = key, .mode = wish.mode, .count = wish.count, .values = {wish.values.begin(), wish.values.end()}});
  }
}

Result<> make_named(const Options& options, const Wish& wish, const object::View& view)
{
  if (const auto* const path = std::get_if<object::ByPath>(&wish.ref.target)) {
    return fifo::create(path->path, wish.mode);
  }
  const std::string& name = std::get<object::ByName>(wish.ref.target).name;
  switch (wish.ref.kind) {
    case Kind::pmsg:
      return pmsg::create(view, {.name = name,
                                 .mode = wish.mode,
                                 .max_messages = options.max_messages,
                                 .message_size = count_of(options.message_size)});
    case Kind::pshm:
      return pshm::create(
          view,
          {.name = name, .mode = wish.mode, .size = options.size.value_or(Bytes{}).count, .sparse = options.sparse});
    default:
      return psem::create(view,
                          {.name = name, .mode = wish.mode, .value = wish.values.empty() ? 0 : wish.values.front()});
  }
}

/// Makes it and says what its REF is now: by id of a System V object.
Result<object::Ref> make(const Options& options, const Wish& wish, const object::View& view)
{
  IPCKIT_TRY(inventory::check_namespace(wish.ref));
  if (!object::is_sysv(wish.ref.kind)) {
    IPCKIT_TRY(make_named(options, wish, view));
    return wish.ref;
  }
  const auto key = wish.is_private ? std::optional<std::int32_t>{0} : IPCKIT_TRY(object::key_of(wish.ref));
  if (!wish.is_private && key == 0) return fail(Errc::system, "ftok", wish.asked, "its key is 0, which is IPC_PRIVATE");
  const int id = IPCKIT_TRY(make_sysv(options, wish, view, key.value_or(0)));
  return object::Ref{.kind = wish.ref.kind, .target = object::ById{id}, .ipc_namespace = {}};
}

/// What the existing object has that differs from what is wanted; empty when it will do.
std::string difference(const Entry& entry, const Options& options, const Wish& wish)
{
  const auto differs = [](const char* what, const std::optional<std::uint64_t>& wanted,
                          std::optional<std::uint64_t> there) {
    if (!wanted) return std::string{};
    if (!there) return std::string(what) + " not readable";
    if (*wanted == *there) return std::string{};
    return std::string(what) + " " + std::to_string(*there) + ", not " + std::to_string(*wanted);
  };
  if (const auto* const queue = std::get_if<msg::Queue>(&entry)) {
    return differs("--max-bytes", count_of(options.max_bytes), queue->max_bytes);
  }
  if (const auto* const segment = std::get_if<shm::Segment>(&entry)) {
    if (segment->doomed) return "doomed";
    return differs("--size", count_of(options.size), segment->size);
  }
  if (const auto* const set = std::get_if<sem::Set>(&entry)) return differs("--count", wish.count, set->count);
  if (const auto* const segment = std::get_if<pshm::Segment>(&entry)) {
    return differs("--size", count_of(options.size), segment->file.size);
  }
  const auto* const semaphore = std::get_if<psem::Semaphore>(&entry);
  if (semaphore != nullptr && semaphore->health == psem::Health::damaged) return "damaged";
  const auto* const queue = std::get_if<pmsg::Queue>(&entry);
  if (queue == nullptr) return {};
  using Count = std::optional<std::uint64_t>;
  const auto& geometry = queue->geometry;
  auto messages = differs("--max-messages", options.max_messages, geometry ? Count{geometry->max_messages} : Count{});
  if (!messages.empty()) return messages;
  return differs("--message-size", count_of(options.message_size), geometry ? Count{geometry->message_size} : Count{});
}

bool is_trusted(const Entry& entry, const Context& context)
{
  const auto trusted = [&](uid_t user) { return user == 0 || user == context.user; };
  const auto* const identity = inventory::sysv_of(entry);
  return trusted(inventory::user_of(entry)) && (identity == nullptr || trusted(identity->creator_user));
}

/// What exists already, if it may stand for what was wanted.
Result<Entry> take_existing(const Options& options, const Wish& wish, const Context& context)
{
  auto entry = inventory::inspect(context.view, wish.ref);
  if (!entry) {
    Error error = entry.error();
    if (error.kind == Errc::mismatch) error.kind = Errc::already_exists;
    return std::unexpected(std::move(error));
  }
  if (!options.any_owner && !is_trusted(*entry, context)) {
    const auto user = inventory::user_of(*entry);
    return fail(Errc::foreign, "create", wish.asked, object::user_name(user).value_or("user " + std::to_string(user)));
  }
  if (auto what = difference(*entry, options, wish); !what.empty()) {
    return fail(Errc::already_exists, "create", wish.asked, std::move(what));
  }
  return entry;
}

inventory::Wanted wanted_of(const Options& options, const Wish& wish)
{
  inventory::Wanted wanted{.kind = wish.ref.kind};
  if (!options.sparse) wanted.size = count_of(options.size);
  if (wish.ref.kind == Kind::sem) wanted.count = wish.count;
  wanted.max_messages = options.max_messages;
  wanted.message_size = count_of(options.message_size);
  wanted.max_bytes = count_of(options.max_bytes);
  return wanted;
}

/// Something is there already: what it is, where it is not what was wanted.
void report_existing(const Options& options, const Wish& wish, const Error& error, const Context& context,
                     Report& report)
{
  const auto there = inventory::inspect(context.view, wish.ref);
  if (!there && there.error().kind == Errc::mismatch) {
    report.fail(wish.asked, Exit::exists, error, "it exists already: what is there is " + there.error().detail, "");
    return;
  }
  const std::string why = error.detail.empty() ? "" : ", with " + error.detail;
  report.fail(wish.asked, Exit::exists, error, "it exists already" + why,
              options.exist_ok ? "" : "--exist-ok takes it as it is");
}

/// What to do about memory that a segment was refused.
std::string memory_hint(const Options& options, const Error& error)
{
  if (options.huge && (error.os_error == ENOMEM || error.os_error == EPERM)) {
    return "huge pages are set aside by: sysctl vm.nr_hugepages=N; root and the group vm.hugetlb_shm_group may use "
           "them";
  }
  const bool too_much = options.size && error.os_error == ENOMEM;
  return too_much ? "--no-reserve makes it without reserving memory; vm.overcommit_memory decides how much there is"
                  : "";
}

/// Tells why it was refused: by the limit that explains it, where there is one.
void report_refusal(const Options& options, const Wish& wish, const Error& error, const Context& context,
                    Report& report)
{
  const Kind kind = wish.ref.kind;
  if (error.kind == Errc::already_exists) {
    report_existing(options, wish, error, context, report);
    return;
  }
  if (error.operation == "ftok") {
    report.fail(wish.asked, Exit::refused, error, explain(error, kind), "");
    return;
  }
  if (error.kind == Errc::not_found) {
    const char* const where = kind == Kind::fifo ? "its directory does not exist" : "there is no place for it";
    report.fail(wish.asked, Exit::not_found, error, where, "");
    return;
  }
  if (error.kind == Errc::foreign) {
    report.fail(wish.asked, kind, error, "--any-owner takes it all the same");
    return;
  }
  const bool by_limit = error.os_error == EINVAL || error.os_error == ENOSPC || error.os_error == EMFILE ||
                        error.os_error == EPERM || error.os_error == ENOMEM || error.os_error == ENFILE;
  const auto limits = by_limit ? inventory::limits(context.view, {kind}) : inventory::Limits{};
  if (const auto refusal = inventory::explain_refusal(limits.rows, wanted_of(options, wish), error.os_error)) {
    report.fail(wish.asked, exit_status(error), error, explain(error, kind) + ": " + explain(*refusal),
                remedy(*refusal));
    return;
  }
  report.fail(wish.asked, kind, error, memory_hint(options, error));
}

void print(const Entry& entry, bool created, const Options& options, const Wish& wish, const Report& report,
           Context& context)
{
  const std::string ref = rows::ref_text(entry);
  if (options.output.format == Format::text || options.output.format == Format::refs) {
    context.out.write(ref + "\n");
    return;
  }
  const render::CellContext cells{.now = context.now, .names = {}};
  ObjectStream objects{context, options.output.format};
  objects.add([&](render::JsonObject& object) {
    add_members(object, select(rows::entry_columns(), in_json), entry, cells);
    if (!wish.is_private && wish.asked != ref) object.add("asked", render::Foreign{wish.asked});
    object.add("action", render::Words{.text = created ? "created" : "exists"});
  });
  objects.finish(report);
}

void print_unseen(const std::string& ref, const Options& options, const Wish& wish, const Report& report,
                  Context& context)
{
  if (!is_json(options.output.format)) context.out.write(ref + "\n");
  ObjectStream objects{context, options.output.format};
  objects.add([&](render::JsonObject& object) {
    object.add("ref", render::RefText{ref});
    object.add("kind", render::Words{.text = std::string(object::name_of(wish.ref.kind))});
    if (!wish.is_private && wish.asked != ref) object.add("asked", render::Foreign{wish.asked});
    object.add("action", render::Words{.text = "created"});
  });
  objects.finish(report);
}

Exit run(const Options& options, Context& context)
{
  const Wish wish = parse(options);
  Report report{context};
  const auto made = make(options, wish, context.view);
  const bool take = !made && made.error().kind == Errc::already_exists && options.exist_ok;
  Result<Entry> entry = std::unexpected(Error{});
  if (made) entry = inventory::inspect(context.view, *made);
  if (!made) entry = take ? take_existing(options, wish, context) : std::unexpected(made.error());
  if (made && !entry) {
    // It was made, and made so that its maker may not look at it (mode 0): its REF is known all the same.
    report.succeed();
    print_unseen(object::to_text(*made), options, wish, report, context);
    return report.status();
  }
  if (entry) {
    report.succeed();
    print(*entry, made.has_value(), options, wish, report, context);
    context.out.flush();
    // What was made must not be lost with the word for it.
    if (context.out.failure() != 0) {
      context.say(rows::ref_text(*entry) + ": it is there, but its REF cannot be printed");
    }
    return report.status();
  }
  report_refusal(options, wish, entry.error(), context, report);
  ObjectStream{context, options.output.format}.finish(report);
  return report.status();
}

}  // namespace

extern const Verb create_verb;
constexpr Verb create_verb = define_verb<&declare, &run>(
    {.name = "create",
     .synopsis = "[OPTION]... REF|KIND",
     .summary = "Make one object, with mode 0600 unless told otherwise, and print its REF",
     .examples = "q=$(ipckit create msg)                          # a private queue\n"
                 "ipckit create sem:@deploy --value 3             # three may deploy at once\n"
                 "ipckit create pshm:/frame --size 1M -m 0640\n"
                 "ipckit create pmsg:/work --max-messages 5 --message-size 512\n"});
}  // namespace ipckit::cli::verbs
