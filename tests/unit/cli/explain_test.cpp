// SPDX-License-Identifier: MIT
// Errors as exit statuses and sentences.
#include <ipckit/cli/explain.hpp>

#include <array>
#include <cerrno>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace ipckit::cli;
using object::Kind;
using object::RefProblem;

namespace {

std::vector<RefProblem> all_problems()
{
  std::vector<RefProblem> problems;
  for (std::uint8_t value = 0; value <= static_cast<std::uint8_t>(RefProblem::other); ++value) {
    problems.push_back(static_cast<RefProblem>(value));
  }
  return problems;
}

}  // namespace

TEST_CASE("each kind of error has an exit status", "[cli]")
{
  struct Row {
    Errc kind;
    Exit status;
  };
  for (const auto& [kind, status] :
       {Row{Errc::invalid, Exit::usage}, Row{Errc::not_found, Exit::not_found}, Row{Errc::mismatch, Exit::not_found},
        Row{Errc::already_exists, Exit::exists}, Row{Errc::access_denied, Exit::denied},
        Row{Errc::foreign, Exit::denied}, Row{Errc::busy, Exit::busy}, Row{Errc::removed, Exit::removed},
        Row{Errc::unseen, Exit::cannot_tell}, Row{Errc::too_large, Exit::refused},
        Row{Errc::unsupported, Exit::refused}, Row{Errc::malformed, Exit::refused}, Row{Errc::ended, Exit::busy},
        Row{Errc::timed_out, Exit::timed_out}, Row{Errc::interrupted, Exit::refused},
        Row{Errc::system, Exit::refused}}) {
    INFO(tests::show(kind));
    CHECK(exit_status({.kind = kind}) == status);
  }
}

TEST_CASE("the exit statuses count from 0 to 10, then come those of running a command, each with a meaning", "[cli]")
{
  constexpr std::array of_commands{75, 125, 126, 127};
  constexpr std::size_t plain = 11;
  std::set<std::string_view> meanings;
  REQUIRE(exit_meanings.size() == plain + of_commands.size());
  for (std::size_t at = 0; at < exit_meanings.size(); ++at) {
    const int expected = at < plain ? static_cast<int>(at) : of_commands.at(at - plain);
    CHECK(static_cast<int>(exit_meanings.at(at).status) == expected);
    meanings.insert(exit_meanings.at(at).meaning);
  }
  CHECK(meanings.size() == exit_meanings.size());
  CHECK_FALSE(meanings.contains(""));
}

TEST_CASE("an error is a sentence without a full stop", "[cli]")
{
  CHECK(explain({.kind = Errc::not_found}, Kind::msg) == "no such message queue");
  CHECK(explain({.kind = Errc::not_found}, Kind::psem) == "no such POSIX semaphore");
  CHECK(explain({.kind = Errc::already_exists}, Kind::shm) == "it exists already");
  CHECK(explain({.kind = Errc::busy, .operation = "remove", .detail = "7 messages inside"}, Kind::msg) ==
        "in use: 7 messages inside");
  CHECK(explain({.kind = Errc::busy, .operation = "lease", .os_error = EAGAIN}, Kind::pshm) ==
        "in use: somebody has it open or mapped");
  CHECK(explain({.kind = Errc::system, .operation = "msgget", .os_error = ENOSPC}, Kind::msg) ==
        "msgget: No space left on device");
  CHECK(explain({.kind = Errc::access_denied, .operation = "open", .os_error = EACCES}, Kind::pshm) ==
        "open: Permission denied");
  CHECK(explain({.kind = Errc::unseen, .operation = "open", .os_error = EACCES}, Kind::pshm) ==
        "cannot tell whether it is in use (open: Permission denied)");
}

TEST_CASE("a limit on processes or timers is nothing that is in use", "[cli]")
{
  const Error no_process{.kind = Errc::busy, .operation = "fork", .os_error = EAGAIN};
  CHECK(explain(no_process, Kind::shm).contains("fork: Resource temporarily unavailable"));
  CHECK(explain(no_process, Kind::shm).contains("ulimit -u"));
  CHECK(exit_status(no_process) == Exit::refused);
  const Error no_timer{.kind = Errc::busy, .operation = "timer_create", .os_error = EAGAIN};
  CHECK(explain(no_timer, Kind::msg).contains("ulimit -i"));
  CHECK(exit_status(no_timer) == Exit::refused);
}

TEST_CASE("an errno that nobody knows is told by its number", "[cli]")
{
  CHECK(explain({.kind = Errc::system, .operation = "msgget", .os_error = 9999}, Kind::msg) == "msgget: errno 9999");
}

TEST_CASE("facts from outside are shown safely", "[cli]")
{
  for (const Errc kind : {Errc::busy, Errc::foreign, Errc::mismatch, Errc::unseen, Errc::system}) {
    INFO(tests::show(kind));
    const auto text = explain({.kind = kind, .operation = "remove", .detail = "\x1b[2J\n"}, Kind::fifo);
    CHECK(text.find_first_of("\x1b\n") == std::string::npos);
  }
}

TEST_CASE("every problem of a REF has a sentence that quotes the word safely", "[cli]")
{
  std::set<std::string> sentences;
  for (const RefProblem problem : all_problems()) {
    INFO(tests::show(problem));
    const auto sentence = explain(problem, "msg:\x1b[2J\n");
    CHECK(sentence.contains("'msg:\\x1b[2J\\x0a'"));
    CHECK_FALSE(sentence.ends_with('.'));
    CHECK(remedy(problem, "msg:\x1b[2J\n").find_first_of("\x1b\n") == std::string::npos);
    sentences.insert(sentence);
  }
  CHECK(sentences.size() == all_problems().size());
}

TEST_CASE("a REF that is nearly right is set right", "[cli]")
{
  CHECK(remedy(RefProblem::unknown_kind, "msq:5") == "did you mean 'msg:5'?");
  CHECK(remedy(RefProblem::unknown_kind, "elephant:5") == "kinds are msg, shm, sem, pmsg, pshm, psem and fifo");
  CHECK(remedy(RefProblem::semaphore_name, "pshm:/sem.lock") == "did you mean 'psem:/lock'?");
  CHECK(remedy(RefProblem::semaphore_name, "pshm:sem.lock") == "did you mean 'psem:/lock'?");
  CHECK(remedy(RefProblem::other, "shm:deploy").contains("shm:@deploy"));
  CHECK(remedy(RefProblem::bad_escape, "pshm:/50%") == "a literal % is %25");
}

TEST_CASE("what could not be seen is told with its number", "[cli]")
{
  using object::Missing;
  CHECK(explain(object::Gap{.what = Missing::processes, .count = 12}) ==
        "12 processes could not be inspected (run as root)");
  CHECK(explain(object::Gap{.what = Missing::processes, .count = 1}) ==
        "1 process could not be inspected (run as root)");
  CHECK(explain(object::Gap{.what = Missing::values, .kind = Kind::sem, .count = 2}) ==
        "the values of 2 semaphore sets could not be read (run as root)");
  CHECK(explain(object::Gap{.what = Missing::directory, .kind = Kind::fifo, .subject = "/root", .os_error = EACCES}) ==
        "/root could not be searched for FIFOs: Permission denied");
}

TEST_CASE("why a message did not move is told by which way it went", "[cli]")
{
  struct Row {
    Errc kind;
    const char* operation;
    const char* sentence;
  };
  for (const auto& [kind, operation, sentence] : {
           Row{Errc::busy, "msgsnd", "full"},
           Row{Errc::busy, "mq_send", "full"},
           Row{Errc::busy, "write", "full"},
           Row{Errc::busy, "msgrcv", "no message"},
           Row{Errc::busy, "mq_receive", "no message"},
           Row{Errc::busy, "read", "no message"},
           Row{Errc::timed_out, "msgsnd", "timed out: it stays full"},
           Row{Errc::timed_out, "write", "timed out: it stays full"},
           Row{Errc::timed_out, "msgrcv", "timed out: no message came"},
           Row{Errc::timed_out, "read", "timed out: no message came"},
           Row{Errc::removed, "msgsnd", "removed meanwhile"},
           Row{Errc::removed, "msgrcv", "removed meanwhile"},
           Row{Errc::ended, "write", "nobody reads it any more"},
           Row{Errc::ended, "read", "the last writer has closed"},
       }) {
    INFO(tests::show(kind) << " of " << operation);
    CHECK(explain({.kind = kind, .operation = operation}, Kind::fifo) == sentence);
  }
  CHECK(explain({.kind = Errc::removed, .operation = "msgrcv", .os_error = EIDRM}, Kind::msg) ==
        "removed while waiting");
  CHECK(explain({.kind = Errc::removed, .operation = "remove"}, Kind::msg) ==
        "another object has taken its place meanwhile; nothing was done to it");
}

TEST_CASE("why a semaphore did not let it be done", "[cli]")
{
  struct Row {
    Error error;
    const char* sentence;
  };
  const std::vector<Row> rows{
      {{.kind = Errc::busy, .operation = "semop", .os_error = EAGAIN}, "its values do not allow it now"},
      {{.kind = Errc::timed_out, .operation = "semop"}, "timed out: its values did not allow it"},
      {{.kind = Errc::removed, .operation = "semop", .os_error = EIDRM}, "removed while waiting"},
      {{.kind = Errc::too_large, .operation = "semop", .os_error = EFBIG, .detail = "the set has 1 semaphore"},
       "no such semaphore: the set has 1 semaphore; the first is 0"},
      {{.kind = Errc::too_large, .operation = "semop", .os_error = ERANGE},
       "a value would pass 32767, the most there is (SEMVMX)"},
      {{.kind = Errc::too_large, .operation = "semop", .os_error = E2BIG}, "semop: Argument list too long"},
      {{.kind = Errc::busy, .operation = "sem_wait", .os_error = EAGAIN}, "its value is 0"},
      {{.kind = Errc::timed_out, .operation = "sem_wait"}, "timed out: its value stays 0"},
      {{.kind = Errc::removed, .operation = "sem_wait"}, "removed while waiting"},
      {{.kind = Errc::too_large, .operation = "sem_post", .os_error = EOVERFLOW},
       "its value is 2147483647, the most there is (SEM_VALUE_MAX)"}};
  for (const auto& [error, sentence] : rows) CHECK(explain(error, Kind::sem) == sentence);
}

TEST_CASE("a message that is no token is told by how large one may be", "[cli]")
{
  const Error error{.kind = Errc::too_large, .operation = "msgrcv", .os_error = E2BIG, .detail = "8192"};
  CHECK(explain(error, Kind::msg) == "its next message has more than 8192 bytes, the most that a token may have");
}

TEST_CASE("a FIFO that nobody reads is told as that", "[cli]")
{
  CHECK(explain({.kind = Errc::busy, .operation = "open", .os_error = ENXIO}, Kind::fifo) == "nobody reads it");
  CHECK(explain({.kind = Errc::timed_out, .operation = "open"}, Kind::fifo) == "timed out: nobody reads it");
}

TEST_CASE("what a stranger wrote is never told raw", "[cli]")
{
  CHECK(explain({.kind = Errc::malformed, .operation = "read", .detail = "bad \x1b[31m"}, Kind::fifo) ==
        "bad \\x1b[31m");
  CHECK(explain({.kind = Errc::malformed, .operation = "parse", .subject = "x\ny"}, Kind::msg) ==
        "cannot make sense of x\\x0ay");
}

TEST_CASE("a limit in the way is told with what is wanted, allowed, and who sets it", "[cli]")
{
  const inventory::Refusal refusal{.limit = {.kind = Kind::pmsg,
                                             .name = "msg_max",
                                             .meaning = "messages in one queue",
                                             .value = 10,
                                             .set_by = "fs.mqueue.msg_max"},
                                   .needed = 20};
  CHECK(explain(refusal) == "20 messages in one queue; at most 10 allowed (fs.mqueue.msg_max)");
  CHECK(remedy(refusal) == "as root: sysctl fs.mqueue.msg_max=20");
}

TEST_CASE("every kind has a noun", "[cli]")
{
  std::set<std::string_view> nouns;
  for (const Kind kind : object::all_kinds) nouns.insert(noun_of(kind));
  CHECK(nouns.size() == object::all_kinds.size());
}
