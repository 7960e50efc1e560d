// SPDX-License-Identifier: MIT
// Waits that signals and deadlines end. Each is tried in a process of its own: signals belong to the process.
#include <ipckit/sys/interrupts.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <functional>

#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/pipe.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using sys::Interrupts;
using sys::Patience;
using sys::Wait;

namespace {

/// Runs `run` in a process that is killed when it takes more than ten seconds: 0 when all its promises were kept, or
/// else the number of the broken one.
int broken_promise(const std::function<int()>& run)
{
  const int status = tests::status_of_child([&] {
    // Whatever the test's own runner has installed is not what is tested.
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD, SIGALRM}) std::signal(signal, SIG_DFL);
    ::alarm(10);
    return run();
  });
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// Reads from a pipe into which nobody writes; `first` is done between the look at the signals and the first read.
Errc endless_read(const Patience& patience, const std::function<void()>& first = {})
{
  const tests::Pipe pipe;
  char byte = 0;
  bool done = false;
  const auto outcome = sys::block("read", "", patience, [&](const Wait&) {
    if (first && !done) first();
    done = true;
    return ::read(pipe.out.get(), &byte, 1);
  });
  return outcome ? Errc::system : outcome.error().kind;
}

struct sigaction action_of(int signal)
{
  struct sigaction now{};
  ::sigaction(signal, nullptr, &now);
  return now;
}

void own_handler(int /*signal*/) {}

constexpr std::array stopping{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

}  // namespace

TEST_CASE("a signal ends a wait, and is remembered", "[sys]")
{
  for (const int signal : stopping) {
    INFO("signal " << signal);
    CHECK(broken_promise([signal] {
            Interrupts interrupts;
            if (interrupts.stop_signal() != 0) return 1;
            const tests::Background sender{[signal, waiting = ::getpid()] {
              if (tests::eventually_asleep(waiting)) ::kill(waiting, signal);
            }};
            if (endless_read({.interrupts = &interrupts, .limit = {}}) != Errc::interrupted) return 2;
            return interrupts.stop_signal() == signal ? 0 : 3;
          }) == 0);
  }
}

TEST_CASE("a signal that comes just before the call ends it all the same", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          const auto raise = [] { static_cast<void>(::raise(SIGTERM)); };
          if (endless_read({.interrupts = &interrupts, .limit = {}}, raise) != Errc::interrupted) return 1;
          return interrupts.stop_signal() == SIGTERM ? 0 : 2;
        }) == 0);
}

TEST_CASE("a signal that came long before the wait ends it at once", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          static_cast<void>(::raise(SIGINT));
          if (endless_read({.interrupts = &interrupts, .limit = {}}) != Errc::interrupted) return 1;
          return endless_read({.interrupts = &interrupts, .limit = 5s}) == Errc::interrupted ? 0 : 2;
        }) == 0);
}

TEST_CASE("the first signal is the one that counts", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          static_cast<void>(::raise(SIGTERM));
          static_cast<void>(::raise(SIGINT));
          return interrupts.stop_signal() == SIGTERM ? 0 : 1;
        }) == 0);
}

TEST_CASE("a deadline ends a wait, neither early nor never", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          const auto begin = steady_clock::now();
          if (endless_read({.interrupts = &interrupts, .limit = 60ms}) != Errc::timed_out) return 1;
          if (steady_clock::now() - begin < 60ms) return 2;
          return interrupts.stop_signal() == 0 ? 0 : 3;
        }) == 0);
}

TEST_CASE("a deadline that passes just before the call ends it all the same", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          const auto dawdle = [end = steady_clock::now() + 30ms] {
            while (steady_clock::now() < end) continue;
          };
          return endless_read({.interrupts = &interrupts, .limit = 5ms}, dawdle) == Errc::timed_out ? 0 : 1;
        }) == 0);
}

TEST_CASE("what interrupts before the deadline does not end the wait", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          struct sigaction interrupting{};  // no SA_RESTART
          interrupting.sa_handler = own_handler;
          ::sigaction(SIGUSR1, &interrupting, nullptr);
          const tests::Background pest{[to = ::getpid()] {
            for (;;) {
              timespec moment{.tv_sec = 0, .tv_nsec = 2'000'000};
              ::nanosleep(&moment, nullptr);
              ::kill(to, SIGUSR1);
            }
          }};
          const auto begin = steady_clock::now();
          if (endless_read({.interrupts = &interrupts, .limit = 100ms}) != Errc::timed_out) return 1;
          return steady_clock::now() - begin >= 100ms ? 0 : 2;
        }) == 0);
}

TEST_CASE("one wait after another has its own deadline", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          for (int time = 1; time <= 3; ++time) {
            const auto begin = steady_clock::now();
            if (endless_read({.interrupts = &interrupts, .limit = 20ms}) != Errc::timed_out) return time;
            if (steady_clock::now() - begin < 20ms) return 10 + time;
          }
          return 0;
        }) == 0);
}

TEST_CASE("after a wait nothing interrupts any more", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          if (endless_read({.interrupts = &interrupts, .limit = 5ms}) != Errc::timed_out) return 1;
          timespec moment{.tv_sec = 0, .tv_nsec = 100'000'000};
          return ::nanosleep(&moment, nullptr) == 0 ? 0 : 2;
        }) == 0);
}

TEST_CASE("a limit beyond the end of the clock is none", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          const auto wait = Wait::begin({.interrupts = &interrupts, .limit = std::chrono::nanoseconds::max()});
          if (!wait || wait->left() || !wait->check("", "")) return 1;
          return 0;
        }) == 0);
}

TEST_CASE("what is left of the time is never negative", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          const auto wait = Wait::begin({.interrupts = &interrupts, .limit = 1ns});
          if (!wait || !wait->left()) return 1;
          return *wait->left() == 0ns && wait->check("", "").error().kind == Errc::timed_out ? 0 : 2;
        }) == 0);
}

TEST_CASE("without patience nothing waits", "[sys]")
{
  CHECK(tests::failure(Wait::begin({})) == Errc::busy);
  bool asked = false;
  const auto outcome = sys::at_once_or_block(
      "read", "", {},
      [] {
        errno = EAGAIN;
        return -1;
      },
      [&](const Wait&) {
        asked = true;
        return 0;
      });
  CHECK(tests::failure(outcome) == Errc::busy);
  CHECK_FALSE(asked);
}

TEST_CASE("only what would have to wait does", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          const Patience patience{.interrupts = &interrupts, .limit = 5s};
          int later = 0;
          const auto wait = [&](const Wait&) { return ++later; };
          const auto done = sys::at_once_or_block("x", "", patience, [] { return 7; }, wait);
          if (!done || *done != 7 || later != 0) return 1;
          const auto denied = [] {
            errno = EACCES;
            return -1;
          };
          const auto failed = sys::at_once_or_block("x", "", patience, denied, wait);
          if (failed || failed.error().kind != Errc::access_denied || later != 0) return 2;
          const auto full = [] {
            errno = EAGAIN;
            return -1;
          };
          const auto waited = sys::at_once_or_block("x", "", patience, full, wait);
          return waited && *waited == 1 ? 0 : 3;
        }) == 0);
}

TEST_CASE("a signal that is ignored stays so", "[sys]")
{
  CHECK(broken_promise([] {
          std::signal(SIGHUP, SIG_IGN);
          std::signal(SIGINT, SIG_IGN);
          Interrupts interrupts;
          static_cast<void>(::raise(SIGHUP));
          static_cast<void>(::raise(SIGINT));
          if (interrupts.stop_signal() != 0) return 1;
          if (action_of(SIGHUP).sa_handler != SIG_IGN) return 2;
          static_cast<void>(::raise(SIGTERM));
          return interrupts.stop_signal() == SIGTERM ? 0 : 3;
        }) == 0);
}

TEST_CASE("every signal goes back to who had it", "[sys]")
{
  CHECK(broken_promise([] {
          for (const int signal : stopping) std::signal(signal, own_handler);
          std::signal(SIGPIPE, own_handler);
          std::signal(SIGCHLD, own_handler);
          {
            Interrupts interrupts;
            interrupts.wake_for_children();
            if (action_of(SIGPIPE).sa_handler != SIG_IGN) return 1;
            if (action_of(SIGTERM).sa_handler == own_handler) return 2;
            if (endless_read({.interrupts = &interrupts, .limit = 5ms}) != Errc::timed_out) return 3;
          }
          for (const int signal : stopping) {
            if (action_of(signal).sa_handler != own_handler) return signal + 10;
          }
          if (action_of(SIGPIPE).sa_handler != own_handler) return 4;
          return action_of(SIGCHLD).sa_handler == own_handler ? 0 : 5;
        }) == 0);
}

TEST_CASE("one after another, each starts anew", "[sys]")
{
  CHECK(broken_promise([] {
          for (int time = 1; time <= 2; ++time) {
            Interrupts interrupts;
            if (interrupts.stop_signal() != 0) return time;
            if (endless_read({.interrupts = &interrupts, .limit = 5ms}) != Errc::timed_out) return 10 + time;
            static_cast<void>(::raise(SIGTERM));
            if (interrupts.stop_signal() != SIGTERM) return 20 + time;
          }
          return 0;
        }) == 0);
}

TEST_CASE("the end of a child ends a wait where that was asked for", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          interrupts.wake_for_children();
          const pid_t child = ::fork();
          if (child == 0) ::_exit(0);
          if (endless_read({.interrupts = &interrupts, .limit = 5s}) != Errc::interrupted) return 1;
          if (interrupts.stop_signal() != 0) return 2;
          if (!interrupts.children_ended()) return 3;
          if (interrupts.children_ended()) return 4;
          // And then one waits again.
          return endless_read({.interrupts = &interrupts, .limit = 20ms}) == Errc::timed_out ? 0 : 5;
        }) == 0);
}

TEST_CASE("a child that ends just before the call ends the wait all the same", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          interrupts.wake_for_children();
          const auto child = [] {
            const pid_t pid = ::fork();
            if (pid == 0) ::_exit(0);
            ::waitpid(pid, nullptr, 0);
          };
          return endless_read({.interrupts = &interrupts, .limit = {}}, child) == Errc::interrupted ? 0 : 1;
        }) == 0);
}

TEST_CASE("the end of a child that nobody asked about ends nothing", "[sys]")
{
  CHECK(broken_promise([] {
          Interrupts interrupts;
          const pid_t child = ::fork();
          if (child == 0) ::_exit(0);
          return endless_read({.interrupts = &interrupts, .limit = 50ms}) == Errc::timed_out ? 0 : 1;
        }) == 0);
}

TEST_CASE("signals that whoever started us has blocked keep no wait for ever", "[sys]")
{
  CHECK(broken_promise([] {
          sigset_t all{};
          ::sigfillset(&all);
          ::sigdelset(&all, SIGALRM);
          ::sigprocmask(SIG_BLOCK, &all, nullptr);
          Interrupts interrupts;
          return endless_read({.interrupts = &interrupts, .limit = 20ms}) == Errc::timed_out ? 0 : 1;
        }) == 0);
}

TEST_CASE("the signal of the timer goes back to who had it, and is blocked again if it was", "[sys]")
{
  for (const bool blocked : {true, false}) {
    INFO("blocked " << blocked);
    CHECK(broken_promise([blocked] {
            sigset_t last{};
            ::sigemptyset(&last);
            ::sigaddset(&last, SIGRTMAX);
            ::sigprocmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &last, nullptr);
            std::signal(SIGRTMAX, SIG_IGN);
            {
              Interrupts interrupts;
              if (endless_read({.interrupts = &interrupts, .limit = 5ms}) != Errc::timed_out) return 1;
            }
            sigset_t now{};
            ::sigprocmask(SIG_BLOCK, nullptr, &now);
            if ((::sigismember(&now, SIGRTMAX) == 1) != blocked) return 2;
            return action_of(SIGRTMAX).sa_handler == SIG_IGN ? 0 : 3;
          }) == 0);
  }
}
