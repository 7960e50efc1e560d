// SPDX-License-Identifier: MIT
// Prints the key that a path or a word stands for, without looking at any object.
#include <ipckit/object/key.hpp>

#include <string>
#include <vector>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli::verbs {
namespace {

struct Options {
  std::vector<std::string> words;
  OutputOptions output;
};

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("PATH", options.words, "An existing file, and the project of ftok(3); or @WORD", Completes::files);
  declare_json(arguments, options.output);
}

/// What a key was made from.
struct Asked {
  std::string word;  // without its @; empty: a path
  std::string path;
  std::uint8_t project = 1;
};

Asked parse(const std::vector<std::string>& words)
{
  if (words.empty()) throw UsageError("a PATH or an @WORD is needed");
  if (words.size() > 2) throw UsageError("'" + render::printable(words[2]) + "' is one operand too many");
  if (words[0].starts_with('@')) {
    if (words[0].size() == 1) throw UsageError("'@' is followed by a word");
    if (words.size() > 1) {
      throw UsageError("a word has no project", "the key of a file so named: ./" + render::printable(words[0]));
    }
    return {.word = words[0].substr(1)};
  }
  if (words[0].empty()) throw UsageError("the PATH is empty");
  if (words.size() == 1) return {.path = words[0]};
  const auto project = object::parse_project(words[1]);
  if (!project) {
    throw UsageError("'" + render::printable(words[1]) + "' is no project: it is a number or one character");
  }
  return {.path = words[0], .project = *project};
}

void add_members(render::JsonObject& object, const Asked& asked, std::int32_t key)
{
  object.add("key", render::Key{key});
  object.add("decimal", render::Signed{key});
  if (!asked.word.empty()) {
    object.add("word", render::Foreign{asked.word});
    return;
  }
  object.add("path", render::Foreign{asked.path});
  object.add("project", render::Number{asked.project});
}

Exit run(const Options& options, Context& context)
{
  const Asked asked = parse(options.words);
  Report report{context};
  const Result<std::int32_t> key =
      asked.word.empty() ? object::key_of_file(asked.path, asked.project) : object::key_of_word(asked.word);
  if (!key) {
    const auto& error = key.error();
    const bool missing = error.kind == Errc::not_found;
    report.fail(asked.path, exit_status(error), error, missing ? "no such file" : explain(error, object::Kind::fifo),
                "");
  }
  if (options.output.format == Format::text) {
    if (key) context.out.write(object::key_text(*key) + "\n");
    return report.status();
  }
  ObjectStream objects{context, options.output.format};
  if (key) objects.add([&](render::JsonObject& object) { add_members(object, asked, *key); });
  objects.finish(report);
  return report.status();
}

}  // namespace

extern const Verb key_verb;
constexpr Verb key_verb =
    define_verb<&declare, &run>({.name = "key",
                                 .synopsis = "[OPTION]... PATH [PROJECT] | @WORD",
                                 .summary = "Print the System V key of a file or a word",
                                 .examples = "ipckit key /etc/hosts a     # as ftok(\"/etc/hosts\", 'a')\n"
                                             "ipckit key @deploy          # the key behind sem:@deploy\n"});
}  // namespace ipckit::cli::verbs
