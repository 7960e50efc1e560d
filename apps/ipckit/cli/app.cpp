// SPDX-License-Identifier: MIT
#include <ipckit/cli/app.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <ipckit/cli/complete.hpp>
#include <ipckit/cli/context.hpp>
#include <ipckit/cli/dump.hpp>
#include <ipckit/cli/help.hpp>
#include <ipckit/cli/suggest.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/object/ref.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/sys/identity.hpp>

#include <version.hpp>

namespace ipckit::cli {
namespace {

using Words = std::span<char* const>;

/// Keeps descriptors 0 to 2 taken, so that no file opened later becomes anybody's stdout. A closed one stays useless:
/// it is opened for what it is not for, and writing to it fails as it would have.
void occupy_standard_descriptors() noexcept
{
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    const int taken = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (taken != fd && taken >= 0) ::close(taken);
  }
}

/// Every name of the verb's options.
std::vector<std::string> option_names(const Verb& verb)
{
  std::vector<std::string> names;
  for (const auto& option : describe(verb)) {
    if (option.operand) continue;
    for (std::string_view rest = option.names; !rest.empty();) {
      const auto comma = rest.find(',');
      names.emplace_back(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
  return names;
}

[[noreturn]] void refuse_extra(const Verb& verb, const std::string& word)
{
  if (!word.starts_with('-')) throw UsageError("'" + render::printable(word) + "' is one operand too many");
  const std::string name = word.substr(0, word.find('='));
  const auto meant = name.starts_with("--") ? nearest(name, option_names(verb)) : std::nullopt;
  throw UsageError("unknown option '" + render::printable(name) + "'", meant ? "did you mean '" + *meant + "'?" : "");
}

/// What CLI11 says of a command line, in our words where they are clearer.
UsageError translated(const CLI::ParseError& error)
{
  const std::string text = error.what();
  if (text.contains("flag override")) {
    const std::string name = text.substr(0, text.find(' '));
    return UsageError((name.starts_with('-') ? name : "--" + name) + " takes no value");
  }
  const std::string option = text.substr(0, text.find(':'));
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && option.starts_with('-')) {
    return UsageError(option + " needs a value");
  }
  return UsageError(render::printable(text));
}

/// `--name=` would let CLI11 take the next word for the value.
void refuse_empty_values(Words words)
{
  for (const std::string_view word : words) {
    if (word == "--") return;
    if (!word.starts_with("--") || word.find('=') != word.size() - 1) continue;
    throw UsageError(render::printable(word.substr(0, word.size() - 1)) + ": an empty value is refused");
  }
}

Exit run_verb(const Verb& verb, Words words, Context& context)
{
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  Arguments arguments{app, words};
  bool help = false;
  arguments.flag("-h,--help", help, "");
  const Action action = verb.attach(arguments);
  if (auto* const command = arguments.command_words()) {
    const std::size_t start = command_start(describe(verb), words);
    command->assign(words.begin() + static_cast<std::ptrdiff_t>(start), words.end());
    const bool decides = arguments.status_is() == StatusIs::of_the_command;
    if (!command->empty() && decides) context.command = CommandState::given;
    words = words.first(start);
  }
  refuse_empty_values(words);
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    throw translated(error);
  }
  if (help) {
    context.out.write(verb_help(verb));
    return Exit::done;
  }
  for (const std::string& extra : app.remaining()) {
    // CLI11 leaves the mark that ends the options over.
    if (extra != "--") refuse_extra(verb, extra);
  }
  return action(context);
}

Exit run_help(Words words, Context& context)
{
  const std::string_view first = words.empty() ? "" : words.front();
  if (words.empty() || (words.size() == 1 && (first == "help" || first == "-h" || first == "--help"))) {
    context.out.write(general_help());
    return Exit::done;
  }
  const Verb* const verb = find_verb(first);
  if (verb == nullptr && first.starts_with('-')) throw UsageError("unknown option '" + render::printable(first) + "'");
  if (verb == nullptr) {
    const auto meant = nearest_verb(first);
    throw UsageError("'" + render::printable(first) + "' is no verb", meant ? "did you mean '" + *meant + "'?" : "");
  }
  if (words.size() > 1) throw UsageError("'" + render::printable(words[1]) + "' is one operand too many");
  context.out.write(verb_help(*verb));
  return Exit::done;
}

[[noreturn]] void refuse_verb(const std::string& word)
{
  const std::string shown = render::printable(word);
  const std::string quoted = "'" + shown + "'";
  if (word.starts_with('-')) {
    throw UsageError("unknown option " + quoted + " in front of the verb",
                     "options follow the verb: ipckit ls " + shown);
  }
  if (object::parse_ref(word) && word.contains(':')) {
    throw UsageError(quoted + " is no verb but a REF", "did you mean 'ipckit show " + shown + "'?");
  }
  if (object::parse_kinds(word)) {
    throw UsageError(quoted + " is no verb but a kind", "did you mean 'ipckit ls " + word + "'?");
  }
  const auto meant = nearest_verb(word);
  throw UsageError(quoted + " is no verb", meant ? "did you mean '" + *meant + "'?" : "see: ipckit help");
}

Exit dispatch(Words words, Context& context)
{
  const std::string first = words.empty() ? "ls" : words.front();
  const Words rest = words.empty() ? words : words.subspan(1);
  if (const Verb* const verb = find_verb(first)) {
    context.verb = verb->name;
    return run_verb(*verb, rest, context);
  }
  if (first == "help") return run_help(rest, context);
  if (first == "-h" || first == "--help") return run_help({}, context);
  if (first == "-V" || first == "--version") {
    context.out.write("ipckit " + std::string(version) + "\n");
    return Exit::done;
  }
  if (first == "__complete") {
    complete(rest, context);
    return Exit::done;
  }
  if (first == "__dump-cli") {
    context.out.write(dump_grammar());
    return Exit::done;
  }
  refuse_verb(first);
}

/// "ipckit ls: sentence", and one line of help.
void say_usage_error(const UsageError& error, const Context& context)
{
  const std::string who = context.verb.empty() ? "ipckit" : "ipckit " + std::string(context.verb);
  const std::string help =
      context.verb.empty() ? "see: ipckit help" : "see: ipckit " + std::string(context.verb) + " -h";
  context.out.flush();
  context.err.write(who + ": " + error.what() + "\n  " + (error.hint().empty() ? help : error.hint()) + "\n");
}

/// The status of the run, or that its output could not be written. A reader that has gone away is a quiet end.
Exit finished(Exit status, Context& context)
{
  context.out.flush();
  if (context.out.failure() == 0 || context.out.failure() == EPIPE) return status;
  if (context.verb.empty()) context.verb = "help";
  context.say("stdout: write: " + std::string(::strerrordesc_np(context.out.failure())));
  return Exit::refused;
}

/// What the words ask for; what kept it from being done is said.
Exit run_or_say(Words words, Context& context)
{
  try {
    return finished(dispatch(words, context), context);
  } catch (const UsageError& error) {
    say_usage_error(error, context);
    return Exit::usage;
  } catch (const std::bad_alloc&) {
    context.say("out of memory");
    return Exit::refused;
  }
}

}  // namespace

Exit run(int argc, char** argv)
{
  occupy_standard_descriptors();
  // A segment beyond RLIMIT_FSIZE is to be an error with a message, not a silent death.
  const bool had_default = std::signal(SIGXFSZ, SIG_IGN) == SIG_DFL;
  render::Output out{STDOUT_FILENO};
  render::Output err{STDERR_FILENO};
  Environment environment = read_environment();
  Context context{.verb = {},
                  .view = {},
                  .environment = std::move(environment),
                  .out = out,
                  .err = err,
                  .now = sys::now(),
                  .user = sys::effective_user()};
  if (had_default) context.default_signals.push_back(SIGXFSZ);
  const Words words = argc > 1 ? Words{argv + 1, static_cast<std::size_t>(argc - 1)} : Words{};
  const Exit status = run_or_say(words, context);
  const bool own = context.command == CommandState::given && status != Exit::done;
  return own ? Exit::own_failure : status;
}

}  // namespace ipckit::cli
