// SPDX-License-Identifier: MIT
// Takes from, gives to and waits for semaphores: all operations of a set in one step, or one on a POSIX semaphore.
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ipckit/cli/command.hpp>
#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/operations.hpp>
#include <ipckit/cli/transfer_options.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/limits.hpp>
#include <ipckit/inventory/refusal.hpp>
#include <ipckit/inventory/transfer.hpp>
#include <ipckit/psem/operate.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/sem/operate.hpp>

namespace ipckit::cli::verbs {
namespace {

using object::Kind;

struct Options {
  std::vector<std::string> words;
  std::vector<std::string> command;
  bool undo = false;
  WaitOptions wait;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF OPERATION...", options.words,
                     "The semaphore set and what to do in one step: NUM-K takes K from its semaphore NUM, NUM+K gives, "
                     "NUM=0 waits until it is 0; without NUM, 0. A POSIX semaphore: -1 or +1",
                     Completes::semaphores);
  arguments.command("CMD...", options.command, "With --undo: runs, and at its end the operations are undone",
                    [](std::string_view word, std::size_t index) { return index == 0 || looks_like_operation(word); });
  arguments.flag("--undo", options.undo, "Run CMD, and undo the operations when it has ended, however it did");
  declare_wait(arguments, options.wait, "Fail rather than wait until the values allow it",
               "Give up after waiting so long");
  declare_json(arguments, options.output);
  declare_quiet(arguments, options.output);
}

/// What is to be done, understood.
struct Wish {
  AskedRef asked;
  std::vector<sem::Operation> operations;
};

/// What does to an object of another kind what was perhaps meant.
std::string_view instead(Kind kind) noexcept
{
  switch (kind) {
    case Kind::shm:
    case Kind::pshm: return "a segment is read and written by: ipckit read, ipckit write";
    default: return "messages are moved by: ipckit send, ipckit recv";
  }
}

AskedRef parse_semaphore(const std::vector<std::string>& words)
{
  auto asked = parse_refs(words.empty() ? words : std::vector<std::string>{words.front()}).front();
  if (asked.ref.kind == Kind::sem || asked.ref.kind == Kind::psem) return asked;
  throw UsageError("'" + render::printable(asked.asked) + "' has no value: a " + std::string(noun_of(asked.ref.kind)) +
                       " is no semaphore",
                   std::string(instead(asked.ref.kind)));
}

Wish parse(const Options& options)
{
  Wish wish{.asked = parse_semaphore(options.words), .operations = {}};
  for (std::size_t index = 1; index < options.words.size(); ++index) {
    wish.operations.push_back(parse_operation(options.words[index]));
  }
  return wish;
}

/// A POSIX semaphore is one value, of which one is taken or given at a time.
void check_posix(const Options& options, const Wish& wish)
{
  if (options.undo) {
    throw UsageError("--undo does not go with a POSIX semaphore: the kernel gives nothing of it back",
                     "what is given back whatever happens is held by: ipckit lock REF CMD...");
  }
  const auto& [number, change] = wish.operations.front();
  if (wish.operations.size() == 1 && number == 0 && (change == 1 || change == -1)) return;
  throw UsageError("a POSIX semaphore has one value, of which -1 takes one and +1 gives one: nothing else is one step",
                   "several at once, or waiting for 0, takes a semaphore set (sem)");
}

void check(const Options& options, const Wish& wish)
{
  if (!options.command.empty() && !options.undo) {
    throw UsageError(
        "'" + render::printable(options.command.front()) + "' is no operation: one is NUM+K, NUM-K or NUM=0",
        "a command is run by: ipckit op --undo REF OPERATION... CMD...");
  }
  if (wish.operations.empty()) {
    throw UsageError("which operation? Say NUM+K, NUM-K or NUM=0",
                     "such as: ipckit op " + render::printable(wish.asked.asked) + " -1");
  }
  if (wish.asked.ref.kind == Kind::psem) check_posix(options, wish);
  if (options.undo && options.command.empty()) {
    throw UsageError("--undo: which command? The operations are undone when it ends; without one, at once",
                     "such as: ipckit op --undo REF -1 CMD...");
  }
  refuse_contradiction(options.wait);
  if (options.undo && options.output.format != Format::text) {
    throw UsageError("with --undo, stdout is the command's: --json, --jsonl and -q do not go with it");
  }
}

Result<> operate(const Wish& wish, const object::Ref& ref, const Options& options, const sys::Patience& patience,
                 const Context& context)
{
  if (ref.kind == Kind::sem) {
    const auto undo = options.undo ? sem::Undo::yes : sem::Undo::no;
    return sem::operate(context.view, std::get<object::ById>(ref.target).id, wish.operations, undo, patience);
  }
  auto semaphore = IPCKIT_TRY(psem::Mapped::open(context.view, std::get<object::ByName>(ref.target).name));
  return wish.operations.front().change > 0 ? semaphore.post() : semaphore.take(patience);
}

/// Does it, or ends by the signal that asked for an end of the wait. One that came when all was done ends what is to be
/// undone only: the kernel gives that back.
Result<> operate_or_die(const Wish& wish, const object::Ref& ref, const Options& options, const Context& context)
{
  sys::Interrupts interrupts;
  auto done = operate(wish, ref, options, options.wait.patience(interrupts), context);
  const int signal = sys::Interrupts::stop_signal();
  const bool interrupted = !done && done.error().kind == Errc::interrupted;
  if (signal != 0 && (interrupted || options.undo)) die_of(signal);
  return done;
}

void report_failure(const Wish& wish, const Error& error, const Context& context, Report& report)
{
  const auto& asked = wish.asked;
  if (error.os_error == E2BIG) {
    const auto limits = inventory::limits(context.view, {Kind::sem});
    const auto refusal = inventory::explain_refusal(
        limits.rows, {.kind = Kind::sem, .operations = wish.operations.size()}, error.os_error);
    if (refusal) {
      report.fail(asked.asked, exit_status(error), error, explain(*refusal), remedy(*refusal));
      return;
    }
  }
  report.fail(asked.asked, asked.ref.kind, error, near_miss(context, asked.ref, error));
}

/// What a failure ends with: not acquired where a command was to have it, which 125 does not tell apart.
Exit status_of(const Error& error, const Options& options, const Report& report, Context& context)
{
  const bool taken = error.kind == Errc::busy || error.kind == Errc::timed_out;
  if (options.command.empty() || exit_status(error) == Exit::refused || !taken) return report.status();
  context.command = CommandState::ended;
  return Exit::not_acquired;
}

/// A POSIX semaphore has no number.
std::string operations_json(Kind kind, const std::vector<sem::Operation>& operations)
{
  std::string list = "[";
  for (const auto& [number, change] : operations) {
    if (list.size() > 1) list += ',';
    render::JsonObject operation{list};
    if (kind == Kind::sem) operation.add("number", render::Number{number});
    operation.add_json("change", std::to_string(change));
    operation.close();
  }
  return list + "]";
}

void print(const Wish& wish, const std::string& ref, const Options& options, ObjectStream& objects, Context& context)
{
  if (options.output.format == Format::refs) context.out.write(ref + "\n");
  objects.add([&](render::JsonObject& object) {
    object.add("ref", render::RefText{ref});
    object.add("kind", render::Words{.text = std::string(object::name_of(wish.asked.ref.kind))});
    if (wish.asked.asked != ref) object.add("asked", render::Foreign{wish.asked.asked});
    object.add_json("operations", operations_json(wish.asked.ref.kind, wish.operations));
    object.add("action", render::Words{.text = "operated"});
  });
}

Exit run(const Options& options, Context& context)
{
  // Without --undo there is no command whose status this could be.
  if (!options.undo) context.command = CommandState::none;
  const Wish wish = parse(options);
  check(options, wish);
  Report report{context};
  ObjectStream objects{context, options.output.format};
  const auto ref = inventory::canonical(context.view, wish.asked.ref);
  const auto done = ref ? operate_or_die(wish, *ref, options, context) : std::unexpected(ref.error());
  if (done && options.undo) return become_command(options.command, context);
  if (done) {
    print(wish, object::to_text(*ref), options, objects, context);
  } else {
    report_failure(wish, done.error(), context, report);
  }
  objects.finish(report);
  return done ? report.status() : status_of(done.error(), options, report, context);
}

}  // namespace

extern const Verb op_verb;
constexpr Verb op_verb = define_verb<&declare, &run>(
    {.name = "op",
     .synopsis = "[OPTION]... REF OPERATION... [--undo CMD...]",
     .summary = "Take from, give to and wait for semaphores in one step",
     .examples = "ipckit op sem:@gate 0-1 1+2                # both or none\n"
                 "ipckit op sem:@gate =0 -w 30s             # wait until number 0 is 0\n"
                 "ipckit op psem:/slots +1\n"
                 "ipckit op --undo sem:@gate -1 ./job       # given back when the job ends\n"});
}  // namespace ipckit::cli::verbs
