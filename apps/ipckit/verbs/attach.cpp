// SPDX-License-Identifier: MIT
// Keeps an object attached while a command runs, or until a signal.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <unistd.h>

#include <ipckit/cli/command.hpp>
#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/report.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/attachment.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/lock/jobserver.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/sys/keeper.hpp>
#include <ipckit/sys/pidfd.hpp>

namespace ipckit::cli::verbs {
namespace {

using object::Kind;

struct Options {
  std::vector<std::string> words;
  std::optional<std::uint64_t> tokens;
  std::vector<std::string> command;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF", options.words, "What to keep attached (shm, pmsg, pshm, psem, fifo)",
                     Completes::attachable);
  arguments.value("--tokens", "COUNT", options.tokens,
                  "Put so many job tokens inside, as a server of make does (fifo)");
  arguments.command("CMD...", options.command, "Runs meanwhile; without it, until a signal",
                    [](std::string_view, std::size_t index) { return index == 0; });
}

void check_tokens(const Options& options, const AskedRef& asked)
{
  if (!options.tokens) return;
  if (asked.ref.kind != Kind::fifo) {
    throw UsageError("--tokens does not go with '" + render::printable(asked.asked) + "'", "it is for fifo");
  }
  if (*options.tokens == 0) throw UsageError("--tokens: at least one");
}

AskedRef parse(const Options& options)
{
  AskedRef asked = parse_refs(options.words).front();
  check_tokens(options, asked);
  if (asked.ref.kind != Kind::msg && asked.ref.kind != Kind::sem) return asked;
  throw UsageError("'" + render::printable(asked.asked) + "' cannot be attached: a " +
                       std::string(noun_of(asked.ref.kind)) + " of System V is used by its id, and never open",
                   "it stays until it is removed");
}

/// Runs the command while this process, and a keeper that outlives it, hold the object.
Result<Exit> run_attached(const inventory::Attachment& attachment, const Options& options, Context& context)
{
  std::optional<sys::Keeper> keeper;
  const auto start_keeper = [&](pid_t command) -> Result<> {
    const auto process = IPCKIT_TRY(sys::open_process(command));
    std::vector<int> keep;
    if (attachment.descriptor() >= 0) keep.push_back(attachment.descriptor());
    keeper.emplace(IPCKIT_TRY(sys::Keeper::start(process, keep, "ipckit-attach")));
    return {};
  };
  // The keeper goes before the status is told: whoever waits for it finds the object let go.
  return run_command({.words = options.command, .environment = {}, .before = start_keeper}, context);
}

Exit run(const Options& options, Context& context)
{
  const AskedRef asked = parse(options);
  Report report{context};
  const auto failed = [&](const Error& error) {
    report.fail(asked.asked, asked.ref.kind, error, near_miss(context, asked.ref, error));
    return report.status();
  };
  const auto entry = inventory::inspect(context.view, asked.ref);
  if (!entry) return failed(entry.error());
  const auto attachment = inventory::Attachment::attach(context.view, *entry);
  if (!attachment) return failed(attachment.error());
  if (options.tokens) {
    const auto served =
        lock::serve_tokens(context.view, std::get<fifo::Fifo>(*entry), attachment->descriptor(), *options.tokens);
    if (!served) return failed(served.error());
  }
  if (options.command.empty()) {
    for (;;) ::pause();
  }
  const auto status = run_attached(*attachment, options, context);
  return status ? *status : failed(status.error());
}

}  // namespace

extern const Verb attach_verb;
constexpr Verb attach_verb = define_verb<&declare, &run>(
    {.name = "attach",
     .synopsis = "[OPTION]... REF [CMD...]",
     .summary = "Keep an object attached while a command runs",
     .examples = "ipckit attach shm:@state ./job --fast   # mapped as long as it runs\n"
                 "ipckit attach fifo:/run/feed &          # what is in it stays\n"
                 "ipckit attach fifo:/tmp/js --tokens 4 ./build   # a jobserver for four jobs\n"});
}  // namespace ipckit::cli::verbs
