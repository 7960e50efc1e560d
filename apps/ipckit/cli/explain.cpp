// SPDX-License-Identifier: MIT
#include <ipckit/cli/explain.hpp>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <ipckit/base/text.hpp>
#include <ipckit/cli/suggest.hpp>
#include <ipckit/fifo/transfer.hpp>
#include <ipckit/object/key.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

using object::Kind;
using object::Missing;
using object::RefProblem;

std::string reason(int os_error)
{
  const char* const text = ::strerrordesc_np(os_error);
  return text == nullptr ? fmt::format("errno {}", os_error) : text;
}

/// "msgget: No space left on device", or what of it is known.
std::string plain(const Error& error)
{
  const std::string detail = render::printable(error.detail);
  if (error.os_error == 0) return detail.empty() ? error.operation : detail;
  const std::string text = fmt::format("{}: {}", error.operation, reason(error.os_error));
  return detail.empty() ? text : fmt::format("{} ({})", text, detail);
}

std::string in_use(const Error& error, Kind kind)
{
  if (error.operation == "fcntl") return error.detail;
  if (error.operation == "lease") {
    const std::string_view how = kind == Kind::pmsg ? "open" : "open or mapped";
    return error.detail.empty() ? fmt::format("in use: somebody has it {}", how)
                                : fmt::format("in use: {} in {}", how, render::printable(error.detail));
  }
  return fmt::format("in use: {}", error.detail.empty() ? reason(error.os_error) : render::printable(error.detail));
}

/// Why a FIFO gets no tokens: it may have some.
std::string has_tokens(const Error& error)
{
  if (error.operation == "FIONREAD") return fmt::format("in use: bytes wait in it ({})", error.detail);
  if (error.operation == "flock") return "in use: somebody else serves its tokens";
  return fmt::format("in use: process {} has it open for reading and writing, and may owe it a token",
                     render::printable(error.detail));
}

bool is_about_tokens(const Error& error, Kind kind) noexcept
{
  const auto& what = error.operation;
  return kind == Kind::fifo && (what == "FIONREAD" || what == "flock" || what == "open for both");
}

bool is_sending(const Error& error) noexcept
{
  return error.operation == "msgsnd" || error.operation == "mq_send" || error.operation == "write";
}

bool is_receiving(const Error& error) noexcept
{
  return error.operation == "msgrcv" || error.operation == "mq_receive" || error.operation == "read";
}

/// What is done to a semaphore.
bool is_operating(const Error& error) noexcept
{
  return error.operation == "semop" || error.operation == "sem_wait" || error.operation == "sem_post";
}

/// Why the values of a semaphore do not let it be done.
std::string beyond_values(const Error& error)
{
  switch (error.os_error) {
    case EFBIG: return fmt::format("no such semaphore: {}; the first is 0", error.detail);
    case ERANGE: return "a value would pass 32767, the most there is (SEMVMX)";
    case EOVERFLOW: return "its value is 2147483647, the most there is (SEM_VALUE_MAX)";
    default: return plain(error);
  }
}

/// EAGAIN of what makes a process or a timer is a limit that is reached, and nothing that is in use.
bool is_short_of_processes(const Error& error) noexcept
{
  const auto& what = error.operation;
  return error.os_error == EAGAIN && (what == "fork" || what == "clone" || what == "clone3" || what == "timer_create");
}

std::string short_of_processes(const Error& error)
{
  if (error.operation == "timer_create") {
    return fmt::format("no timer could be made: {}; its user may have no more of them (ulimit -i)", plain(error));
  }
  return fmt::format("no process could be started: {}; there may be no more of them (ulimit -u, or pids.max)",
                     plain(error));
}

/// Why no message could be moved now.
std::string would_block(const Error& error)
{
  if (error.operation == "open") return "nobody reads it";
  if (error.operation == "semop") return "its values do not allow it now";
  if (error.operation == "sem_wait") return "its value is 0";
  return is_sending(error) ? "full" : "no message";
}

std::string timed_out(const Error& error)
{
  if (error.operation == "open") return "timed out: nobody reads it";
  if (error.operation == "semop") return "timed out: its values did not allow it";
  if (error.operation == "sem_wait") return "timed out: its value stays 0";
  return is_sending(error) ? "timed out: it stays full" : "timed out: no message came";
}

std::string gone(const Error& error)
{
  if (is_operating(error)) return "removed while waiting";
  if (!is_sending(error) && !is_receiving(error)) {
    return "another object has taken its place meanwhile; nothing was done to it";
  }
  return error.os_error == EIDRM ? "removed while waiting" : "removed meanwhile";
}

std::string cannot_tell(const Error& error)
{
  const std::string why = error.os_error == 0 ? render::printable(error.detail) : reason(error.os_error);
  return fmt::format("cannot tell whether it is in use ({}: {})", error.operation, why);
}

/// Who has what is no one's but the caller's or root's.
std::string somebody_elses(const Error& error)
{
  const std::string who = render::printable(error.detail);
  if (error.operation != "make") return fmt::format("it belongs to {}, who is neither you nor root", who);
  return fmt::format("key {}, by which those who make it are kept apart, is taken by a set of {}",
                     render::printable(error.subject), who);
}

std::string amount(const inventory::Limit& limit, std::uint64_t count)
{
  const bool large = limit.unit == inventory::Unit::bytes && count >= 1024;
  return large ? fmt::format("{} ({})", count, render::human_bytes(count)) : fmt::format("{}", count);
}

/// "3 semaphore sets".
std::string counted(const object::Gap& gap)
{
  return fmt::format("{} {}{}", gap.count, noun_of(gap.kind), gap.count == 1 ? "" : "s");
}

/// Why what waits inside cannot be shown.
std::string unseen_contents(const object::Gap& gap)
{
  if (gap.kind == Kind::pmsg) {
    return "the messages of a POSIX message queue cannot be looked at: the kernel shows one only to who takes it";
  }
  if (gap.count == 0) {
    return "what waits in the FIFO cannot be looked at: no reading end that a process has may be borrowed";
  }
  return fmt::format("{} more in the FIFO than could be copied (fs.pipe-max-size)",
                     render::plural(gap.count, "byte waits", "bytes wait"));
}

}  // namespace

std::string_view noun_of(Kind kind) noexcept
{
  switch (kind) {
    case Kind::msg: return "message queue";
    case Kind::shm: return "shared memory segment";
    case Kind::sem: return "semaphore set";
    case Kind::pmsg: return "POSIX message queue";
    case Kind::pshm: return "POSIX shared memory segment";
    case Kind::psem: return "POSIX semaphore";
    case Kind::fifo: return "FIFO";
  }
  return "object";
}

std::string explain(const Error& error, Kind kind)
{
  if (error.operation == "ftok") return plain(error);  // the path that is missing stands in the REF
  if (is_short_of_processes(error)) return short_of_processes(error);
  switch (error.kind) {
    case Errc::not_found: return fmt::format("no such {}", noun_of(kind));
    case Errc::already_exists: return "it exists already";
    case Errc::busy: {
      if (is_about_tokens(error, kind)) return has_tokens(error);
      const bool waits_for_reader = kind == Kind::fifo && error.operation == "open";
      const bool moving = is_sending(error) || is_receiving(error) || is_operating(error) || waits_for_reader;
      return moving ? would_block(error) : in_use(error, kind);
    }
    case Errc::removed: return gone(error);
    case Errc::ended: return is_sending(error) ? "nobody reads it any more" : "the last writer has closed";
    case Errc::timed_out: return timed_out(error);
    case Errc::foreign: return somebody_elses(error);
    case Errc::mismatch: return fmt::format("what is there is {}", render::printable(error.detail));
    case Errc::unseen: return cannot_tell(error);
    case Errc::malformed:
      if (!error.detail.empty()) return render::printable(error.detail);
      return fmt::format("cannot make sense of {}", render::printable(error.subject));
    case Errc::unsupported:
      if (error.operation == "enter") return "it is of another IPC namespace; only one's own can be looked into";
      return plain(error);
    case Errc::too_large:
      if (error.operation == "tokens") {
        return fmt::format("its pipe takes back at most {} tokens without a wait", error.detail);
      }
      if (is_operating(error)) return beyond_values(error);
      if (error.operation == "msgrcv" && !error.detail.empty()) {
        return fmt::format("its next message has more than {} bytes, the most that a token may have", error.detail);
      }
      if (kind == Kind::fifo && is_receiving(error) && error.os_error == 0) {
        return fmt::format("a message of {} bytes, and at most {} are taken: is that its framing?", error.detail,
                           fifo::longest_frame);
      }
      return plain(error);
    case Errc::invalid:
    case Errc::access_denied:
    case Errc::interrupted:
    case Errc::system: return plain(error);
  }
  return plain(error);
}

std::string remedy(const Error& error, std::string_view verb)
{
  const bool in_the_way = error.kind == Errc::busy || error.kind == Errc::unseen;
  if (verb == "rm" && in_the_way) return "-f removes it all the same";
  if (verb == "set" && in_the_way && error.operation != "fcntl") {
    return "-f shrinks it all the same; whoever maps it may die of SIGBUS";
  }
  if (error.kind == Errc::unsupported && error.operation == "enter") {
    return fmt::format("one's own is {}", error.detail);
  }
  return {};
}

Exit exit_status(const Error& error) noexcept
{
  if (is_short_of_processes(error)) return Exit::refused;
  switch (error.kind) {
    case Errc::invalid: return Exit::usage;
    case Errc::not_found:
    case Errc::mismatch: return Exit::not_found;
    case Errc::already_exists: return Exit::exists;
    case Errc::access_denied:
    case Errc::foreign: return Exit::denied;
    case Errc::busy:
    case Errc::ended: return Exit::busy;
    case Errc::timed_out: return Exit::timed_out;
    case Errc::removed: return Exit::removed;
    case Errc::unseen: return Exit::cannot_tell;
    case Errc::too_large:
    case Errc::unsupported:
    case Errc::malformed:
    case Errc::interrupted:
    case Errc::system: return Exit::refused;
  }
  return Exit::refused;
}

std::string explain(RefProblem problem, std::string_view word)
{
  const std::string shown = render::printable(word);
  const auto no_ref = [&](std::string_view why) { return fmt::format("'{}' is no REF: {}", shown, why); };
  switch (problem) {
    case RefProblem::no_kind: return fmt::format("'{}' is neither a kind nor a REF", shown);
    case RefProblem::unknown_kind:
      return no_ref(fmt::format("'{}' is no kind", render::printable(split_once(word, ':').first)));
    case RefProblem::group: return no_ref("its kind must be one, not a group");
    case RefProblem::empty: return no_ref("nothing follows the kind");
    case RefProblem::bad_id: return no_ref("an id is at most 2147483647");
    case RefProblem::bad_key: return no_ref("a key has 32 bits, decimal or 0x");
    case RefProblem::key_zero: return fmt::format("'{}' names nothing: key 0 is IPC_PRIVATE", shown);
    case RefProblem::bad_project: return no_ref("after the last comma stands a number or one character");
    case RefProblem::bad_escape: return no_ref("% stands before two hexadecimal digits, and never 00");
    case RefProblem::bad_name: return no_ref("a POSIX name is not empty, '.' or '..', and has one slash, in front");
    case RefProblem::name_too_long: return no_ref("a POSIX name has at most 255 bytes (a semaphore's 251)");
    case RefProblem::semaphore_name: return fmt::format("'{}' is the file of a POSIX semaphore, not a segment", shown);
    case RefProblem::bad_namespace: return no_ref("ns= takes the namespace's inode number and a slash");
    case RefProblem::not_sysv: return no_ref("ns= goes with msg, shm, sem and pmsg");
    case RefProblem::other: return no_ref("neither an id nor a key");
  }
  return no_ref("it makes no sense");
}

std::string remedy(RefProblem problem, std::string_view word)
{
  const auto [kind, rest] = split_once(word, ':');
  const std::string shown = render::printable(rest);
  switch (problem) {
    case RefProblem::no_kind:
      if (const auto meant = nearest_kind(word)) return fmt::format("did you mean '{}'?", *meant);
      return "a REF is KIND:ID, KIND:@WORD, KIND:/NAME or fifo:PATH; see ipckit-refs(7)";
    case RefProblem::unknown_kind:
      if (const auto meant = nearest_kind(kind)) return fmt::format("did you mean '{}:{}'?", *meant, shown);
      return "kinds are msg, shm, sem, pmsg, pshm, psem and fifo";
    case RefProblem::semaphore_name: {
      const auto at = word.find("sem.");
      const auto name = at == std::string_view::npos ? rest : word.substr(at + 4);
      return fmt::format("did you mean 'psem:/{}'?", render::printable(name));
    }
    case RefProblem::other: {
      const std::string by_word = fmt::format("write {}:@{} for a key made from the word", kind, object::escape(rest));
      return object::parse_key(rest) ? fmt::format("{}, {}:key={} for a key", by_word, kind, shown) : by_word;
    }
    case RefProblem::bad_escape: return "a literal % is %25";
    case RefProblem::key_zero: return "a private object is named by its id";
    default: return {};
  }
}

std::string explain(const object::Gap& gap)
{
  const std::string subject = render::printable(gap.subject);
  switch (gap.what) {
    case Missing::objects: return fmt::format("{} could not be read (run as root)", counted(gap));
    case Missing::names:
      return fmt::format(
          "POSIX message queues cannot be listed: {} is not mounted, and mounting it needs root; a queue "
          "can still be named",
          subject);
    case Missing::directory:
      return fmt::format("{} could not be searched for FIFOs: {}", subject, reason(gap.os_error));
    case Missing::values: return fmt::format("the values of {} could not be read (run as root)", counted(gap));
    case Missing::attributes: return fmt::format("the attributes of {} could not be read (run as root)", counted(gap));
    case Missing::resident: return fmt::format("resident and swapped bytes are not known: {} cannot be read", subject);
    case Missing::processes:
      return fmt::format("{} could not be inspected (run as root)", render::plural(gap.count, "process", "processes"));
    case Missing::paths:
      return fmt::format("{} held by processes, but no path here leads there",
                         render::plural(gap.count, "FIFO is", "FIFOs are"));
    case Missing::foreign:
      return fmt::format("POSIX message queues cannot be listed: {} shows another IPC namespace's", subject);
    case Missing::uncertain:
      return fmt::format("whether {}, which is empty, is of this IPC namespace cannot be told", subject);
    case Missing::outside: return "processes outside this PID namespace cannot be seen";
    case Missing::hidden: return fmt::format("{} hides processes (hidepid); they cannot be seen", subject);
    case Missing::proc: return fmt::format("processes cannot be inspected: {} is not there", subject);
    case Missing::contents: return unseen_contents(gap);
    case Missing::moved:
      return fmt::format("the {} was in use while it was looked at: messages may be missing or shown twice",
                         noun_of(gap.kind));
  }
  return {};
}

std::string_view name_of(Missing what) noexcept
{
  switch (what) {
    case Missing::objects: return "objects";
    case Missing::names: return "names";
    case Missing::directory: return "directory";
    case Missing::values: return "values";
    case Missing::attributes: return "attributes";
    case Missing::resident: return "resident";
    case Missing::processes: return "processes";
    case Missing::paths: return "paths";
    case Missing::foreign: return "foreign";
    case Missing::uncertain: return "uncertain";
    case Missing::outside: return "outside";
    case Missing::hidden: return "hidden";
    case Missing::proc: return "proc";
    case Missing::contents: return "contents";
    case Missing::moved: return "moved";
  }
  return "objects";
}

std::string explain(const inventory::Refusal& refusal)
{
  const auto& limit = refusal.limit;
  return fmt::format("{} {}; at most {} allowed ({})", amount(limit, refusal.needed), limit.meaning,
                     amount(limit, limit.value.value_or(0)), limit.set_by);
}

std::string remedy(const inventory::Refusal& refusal)
{
  const auto& limit = refusal.limit;
  if (limit.set_by.starts_with("RLIMIT_MSGQUEUE")) {
    return fmt::format("as root: prlimit --pid $$ --msgqueue={}", refusal.needed);
  }
  if (limit.set_by.starts_with("mount ")) return "as root: mount -o remount,size=… /dev/shm";
  if (limit.set_by.starts_with("kernel.sem,")) return "as root: sysctl kernel.sem='SEMMSL SEMMNS SEMOPM SEMMNI'";
  if (!limit.set_by.contains('.')) return {};
  return fmt::format("as root: sysctl {}={}", limit.set_by, refusal.needed);
}

}  // namespace ipckit::cli
