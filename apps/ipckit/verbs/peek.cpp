// SPDX-License-Identifier: MIT
// What waits in a queue or FIFO, without taking it.
#include <ipckit/msg/peek.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/values.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/process/pipe_content.hpp>
#include <ipckit/render/hex.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/messages.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/rows/entries.hpp>

namespace ipckit::cli::verbs {
namespace {

using inventory::Entry;
using msg::WaitingMessage;
using object::Kind;
using object::Missing;
using render::Look;

struct Options {
  std::vector<std::string> refs;
  std::optional<std::uint64_t> index;
  std::optional<std::int64_t> type;
  std::optional<std::int64_t> except;
  std::optional<std::uint64_t> count;
  bool hex = false;
  bool raw = false;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF", options.refs, "The queue or FIFO", Completes::carriers);
  arguments.value("--index", "N", options.index, "Only the message at this place; 0 is the first");
  arguments.value(
      "-t,--type", "TYPE", [&options](const std::string& text) { options.type = parse_type("--type", text); },
      "Only messages of this type; -TYPE: of that type or a lower one");
  arguments.value(
      "--except", "TYPE", [&options](const std::string& text) { options.except = parse_type("--except", text); },
      "Only messages of another type");
  arguments.value("-c,--count", "N", options.count, "At most so many messages");
  arguments.flag("--hex", options.hex, "Show the bytes in hexadecimal, as on a terminal");
  arguments.flag("--raw", options.raw, "Write the bytes as they are, and nothing else");
  declare_json(arguments, options.output);
  declare_table(arguments, options.output);
}

// ------------------------------------------------------------------------------------------------- what is asked for

Look look_of(const Options& options, const Context& context)
{
  if (options.output.format == Format::json) return Look::json;
  if (options.output.format == Format::jsonl) return Look::jsonl;
  if (options.raw) return Look::raw;
  return options.hex || context.out.is_terminal() ? Look::hex : Look::table;
}

/// Refuses what makes no sense before anything is looked at.
void check_options(const Options& options, const std::vector<AskedRef>& refs)
{
  const bool json = options.output.format != Format::text;
  if ((options.hex && options.raw) || (json && (options.hex || options.raw))) {
    throw UsageError("--hex, --raw, --json and --jsonl exclude each other");
  }
  if (options.count == 0U) throw UsageError("--count: at least one message is shown");
  if (options.type && options.except) throw UsageError("--type and --except exclude each other");
  if (refs.size() > 1) throw UsageError("one REF is looked into at a time");
  const Kind kind = refs.front().ref.kind;
  const std::string noun{noun_of(kind)};
  if (kind != Kind::msg && kind != Kind::pmsg && kind != Kind::fifo) {
    const bool segment = kind == Kind::shm || kind == Kind::pshm;
    throw UsageError("nothing waits in a " + noun + "; peek is for queues and FIFOs",
                     segment ? "what it holds is shown by: ipckit read " + object::to_text(refs.front().ref) : "");
  }
  const bool of_messages = options.index || options.type || options.except || options.count;
  if (kind != Kind::msg && of_messages) {
    throw UsageError("--index, --type, --except and --count do not go with a " + noun);
  }
  if (kind == Kind::pmsg && (options.hex || options.raw)) {
    throw UsageError("--hex and --raw do not go with a " + noun + ": its messages cannot be looked at");
  }
}

bool is_wanted(const WaitingMessage& message, const Options& options)
{
  if (!message.type) return true;  // nobody can say that it is not
  if (options.except) return *message.type != *options.except;
  const std::int64_t type = options.type.value_or(0);
  if (type == 0) return true;
  if (type > 0) return *message.type == type;
  return type == INT64_MIN || *message.type <= -type;  // the lowest number has no counterpart above zero
}

// ---------------------------------------------------------------------------------------------------------- messages

/// Calls `take` with each message that is wanted, until it says false.
Result<> walk(const Context& context, const msg::Queue& queue, const Options& options,
              const std::function<bool(const WaitingMessage&)>& take)
{
  msg::Peeker peeker{context.view, queue.identity.id};
  std::uint64_t taken = 0;
  for (std::uint64_t index = options.index.value_or(0); taken < options.count.value_or(UINT64_MAX); ++index) {
    const auto message = IPCKIT_TRY(peeker.at(index));
    if (!message) return {};
    if (is_wanted(*message, options)) {
      ++taken;
      if (!take(*message)) return {};
    }
    if (options.index) return {};
  }
  return {};
}

struct Stored {
  WaitingMessage message;
  std::vector<std::byte> data;
};

/// What a look at all messages came to.
struct Gathered {
  msg::Queue queue;              // as it was when the look began
  std::vector<Stored> messages;  // unless there was too much
  bool too_much = false;
  bool moved = false;  // somebody sent or received meanwhile
};

/// Gathers the messages in memory, so that a look into which somebody sent or received can be taken again; but not more
/// than so much of them.
Result<Gathered> gather_once(const Context& context, int id, const Options& options)
{
  constexpr std::size_t most = 4U << 20U;
  Gathered gathered{.queue = IPCKIT_TRY(msg::inspect(context.view, id)), .messages = {}};
  std::size_t held = 0;
  IPCKIT_TRY(walk(context, gathered.queue, options, [&](const WaitingMessage& message) {
    held += message.data.size() + sizeof(Stored);
    gathered.too_much = held > most;
    if (gathered.too_much) return false;
    gathered.messages.push_back({.message = message, .data = {message.data.begin(), message.data.end()}});
    return true;
  }));
  const auto after = IPCKIT_TRY(msg::inspect(context.view, id));
  gathered.moved = !msg::same_content(gathered.queue, after);
  return gathered;
}

Result<Gathered> gather(const Context& context, int id, const Options& options)
{
  constexpr int attempts = 5;
  constexpr std::size_t quick = 2000;  // messages: the kernel walks to each from the front, and N take N * N / 2 steps
  for (int attempt = 1;; ++attempt) {
    auto gathered = IPCKIT_TRY(gather_once(context, id, options));
    const bool again = gathered.moved && !gathered.too_much && gathered.messages.size() <= quick;
    if (!again || attempt == attempts) return gathered;
  }
}

/// Counts what a printed look had, and what of it could not be looked at.
struct Tally {
  std::uint64_t shown = 0;
  std::vector<std::uint64_t> unreadable;  // their places
};

class MessagePeek {
public:
  MessagePeek(const Options& options, Context& context, Report& report)
      : options_{options},
        context_{context},
        report_{report},
        printer_{context.out, look_of(options, context), text_style(options.output, context)}
  {
  }
  /// Prints the messages; what goes wrong is told by `conclude`.
  void print(Gathered& gathered)
  {
    if (!gathered.too_much) {
      for (const auto& stored : gathered.messages) {
        WaitingMessage message = stored.message;
        message.data = stored.data;
        add(message);
      }
    } else {
      gathered.moved = !stream(gathered.queue.identity.id);
    }
    if (!names_nothing()) printer_.finish();
  }
  void conclude(const std::string& asked, const Gathered& gathered)
  {
    if (gathered.moved) report_.gap({.what = Missing::moved, .kind = Kind::msg});
    if (error_) {
      report_.fail(asked, Kind::msg, *error_);
    } else if (names_nothing()) {
      const std::string message = "no message has the place " + std::to_string(options_.index.value_or(0)) + "; " +
                                  render::plural(gathered.queue.messages, "waits", "wait");
      report_.fail(asked, Exit::busy, {.kind = Errc::busy, .operation = "msgrcv"}, message, {});
    } else if (!tally_.unreadable.empty()) {
      fail_unreadable(asked);
    } else {
      report_.succeed();
    }
  }

private:
  /// Whether a place was asked for at which no message is.
  [[nodiscard]] bool names_nothing() const noexcept
  {
    return options_.index && tally_.shown == 0 && !options_.type && !options_.except;
  }
  void add(const WaitingMessage& message)
  {
    ++tally_.shown;
    if (!message.type) tally_.unreadable.push_back(message.index);
    printer_.add(message);
  }
  /// More than is held in memory is printed as it is seen. Whether nothing moved meanwhile.
  bool stream(int id)
  {
    const auto before = msg::inspect(context_.view, id);
    if (before) {
      const auto walked = walk(context_, *before, options_, [&](const WaitingMessage& message) {
        add(message);
        return context_.out.failure() == 0;
      });
      if (!walked) error_ = walked.error();
    } else {
      error_ = before.error();
    }
    const auto after = msg::inspect(context_.view, id);
    return before && after && msg::same_content(*before, *after);
  }
  void fail_unreadable(const std::string& asked)
  {
    constexpr std::size_t most = 8;  // places that a line can name
    std::string places;
    for (std::size_t at = 0; at < std::min(most, tally_.unreadable.size()); ++at) {
      places += (at == 0 ? "" : ", ") + std::to_string(tally_.unreadable[at]);
    }
    if (tally_.unreadable.size() > most) places += ", …";
    const std::string message = render::plural(tally_.unreadable.size(), "message", "messages") +
                                " longer than kernel.msgmax is now cannot be looked at, at " +
                                (tally_.unreadable.size() == 1 ? "place " : "places ") + places;
    report_.fail(asked, Exit::refused, {.kind = Errc::too_large, .operation = "msgrcv", .os_error = EINVAL}, message,
                 "receiving still works; as root: sysctl kernel.msgmax=…");
  }

  const Options& options_;
  Context& context_;
  Report& report_;
  render::MessagePrinter printer_;
  Tally tally_;
  std::optional<Error> error_;
};

void add_head(render::JsonObject& object, const AskedRef& asked, const Entry& entry)
{
  object.add("ref", render::RefText{rows::ref_text(entry)});
  if (asked.asked != rows::ref_text(entry)) object.add("asked", render::Foreign{asked.asked});
  object.add("kind", render::Words{.text = std::string(object::name_of(inventory::kind_of(entry)))});
}

/// What a line about the object begins with.
std::string about(const AskedRef& asked)
{
  return render::printable(asked.asked) + ": ";
}

Exit peek_queue(const AskedRef& asked, const msg::Queue& queue, const Options& options, Context& context,
                Report& report)
{
  ObjectStream objects{context, options.output.format};
  auto gathered = gather(context, queue.identity.id, options);
  if (!gathered) {
    report.fail(asked.asked, Kind::msg, gathered.error());
    objects.finish(report);
    return report.status();
  }
  MessagePeek peek{options, context, report};
  if (options.output.format == Format::json) {
    objects.add([&](render::JsonObject& object) {
      add_head(object, asked, Entry{gathered->queue});
      object.add("waiting", render::Number{gathered->queue.messages});
      object.add("bytes_waiting", Bytes{gathered->queue.bytes});
      object.add_json("messages", "[");
      peek.print(*gathered);
      context.out.buffer() += ']';
    });
  } else {
    peek.print(*gathered);
  }
  peek.conclude(asked.asked, *gathered);
  report.say_gaps(about(asked));
  objects.finish(report);
  return report.status();
}

// -------------------------------------------------------------------------------------------------- the other kinds

Exit peek_posix_queue(const AskedRef& asked, const pmsg::Queue& queue, const Options& options, Context& context,
                      Report& report)
{
  using render::Cell;
  const auto& geometry = queue.geometry;
  const auto number = [&](std::uint64_t pmsg::Geometry::* field) {
    return geometry ? Cell{render::Number{(*geometry).*field}} : Cell{render::Unknown{}};
  };
  const bool empty = geometry && geometry->messages == 0;
  const std::vector<std::pair<const char*, Cell>> details{
      {"waiting", number(&pmsg::Geometry::messages)},
      {"bytes_waiting", empty ? Cell{render::Number{0}} : Cell{render::Unknown{}}},
      {"max_messages", number(&pmsg::Geometry::max_messages)},
      {"message_size", number(&pmsg::Geometry::message_size)},
      {"next_priority", empty ? Cell{render::Absent{}} : Cell{render::Unknown{}}},
  };
  ObjectStream objects{context, options.output.format};
  objects.add([&](render::JsonObject& object) {
    add_head(object, asked, Entry{queue});
    for (const auto& [key, cell] : details) object.add(key, cell);
    if (empty) {
      object.add_json("messages", "[]");
    } else {
      object.add("messages", render::Unknown{});
    }
  });
  if (options.output.format == Format::text) {
    render::TextTable table{{{.heading = "WAITING"},
                             {.heading = "BYTES"},
                             {.heading = "MAX-MESSAGES"},
                             {.heading = "MESSAGE-SIZE"},
                             {.heading = "NEXT-PRIORITY"}}};
    for (const auto& [key, cell] : details) table.add(cell);
    table.write(context.out, text_style(options.output, context));
  }
  if (!geometry) report.gap({.what = Missing::attributes, .kind = Kind::pmsg, .count = 1});
  if (!empty) report.gap({.what = Missing::contents, .kind = Kind::pmsg});
  report.succeed();
  report.say_gaps(about(asked));
  objects.finish(report);
  return report.status();
}

void print_pipe(const process::PipeLook& look, const AskedRef& asked, const Entry& entry, const Options& options,
                Context& context, ObjectStream& objects)
{
  using render::Cell;
  const bool empty = !look.held && look.gaps.empty();
  objects.add([&](render::JsonObject& object) {
    add_head(object, asked, entry);
    Cell waiting = empty ? Cell{Bytes{0}} : Cell{render::Unknown{}};
    Cell size = empty ? Cell{render::Absent{}} : Cell{render::Unknown{}};
    if (look.state) {
      waiting = Bytes{look.state->waiting};
      size = Bytes{look.state->size};
    }
    object.add("bytes_waiting", waiting);
    object.add("pipe_size", size);
    if (look.bytes || empty) {
      render::add_data(object, look.bytes ? render::text_of(*look.bytes) : std::string_view{});
    } else {
      object.add("data", render::Unknown{});
    }
  });
  if (options.output.format != Format::text || !look.bytes) return;
  if (look_of(options, context) == Look::hex) {
    std::string& out = context.out.buffer();
    out += render::plural(look.bytes->size(), "byte", "bytes") + " of " +
           render::human_bytes(look.state ? look.state->size : 0) + '\n';
    render::append_hex(out, 0, *look.bytes);
  } else {
    context.out.write(render::text_of(*look.bytes));
  }
}

/// What of a pipe was not seen; whether that leaves its content unknown.
bool report_pipe(const process::PipeLook& look, const std::string& asked, Context& context, Report& report)
{
  if (look.bytes) {
    const std::uint64_t rest = look.cut && look.state ? look.state->waiting - look.bytes->size() : 0;
    if (rest > 0) report.gap({.what = Missing::contents, .kind = Kind::fifo, .count = rest});
    return false;
  }
  for (const auto& gap : look.gaps) report.gap(gap);
  if (look.held) report.gap({.what = Missing::contents, .kind = Kind::fifo});
  if (look.state) {
    context.say(render::printable(asked) + ": " + render::plural(look.state->waiting, "byte waits", "bytes wait") +
                " inside");
  }
  return look.held || !look.gaps.empty();
}

Exit peek_fifo(const AskedRef& asked, const fifo::Fifo& fifo, const Options& options, Context& context, Report& report)
{
  ObjectStream objects{context, options.output.format};
  auto look = process::look_into(context.view, fifo.file);
  if (!look) {
    look = process::PipeLook{};
    look->gaps.push_back({.what = Missing::proc, .kind = Kind::fifo, .subject = context.view.proc_directory});
  }
  print_pipe(*look, asked, Entry{fifo}, options, context, objects);
  const bool unknown = report_pipe(*look, asked.asked, context, report);
  const bool nobody_seen = unknown && !look->held;
  report.say_gaps(about(asked) + (nobody_seen ? "what waits inside cannot be told: " : ""));
  objects.finish(report);
  return unknown ? Exit::cannot_tell : report.status();
}

Exit run(const Options& options, Context& context)
{
  const auto refs = parse_refs(options.refs);
  check_options(options, refs);
  Report report{context};
  const auto& asked = refs.front();
  const auto entry = inventory::inspect(context.view, asked.ref);
  if (!entry) {
    report.fail(asked.asked, asked.ref.kind, entry.error(), near_miss(context, asked.ref, entry.error()));
    ObjectStream{context, options.output.format}.finish(report);
    return report.status();
  }
  if (const auto* const queue = std::get_if<msg::Queue>(&*entry)) {
    return peek_queue(asked, *queue, options, context, report);
  }
  if (const auto* const queue = std::get_if<pmsg::Queue>(&*entry)) {
    return peek_posix_queue(asked, *queue, options, context, report);
  }
  return peek_fifo(asked, std::get<fifo::Fifo>(*entry), options, context, report);
}

}  // namespace

extern const Verb peek_verb;
constexpr Verb peek_verb =
    define_verb<&declare, &run>({.name = "peek",
                                 .synopsis = "[OPTION]... REF",
                                 .summary = "Show the messages that wait in a queue, and take none",
                                 .examples = "ipckit peek msg:@jobs                 # all messages, one a line\n"
                                             "ipckit peek msg:@jobs --index 0 --raw # the next one, its bytes\n"
                                             "ipckit peek fifo:/run/ctl --hex       # what nobody has read yet\n"});
}  // namespace ipckit::cli::verbs
