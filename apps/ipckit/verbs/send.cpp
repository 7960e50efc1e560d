// SPDX-License-Identifier: MIT
// Sends messages to a queue or FIFO: those of the command line, or stdin as one or taken apart.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/transfer_options.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/values.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/transfer.hpp>
#include <ipckit/messages/source.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::cli::verbs {
namespace {

using messages::Format;
using object::Kind;

struct Options {
  std::vector<std::string> words;
  Format format = Format::none;
  std::optional<std::int64_t> type;
  std::optional<std::uint32_t> priority;
  std::optional<Bytes> pad;
  bool split = false;
  bool verbose = false;
  bool json = false;
  WaitOptions wait;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF [MESSAGE]", options.words, "The queue or FIFO, and the messages; without any, stdin is one",
                     Completes::carriers);
  declare_framing(arguments, options.format, "Read");
  arguments.value(
      "-t,--type", "TYPE",
      [&options](const std::string& text) {
        options.type = parse_type("--type", text);
        if (*options.type < 1) throw UsageError("--type: a message's type is at least 1");
      },
      "Type of a System V message, 1 or more; 1 unless given");
  arguments.value(
      "-p,--priority", "PRIORITY", [&options](const std::string& text) { options.priority = parse_priority(text); },
      "Priority of a POSIX message, 0 to 32767; 0 unless given");
  arguments.value("--pad", "SIZE", options.pad, "Fill each message up with NULs to SIZE bytes");
  arguments.flag("--allow-split", options.split, "Let messages longer than PIPE_BUF into a FIFO, in pieces");
  declare_wait(arguments, options.wait, "Fail rather than wait for room, or for a reader",
               "Give up after waiting so long for one message's room");
  arguments.flag("-v,--verbose", options.verbose, "Say how many messages were sent");
  arguments.flag("--json", options.json, "Print what was sent as a JSON document");
}

void check(const Options& options, const AskedRef& asked)
{
  refuse_for_kind(asked, options.type.has_value(), "--type", Kind::msg);
  refuse_for_kind(asked, options.priority.has_value(), "--priority", Kind::pmsg);
  refuse_for_kind(asked, options.split, "--allow-split", Kind::fifo);
  const bool fifo = asked.ref.kind == Kind::fifo;
  const bool given = options.words.size() > 1;
  if (given && !fifo && options.format != Format::none) {
    throw UsageError("the messages are on the command line; -l, -0, --length-prefixed and --jsonl read stdin");
  }
  if (fifo && options.words.size() > 2 && options.format == Format::none) {
    throw UsageError("a FIFO does not know where a message ends; several need a framing",
                     "such as: ipckit send --lines REF MESSAGE...");
  }
  refuse_contradiction(options.wait);
  if (fifo && options.pad && options.format == Format::none && !given) {
    throw UsageError("--pad: without a framing stdin has no messages on its way into a FIFO");
  }
}

/// One run: from the source into the outlet.
class Sending {
public:
  Sending(const Options& options, const AskedRef& asked, Context& context)
      : options_{options}, asked_{asked}, context_{context}, report_{context}
  {
  }

  Exit run()
  {
    if (open_outlet() && open_source()) send_all();
    finish();
    return report_.status();
  }

private:
  [[nodiscard]] sys::Patience patience() { return options_.wait.patience(interrupts_); }

  [[nodiscard]] fifo::Writing writing() const
  {
    return {.framing = messages::framing_of(options_.format), .split = options_.split};
  }

  /// False when that failed, which has been told then; so below.
  bool open_outlet()
  {
    // Where what was sent cannot be told, nothing is: or somebody sends it again.
    const auto possible = options_.json ? sys::can_be_written(STDOUT_FILENO, "stdout") : Result<>{};
    if (!possible) return refuse(possible.error(), "stdout: " + explain(possible.error(), asked_.ref.kind));
    const auto ref = inventory::canonical(context_.view, asked_.ref);
    if (!ref) return refuse(ref.error(), explain(ref.error(), asked_.ref.kind));
    ref_ = object::to_text(*ref);
    auto outlet = inventory::open_outlet(context_.view, *ref, writing(), patience());
    if (!outlet) return refuse(outlet.error(), explain(outlet.error(), asked_.ref.kind));
    outlet_ = std::move(*outlet);
    return true;
  }

  bool open_source()
  {
    const std::vector<std::string> words(options_.words.begin() + 1, options_.words.end());
    if (!words.empty()) {
      words_ = words;
      source_ = messages::from_words(words_);
      return true;
    }
    // How much one message may have has to be known only of what is read as a whole.
    const auto largest = outlet_->largest();
    if (!largest) return refuse(largest.error(), explain(largest.error(), asked_.ref.kind));
    auto most = *largest;
    // A byte takes up to six in JSON, and base64 less; other members may stand beside it.
    if (options_.format == Format::json_lines && most) most = *most * 6 + 65536;
    source_ = messages::from_descriptor(STDIN_FILENO, messages::framing_of(options_.format), is_stream(), most,
                                        {.interrupts = &interrupts_, .limit = {}});
    return true;
  }

  void send_all()
  {
    const auto flush = [this]() -> Result<> {
      IPCKIT_TRY(outlet_->flush(patience()));
      source_->arrived(outlet_->sent());
      return {};
    };
    for (;;) {
      const auto message = source_->next(flush);
      const auto sent = send_next(message);
      if (!sent) {
        stop(sent.error());
        return;
      }
      if (!*message) break;
    }
    if (const auto flushed = flush(); !flushed) stop(flushed.error());
  }

  Result<> send_next(const Result<std::optional<std::span<const std::byte>>>& message)
  {
    if (!message) return std::unexpected(message.error());
    const auto& bytes = *message;
    if (!bytes) return {};
    ++number_;
    return send_one(*bytes);
  }

  Result<> send_one(std::span<const std::byte> bytes)
  {
    object::Message message{
        .type = options_.type.value_or(1), .priority = options_.priority.value_or(0), .data = bytes};
    messages::ParsedMessage parsed;
    // On its way into a FIFO a JSON line stays one; words become some.
    const bool fifo = asked_.ref.kind == Kind::fifo;
    if (options_.format == Format::json_lines && source_is_stdin()) {
      parsed = IPCKIT_TRY(messages::parse_json_line(messages::text_of(bytes)));
      message.type = parsed.type.value_or(message.type);
      message.priority = parsed.priority.value_or(message.priority);
      if (!fifo) message.data = messages::bytes_of(parsed.data);
    } else if (options_.format == Format::json_lines) {
      messages::append_json(parsed.data, asked_.ref.kind, message);
      message.data = messages::bytes_of(parsed.data);
    }
    IPCKIT_TRY(pad(message));
    if (const auto separator = separator_inside(message.data)) return std::unexpected(*separator);
    size_ = message.data.size();
    before_ = outlet_->sent_bytes();
    IPCKIT_TRY(outlet_->put(message, patience()));
    source_->arrived(outlet_->sent());
    return {};
  }

  [[nodiscard]] bool source_is_stdin() const noexcept { return words_.empty(); }

  Result<> pad(object::Message& message)
  {
    if (!options_.pad) return {};
    size_ = message.data.size();
    if (size_ > options_.pad->count) return ipckit::fail(Errc::too_large, "pad", "");
    const auto largest = IPCKIT_TRY(outlet_->largest());
    if (options_.pad->count > largest.value_or(fifo::longest_frame)) {
      size_ = options_.pad->count;
      return ipckit::fail(Errc::too_large, "send", "");
    }
    padded_.assign(messages::text_of(message.data));
    padded_.resize(options_.pad->count, '\0');
    message.data = messages::bytes_of(padded_);
    return {};
  }

  /// A message of the command line that would be two in the FIFO.
  [[nodiscard]] std::optional<Error> separator_inside(std::span<const std::byte> bytes) const
  {
    if (asked_.ref.kind != Kind::fifo) return std::nullopt;
    const auto separator = object::separator_of(messages::framing_of(options_.format));
    if (!separator || std::ranges::find(bytes, *separator) == bytes.end()) return std::nullopt;
    return Error{.kind = Errc::malformed,
                 .operation = "send",
                 .subject = "message",
                 .detail = "it holds the separator of the framing"};
  }

  /// Tells what went wrong with which message; the others stay unread for whoever comes next.
  void stop(const Error& error)
  {
    // What is wrong with one message is no reason to keep back those before it.
    if (is_bad_message(error)) flush_before(error);
    source_->arrived(outlet_->sent());
    // Of bytes without a framing a part may have arrived.
    unsent_ = source_->give_back(is_stream() ? outlet_->sent_bytes() - before_ : 0);
    if (error.kind == Errc::interrupted) {
      if (many()) context_.say(asked_.asked + ": " + progress() + " before the signal");
      context_.err.flush();
      die_of(sys::Interrupts::stop_signal());
    }
    auto [text, hint] = describe(error);
    if (is_bad_message(error) && many()) text = which_message(error) + ": " + text;
    if (many()) text += "; " + progress();
    report_.fail(asked_.asked, exit_status(error), error, text, hint);
  }

  /// What is not sent even then is not counted as sent.
  void flush_before(const Error& error)
  {
    const auto flushed = outlet_->flush(patience());
    if (!flushed && flushed.error().kind != error.kind) context_.say(explain(flushed.error(), asked_.ref.kind));
  }

  [[nodiscard]] static bool is_bad_message(const Error& error) noexcept
  {
    return error.kind == Errc::too_large || error.kind == Errc::malformed;
  }

  [[nodiscard]] std::pair<std::string, std::string> describe(const Error& error) const
  {
    if (error.kind == Errc::too_large) return explain_too_large(error);
    if (error.kind == Errc::malformed) return {error.detail, ""};
    std::string text = explain(error, asked_.ref.kind);
    // Of a message that may be split a part can be in the FIFO.
    const bool torn = error.operation == "write" && !error.detail.empty() && !is_stream();
    if (torn) text += " (of the last message " + error.detail + ")";
    return {error.subject == "stdin" ? "stdin: " + text : text, ""};
  }

  [[nodiscard]] std::string which_message(const Error& error) const
  {
    const bool lines = options_.format == Format::lines || options_.format == Format::json_lines;
    const std::uint64_t which = error.operation == "read" ? number_ + 1 : number_;
    return (lines ? "line " : "message ") + std::to_string(which);
  }

  /// What was too large, and what would not have been.
  [[nodiscard]] std::pair<std::string, std::string> explain_too_large(const Error& error) const
  {
    const bool unread = error.operation == "read";
    const std::string head =
        "message of " + (unread ? "at least " + error.detail + " bytes" : render::plural(size_, "byte", "bytes"));
    if (error.operation == "pad") {
      return {head + " is longer than --pad " + std::to_string(options_.pad.value_or(Bytes{}).count), ""};
    }
    const auto largest = outlet_->largest();
    const auto limit = largest.value_or(std::nullopt);
    const std::string most = limit ? std::to_string(*limit) : std::to_string(fifo::longest_frame);
    switch (asked_.ref.kind) {
      case Kind::msg: return {head + "; the largest allowed is " + most + " (" + std::string(set_by(most)) + ")", ""};
      case Kind::pmsg: return {head + "; the largest allowed is " + most + " (the queue's message size)", ""};
      default:
        if (options_.split || !limit) return {head + "; the largest that is sent is " + most, ""};
        return {head + "; at most " + most + " go into a FIFO in one piece (PIPE_BUF)",
                "--allow-split sends it, and other writers may get in between its pieces"};
    }
  }

  /// What limits the messages of a System V queue to so many bytes.
  [[nodiscard]] std::string_view set_by(const std::string& most) const
  {
    const auto queue = inventory::inspect(context_.view, asked_.ref);
    const auto* const msg = queue ? std::get_if<msg::Queue>(&*queue) : nullptr;
    const bool by_queue = msg != nullptr && msg->max_bytes && std::to_string(*msg->max_bytes) == most;
    return by_queue ? "the queue's max_bytes" : "kernel.msgmax";
  }
  /// Bytes without beginning and end, as they go through a FIFO.
  [[nodiscard]] bool is_stream() const noexcept
  {
    return asked_.ref.kind == Kind::fifo && options_.format == Format::none;
  }
  [[nodiscard]] bool many() const noexcept
  {
    return options_.words.size() > 2 || options_.format != Format::none || is_stream();
  }
  [[nodiscard]] std::string progress() const
  {
    std::string sent = is_stream() ? render::plural(outlet_->sent_bytes(), "byte was sent", "bytes were sent")
                                   : render::plural(outlet_->sent(), "message was sent", "messages were sent");
    if (unsent_ == 0) return sent;
    return sent + ", " + render::plural(unsent_, "byte of stdin was", "bytes of stdin were") + " read and not sent";
  }

  bool refuse(const Error& error, const std::string& text)
  {
    if (error.kind == Errc::interrupted) die_of(sys::Interrupts::stop_signal());
    report_.fail(asked_.asked, exit_status(error), error, text, near_miss(context_, asked_.ref, error));
    return false;
  }

  void finish()
  {
    if (report_.status() == Exit::done) report_.succeed();
    if (options_.verbose && outlet_ && report_.status() == Exit::done) context_.say(asked_.asked + ": " + progress());
    if (!options_.json) return;
    ObjectStream objects{context_, cli::Format::json};
    if (outlet_) print(objects);
    objects.finish(report_);
    context_.out.flush();
    if (context_.out.failure() != 0 && outlet_) context_.say(asked_.asked + ": " + progress());
  }

  void print(ObjectStream& objects)
  {
    objects.add([&](render::JsonObject& object) {
      object.add("ref", render::RefText{ref_});
      object.add("kind", render::Words{.text = std::string(object::name_of(asked_.ref.kind))});
      if (asked_.asked != ref_) object.add("asked", render::Foreign{asked_.asked});
      object.add("action", render::Words{.text = "sent"});
      if (!is_stream()) object.add("messages", render::Number{outlet_->sent()});
      object.add("bytes", ipckit::Bytes{outlet_->sent_bytes()});
    });
  }

  const Options& options_;
  const AskedRef& asked_;
  Context& context_;
  Report report_;
  sys::Interrupts interrupts_;
  std::string ref_;
  std::unique_ptr<object::Outlet> outlet_;
  std::vector<std::string> words_;
  std::unique_ptr<messages::Source> source_;
  std::string padded_;
  std::uint64_t number_ = 0;  // of the message that was read last
  std::uint64_t before_ = 0;  // bytes that had arrived when it was
  std::uint64_t unsent_ = 0;  // bytes of stdin that were read and could not be given back
  std::size_t size_ = 0;      // of the message that is being sent
};

Exit run(const Options& options, Context& context)
{
  const auto asked = parse_carrier(options.words);
  check(options, asked);
  return Sending{options, asked, context}.run();
}

}  // namespace

extern const Verb send_verb;
constexpr Verb send_verb =
    define_verb<&declare, &run>({.name = "send",
                                 .synopsis = "[OPTION]... REF [MESSAGE]...",
                                 .summary = "Send messages to a queue or FIFO, from the command line or stdin",
                                 .examples = "ipckit send msg:@jobs -t 5 'build 4711'     # one message of type 5\n"
                                             "ipckit send pmsg:/work -p 9 < request.bin    # stdin is one message\n"
                                             "seq 1000 | ipckit send msg:@jobs --lines     # a message a line\n"});
}  // namespace ipckit::cli::verbs
