// SPDX-License-Identifier: MIT
#include <ipckit/cli/explain.hpp>

#include <array>
#include <cerrno>
#include <cstring>

#include <ipckit/base/text.hpp>
#include <ipckit/cli/suggest.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

using object::Kind;
using object::Missing;
using object::RefProblem;

std::string reason(int os_error)
{
  return ::strerrordesc_np(os_error) == nullptr ? "errno " + std::to_string(os_error) : ::strerrordesc_np(os_error);
}

/// "msgget: No space left on device", or what of it is known.
std::string plain(const Error& error)
{
  const std::string detail = error.detail.empty() ? "" : render::printable(error.detail);
  if (error.os_error == 0) return detail.empty() ? error.operation : detail;
  const std::string text = error.operation + ": " + reason(error.os_error);
  return detail.empty() ? text : text + " (" + detail + ")";
}

std::string in_use(const Error& error)
{
  if (error.operation == "lease") return "in use: somebody has it open or mapped";
  return "in use: " + (error.detail.empty() ? reason(error.os_error) : render::printable(error.detail));
}

std::string cannot_tell(const Error& error)
{
  const std::string why = error.os_error == 0 ? render::printable(error.detail) : reason(error.os_error);
  return "cannot tell whether it is in use (" + error.operation + ": " + why + ")";
}

std::string amount(const inventory::Limit& limit, std::uint64_t count)
{
  return limit.unit == inventory::Unit::bytes && count >= 1024
             ? std::to_string(count) + " (" + render::human_bytes(count) + ")"
             : std::to_string(count);
}

std::string count_of(const object::Gap& gap, const char* one, const char* many)
{
  return render::plural(gap.count, one, many);
}

std::string not_listed(const object::Gap& gap)
{
  return "POSIX message queues cannot be listed: " + render::printable(gap.subject) +
         " is not mounted, and mounting it needs root; a queue can still be named";
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
  if (error.operation == "ftok") return "no key: " + render::printable(error.subject) + ": " + reason(error.os_error);
  switch (error.kind) {
    case Errc::not_found: return "no such " + std::string(noun_of(kind));
    case Errc::already_exists: return "it exists already";
    case Errc::busy: return in_use(error);
    case Errc::removed: return "another object has taken its place meanwhile; nothing was done to it";
    case Errc::foreign: return "it belongs to " + render::printable(error.detail) + ", who is neither you nor root";
    case Errc::mismatch: return "what is there is " + render::printable(error.detail);
    case Errc::unseen: return cannot_tell(error);
    case Errc::malformed: return "cannot make sense of " + render::printable(error.subject);
    case Errc::unsupported:
      if (error.operation == "enter") return "it is of another IPC namespace; only one's own can be looked into";
      return plain(error);
    case Errc::invalid:
    case Errc::access_denied:
    case Errc::too_large:
    case Errc::system: return plain(error);
  }
  return plain(error);
}

std::string remedy(const Error& error, std::string_view verb)
{
  const bool can_force = verb == "rm" || verb == "set";
  if (can_force && (error.kind == Errc::busy || error.kind == Errc::unseen)) {
    return verb == "rm" ? "-f removes it all the same"
                        : "-f shrinks it all the same; whoever maps it may die of SIGBUS";
  }
  if (error.kind == Errc::unsupported && error.operation == "enter") {
    return "one's own is " + error.detail;
  }
  return {};
}

Exit exit_status(const Error& error) noexcept
{
  switch (error.kind) {
    case Errc::invalid: return Exit::usage;
    case Errc::not_found:
    case Errc::mismatch: return Exit::not_found;
    case Errc::already_exists: return Exit::exists;
    case Errc::access_denied:
    case Errc::foreign: return Exit::denied;
    case Errc::busy: return Exit::busy;
    case Errc::removed: return Exit::removed;
    case Errc::unseen: return Exit::cannot_tell;
    case Errc::too_large:
    case Errc::unsupported:
    case Errc::malformed:
    case Errc::system: return Exit::refused;
  }
  return Exit::refused;
}

std::string explain(RefProblem problem, std::string_view word)
{
  const std::string quoted = "'" + render::printable(word) + "'";
  switch (problem) {
    case RefProblem::no_kind: return quoted + " is neither a kind nor a REF";
    case RefProblem::unknown_kind:
      return quoted + " is no REF: '" + render::printable(split_once(word, ':').first) + "' is no kind";
    case RefProblem::group: return quoted + " is no REF: its kind must be one, not a group";
    case RefProblem::empty: return quoted + " is no REF: nothing follows the kind";
    case RefProblem::bad_id: return quoted + " is no REF: an id is at most 2147483647";
    case RefProblem::bad_key: return quoted + " is no REF: a key has 32 bits, decimal or 0x";
    case RefProblem::key_zero: return quoted + " names nothing: key 0 is IPC_PRIVATE";
    case RefProblem::bad_project: return quoted + " is no REF: after the last comma stands a number or one character";
    case RefProblem::bad_escape: return quoted + " is no REF: % stands before two hexadecimal digits, and never 00";
    case RefProblem::bad_name:
      return quoted + " is no REF: a POSIX name is not empty, '.' or '..', and has one slash, in front";
    case RefProblem::name_too_long:
      return quoted + " is no REF: a POSIX name has at most 255 bytes (a semaphore's 251)";
    case RefProblem::semaphore_name: return quoted + " is the file of a POSIX semaphore, not a segment";
    case RefProblem::bad_namespace: return quoted + " is no REF: ns= takes the namespace's inode number and a slash";
    case RefProblem::not_sysv: return quoted + " is no REF: ns= goes with msg, shm, sem and pmsg";
    case RefProblem::other: return quoted + " is no REF: neither an id nor a key";
  }
  return quoted + " is no REF";
}

std::string remedy(RefProblem problem, std::string_view word)
{
  const auto [kind, rest] = split_once(word, ':');
  switch (problem) {
    case RefProblem::no_kind:
      if (const auto meant = nearest_kind(word)) return "did you mean '" + *meant + "'?";
      return "a REF is KIND:ID, KIND:@WORD, KIND:/NAME or fifo:PATH; see ipckit-refs(7)";
    case RefProblem::unknown_kind:
      if (const auto meant = nearest_kind(kind)) {
        return "did you mean '" + *meant + ":" + render::printable(rest) + "'?";
      }
      return "kinds are msg, shm, sem, pmsg, pshm, psem and fifo";
    case RefProblem::semaphore_name: {
      const auto name = rest.substr(std::min(rest.size(), rest.find("sem.") + 4));
      return "did you mean 'psem:/" + render::printable(name) + "'?";
    }
    case RefProblem::other:
      return "write " + std::string(kind) + ":key=" + render::printable(rest) + " for a key, " + std::string(kind) +
             ":@" + render::printable(rest) + " for a key made from the word";
    case RefProblem::bad_escape: return "a literal % is %25";
    case RefProblem::key_zero: return "a private object is named by its id";
    default: return {};
  }
}

std::string explain(const object::Gap& gap)
{
  const std::string noun{noun_of(gap.kind)};
  const std::string subject = render::printable(gap.subject);
  switch (gap.what) {
    case Missing::objects:
      return render::plural(gap.count, noun.c_str(), (noun + "s").c_str()) + " could not be read (run as root)";
    case Missing::names: return not_listed(gap);
    case Missing::directory: return subject + " could not be searched for FIFOs: " + reason(gap.os_error);
    case Missing::values:
      return "the values of " + render::plural(gap.count, noun.c_str(), (noun + "s").c_str()) +
             " could not be read (run as root)";
    case Missing::attributes:
      return "the attributes of " + render::plural(gap.count, noun.c_str(), (noun + "s").c_str()) +
             " could not be read (run as root)";
    case Missing::resident: return "resident and swapped bytes are not known: " + subject + " cannot be read";
    case Missing::processes: return count_of(gap, "process", "processes") + " could not be inspected (run as root)";
    case Missing::paths:
      return count_of(gap, "FIFO is", "FIFOs are") + " held by processes, but no path here leads there";
    case Missing::foreign:
      return "POSIX message queues cannot be listed: " + subject + " shows another IPC namespace's";
    case Missing::outside:
      return "processes outside this PID namespace, or hidden by " + subject + "'s hidepid, cannot be seen";
    case Missing::proc: return "processes cannot be inspected: " + subject + " is not there";
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
    case Missing::outside: return "outside";
    case Missing::proc: return "proc";
  }
  return "objects";
}

std::string explain(const inventory::Refusal& refusal)
{
  const auto& limit = refusal.limit;
  return amount(limit, refusal.needed) + " " + std::string(limit.meaning) + "; at most " +
         amount(limit, limit.value.value_or(0)) + " allowed (" + limit.set_by + ")";
}

std::string remedy(const inventory::Refusal& refusal)
{
  const auto& limit = refusal.limit;
  if (limit.set_by.starts_with("RLIMIT_MSGQUEUE")) {
    return "as root: prlimit --pid $$ --msgqueue=" + std::to_string(refusal.needed);
  }
  if (limit.set_by.starts_with("mount ")) return "as root: mount -o remount,size=… /dev/shm";
  if (limit.set_by.starts_with("kernel.sem,")) return "as root: sysctl kernel.sem='SEMMSL SEMMNS SEMOPM SEMMNI'";
  if (!limit.set_by.contains('.')) return {};
  return "as root: sysctl " + limit.set_by + "=" + std::to_string(refusal.needed);
}

}  // namespace ipckit::cli
