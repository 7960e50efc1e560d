// SPDX-License-Identifier: MIT
// Runs a command while holding a lock or a token.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <ipckit/cli/command.hpp>
#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/operands.hpp>
#include <ipckit/cli/report.hpp>
#include <ipckit/cli/transfer_options.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/inventory/limits.hpp>
#include <ipckit/inventory/refusal.hpp>
#include <ipckit/lock/guardian.hpp>
#include <ipckit/lock/holding.hpp>
#include <ipckit/lock/make.hpp>
#include <ipckit/lock/segment_lock.hpp>
#include <ipckit/render/json.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/sem/operate.hpp>
#include <ipckit/sys/keeper.hpp>
#include <ipckit/sys/pidfd.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::cli::verbs {
namespace {

using object::Kind;
using std::chrono::steady_clock;

struct Options {
  std::vector<std::string> words;
  std::vector<std::string> command;
  bool shared = false;
  std::optional<std::uint64_t> take;
  std::optional<std::uint64_t> number;
  bool token = false;
  bool guard = false;
  bool no_create = false;
  bool any_owner = false;
  std::optional<FileMode> mode;
  WaitOptions wait;
  std::optional<std::uint64_t> conflict_status;
  bool verbose = false;
  bool json = false;
  std::optional<std::uint64_t> status_fd;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("REF", options.words, "What to lock (sem, psem, pshm; with --token msg, pmsg, fifo)",
                     Completes::lockable);
  arguments.command("CMD...", options.command, "Runs while it is locked",
                    [](std::string_view, std::size_t index) { return index == 0; });
  arguments.flag("-s,--shared", options.shared, "Share a pshm with others who do");
  arguments.value("--take", "N", options.take, "Take N of a sem (1)");
  arguments.value("--number", "NUM", options.number, "Which semaphore of a sem, from 0 (0)");
  arguments.flag("--token", options.token, "Take a message or byte out of a queue or FIFO, and put it back");
  arguments.flag("--guard", options.guard, "Let a guardian hold a sem, which no command can drop");
  arguments.flag("--no-create", options.no_create, "Fail where there is none, instead of making it");
  arguments.flag("--any-owner", options.any_owner, "Also what is neither one's own nor root's");
  arguments.value("-m,--mode", "MODE", options.mode, "Permissions of what is made (0600)");
  declare_wait(arguments, options.wait, "Do not wait", "Wait for no longer than that");
  arguments.value("-E,--conflict-exit-code", "CODE", options.conflict_status,
                  "Status when the lock was not got in time (75)");
  arguments.flag("-v,--verbose", options.verbose, "Say how long it took, and who had it");
  arguments.flag("--json", options.json, "Say it as a line of JSON on stderr");
  arguments.value("--status-fd", "FD", options.status_fd, "Write that line to a descriptor");
}

// ----------------------------------------------------------------------------------------------------- the words

constexpr std::uint64_t most_taken = 32767;  // SEMVMX, and what a struct sembuf can say

bool is_token_kind(Kind kind) noexcept
{
  return kind == Kind::msg || kind == Kind::pmsg || kind == Kind::fifo;
}

void refuse_kind(const AskedRef& asked, const Options& options)
{
  const std::string shown = "'" + render::printable(asked.asked) + "'";
  const Kind kind = asked.ref.kind;
  if (kind == Kind::shm) {
    throw UsageError(shown + " cannot be locked: a System V segment has no lock",
                     "lock a sem or psem instead; memory is kept from being swapped out by: ipckit set --pin");
  }
  const auto* const path = std::get_if<object::ByPath>(&asked.ref.target);
  if (path != nullptr && path->bare && !options.token) {
    throw UsageError(shown + " cannot be locked: a path names a FIFO only, and that has no lock",
                     "a file is locked by flock(1), a name by: ipckit lock pshm:/NAME CMD...");
  }
  if (is_token_kind(kind) && !options.token) {
    throw UsageError(shown + " cannot be locked: a " + std::string(noun_of(kind)) + " has no lock",
                     "--token takes a " + std::string(kind == Kind::fifo ? "byte" : "message") +
                         " out of it for as long as the command runs; or lock a sem, psem or pshm");
  }
  if (!is_token_kind(kind) && options.token) {
    throw UsageError("--token goes with msg, pmsg and fifo only, and " + shown + " is a " +
                     std::string(object::name_of(kind)));
  }
}

/// What is said of something that is never made.
void refuse_making(const Options& options)
{
  if (!options.token) return;
  const auto refuse = [&](bool given, const char* option) {
    if (given) throw UsageError(std::string(option) + " does not go with --token: a pool of tokens is never made here");
  };
  refuse(options.mode.has_value(), "--mode");
  refuse(options.no_create, "--no-create");
  refuse(options.any_owner, "--any-owner");
}

void refuse_numbers(const Options& options)
{
  const auto take = options.take.value_or(1);
  if (take == 0 || take > most_taken) throw UsageError(fmt::format("--take: from 1 to {}", most_taken));
  constexpr std::uint64_t last_number = 65535;  // what a struct sembuf can say
  if (options.number.value_or(0) > last_number) throw UsageError(fmt::format("--number: at most {}", last_number));
  if (options.conflict_status.value_or(0) > 255) throw UsageError("--conflict-exit-code: from 0 to 255");
  const auto descriptor = options.status_fd.value_or(0);
  if (descriptor > static_cast<std::uint64_t>(std::numeric_limits<int>::max()) ||
      (options.status_fd && ::fcntl(static_cast<int>(descriptor), F_GETFD) == -1)) {
    throw UsageError(fmt::format("--status-fd: descriptor {} is not open", descriptor));
  }
}

AskedRef parse(const Options& options)
{
  AskedRef asked = parse_refs(options.words).front();
  refuse_kind(asked, options);
  refuse_for_kind(asked, options.take.has_value(), "--take", Kind::sem);
  refuse_for_kind(asked, options.number.has_value(), "--number", Kind::sem);
  refuse_for_kind(asked, options.guard, "--guard", Kind::sem);
  refuse_for_kind(asked, options.shared, "--shared", Kind::pshm);
  refuse_contradiction(options.wait);
  refuse_making(options);
  refuse_numbers(options);
  if (options.command.empty()) {
    throw UsageError("there is no command to run", "ipckit lock " + render::printable(asked.asked) + " CMD...");
  }
  return asked;
}

// ------------------------------------------------------------------------------------------------------- the lock

/// One run of the verb.
class Locker {
public:
  Locker(const Options& options, AskedRef asked, Context& context)
      : options_{options}, asked_{std::move(asked)}, context_{context}, report_{context}
  {
  }

  Exit run()
  {
    const auto status = lock();
    if (status) return *status;
    if (status.error().kind == Errc::interrupted) {
      const int signal = sys::Interrupts::stop_signal();
      interrupts_.reset();
      if (signal != 0) die_of(signal);
    }
    return failed(status.error());
  }

private:
  Result<Exit> lock()
  {
    interrupts_ = std::make_unique<sys::Interrupts>();
    patience_ = options_.wait.patience(*interrupts_).begun();
    canonical_ = asked_.ref;
    switch (asked_.ref.kind) {
      case Kind::sem: return lock_set();
      case Kind::psem: return lock_semaphore();
      case Kind::pshm: return lock_segment();
      default: return lock_token();
    }
  }

  [[nodiscard]] lock::Making making() const
  {
    return {.allowed = !options_.no_create,
            .any_owner = options_.any_owner,
            .mode = options_.mode ? options_.mode->bits : 0600};
  }

  Result<int> find_set()
  {
    IPCKIT_TRY(inventory::check_namespace(asked_.ref));
    if (const auto* const by_id = std::get_if<object::ById>(&asked_.ref.target)) return by_id->id;
    const auto key = IPCKIT_TRY(object::key_of(asked_.ref));
    // What is made has one semaphore, and of that one to take.
    if (count() > 1 || number() > 0) IPCKIT_TRY(sem::find(context_.view, key.value_or(0)));
    auto found = IPCKIT_TRY(lock::find_or_make_set(context_.view, key.value_or(0), making(), *interrupts_));
    made_ = found.made;
    return found.object;
  }

  Result<Exit> lock_set()
  {
    for (;;) {
      const int id = IPCKIT_TRY(find_set());
      canonical_.target = object::ById{id};
      auto outcome = options_.guard ? guarded(lock::hold_set(context_.view, id, number(), count())) : lock_undone(id);
      if (outcome || !is_to_be_made_anew(outcome.error())) return outcome;
    }
  }

  /// Takes in this very process, which then becomes the command: the kernel gives back when it ends.
  Result<Exit> lock_undone(int id)
  {
    const sem::Operation take{.number = number(), .change = static_cast<std::int16_t>(-count())};
    const std::span operations{&take, 1};
    auto done = sem::operate(context_.view, id, operations, sem::Undo::yes, {});
    if (!done && done.error().kind == Errc::busy && !taken_.waited) taken_.waited_for = last_taker(id);
    if (!done && done.error().kind == Errc::busy && !patience_.none()) {
      const auto began = steady_clock::now();
      taken_.waited = true;
      done = sem::operate(context_.view, id, operations, sem::Undo::yes, patience_);
      taken_.wait += steady_clock::now() - began;
    }
    if (!done) return std::unexpected(done.error());
    tell();
    IPCKIT_TRY(end_wait());
    return become_command(options_.command, context_);
  }

  [[nodiscard]] std::optional<process::Holder> last_taker(int id) const
  {
    const auto holding = lock::hold_set(context_.view, id, number(), count());
    const pid_t pid = holding->last_taker();
    return pid > 0 ? std::optional(lock::holder_called(context_.view, pid)) : std::nullopt;
  }

  Result<Exit> lock_semaphore()
  {
    IPCKIT_TRY(inventory::check_namespace(asked_.ref));
    const auto& name = std::get<object::ByName>(asked_.ref.target).name;
    for (;;) {
      auto found = IPCKIT_TRY(lock::find_or_make_semaphore(context_.view, name, making()));
      made_ = found.made;
      const auto file = found.object.file();
      const auto still_there = [&] { return lock::check_named(context_.view, name, file); };
      auto outcome = guarded(lock::hold_semaphore(std::move(found.object)), still_there);
      if (outcome || !is_to_be_made_anew(outcome.error())) return outcome;
    }
  }

  Result<Exit> lock_segment()
  {
    const auto& name = std::get<object::ByName>(asked_.ref.target).name;
    const auto sharing = options_.shared ? sys::Sharing::shared : sys::Sharing::exclusive;
    const auto locked = IPCKIT_TRY(lock::lock_segment(context_.view, name, sharing, making(), patience_, taken_));
    made_ = locked.made;
    tell();
    IPCKIT_TRY(end_wait());
    std::optional<sys::Keeper> keeper;
    const auto start_keeper = [&](pid_t command) -> Result<> {
      const auto process = IPCKIT_TRY(sys::open_process(command));
      const std::vector<int> keep{locked.file.get()};
      keeper.emplace(IPCKIT_TRY(sys::Keeper::start(process, keep, "ipckit-lock")));
      return {};
    };
    // Both go before the status is told: whoever waits for it finds the lock free.
    return run_command({.words = options_.command, .environment = {}, .before = start_keeper}, context_);
  }

  Result<Exit> lock_token()
  {
    const auto entry = IPCKIT_TRY(inventory::inspect(context_.view, asked_.ref));
    canonical_ = inventory::ref_of(entry);
    switch (asked_.ref.kind) {
      case Kind::msg:
        return guarded(IPCKIT_TRY(lock::hold_message(context_.view, std::get<object::ById>(canonical_.target).id)));
      case Kind::pmsg:
        return guarded(IPCKIT_TRY(lock::hold_posix_message(std::get<object::ByName>(canonical_.target).name)));
      default: return guarded(IPCKIT_TRY(lock::hold_byte(std::get<object::ByPath>(canonical_.target).path)));
    }
  }

  /// Whether what was taken still is what has the name.
  using StillThere = std::function<Result<>()>;
  static Result<> nothing_to_check() { return {}; }

  /// Has a guardian take, and runs the command.
  Result<Exit> guarded(std::unique_ptr<lock::Holding> holding, const StillThere& still_there = nothing_to_check)
  {
    auto guardian = IPCKIT_TRY(lock::Guardian::start(context_.view, std::move(holding), patience_));
    IPCKIT_TRY(guardian.await_taken(*interrupts_, taken_));
    IPCKIT_TRY(still_there());
    if (taken_.without_record) warn_of(*taken_.without_record);
    tell();
    IPCKIT_TRY(end_wait());
    started_ = true;
    const auto guard = [&](pid_t command) { return guardian.guard(command); };
    const auto status =
        IPCKIT_TRY(run_command({.words = options_.command, .environment = {}, .before = guard}, context_));
    if (const auto given_back = guardian.finish(); !given_back) say_not_given_back(given_back.error());
    return status;
  }

  /// Gives the signals back. One that came when it had just been got ends us all the same: nobody else has seen it.
  Result<> end_wait()
  {
    interrupts_.reset();
    if (sys::Interrupts::stop_signal() != 0) return fail(Errc::interrupted, "lock", "");
    return {};
  }

  [[nodiscard]] std::uint16_t count() const noexcept { return static_cast<std::uint16_t>(options_.take.value_or(1)); }
  [[nodiscard]] std::uint16_t number() const noexcept
  {
    return static_cast<std::uint16_t>(options_.number.value_or(0));
  }
  /// Whether what was to be locked has gone meanwhile, and another may be made under its name.
  [[nodiscard]] bool is_to_be_made_anew(const Error& error) const noexcept
  {
    const bool gone = error.kind == Errc::removed || error.kind == Errc::not_found;
    const bool has_name = !std::holds_alternative<object::ById>(asked_.ref.target);
    return gone && has_name && !options_.no_create && !started_;
  }

  // ------------------------------------------------------------------------------------------------ what is said

  [[nodiscard]] std::string shown() const { return render::printable(asked_.asked); }

  void say(const std::string& text) const { context_.say(shown() + ": " + text); }

  void warn_of(const Error& error) const
  {
    say(
        fmt::format("no record of the lock can be kept ({}): were all of its processes killed at once, it would stay "
                    "taken",
                    explain(error, asked_.ref.kind)));
  }

  void say_not_given_back(const Error& error) const
  {
    say(fmt::format("what was taken could not be given back: {}", explain(error, asked_.ref.kind)));
  }

  /// "waited 1.2 s for pid 4711 (make)".
  static std::string words_for(const lock::Taken& taken)
  {
    if (!taken.waited) return "got at once";
    const double seconds = std::chrono::duration<double>(taken.wait).count();
    std::string text = fmt::format("waited {:.1f} s", seconds);
    if (taken.waited_for) text += " for " + name_of(*taken.waited_for);
    return text;
  }

  /// "pid 4711 (make)".
  static std::string name_of(const process::Holder& holder)
  {
    std::string name = fmt::format("pid {}", holder.pid);
    if (!holder.command.empty()) name += fmt::format(" ({})", render::printable(holder.command));
    return name;
  }

  void tell()
  {
    if (options_.verbose) say(words_for(taken_) + (made_ ? ", made" : ""));
    if (!options_.json && !options_.status_fd) return;
    std::string line;
    render::JsonObject object{line};
    begin_line(object, true);
    object.add_json("waited", fmt::format("{:.3f}", std::chrono::duration<double>(taken_.wait).count()));
    if (taken_.waited_for) {
      std::string holder;
      render::JsonObject who{holder};
      who.add("pid", render::Number{static_cast<std::uint64_t>(taken_.waited_for->pid)});
      if (taken_.waited_for->command.empty()) {
        who.add("command", render::Unknown{});
      } else {
        who.add("command", render::Foreign{taken_.waited_for->command});
      }
      who.close();
      object.add_json("waited_for", holder);
    }
    object.add("created", render::Flag{made_});
    object.close();
    write_line(line);
  }

  void begin_line(render::JsonObject& object, bool acquired) const
  {
    object.add("ref", render::RefText{object::to_text(canonical_)});
    object.add("acquired", render::Flag{acquired});
  }

  void tell_failure(std::string_view reason)
  {
    if (!options_.json && !options_.status_fd) return;
    std::string line;
    render::JsonObject object{line};
    begin_line(object, false);
    object.add("reason", render::Words{.text = std::string(reason)});
    object.close();
    write_line(line);
  }

  void write_line(std::string line)
  {
    line += '\n';
    if (!options_.status_fd) {
      context_.err.write(line);
      context_.err.flush();
      return;
    }
    const int descriptor = static_cast<int>(*options_.status_fd);
    std::size_t done = 0;
    const auto written = sys::write_waiting(descriptor, std::as_bytes(std::span{line}), done, {}, "");
    if (!written) context_.say("--status-fd: " + explain(written.error(), asked_.ref.kind));
    // It is ours, and not the command's.
    if (descriptor > STDERR_FILENO) static_cast<void>(::fcntl(descriptor, F_SETFD, FD_CLOEXEC));
  }

  Exit failed(const Error& error)
  {
    const Exit status = exit_status(error);
    if (status == Exit::busy || status == Exit::timed_out) {
      const bool busy = status == Exit::busy;
      tell_failure(busy ? "busy" : "timed_out");
      if (options_.verbose) say(busy ? nothing_now() : "timed out: " + nothing_now());
      context_.command = CommandState::ended;  // which makes the status ours to choose
      if (!options_.conflict_status) return Exit::not_acquired;
      // Any status, as the user wants it. NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
      return static_cast<Exit>(*options_.conflict_status);
    }
    tell_failure("failed");
    report_failure(error);
    return Exit::own_failure;
  }

  void report_failure(const Error& error)
  {
    const Kind kind = asked_.ref.kind;
    const auto say_so = [&](const std::string& message, const std::string& hint) {
      report_.fail(asked_.asked, Exit::own_failure, error, message, hint);
    };
    if (error.kind == Errc::removed) {
      say_so("removed while waiting", "");
    } else if (error.kind == Errc::not_found && (count() > 1 || number() > 0) && would_make()) {
      say_so(explain(error, kind), "one that lock makes has one semaphore of value 1; make it with: ipckit create");
    } else if (error.kind == Errc::not_found && error.operation != "ftok" && would_make()) {
      say_so("there is no place for it", "");
    } else if (const auto refusal = limit_of_making(error)) {
      say_so(explain(error, kind) + ": " + explain(*refusal), remedy(*refusal));
    } else {
      report_.fail(asked_.asked, kind, error, hint_for(error));
    }
  }

  /// Whether it would be made where there is none.
  [[nodiscard]] bool would_make() const noexcept
  {
    const bool has_name = !std::holds_alternative<object::ById>(asked_.ref.target);
    return has_name && !options_.no_create && !is_token_kind(asked_.ref.kind);
  }

  [[nodiscard]] std::optional<inventory::Refusal> limit_of_making(const Error& error) const
  {
    const bool out_of_room = error.os_error == ENOSPC || error.os_error == ENOMEM;
    if (!would_make() || !out_of_room || error.operation == "semop") return std::nullopt;
    const Kind kind = asked_.ref.kind;
    const auto count = kind == Kind::sem ? std::optional<std::uint64_t>{1} : std::nullopt;
    const auto limits = inventory::limits(context_.view, {kind});
    return inventory::explain_refusal(limits.rows, {.kind = kind, .count = count}, error.os_error);
  }

  [[nodiscard]] std::string hint_for(const Error& error) const
  {
    if (error.kind == Errc::foreign && error.operation == "make") {
      return "ipckit rm sem:key=" + render::printable(error.subject) + " makes room, by who may remove it";
    }
    if (error.kind == Errc::foreign) return "--any-owner takes it all the same";
    if (error.kind != Errc::access_denied) return near_miss(context_, asked_.ref, error);
    // Where there is none, it was not its own mode that forbade it.
    const auto seen = inventory::inspect(context_.view, asked_.ref);
    if (!seen && seen.error().kind == Errc::not_found) return {};
    switch (asked_.ref.kind) {
      case Kind::sem: return "a set is locked by whoever may alter it (w)";
      case Kind::pshm: return "a segment is locked by whoever may read it (r)";
      default: return "who takes out of it and gives back must be allowed to read and to write it (rw)";
    }
  }

  [[nodiscard]] std::string nothing_now() const
  {
    const bool of_tokens = is_token_kind(asked_.ref.kind);
    std::string what = of_tokens ? "no token is left" : "it is taken";
    if (taken_.waited_for) what += ": " + name_of(*taken_.waited_for) + (of_tokens ? " has one" : " has it");
    return what;
  }

  const Options& options_;
  AskedRef asked_;
  Context& context_;
  Report report_;
  std::unique_ptr<sys::Interrupts> interrupts_;
  sys::Patience patience_;
  object::Ref canonical_;
  lock::Taken taken_;
  bool made_ = false;
  bool started_ = false;
};

Exit run(const Options& options, Context& context)
{
  return Locker{options, parse(options), context}.run();
}

}  // namespace

extern const Verb lock_verb;
constexpr Verb lock_verb = define_verb<&declare, &run>(
    {.name = "lock",
     .synopsis = "[OPTION]... REF CMD...",
     .summary = "Run a command while holding a lock",
     .examples = "ipckit lock sem:@deploy ./deploy.sh        # one at a time on this machine\n"
                 "ipckit lock -n psem:/nightly ./backup.sh   # 75 where another still runs\n"
                 "ipckit lock --token fifo:/tmp/js cc -c a.c # with a token of make's jobserver\n"});
}  // namespace ipckit::cli::verbs
