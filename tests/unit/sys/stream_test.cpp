// SPDX-License-Identifier: MIT
// Reading and writing pipes.
#include <ipckit/sys/stream.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/pipe.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using tests::error_of;
using tests::failure;
using tests::need;
using tests::Pipe;

namespace {

std::span<const std::byte> bytes_of(std::string_view text)
{
  return std::as_bytes(std::span{text.data(), text.size()});
}

/// A pipe of one page.
struct SmallPipe : Pipe {
  SmallPipe() { REQUIRE(::fcntl(in.get(), F_SETPIPE_SZ, 4096) == 4096); }
};

}  // namespace

TEST_CASE("what is in a pipe is read, whether or not it blocks", "[sys]")
{
  std::array<std::byte, 16> buffer{};
  for (const bool blocks : {true, false}) {
    Pipe pipe;
    if (!blocks) need(sys::do_not_block(pipe.out.get(), "pipe"));
    CHECK(failure(sys::read_waiting(pipe.out.get(), buffer, {}, "pipe")) == Errc::busy);
    CHECK_FALSE(sys::is_readable(pipe.out.get()));
    pipe.write("abc");
    CHECK(sys::is_readable(pipe.out.get()));
    CHECK(need(sys::read_waiting(pipe.out.get(), buffer, {}, "pipe")) == 3);
    CHECK(buffer[2] == std::byte{'c'});
    pipe.in.reset();
    CHECK(sys::is_readable(pipe.out.get()));
    CHECK(need(sys::read_waiting(pipe.out.get(), buffer, {}, "pipe")) == 0);
  }
}

TEST_CASE("a read waits for what comes, in its time", "[sys]")
{
  std::array<std::byte, 16> buffer{};
  const Pipe pipe;
  sys::Interrupts interrupts;
  const Error error =
      error_of(sys::read_waiting(pipe.out.get(), buffer, {.interrupts = &interrupts, .limit = 20ms}, "pipe"));
  CHECK(error.kind == Errc::timed_out);
  CHECK(error.operation == "read");
  CHECK(error.subject == "pipe");
  CHECK(failure(sys::wait_readable(pipe.out.get(), {.interrupts = &interrupts, .limit = 20ms}, "pipe")) ==
        Errc::timed_out);
  const tests::Background writer{[&, waiting = ::getpid()] {
    if (tests::eventually_asleep(waiting)) pipe.write("late");
  }};
  const sys::Patience patience{.interrupts = &interrupts, .limit = 5s};
  need(sys::wait_readable(pipe.out.get(), patience, "pipe"));
  CHECK(need(sys::read_waiting(pipe.out.get(), buffer, patience, "pipe")) == 4);
}

TEST_CASE("files are always readable", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "abc");
  const sys::UniqueFd file{::open((directory / "file").c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<std::byte, 2> buffer{};
  CHECK(need(sys::read_waiting(file.get(), buffer, {}, "file")) == 2);
  CHECK(need(sys::read_waiting(file.get(), buffer, {}, "file")) == 1);
  CHECK(need(sys::read_waiting(file.get(), buffer, {}, "file")) == 0);
}

TEST_CASE("how much was written is known, whatever the outcome", "[sys]")
{
  const SmallPipe pipe;
  need(sys::do_not_block(pipe.in.get(), "pipe"));
  std::size_t done = 99;
  need(sys::write_waiting(pipe.in.get(), {}, done, {}, "pipe"));
  CHECK(done == 0);
  const std::string text(5000, 'x');
  CHECK(failure(sys::write_waiting(pipe.in.get(), bytes_of(text), done, {}, "pipe")) == Errc::busy);
  CHECK(done == 4096);
  sys::Interrupts interrupts;
  CHECK(failure(sys::write_waiting(pipe.in.get(), bytes_of(text), done, {.interrupts = &interrupts, .limit = 20ms},
                                   "pipe")) == Errc::timed_out);
  CHECK(done == 0);
}

TEST_CASE("a write that has to wait goes on when there is room", "[sys]")
{
  SmallPipe pipe;
  need(sys::do_not_block(pipe.in.get(), "pipe"));
  const std::string text(300000, 'x');
  const tests::Background reader{[&] {
    char bytes[1000];
    while (::read(pipe.out.get(), bytes, sizeof bytes) > 0) continue;
  }};
  std::size_t done = 0;
  sys::Interrupts interrupts;
  need(sys::write_waiting(pipe.in.get(), bytes_of(text), done, {.interrupts = &interrupts, .limit = 5s}, "pipe"));
  CHECK(done == text.size());
}

TEST_CASE("a pipe that nobody reads has ended", "[sys]")
{
  Pipe pipe;
  const sys::Interrupts interrupts;  // SIGPIPE
  need(sys::can_be_written(pipe.in.get(), "pipe"));
  pipe.out.reset();
  std::size_t done = 0;
  const Error error = error_of(sys::write_waiting(pipe.in.get(), bytes_of("x"), done, {}, "pipe"));
  CHECK(error.kind == Errc::ended);
  CHECK(error.os_error == EPIPE);
  CHECK(error_of(sys::can_be_written(pipe.in.get(), "pipe")).os_error == EPIPE);
}

TEST_CASE("a signal ends a write into a pipe that blocks, and what went is counted", "[sys]")
{
  const int status = tests::status_of_child([] {
    std::signal(SIGTERM, SIG_DFL);
    ::alarm(10);
    const SmallPipe pipe;
    sys::Interrupts interrupts;
    const tests::Background sender{[waiting = ::getpid()] {
      if (tests::eventually_asleep(waiting)) ::kill(waiting, SIGTERM);
    }};
    const std::string text(5000, 'x');
    std::size_t done = 0;
    const auto outcome =
        sys::write_waiting(pipe.in.get(), bytes_of(text), done, {.interrupts = &interrupts, .limit = {}}, "pipe");
    if (outcome || outcome.error().kind != Errc::interrupted) return 1;
    if (done != 4096) return 2;
    // Asked once more, it does not begin to wait.
    const auto again =
        sys::write_waiting(pipe.in.get(), bytes_of(text), done, {.interrupts = &interrupts, .limit = {}}, "pipe");
    return !again && again.error().kind == Errc::interrupted && done == 0 ? 0 : 3;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("what was not opened for writing cannot be written", "[sys]")
{
  const Pipe pipe;
  CHECK(error_of(sys::can_be_written(pipe.out.get(), "pipe")).os_error == EBADF);
  CHECK(error_of(sys::can_be_written(-1, "pipe")).os_error == EBADF);
  const sys::UniqueFd null{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  CHECK(sys::can_be_written(null.get(), "null"));
}

TEST_CASE("a full pipe can be written, in time", "[sys]")
{
  const SmallPipe pipe;
  pipe.write(std::string(4096, 'x'));
  CHECK(sys::can_be_written(pipe.in.get(), "pipe"));
}

TEST_CASE("a look into a pipe takes nothing", "[sys]")
{
  std::array<std::byte, 8> buffer{};
  Pipe pipe;
  CHECK(need(sys::peek_pipe(pipe.out.get(), buffer, "pipe")) == 0);
  pipe.write("0123456789");
  CHECK(need(sys::peek_pipe(pipe.out.get(), buffer, "pipe")) == 8);
  CHECK(buffer[0] == std::byte{'0'});
  CHECK(buffer[7] == std::byte{'7'});
  CHECK(pipe.read() == "0123456789");
  pipe.in.reset();
  CHECK(need(sys::peek_pipe(pipe.out.get(), buffer, "pipe")) == 0);
}

TEST_CASE("a look into what is no pipe is an error", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "abc");
  const sys::UniqueFd file{::open((directory / "file").c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<std::byte, 8> buffer{};
  CHECK_FALSE(sys::peek_pipe(file.get(), buffer, "file"));
}

TEST_CASE("a file without a name holds its bytes from the beginning", "[sys]")
{
  for (const std::string& text : {std::string{}, std::string("a\0b", 3), std::string(100000, 'x')}) {
    const auto file = need(sys::memory_file(bytes_of(text), "message"));
    std::string read(text.size() + 1, '\0');
    CHECK(::read(file.get(), read.data(), read.size()) == static_cast<ssize_t>(text.size()));
    read.resize(text.size());
    CHECK(read == text);
  }
}
