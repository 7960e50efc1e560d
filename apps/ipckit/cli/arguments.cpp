// SPDX-License-Identifier: MIT
#include <ipckit/cli/arguments.hpp>

#include <algorithm>
#include <utility>

#include <CLI/CLI.hpp>

#include <ipckit/base/duration.hpp>
#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

/// Whether `word` may mention the option `name`: `--long`, `--long=…`, or the letter in a cluster such as `-lq`.
bool mentions(std::string_view word, std::string_view name) noexcept
{
  if (name.starts_with("--")) return word.starts_with(name);
  return word.size() > 1 && word[0] == '-' && word[1] != '-' && word.contains(name[1]);
}

bool takes_value(const OptionInfo* option) noexcept
{
  return option != nullptr && !option->metavar.empty();
}

/// Whether an option's value is the next word: `--size 4K` and `-lo size`, not `--size=4K` and `-osize`.
bool wants_next(const std::vector<OptionInfo>& options, std::string_view word)
{
  if (word.starts_with("--")) return takes_value(find_option(options, word));
  for (std::size_t index = 1; index < word.size(); ++index) {
    const std::string letter{'-', word[index]};
    if (takes_value(find_option(options, letter))) return index + 1 == word.size();
  }
  return false;
}

/// "-1" is a number where no option has that letter, and may be an operand.
bool is_negative(const std::vector<OptionInfo>& options, std::string_view word)
{
  const bool digit = word.size() > 1 && word[0] == '-' && word[1] >= '0' && word[1] <= '9';
  return digit && find_option(options, word.substr(0, 2)) == nullptr;
}

}  // namespace

std::string_view long_name(std::string_view names) noexcept
{
  const auto at = names.find("--");
  return at == std::string_view::npos ? names : split_once(names.substr(at), ',').first;
}

bool Arguments::mentioned(std::string_view names) const noexcept
{
  while (!names.empty()) {
    const auto [name, rest] = split_once(names, ',');
    for (const char* const word : words_) {
      if (mentions(word, name)) return true;
    }
    names = rest;
  }
  return false;
}

void Arguments::bad_value(std::string_view names, const std::string& text, const char* expected)
{
  if (text.empty()) throw UsageError(std::string(long_name(names)) + ": an empty value is refused");
  throw UsageError(std::string(long_name(names)) + ": '" + render::printable(text) + "' is not " + expected);
}

void Arguments::flag(const char* names, bool& set, const char* help)
{
  action(names, [&set] { set = true; }, help);
}

void Arguments::action(const char* names, std::function<void()> act, const char* help)
{
  if (described_ != nullptr) {
    described_->push_back({.names = names, .metavar = {}, .help = help});
  } else if (mentioned(names)) {
    app_->add_flag_callback(names, std::move(act), "")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
        ->disable_flag_override();
  }
}

void Arguments::value(const char* names, const char* metavar, std::function<void(const std::string&)> take,
                      const char* help, Completes completes, bool repeats)
{
  if (described_ != nullptr) {
    described_->push_back(
        {.names = names, .metavar = metavar, .help = help, .completes = completes, .repeats = repeats});
    return;
  }
  if (!mentioned(names)) return;
  auto* const option = app_->add_option(names, [take = std::move(take)](const CLI::results_t& values) {
    for (const std::string& text : values) take(text);
    return true;
  });
  option->type_size(1)->expected(1);
  option->multi_option_policy(repeats ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
}

void Arguments::operands(const char* name, std::vector<std::string>& words, const char* help, Completes completes)
{
  if (described_ != nullptr) {
    described_->push_back(
        {.names = name, .metavar = {}, .help = help, .completes = completes, .operand = true, .repeats = true});
    return;
  }
  auto* const option = app_->add_option(name, [&words](const CLI::results_t& values) {
    words = values;
    return true;
  });
  option->type_size(1)->expected(0, CLI::detail::expected_max_vector_size)->allow_extra_args(true);
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Arguments::command(const char* name, std::vector<std::string>& words, const char* help, OwnOperand own,
                        StatusIs status)
{
  status_is_ = status;
  command_words_ = &words;
  if (described_ == nullptr) return;
  described_->push_back({.names = name, .metavar = {}, .help = help, .operand = true, .repeats = true, .own = own});
}

const OptionInfo* find_option(const std::vector<OptionInfo>& options, std::string_view name)
{
  const auto found = std::ranges::find_if(options, [&](const OptionInfo& option) {
    for (std::string_view names = option.names; !names.empty();) {
      const auto [candidate, rest] = split_once(names, ',');
      if (candidate == name) return !option.operand;
      names = rest;
    }
    return false;
  });
  return found == options.end() ? nullptr : &*found;
}

std::size_t command_start(const std::vector<OptionInfo>& options, std::span<char* const> words)
{
  const auto command = std::ranges::find_if(options, [](const OptionInfo& option) { return option.own != nullptr; });
  if (command == options.end()) return words.size();
  std::size_t operands = 0;
  bool options_over = false;
  for (std::size_t index = 0; index < words.size(); ++index) {
    const std::string_view word = words[index];
    const bool operand = is_negative(options, word) && command->own(word, operands);
    if (!options_over && word == "--") {
      options_over = true;
    } else if (!options_over && !operand && word.size() > 1 && word.starts_with('-')) {
      if (wants_next(options, word)) ++index;
    } else if (!command->own(word, operands++)) {
      return index;
    }
  }
  return words.size();
}

std::optional<Bytes> ValueOf<Bytes>::parse(const std::string& text)
{
  const auto size = parse_size(text);
  return size ? std::optional(*size) : std::nullopt;
}

std::optional<std::chrono::nanoseconds> ValueOf<std::chrono::nanoseconds>::parse(const std::string& text)
{
  const auto duration = parse_duration(text);
  return duration ? std::optional(*duration) : std::nullopt;
}

std::optional<FileMode> ValueOf<FileMode>::parse(const std::string& text)
{
  constexpr std::uint32_t all_bits = 0777;
  const auto bits = parse_number<std::uint32_t>(text, 8);
  return bits && *bits <= all_bits ? std::optional(FileMode{*bits}) : std::nullopt;
}

std::optional<std::uint64_t> ValueOf<std::uint64_t>::parse(const std::string& text)
{
  return parse_number<std::uint64_t>(text);
}

std::optional<std::string> ValueOf<std::string>::parse(const std::string& text)
{
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace ipckit::cli
