// SPDX-License-Identifier: MIT
#include <ipckit/cli/transfer_options.hpp>

#include <csignal>
#include <cstdlib>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/inventory/transfer.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

void choose(messages::Format& format, messages::Format wanted)
{
  if (format != messages::Format::none && format != wanted) {
    throw UsageError("-l, -0, --length-prefixed and --jsonl exclude each other");
  }
  format = wanted;
}

std::string_view instead(object::Kind kind) noexcept
{
  switch (kind) {
    case object::Kind::shm:
    case object::Kind::pshm: return "a segment is read and written by: ipckit read, ipckit write";
    default: return "messages go through msg, pmsg and fifo";
  }
}

}  // namespace

void declare_wait(Arguments& arguments, WaitOptions& options, const char* nowait_help, const char* timeout_help)
{
  arguments.flag("-n,--nowait", options.nowait, nowait_help);
  arguments.value("-w,--timeout", "DURATION", options.timeout, timeout_help);
}

void refuse_contradiction(const WaitOptions& options)
{
  if (options.nowait && options.timeout) throw UsageError("--nowait and --timeout exclude each other");
}

void declare_framing(Arguments& arguments, messages::Format& format, const char* verb_word)
{
  using messages::Format;
  const std::string each = std::string(verb_word) + " ";
  arguments.action("-l,--lines", [&format] { choose(format, Format::lines); }, (each + "a message a line").c_str());
  arguments.action(
      "-0,--null", [&format] { choose(format, Format::null); }, (each + "messages that end with a NUL").c_str());
  arguments.action(
      "--length-prefixed", [&format] { choose(format, Format::length_prefixed); },
      (each + "messages behind their length, four bytes, big-endian").c_str());
  arguments.action(
      "--jsonl", [&format] { choose(format, Format::json_lines); }, (each + "a JSON object a line").c_str());
}

AskedRef parse_carrier(const std::vector<std::string>& words)
{
  const auto first = words.empty() ? words : std::vector<std::string>{words.front()};
  auto asked = std::move(parse_refs(first).front());
  if (inventory::carries_messages(asked.ref.kind)) return asked;
  throw UsageError(
      render::printable(asked.asked) + ": a " + std::string(noun_of(asked.ref.kind)) + " carries no messages",
      std::string(instead(asked.ref.kind)));
}

void refuse_for_kind(const AskedRef& asked, bool given, const char* option, object::Kind owner)
{
  if (!given || asked.ref.kind == owner) return;
  throw UsageError(std::string(option) + " goes with " + std::string(object::name_of(owner)) + " only, and '" +
                   render::printable(asked.asked) + "' is a " + std::string(object::name_of(asked.ref.kind)));
}

void die_of(int signal)
{
  static_cast<void>(std::signal(signal, SIG_DFL));
  sigset_t own{};
  ::sigemptyset(&own);
  ::sigaddset(&own, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &own, nullptr);
  static_cast<void>(std::raise(signal));
  std::_Exit(128 + signal);
}

}  // namespace ipckit::cli
