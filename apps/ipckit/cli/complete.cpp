// SPDX-License-Identifier: MIT
#include <ipckit/cli/complete.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <ipckit/base/text.hpp>
#include <ipckit/cli/help.hpp>
#include <ipckit/cli/options.hpp>
#include <ipckit/inventory/condition.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/object/accounts.hpp>
#include <ipckit/render/typed.hpp>
#include <ipckit/rows/entries.hpp>

namespace ipckit::cli {
namespace {

using object::Kind;

/// Prints what begins with the current word.
class Candidates {
public:
  Candidates(Context& context, std::string prefix, std::string_view current)
      : context_{context}, prefix_{std::move(prefix)}, current_{current}
  {
  }
  void add(std::string_view word, std::string_view meaning)
  {
    if (!word.starts_with(current_)) return;
    const std::string tail = meaning.empty() || meaning == "-" ? "" : "\t" + std::string(meaning);
    context_.out.write(prefix_ + std::string(word) + tail + "\n");
  }
  void leave_to_shell(std::string_view what) { context_.out.write(":" + std::string(what) + "\n"); }
  [[nodiscard]] std::string_view current() const noexcept { return current_; }
  [[nodiscard]] Context& context() const noexcept { return context_; }

private:
  Context& context_;
  std::string prefix_;  // "--user=" in front of each
  std::string_view current_;
};

void add_kinds(Candidates& candidates)
{
  for (const auto& known : object::kind_words) candidates.add(known.word, "kind");
}

/// The kinds whose REFs may begin so: only they are listed.
object::KindSet kinds_for(std::string_view current)
{
  const auto kind = object::parse_kind(split_once(current, ':').first);
  if (kind && current.contains(':')) return {*kind};
  object::KindSet kinds;
  for (const auto candidate : object::all_kinds) {
    if (object::name_of(candidate).starts_with(current)) kinds.add(candidate);
  }
  return kinds;
}

void add_refs(Candidates& candidates, bool own_only, object::KindSet fitting = object::KindSet::all())
{
  const Context& context = candidates.context();
  if (candidates.current().contains('/') && !candidates.current().contains(':')) {
    candidates.leave_to_shell("files");
    return;
  }
  object::KindSet kinds = kinds_for(candidates.current());
  for (const Kind kind : object::all_kinds) {
    if (!fitting.has(kind)) kinds.remove(kind);
  }
  const auto found = inventory::find(context.view, {.kinds = kinds, .fifo_directories = fifo_directories({}, context)});
  for (const auto& entry : found.entries) {
    if (own_only && context.user != 0 && inventory::user_of(entry) != context.user) continue;
    candidates.add(rows::ref_text(entry), rows::use_of(entry).text);
  }
}

void add_new_objects(Candidates& candidates)
{
  for (const auto kind : object::all_kinds) {
    const std::string word{object::name_of(kind)};
    if (object::is_sysv(kind)) {
      candidates.add(word, "a private one");
      candidates.add(word + ":@", "with the key of a word");
      candidates.add(word + ":key=", "with a key");
    } else {
      candidates.add(word + (kind == object::Kind::fifo ? ":" : ":/"), "with a name");
    }
  }
}

/// The last of a list of columns; those before it stay.
void add_columns(Context& context, const std::string& prefix, std::string_view current)
{
  const auto comma = current.rfind(',');
  const std::size_t plus = current.starts_with('+') ? 1 : 0;
  const std::size_t start = comma == std::string_view::npos ? plus : comma + 1;
  Candidates last{context, prefix + std::string(current.substr(0, start)), current.substr(start)};
  for (const auto& column : rows::entry_columns()) last.add(column.key, column.help);
}

void add_users(Candidates& candidates)
{
  for (const std::string& name : object::local_users()) candidates.add(name, "user");
}

void add_values(Completes completes, const std::string& prefix, std::string_view current, Context& context)
{
  Candidates candidates{context, prefix, current};
  switch (completes) {
    case Completes::nothing: return;
    case Completes::kinds: add_kinds(candidates); return;
    case Completes::objects:
      add_kinds(candidates);
      add_refs(candidates, false);
      return;
    case Completes::own_objects:
    case Completes::own_objects_or_kinds: add_refs(candidates, true); return;
    case Completes::refs: add_refs(candidates, false); return;
    case Completes::carriers: add_refs(candidates, false, {Kind::msg, Kind::pmsg, Kind::fifo}); return;
    case Completes::segments: add_refs(candidates, false, {Kind::shm, Kind::pshm}); return;
    case Completes::attachable:
      add_refs(candidates, false, {Kind::shm, Kind::pmsg, Kind::pshm, Kind::psem, Kind::fifo});
      return;
    case Completes::lockable:
      add_refs(candidates, false, {Kind::msg, Kind::sem, Kind::pmsg, Kind::pshm, Kind::psem, Kind::fifo});
      return;
    case Completes::semaphores: add_refs(candidates, false, {Kind::sem, Kind::psem}); return;
    case Completes::new_objects: add_new_objects(candidates); return;
    case Completes::columns: add_columns(context, prefix, current); return;
    case Completes::users: add_users(candidates); return;
    case Completes::files: candidates.leave_to_shell("files"); return;
    case Completes::directories: candidates.leave_to_shell("directories"); return;
    case Completes::conditions:
      for (const auto& row : inventory::conditions()) {
        candidates.add(std::string(row.word) + (row.condition == inventory::Condition::value ? "=" : ""), "");
      }
      return;
    case Completes::value_types:
      for (const auto& type : render::value_types) candidates.add(type.word, "");
      return;
    case Completes::colours:
      for (const char* const word : {"auto", "always", "never"}) candidates.add(word, "");
      return;
  }
}

void add_option_names(const std::vector<OptionInfo>& options, Candidates& candidates)
{
  for (const auto& option : options) {
    if (option.operand) continue;
    for (std::string_view names = option.names; !names.empty();) {
      const auto [name, rest] = split_once(names, ',');
      candidates.add(name, option.help);
      names = rest;
    }
  }
}

/// What an operand can be: of a verb that takes sets, kinds once --all is given.
Completes operand_completes(const OptionInfo& operand, std::span<char* const> words)
{
  if (operand.completes != Completes::own_objects_or_kinds) return operand.completes;
  const bool all = std::ranges::any_of(words, [](const char* word) { return std::string_view(word) == "--all"; });
  return all ? Completes::kinds : Completes::own_objects;
}

/// In a command that the verb runs, the shell knows best; true when the word is of one. `words` begin with the verb.
bool complete_command(const std::vector<OptionInfo>& options, std::span<char* const> words, Context& context)
{
  const auto behind = words.subspan(1);
  const std::size_t start = command_start(options, behind);
  if (start >= behind.size()) return false;
  const bool first = start + 1 == behind.size();
  if (first && words.back() == std::string_view("-")) return false;  // of an option of ours
  Candidates candidates{context, "", words.back()};
  // Which word the command is: that many stand between `ipckit` and it.
  candidates.leave_to_shell(first ? "commands" : "arguments=" + std::to_string(start + 1));
  return true;
}

void complete_verb_word(const Verb& verb, std::span<char* const> words, Context& context)
{
  const std::string_view before = words[words.size() - 2];
  const std::string_view current = words.back();
  const auto options = describe(verb);
  if (complete_command(options, words, context)) return;
  const auto* const pending = find_option(options, before);
  if (pending != nullptr && !pending->metavar.empty()) {
    add_values(pending->completes, "", current, context);
    return;
  }
  if (current.starts_with("--") && current.contains('=')) {
    const auto [name, value] = split_once(current, '=');
    if (const auto* const option = find_option(options, name)) {
      add_values(option->completes, std::string(name) + "=", value, context);
    }
    return;
  }
  if (current.starts_with('-')) {
    Candidates candidates{context, "", current};
    add_option_names(options, candidates);
    return;
  }
  for (const auto& option : options) {
    if (option.operand) add_values(operand_completes(option, words), "", current, context);
  }
}

}  // namespace

void complete(std::span<char* const> words, Context& context)
{
  const std::string_view current = words.empty() ? "" : words.back();
  if (words.size() < 2 || (words.size() == 2 && std::string_view(words[0]) == "help")) {
    Candidates candidates{context, "", current};
    for (const Verb* const verb : all_verbs()) candidates.add(verb->name, verb->summary);
    if (words.size() < 2) {
      candidates.add("help", "Print help");
      candidates.add("--help", "Print help");
      candidates.add("--version", "Print the version");
    }
    return;
  }
  const Verb* const verb = find_verb(words[0]);
  if (verb != nullptr) complete_verb_word(*verb, words, context);
}

}  // namespace ipckit::cli
