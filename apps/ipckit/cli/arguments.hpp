// SPDX-License-Identifier: MIT
#pragma once
// A verb's grammar. Declared once, it is parsed by CLI11, printed as help, dumped for the tests and completed. When a
// command is run, CLI11 is told only of the options that the command line mentions: each costs it 12,000 instructions.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ipckit/base/bytes.hpp>
#include <ipckit/cli/usage_error.hpp>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace ipckit::cli {

/// What a word can be completed with.
enum class Completes : std::uint8_t {
  nothing,
  kinds,                 // msg … all
  objects,               // kinds and live REFs
  own_objects,           // live REFs that the caller may change or remove
  own_objects_or_kinds,  // the same, and after --all kinds instead
  refs,                  // live REFs
  carriers,              // live REFs of queues and FIFOs
  segments,              // live REFs of shm and pshm
  attachable,            // live REFs of what can be attached
  lockable,              // live REFs of what can be locked, or gives tokens
  semaphores,            // live REFs of sem and psem
  new_objects,           // System V kinds, and `KIND:` of the others
  columns,               // columns of a listing
  users,                 // user names
  files,                 // left to the shell
  directories,           // left to the shell
  conditions,            // what can be waited for
  value_types,           // u8 … f64, str
  colours,               // never, auto, always
};

/// Whether a word still is an operand of the verb's own, its `index`-th: the first that is not begins the command.
using OwnOperand = bool (*)(std::string_view word, std::size_t index);

/// What the exit status of a verb tells of, when it runs a command: the command, and 125 that the verb has failed; or
/// the verb alone.
enum class StatusIs : std::uint8_t { of_the_verb, of_the_command };

/// An option or operand as help, manual and completion need it.
struct OptionInfo {
  std::string names;    // "-q,--quiet", or the operand's name
  std::string metavar;  // empty: takes no value
  std::string help;
  Completes completes = Completes::nothing;
  bool operand = false;
  bool repeats = false;
  OwnOperand own = nullptr;  // of a command that the verb runs, which is an operand too
};

/// Permission bits, written in octal.
struct FileMode {
  std::uint32_t bits = 0;
};

/// Text that is one value, and the words for what it should have been.
template <class T>
struct ValueOf;

class Arguments {
public:
  /// For running a command: only what `words` mention is declared to CLI11.
  Arguments(CLI::App& app, std::span<char* const> words) : app_{&app}, words_{words} {}
  /// For describing it: everything is noted, nothing is parsed.
  explicit Arguments(std::vector<OptionInfo>& described) : described_{&described} {}

  /// An option without a value.
  void flag(const char* names, bool& set, const char* help);
  /// An option without a value that does something.
  void action(const char* names, std::function<void()> act, const char* help);
  /// An option with a value; `take` throws UsageError when it makes no sense. Given again, the last counts, unless it
  /// repeats: then `take` has each.
  void value(const char* names, const char* metavar, std::function<void(const std::string&)> take, const char* help,
             Completes completes = Completes::nothing, bool repeats = false);
  /// An option whose value is a T.
  template <class T>
  void value(const char* names, const char* metavar, std::optional<T>& target, const char* help,
             Completes completes = Completes::nothing)
  {
    value(
        names, metavar,
        [names, &target](const std::string& text) {
          target = ValueOf<T>::parse(text);
          if (!target) bad_value(names, text, ValueOf<T>::expected);
        },
        help, completes);
  }
  /// All words that are no options.
  void operands(const char* name, std::vector<std::string>& words, const char* help, Completes completes);
  /// A command to run: all words from the first operand on that is not the verb's own, its options included. "--" may
  /// stand in front of it.
  void command(const char* name, std::vector<std::string>& words, const char* help, OwnOperand own,
               StatusIs status = StatusIs::of_the_command);
  /// Where the words of the command go; nullptr of a verb that runs none.
  [[nodiscard]] std::vector<std::string>* command_words() const noexcept { return command_words_; }
  /// Whose status the verb gives when it runs one.
  [[nodiscard]] StatusIs status_is() const noexcept { return status_is_; }

private:
  [[nodiscard]] bool mentioned(std::string_view names) const noexcept;
  [[noreturn]] static void bad_value(std::string_view names, const std::string& text, const char* expected);

  CLI::App* app_ = nullptr;
  std::span<char* const> words_;
  std::vector<OptionInfo>* described_ = nullptr;
  std::vector<std::string>* command_words_ = nullptr;
  StatusIs status_is_ = StatusIs::of_the_verb;
};

/// The name that a sentence calls an option by: the long one of "-q,--quiet".
[[nodiscard]] std::string_view long_name(std::string_view names) noexcept;

/// The option with this name, short or long; nullptr when there is none.
[[nodiscard]] const OptionInfo* find_option(const std::vector<OptionInfo>& options, std::string_view name);

/// Where the command begins in the words behind a verb that is described so; their number where there is none.
[[nodiscard]] std::size_t command_start(const std::vector<OptionInfo>& options, std::span<char* const> words);

template <>
struct ValueOf<Bytes> {
  static constexpr const char* expected = "a size, such as 4096, 64K, 1.5M, 1GiB or 1GB";
  [[nodiscard]] static std::optional<Bytes> parse(const std::string& text);
};
template <>
struct ValueOf<std::chrono::nanoseconds> {
  static constexpr const char* expected = "a duration, such as 30, 500ms, 1.5s, 2m, 4h or 1d";
  [[nodiscard]] static std::optional<std::chrono::nanoseconds> parse(const std::string& text);
};
template <>
struct ValueOf<FileMode> {
  static constexpr const char* expected = "a mode in octal, such as 0640, of at most 0777";
  [[nodiscard]] static std::optional<FileMode> parse(const std::string& text);
};
template <>
struct ValueOf<std::uint64_t> {
  static constexpr const char* expected = "a whole number";
  [[nodiscard]] static std::optional<std::uint64_t> parse(const std::string& text);
};
template <>
struct ValueOf<std::string> {
  static constexpr const char* expected = "text";
  [[nodiscard]] static std::optional<std::string> parse(const std::string& text);
};

}  // namespace ipckit::cli
