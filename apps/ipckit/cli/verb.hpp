// SPDX-License-Identifier: MIT
#pragma once
// What a verb is: a name, words for people, how its grammar is declared, and what it does.

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include <ipckit/cli/arguments.hpp>
#include <ipckit/cli/context.hpp>
#include <ipckit/cli/exit_status.hpp>

namespace ipckit::cli {

/// What is left to do when the command line is parsed.
using Action = std::function<Exit(Context&)>;

struct Verb {
  std::string_view name;
  std::string_view synopsis;  // what follows the name: "[OPTION]... [KIND|REF]..."
  std::string_view summary;   // one line
  std::string_view examples;  // lines of "command   # what it is for"
  Action (*attach)(Arguments&) = nullptr;
};

namespace detail {
template <class Options>
Options options_of(void (*)(Arguments&, Options&));
}  // namespace detail

/// A verb of a `declare(Arguments&, Options&)` and a `run(const Options&, Context&)`.
template <auto Declare, auto Run>
constexpr Verb define_verb(Verb verb)
{
  verb.attach = [](Arguments& arguments) -> Action {
    using Options = decltype(detail::options_of(Declare));
    auto options = std::make_shared<Options>();
    Declare(arguments, *options);
    return [options](Context& context) { return Run(*options, context); };
  };
  return verb;
}

/// Every verb, in the order of the help.
[[nodiscard]] std::span<const Verb* const> all_verbs() noexcept;
/// The verb with this name; nullptr when there is none.
[[nodiscard]] const Verb* find_verb(std::string_view name) noexcept;

}  // namespace ipckit::cli
