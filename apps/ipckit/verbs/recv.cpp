// SPDX-License-Identifier: MIT
// Takes messages from a queue or FIFO and writes them to stdout.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include <ipckit/cli/command.hpp>
#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/report.hpp>
#include <ipckit/cli/transfer_options.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/values.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/transfer.hpp>
#include <ipckit/messages/delivery.hpp>
#include <ipckit/messages/jobs.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli::verbs {
namespace {

using messages::Format;
using object::Kind;

struct Options {
  std::vector<std::string> words;
  Format format = Format::none;
  std::optional<std::uint64_t> count;
  bool all = false;
  bool follow = false;
  std::optional<std::int64_t> type;
  std::optional<std::int64_t> except;
  std::optional<Bytes> truncate;
  bool raw = false;
  bool verbose = false;
  bool exec = false;
  std::optional<std::uint64_t> jobs;
  std::vector<std::string> command;
  WaitOptions wait;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF", options.words, "The queue or FIFO", Completes::carriers);
  arguments.value("-c,--count", "N", options.count, "Take N messages; 1 unless given");
  arguments.flag("-a,--all", options.all, "Take messages until there are none");
  arguments.flag("-f,--follow", options.follow, "Take messages for ever");
  declare_framing(arguments, options.format, "Write");
  arguments.value(
      "-t,--type", "TYPE", [&options](const std::string& text) { options.type = parse_type("--type", text); },
      "The first of type N; 0: of any; -N: of the lowest type up to N");
  arguments.value(
      "--except", "TYPE", [&options](const std::string& text) { options.except = parse_type("--except", text); },
      "The first of any type but this");
  arguments.value("--truncate", "SIZE", options.truncate, "Cut a System V message to SIZE bytes; the rest is lost");
  declare_wait(arguments, options.wait, "Fail rather than wait for a message",
               "Give up after waiting so long for a message");
  arguments.flag("--raw", options.raw, "Do not escape what goes to a terminal");
  arguments.flag("--exec", options.exec, "Run CMD for each message, with the message on its stdin");
  arguments.value("--jobs", "N", options.jobs, "With --exec: run up to N at once; 1 unless given");
  arguments.command(
      "CMD...", options.command, "What --exec runs; a message goes back when it fails",
      [](std::string_view, std::size_t index) { return index == 0; }, StatusIs::of_the_verb);
  arguments.flag("-v,--verbose", options.verbose, "Tell type, priority and size of each message on stderr");
}

void check(const Options& options, const AskedRef& asked)
{
  refuse_for_kind(asked, options.type.has_value(), "--type", Kind::msg);
  refuse_for_kind(asked, options.except.has_value(), "--except", Kind::msg);
  refuse_for_kind(asked, options.truncate.has_value(), "--truncate", Kind::msg);
  if (!options.command.empty() && !options.exec) {
    throw UsageError("'" + render::printable(options.command.front()) + "' is one operand too many",
                     "a command is run for each message by: ipckit recv REF --exec CMD");
  }
  if (options.exec && options.command.empty()) throw UsageError("--exec: which command?");
  if (options.jobs && !options.exec) throw UsageError("--jobs goes with --exec");
  if (options.jobs == 0) throw UsageError("--jobs: at least one");
  if (options.exec && options.format != Format::none && asked.ref.kind != Kind::fifo) {
    throw UsageError("a command has one message on its stdin, as it is; a framing is for many on stdout");
  }
  if (options.exec && asked.ref.kind == Kind::fifo && options.format == Format::none) {
    throw UsageError("a FIFO does not know where a message ends; --exec needs a framing",
                     "such as: ipckit recv --lines REF --exec CMD");
  }
  if (options.type && options.except) throw UsageError("--type and --except exclude each other");
  if (options.except && *options.except < 1) throw UsageError("--except: a message's type is at least 1");
  if (options.type == std::numeric_limits<std::int64_t>::min()) throw UsageError("--type: there is no such type");
  if (options.all && options.follow) throw UsageError("--all ends when there are no messages, --follow never");
  if (options.follow && options.wait.none()) throw UsageError("--follow waits, and --nowait does not");
  refuse_contradiction(options.wait);
  if (options.count == 0) throw UsageError("--count: at least one");
  if (asked.ref.kind == Kind::fifo && options.count && options.format == Format::none) {
    throw UsageError("a FIFO does not know where a message ends; --count needs a framing",
                     "such as: ipckit recv --lines -c 1 REF");
  }
}

/// Where messages that can go nowhere else are saved.
std::vector<std::string> rescue_directories(const Context& context)
{
  std::vector<std::string> directories;
  if (context.environment.temporary_directory) directories.push_back(*context.environment.temporary_directory);
  directories.insert(directories.end(), {"/tmp", "/var/tmp", "."});
  return directories;
}

/// One run: from the inlet to stdout.
class Receiving {
public:
  Receiving(const Options& options, const AskedRef& asked, Context& context)
      : options_{options}, asked_{asked}, context_{context}, report_{context}
  {
  }

  Exit run()
  {
    const auto ref = inventory::canonical(context_.view, asked_.ref);
    if (!ref) return refuse(ref.error());
    inlet_ = open(*ref);
    if (!inlet_) return report_.status();
    messages::Delivery delivery{
        STDOUT_FILENO, shape(), *inlet_, {.interrupts = &interrupts_, .limit = {}}, rescue_directories(context_)};
    delivery_ = &delivery;
    if (!options_.exec) return finish(take_all());
    messages::Jobs jobs{command(), object::to_text(*ref), asked_.ref.kind, options_.jobs.value_or(1)};
    jobs_ = &jobs;
    return finish(run_for_each());
  }

private:
  /// Bytes as they come through a FIFO, until the last writer has closed.
  [[nodiscard]] bool is_stream() const noexcept
  {
    return asked_.ref.kind == Kind::fifo && options_.format == Format::none;
  }
  /// How many messages are wanted; nothing: as many as there are.
  [[nodiscard]] std::optional<std::uint64_t> wanted() const noexcept
  {
    if (options_.count) return options_.count;
    const bool endless = options_.all || options_.follow || is_stream();
    return endless ? std::nullopt : std::optional<std::uint64_t>{1};
  }

  [[nodiscard]] messages::Shape shape() const
  {
    const bool escaped = context_.out.is_terminal() && !options_.raw && options_.format != Format::json_lines;
    return {.format = options_.format, .kind = asked_.ref.kind, .printable = escaped};
  }

  std::unique_ptr<object::Inlet> open(const object::Ref& ref)
  {
    const msg::Selection selection{
        .type = options_.except.value_or(options_.type.value_or(0)),
        .except = options_.except.has_value(),
        .truncate = options_.truncate ? std::optional(options_.truncate->count) : std::nullopt};
    const fifo::Reading reading{.framing = messages::framing_of(options_.format),
                                .follow = options_.follow,
                                .at_most = wanted(),
                                .whole = true,
                                .linger = options_.wait.none() || (options_.all && !options_.wait.timeout),
                                .ahead = options_.exec ? std::optional<std::uint64_t>{1} : std::nullopt};
    auto inlet = inventory::open_inlet(context_.view, ref, selection, reading);
    if (inlet) return std::move(*inlet);
    refuse(inlet.error());
    return nullptr;
  }

  /// Takes and delivers until enough has come or something ends it; what that was.
  Result<> take_all()
  {
    for (auto left = wanted(); !left || *left > 0;) {
      if (sys::Interrupts::stop_signal() != 0) return fail(Errc::interrupted, "read", "");
      if (delivery_->empty()) IPCKIT_TRY(delivery_->possible());
      auto message = inlet_->take(delivery_->room(), {});
      if (!message && message.error().kind == Errc::too_large && !delivery_->empty()) {
        IPCKIT_TRY(deliver());
        continue;
      }
      if (!message && message.error().kind == Errc::busy) message = await(message.error());
      if (!message) return std::unexpected(std::move(message).error());
      accept(*message);
      if (left) --*left;
      if (delivery_->full()) IPCKIT_TRY(deliver());
    }
    return {};
  }

  /// There is none now: what was taken is written before anything is waited for.
  Result<object::Message> await(const Error& empty)
  {
    IPCKIT_TRY(deliver());
    const bool waits = !options_.wait.none() && (!options_.all || options_.wait.timeout);
    if (!waits) return std::unexpected(empty);
    IPCKIT_TRY(delivery_->possible());
    return inlet_->take(delivery_->room(), options_.wait.patience(interrupts_));
  }

  Result<> deliver()
  {
    auto outcome = delivery_->flush();
    if (!outcome) undelivered_ = true;
    return outcome;
  }

  void accept(const object::Message& message)
  {
    ++taken_;
    delivery_->add(message);
    tell_details(message);
  }

  void tell_details(const object::Message& message) const
  {
    if (!options_.verbose) return;
    std::string text;
    if (asked_.ref.kind == Kind::msg) text = "type " + std::to_string(message.type) + ", ";
    if (asked_.ref.kind == Kind::pmsg) text = "priority " + std::to_string(message.priority) + ", ";
    context_.say(text + render::plural(message.data.size(), "byte", "bytes"));
  }

  [[nodiscard]] sys::Command command() const
  {
    // What is caught here, or ignored by us alone (SIGPIPE, SIGXFSZ), is not to be so for the command.
    std::vector<int> defaults;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
      if (!sys::Interrupts::is_ignored(signal)) defaults.push_back(signal);
    }
    if (!pipe_was_ignored_) defaults.push_back(SIGPIPE);
    if (context_.resets_signal) defaults.push_back(SIGXFSZ);
    return {.words = options_.command, .environment = environment_with({}), .mask = {}, .default_signals = defaults};
  }

  /// Runs the command for each message until enough have come, one fails or something ends it.
  Result<> run_for_each()
  {
    interrupts_.wake_for_children();
    IPCKIT_TRY(sys::Interrupts::prepare());
    // A message is taken only when it is known that it can be given to somebody.
    if (const auto startable = sys::can_start(command()); !startable) {
      const auto why = explain_not_started(startable.error(), options_.command.front());
      report_.fail(asked_.asked, why.status, startable.error(), why.text, "");
      return {};
    }
    auto end = start_jobs();
    // What a terminal sends, they have got as well; what is sent to us alone is handed on, each time.
    while (!jobs_->none()) {
      if (const int signal = sys::Interrupts::take_sent_signal(); signal != 0) jobs_->signal(signal);
      await_job();
    }
    if (!end) return end;
    return sys::Interrupts::stop_signal() == 0 ? Result<>{} : fail(Errc::interrupted, "read", "");
  }

  Result<> start_jobs()
  {
    for (auto left = wanted(); !left || *left > 0;) {
      settle_jobs();
      if (failed_) return {};
      if (sys::Interrupts::stop_signal() != 0) return fail(Errc::interrupted, "read", "");
      if (jobs_->full()) {
        await_job();
        continue;
      }
      auto message = inlet_->take(std::numeric_limits<std::size_t>::max(), patience_for_next());
      const bool woken = !message && message.error().kind == Errc::interrupted && sys::Interrupts::stop_signal() == 0;
      if (woken) continue;
      waiting_since_.reset();
      if (!message) return std::unexpected(std::move(message).error());
      ++taken_;
      tell_details(*message);
      if (const auto started = jobs_->start(*message, plain(*message)); !started) {
        cannot_start(*message, started.error());
        return {};
      }
      if (left) --*left;
    }
    return {};
  }

  /// What a command reads of a message: of a JSON line the data that it tells of.
  std::span<const std::byte> plain(const object::Message& message)
  {
    if (options_.format != Format::json_lines) return message.data;
    auto parsed = messages::parse_json_line(messages::text_of(message.data));
    if (!parsed) return message.data;
    parsed_ = std::move(parsed->data);
    return messages::bytes_of(parsed_);
  }

  /// How long to wait for the next message, of which the ends of commands take nothing away.
  sys::Patience patience_for_next()
  {
    if (options_.all && !options_.wait.timeout) return {};
    auto patience = options_.wait.patience(interrupts_);
    if (!patience.limit) return patience;
    const auto now = std::chrono::steady_clock::now();
    if (!waiting_since_) waiting_since_ = now;
    patience.limit = std::max(*patience.limit - (now - *waiting_since_), std::chrono::nanoseconds{0});
    return patience;
  }

  /// Waits until one of the commands has ended.
  void await_job()
  {
    sys::wait_for_child();
    settle_jobs();
  }

  /// Looks after the commands that have ended: the message of one that failed goes back.
  void settle_jobs()
  {
    static_cast<void>(sys::Interrupts::children_ended());
    for (const auto& job : jobs_->ended()) {
      if (job.status == 0) continue;
      failed_ = true;
      const auto what = job.status > 128 ? "killed by signal " + std::to_string(job.status - 128)
                                         : "exit status " + std::to_string(job.status);
      fail_job(render::printable(options_.command.front()) + ": " + what, Exit::refused, job.message);
    }
  }

  void cannot_start(const object::Message& message, const Error& error)
  {
    failed_ = true;
    const auto why = explain_not_started(error, options_.command.front());
    fail_job(why.text, why.status, message);
  }

  void fail_job(const std::string& text, Exit status, const object::Message& message)
  {
    const auto fate = tell(delivery_->rescue(message));
    report_.fail(asked_.asked, status, {.kind = Errc::system, .operation = "exec"}, text + "; " + fate, "");
  }

  Exit finish(Result<> end)
  {
    // A signal or an error ends the taking, and what was taken before it is written all the same.
    if (!undelivered_ && !delivery_->empty()) {
      if (auto written = deliver(); !written && (end || end.error().kind != Errc::interrupted)) end = written;
    }
    const auto rescued = delivery_->rescue();
    const auto lost = tell(rescued);
    if (!end && end.error().kind == Errc::interrupted) {
      if (!lost.empty()) context_.say(lost);
      context_.err.flush();
      die_of(sys::Interrupts::stop_signal());
    }
    if (!end) {
      conclude(end.error(), lost);
    } else if (!lost.empty()) {
      report_.fail(asked_.asked, Exit::refused, {.kind = Errc::system, .operation = "write"}, lost, "");
    }
    tell_ambiguous();
    return report_.status();
  }

  /// Why it ended before enough had come; --all ends where there is no more, and so does a FIFO without a framing.
  void conclude(const Error& error, const std::string& lost)
  {
    const bool nothing_left = error.kind == Errc::busy || (error.kind == Errc::timed_out && options_.all);
    const bool natural = (error.kind == Errc::ended && (is_stream() || options_.all)) ||
                         (nothing_left && (options_.all || (is_stream() && taken_ > 0)));
    // Without patience a FIFO that nobody writes to is as good as an empty one.
    const bool nobody =
        error.kind == Errc::ended && is_stream() && options_.wait.none() && taken_ == 0 && !options_.all;
    if (natural && !nobody && lost.empty()) return;
    std::string text = undelivered_ || error.subject == "stdout" ? "stdout: " + explain_stdout(error)
                                                                 : explain(error, asked_.ref.kind);
    if (options_.count && taken_ > 0 && !undelivered_) {
      text += "; " + std::to_string(jobs_ != nullptr ? taken_ : delivery_->written()) + " of " +
              std::to_string(*options_.count) + " came";
    }
    if (!lost.empty()) text += "; " + lost;
    const auto status = error.subject == "stdout" ? Exit::refused : exit_status(error);
    report_.fail(asked_.asked, status, error, text, near_miss(context_, asked_.ref, error));
  }

  [[nodiscard]] static std::string explain_stdout(const Error& error)
  {
    return error.os_error == EPIPE ? "nobody reads it any more" : explain(error, Kind::fifo);
  }

  /// What has become of messages that were taken and not written; empty when there were none.
  std::string tell(const messages::Rescued& rescued)
  {
    std::string text;
    if (rescued.back > 0) text = render::plural(rescued.back, "message", "messages") + " put back at the tail";
    if (rescued.saved == 0 && rescued.bytes == 0) return text;
    if (!text.empty()) text += ", ";
    const std::string bytes = render::plural(rescued.bytes, "byte", "bytes");
    std::string what = render::plural(rescued.saved, "message", "messages");
    if (rescued.bytes > 0) what = rescued.saved == 0 ? bytes : what + " and " + bytes + " behind";
    if (is_stream()) what = "bytes";
    if (!rescued.file.empty()) return text + what + " saved to " + rescued.file;
    context_.err.write(context_.err.is_terminal() ? render::printable(rescued.unsaved) + "\n" : rescued.unsaved);
    return text + what + " could be saved nowhere but above";
  }

  void tell_ambiguous()
  {
    if (delivery_->ambiguous() == 0) return;
    const auto count = render::plural(delivery_->ambiguous(), "message holds", "messages hold");
    report_.fail(asked_.asked, Exit::refused, {.kind = Errc::malformed, .operation = "write"},
                 count + " the separator itself; written as they are", "--length-prefixed and --jsonl keep them apart");
  }

  Exit refuse(const Error& error)
  {
    if (error.kind == Errc::interrupted) die_of(sys::Interrupts::stop_signal());
    report_.fail(asked_.asked, asked_.ref.kind, error, near_miss(context_, asked_.ref, error));
    return report_.status();
  }

  const Options& options_;
  const AskedRef& asked_;
  Context& context_;
  Report report_;
  bool pipe_was_ignored_ = sys::Interrupts::is_ignored(SIGPIPE);
  sys::Interrupts interrupts_;
  std::unique_ptr<object::Inlet> inlet_;
  messages::Delivery* delivery_ = nullptr;
  messages::Jobs* jobs_ = nullptr;
  std::string parsed_;
  std::optional<std::chrono::steady_clock::time_point> waiting_since_;
  bool failed_ = false;  // a command has
  std::uint64_t taken_ = 0;
  bool undelivered_ = false;  // writing has failed
};

Exit run(const Options& options, Context& context)
{
  const auto asked = parse_carrier(options.words);
  check(options, asked);
  return Receiving{options, asked, context}.run();
}

}  // namespace

extern const Verb recv_verb;
constexpr Verb recv_verb = define_verb<&declare, &run>(
    {.name = "recv",
     .synopsis = "[OPTION]... REF [--exec CMD...]",
     .summary = "Take messages from a queue or FIFO and write them to stdout",
     .examples = "ipckit recv msg:@jobs -t 5 -w 1.5s        # one of type 5, if it comes in time\n"
                 "ipckit recv pmsg:/work -f --lines         # all that come, a line each\n"
                 "ipckit recv msg:@jobs --all --jsonl >saved  # empty the queue into a file\n"
                 "ipckit recv msg:@jobs -f --exec ./handle  # a command for each message\n"});
}  // namespace ipckit::cli::verbs
