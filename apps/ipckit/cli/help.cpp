// SPDX-License-Identifier: MIT
#include <ipckit/cli/help.hpp>

#include <algorithm>

#include <ipckit/base/text.hpp>

#include <version.hpp>

namespace ipckit::cli {
namespace {

constexpr std::size_t page_width = 80;

/// Appends `text` from column `indent` on, wrapped between words; the first line has been begun.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent)
{
  std::size_t column = indent;
  bool first = true;
  for (auto word = take_word(text); !word.empty(); word = take_word(text)) {
    if (!first && column + 1 + word.size() > page_width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    first = false;
  }
  out += '\n';
}

/// One entry of a list: a term, and what it means from column `indent` on, or on the next line where it does not fit.
void append_entry(std::string& out, std::string_view term, std::string_view meaning, std::size_t indent)
{
  out += "  ";
  out += term;
  if (term.size() + 4 > indent) {
    out += '\n';
    out.append(indent, ' ');
  } else {
    out.append(indent - term.size() - 2, ' ');
  }
  append_wrapped(out, meaning, indent);
}

/// "-o, --columns LIST".
std::string term_of(const OptionInfo& option)
{
  std::string term;
  for (std::string_view names = option.names; !names.empty();) {
    const auto [name, rest] = split_once(names, ',');
    if (!term.empty()) term += ", ";
    if (term.empty() && name.starts_with("--")) term += "    ";
    term += name;
    names = rest;
  }
  return option.metavar.empty() ? term : term + " " + option.metavar;
}

void append_lines(std::string& out, std::string_view lines)
{
  while (!lines.empty()) {
    out += "  ";
    out += take_line(lines);
    out += '\n';
  }
}

}  // namespace

std::vector<OptionInfo> describe(const Verb& verb)
{
  std::vector<OptionInfo> described;
  Arguments arguments{described};
  static_cast<void>(verb.attach(arguments));
  bool help = false;
  arguments.flag("-h,--help", help, "Print this help");
  return described;
}

std::string general_help()
{
  constexpr std::size_t indent = 12;
  std::string out = "ipckit " + std::string(version) + ": every IPC object of a Linux machine\n\n";
  out += "Usage: ipckit [VERB] [OPTION]... [KIND|REF]...\n\nVerbs:\n";
  for (const Verb* const verb : all_verbs()) append_entry(out, verb->name, verb->summary, indent);
  append_entry(out, "help", "Print this help, or that of a verb", indent);
  out += "\nKinds:\n";
  append_wrapped(out += "  ",
                 "msg, shm, sem (System V queues, segments, semaphores); pmsg, pshm, psem (their POSIX twins); fifo. "
                 "Groups: queue, segment, semaphore, sysv, posix, all.",
                 2);
  out += "\nREFs, words that name one object:\n";
  append_wrapped(out += "  ",
                 "msg:5  shm:0x00004e1f  sem:key=19999  sem:@deploy  msg:file=/etc/hosts,a  pmsg:/jobs  fifo:/run/ctl",
                 2);
  out += "\nOptions:\n";
  append_entry(out, "-h, --help", "Print this help", 18);
  append_entry(out, "-V, --version", "Print the version", 18);
  out += "\nWithout a verb it is 'ipckit ls'. See ipckit(1), ipckit-refs(7) and\nipckit-status(7).\n";
  return out;
}

std::string verb_help(const Verb& verb)
{
  constexpr std::size_t indent = 28;
  std::string out = "Usage: ipckit ";
  append_wrapped(out, std::string(verb.name) + " " + std::string(verb.synopsis), 14);
  out += '\n';
  append_wrapped(out, verb.summary, 0);
  const auto options = describe(verb);
  for (const bool operands : {true, false}) {
    if (std::ranges::none_of(options, [&](const auto& option) { return option.operand == operands; })) continue;
    out += operands ? "\nOperands:\n" : "\nOptions:\n";
    for (const auto& option : options) {
      if (option.operand == operands) {
        append_entry(out, operands ? option.names : term_of(option), option.help, operands ? 14 : indent);
      }
    }
  }
  out += "\nExamples:\n";
  append_lines(out, verb.examples);
  out += "\nSee ipckit-" + std::string(verb.name) + "(1).\n";
  return out;
}

}  // namespace ipckit::cli
