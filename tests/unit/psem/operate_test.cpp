// SPDX-License-Identifier: MIT
// sem_wait(3) and sem_post(3) on a named semaphore, and how a wait for it ends.
#include <ipckit/psem/operate.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <optional>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/psem/semaphore.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using psem::Mapped;
using tests::error_of;
using tests::failure;
using tests::need;
using tests::TemporaryDirectory;

namespace {

/// A directory with one semaphore, /s.
struct Place {
  explicit Place(std::uint32_t value) { need(psem::create(directory.view(), {.name = "s", .value = value})); }
  [[nodiscard]] Mapped open(const std::string& name = "s") const { return need(Mapped::open(directory.view(), name)); }
  [[nodiscard]] std::uint32_t value() const
  {
    return need(psem::inspect(directory.view(), "s", psem::Trace::access_time)).value.value();
  }
  TemporaryDirectory directory;
};

}  // namespace

TEST_CASE("one is taken and given", "[psem]")
{
  const Place place{2};
  auto semaphore = place.open();
  CHECK(semaphore.file().links == 1);
  need(semaphore.take({}));
  need(semaphore.take({}));
  CHECK(place.value() == 0);
  const Error taken = error_of(semaphore.take({}));
  CHECK(taken.kind == Errc::busy);
  CHECK(taken.operation == "sem_wait");
  need(semaphore.post());
  CHECK(place.value() == 1);
}

TEST_CASE("the most that a semaphore can be is refused one more", "[psem]")
{
  const Place place{2147483647};
  const Error full = error_of(place.open().post());
  CHECK(full.kind == Errc::too_large);
  CHECK(full.os_error == EOVERFLOW);
  CHECK(place.value() == 2147483647);
}

TEST_CASE("a mapped semaphore is the same after a fork, and after it was moved", "[psem]")
{
  const Place place{0};
  auto first = place.open();
  auto semaphore = std::move(first);
  CHECK(tests::status_of_child([&] { return semaphore.post() ? 0 : 1; }) == 0);
  need(semaphore.take({}));
}

TEST_CASE("a wait for one ends when somebody gives it", "[psem]")
{
  const Place place{0};
  auto semaphore = place.open();
  sys::Interrupts interrupts;
  const tests::Background giver{[&, waiting = ::getpid()] {
    if (tests::eventually_asleep(waiting)) static_cast<void>(semaphore.post());
  }};
  need(semaphore.take({.interrupts = &interrupts, .limit = 5s}));
  CHECK(place.value() == 0);
}

TEST_CASE("a wait for one ends in time, also beyond the looks at its name", "[psem]")
{
  const Place place{0};
  auto semaphore = place.open();
  sys::Interrupts interrupts;
  for (const auto limit : {30ms, 1100ms}) {
    const auto begun = std::chrono::steady_clock::now();
    CHECK(failure(semaphore.take({.interrupts = &interrupts, .limit = limit})) == Errc::timed_out);
    CHECK(std::chrono::steady_clock::now() - begun >= limit);
  }
}

TEST_CASE("a wait for one ends when it is unlinked", "[psem]")
{
  const Place place{0};
  auto semaphore = place.open();
  sys::Interrupts interrupts;
  const tests::Background remover{[&, waiting = ::getpid()] {
    if (tests::eventually_asleep(waiting)) ::unlink((place.directory / "sem.s").c_str());
  }};
  CHECK(failure(semaphore.take({.interrupts = &interrupts, .limit = {}})) == Errc::removed);
}

TEST_CASE("a wait for one ends with a signal, and nothing was taken", "[psem]")
{
  const Place place{0};
  const int status = tests::status_of_child([&] {
    for (const int signal : {SIGINT, SIGTERM, SIGALRM}) static_cast<void>(std::signal(signal, SIG_DFL));
    ::alarm(10);
    auto semaphore = Mapped::open(place.directory.view(), "s");
    if (!semaphore) return 1;
    sys::Interrupts interrupts;
    const tests::Background sender{[waiting = ::getpid()] {
      if (tests::eventually_asleep(waiting)) ::kill(waiting, SIGINT);
    }};
    const auto outcome = semaphore->take({.interrupts = &interrupts, .limit = {}});
    return !outcome && outcome.error().kind == Errc::interrupted ? 0 : 2;
  });
  CHECK(status == 0);
  auto semaphore = place.open();
  need(semaphore.post());
  need(semaphore.take({}));
}

TEST_CASE("what is no semaphore is not mapped", "[psem]")
{
  const Place place{0};
  const auto view = place.directory.view();
  CHECK(failure(Mapped::open(view, "nothing")) == Errc::not_found);
  tests::write_file(place.directory / "sem.short", "12345");
  const Error wrong_size = error_of(Mapped::open(view, "short"));
  CHECK(wrong_size.kind == Errc::mismatch);
  CHECK(wrong_size.detail == "a file of 5 bytes, no semaphore");
  tests::write_file(place.directory / "sem.odd", std::string(32, '\xff'));
  CHECK(failure(Mapped::open(view, "odd")) == Errc::mismatch);
  REQUIRE(::mkfifo((place.directory / "sem.fifo").c_str(), 0600) == 0);
  CHECK(failure(Mapped::open(view, "fifo")) == Errc::mismatch);
  REQUIRE(::symlink("sem.s", (place.directory / "sem.link").c_str()) == 0);
  CHECK(failure(Mapped::open(view, "link")) == Errc::mismatch);
}

TEST_CASE("to take and to give needs permission to read and to write", "[psem]")
{
  const Place place{1};
  REQUIRE(::chmod(place.directory.path().c_str(), 0755) == 0);
  for (const std::uint32_t mode : {0600U, 0604U, 0602U}) {
    need(psem::change(place.directory.view(), "s", {.mode = mode, .user = {}, .group = {}}));
    const auto status = tests::exit_status_as(65534, [&] {
      const auto opened = Mapped::open(place.directory.view(), "s");
      return !opened && opened.error().kind == Errc::access_denied ? 0 : 1;
    });
    if (!status) IPCKIT_SKIP("needs root, to become another user");
    CHECK(status == 0);
  }
}

TEST_CASE("one at which somebody looks through a lease is opened when he has done", "[psem]")
{
  const Place place{1};
  const tests::Child looking{[&] {
    // The kernel asks for it by SIGIO.
    if (std::signal(SIGIO, [](int /*signal*/) {
          timespec look{.tv_sec = 0, .tv_nsec = 300'000'000};
          ::nanosleep(&look, nullptr);
          ::_exit(0);
        }) == SIG_ERR) {
      return false;
    }
    const int file = ::open((place.directory / "sem.s").c_str(), O_RDWR);
    return file >= 0 && ::fcntl(file, F_SETLEASE, F_WRLCK) == 0;
  }};
  if (!looking.ready()) IPCKIT_SKIP("needs leases");
  auto semaphore = place.open();
  need(semaphore.take({}));
}

namespace {

void cut(const Place& place)
{
  REQUIRE(::truncate((place.directory / "sem.s").c_str(), 0) == 0);
}

}  // namespace

TEST_CASE("one whose file is cut short is an error, also when it has grown again", "[psem]")
{
  const Place place{1};
  auto semaphore = place.open();
  cut(place);
  SECTION("taking")
  {
    const Error error = error_of(semaphore.take({}));
    CHECK(error.kind == Errc::mismatch);
    CHECK(error.operation == "sem_wait");
  }
  SECTION("giving")
  {
    const Error error = error_of(semaphore.post());
    CHECK(error.kind == Errc::mismatch);
    CHECK(error.operation == "sem_post");
  }
  REQUIRE(::truncate((place.directory / "sem.s").c_str(), sizeof(sem_t)) == 0);
  CHECK(failure(semaphore.take({})) == Errc::mismatch);
  CHECK(failure(semaphore.post()) == Errc::mismatch);
  auto other = place.open();
  need(other.post());
  CHECK(place.value() == 1);
}

TEST_CASE("a wait for one whose file is cut short ends", "[psem]")
{
  const Place place{0};
  auto semaphore = place.open();
  sys::Interrupts interrupts;
  const tests::Background cutter{[&, waiting = ::getpid()] {
    if (tests::eventually_asleep(waiting)) static_cast<void>(::truncate((place.directory / "sem.s").c_str(), 0));
  }};
  CHECK(failure(semaphore.take({.interrupts = &interrupts, .limit = 5s})) == Errc::mismatch);
}

TEST_CASE("where every signal is blocked, a wait ends all the same, also one in which the name is looked at", "[psem]")
{
  const Place place{0};
  auto semaphore = place.open();
  sigset_t all{};
  sigset_t before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::optional<Result<>> outcome;
  {
    sys::Interrupts interrupts;
    outcome = semaphore.take({.interrupts = &interrupts, .limit = 1200ms, .until = {}});
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(failure(outcome.value()) == Errc::timed_out);
}

TEST_CASE("where every signal is blocked, a file that is cut short kills nobody, and the signals are as before",
          "[psem]")
{
  const Place place{1};
  auto semaphore = place.open();
  cut(place);
  CHECK(tests::status_of_child([&] {
          std::signal(SIGBUS, SIG_IGN);
          sigset_t all{};
          ::sigfillset(&all);
          ::sigprocmask(SIG_BLOCK, &all, nullptr);
          const auto posted = semaphore.post();
          if (posted || posted.error().kind != Errc::mismatch) return 1;
          ::sigprocmask(SIG_BLOCK, nullptr, &all);
          if (::sigismember(&all, SIGBUS) != 1) return 2;
          return std::signal(SIGBUS, SIG_DFL) == SIG_IGN ? 0 : 3;
        }) == 0);
}
