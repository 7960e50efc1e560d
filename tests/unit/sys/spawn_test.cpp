// SPDX-License-Identifier: MIT
// Starting commands.
#include <ipckit/sys/spawn.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using sys::Command;
using sys::HeldCommand;
using tests::error_of;
using tests::need;

namespace {

const std::vector<std::string> plain_environment{"PATH=/usr/bin:/bin"};

int status_of(pid_t pid)
{
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return status;
}

Command shell(const std::string& script)
{
  return {.words = {"sh", "-c", script}, .environment = plain_environment};
}

int exit_of(const Command& command)
{
  return WEXITSTATUS(status_of(need(sys::spawn(command))));
}

bool has_no_children()
{
  return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

}  // namespace

TEST_CASE("a command is the caller's child, with its words", "[sys]")
{
  CHECK(exit_of(shell("exit 7")) == 7);
  CHECK(exit_of({.words = {"sh", "-c", "test \"$1\" = 'a b' && test -z \"$2\" && test $# = 2", "sh", "a b", ""},
                 .environment = plain_environment}) == 0);
  CHECK(WTERMSIG(status_of(need(sys::spawn(shell("kill -9 $$"))))) == SIGKILL);
}

TEST_CASE("its environment is what it is given, the last of a name", "[sys]")
{
  auto command = shell("test \"$A\" = 2 && test \"$B\" = 3 && test -z \"$HOME\"");
  command.environment.insert(command.environment.end(), {"A=1", "B=3", "A=2"});
  CHECK(exit_of(command) == 0);
}

TEST_CASE("its stdin may be another", "[sys]")
{
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const sys::UniqueFd input{pipe[0]};
  REQUIRE(::write(pipe[1], "word\n", 5) == 5);
  ::close(pipe[1]);
  auto command = shell("read line; test \"$line\" = word");
  command.input = input.get();
  CHECK(exit_of(command) == 0);
}

TEST_CASE("why it could not be started, and nothing is left of it", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "text", "echo\n");
  const auto why = [](const std::string& word, const std::string& path = "/usr/bin:/bin") {
    return error_of(sys::spawn({.words = {word}, .environment = {"PATH=" + path}})).os_error;
  };
  CHECK(why("no-such-command") == ENOENT);
  CHECK(why("/no/such/command") == ENOENT);
  CHECK(why("") == ENOENT);
  CHECK(why(directory / "text") == EACCES);
  CHECK(why((directory / "text") + "/x") == ENOTDIR);
  CHECK(why("text", "/nowhere:" + directory.path()) == EACCES);
  CHECK(tests::failure(sys::spawn({})) == Errc::invalid);
  CHECK(has_no_children());
}

TEST_CASE("a file that may be run but is no program is a script of the shell", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "script", "exit $1\n", 0700);
  CHECK(exit_of({.words = {"script", "9"}, .environment = {"PATH=" + directory.path()}}) == 9);
}

TEST_CASE("its signals are those it is given", "[sys]")
{
  sigset_t mask;
  ::sigemptyset(&mask);
  ::sigaddset(&mask, SIGUSR1);
  const auto before = std::signal(SIGUSR2, SIG_IGN);
  auto command = shell("test $(grep SigBlk /proc/self/status | cut -f 2) = 0000000000000200 && kill -USR2 $$; exit 1");
  command.mask = mask;
  command.default_signals = {SIGUSR2};
  const int status = status_of(need(sys::spawn(command)));
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGUSR2);
  std::signal(SIGUSR2, before);
}

TEST_CASE("a command that is held does nothing until it is released, and nothing ever without", "[sys]")
{
  const tests::TemporaryDirectory directory;
  const auto touch = shell("echo > " + (directory / "ran"));
  {
    const auto held = need(HeldCommand::prepare(touch));
    CHECK(held.pid() > 0);
    CHECK(::kill(held.pid(), 0) == 0);
  }
  CHECK_FALSE(tests::exists(directory / "ran"));
  CHECK(has_no_children());
  auto held = need(HeldCommand::prepare(touch));
  const pid_t pid = held.pid();
  CHECK(need(held.release()) == pid);
  CHECK(WEXITSTATUS(status_of(pid)) == 0);
  CHECK(tests::exists(directory / "ran"));
}

TEST_CASE("one that is killed while it is held is a command that was killed", "[sys]")
{
  auto held = need(HeldCommand::prepare(shell("exit 0")));
  ::kill(held.pid(), SIGKILL);
  siginfo_t ended{};
  ::waitid(P_PID, static_cast<id_t>(held.pid()), &ended, WEXITED | WNOWAIT);
  const int status = status_of(need(held.release()));
  CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("descriptors of ours are not the command's", "[sys]")
{
  const auto open = need(sys::open("/dev/null", O_RDONLY));
  CHECK(exit_of(shell("test ! -e /proc/self/fd/" + std::to_string(open.get()))) == 0);
}

TEST_CASE("a process becomes a command, which has its pid and its descriptors that may be handed on", "[sys]")
{
  const int status = tests::status_of_child([] {
    const int handed_on = ::open("/dev/null", O_RDONLY);
    const int kept_back = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const auto script = "test $$ = " + std::to_string(::getpid()) + " && test -e /proc/self/fd/" +
                        std::to_string(handed_on) + " && test ! -e /proc/self/fd/" + std::to_string(kept_back) +
                        " && exit 7";
    static_cast<void>(sys::become(shell(script)));
    return 99;
  });
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("what a process becomes has the stdin and the signals that it is given", "[sys]")
{
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const sys::UniqueFd input{pipe[0]};
  REQUIRE(::write(pipe[1], "word\n", 5) == 5);
  ::close(pipe[1]);
  const int status = tests::status_of_child([&] {
    static_cast<void>(std::signal(SIGUSR2, SIG_IGN));
    auto command = shell("read line; test \"$line\" = word && kill -USR2 $$; exit 1");
    command.input = input.get();
    command.default_signals = {SIGUSR2};
    static_cast<void>(sys::become(command));
    return 99;
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGUSR2);
}

TEST_CASE("a process stays what it is where the command cannot be started, and knows why", "[sys]")
{
  const auto why = [](const std::string& word) {
    return sys::become({.words = {word}, .environment = plain_environment}).os_error;
  };
  CHECK(why("no-such-command") == ENOENT);
  CHECK(why("/dev/null") == EACCES);
  CHECK(sys::become({}).kind == Errc::invalid);
  auto command = shell("exit 0");
  command.input = 1'000'000;
  CHECK(sys::become(command) == Error{.kind = Errc::system, .operation = "dup2", .subject = "sh", .os_error = EBADF});
}
