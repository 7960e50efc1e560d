// SPDX-License-Identifier: MIT
// A buffered descriptor that remembers its first failure.
#include <ipckit/render/output.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/temporary.hpp"
#include "support/written.hpp"

using ipckit::render::Output;
using ipckit::sys::UniqueFd;
using ipckit::tests::written;

TEST_CASE("what is written comes out in order, all of it", "[render]")
{
  const std::string large(300000, 'x');
  CHECK(written([&](Output& out) {
          out.write("begin ");
          out.buffer() += large;
          out.filled();
          out.write(" end");
        }) == "begin " + large + " end");
}

TEST_CASE("little stays in the buffer until it is flushed", "[render]")
{
  const ipckit::tests::TemporaryDirectory directory;
  const UniqueFd file{::open((directory / "file").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)};
  Output out{file.get()};
  out.write("text");
  CHECK(ipckit::tests::read_file(directory / "file").empty());
  out.flush();
  CHECK(ipckit::tests::read_file(directory / "file") == "text");
  CHECK(out.failure() == 0);
}

TEST_CASE("the first failure is remembered, and nothing is written after it", "[render]")
{
  const UniqueFd full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
  Output out{full.get()};
  out.write("text");
  CHECK(out.failure() == 0);
  out.flush();
  CHECK(out.failure() == ENOSPC);
  out.write("more");
  out.flush();
  CHECK(out.failure() == ENOSPC);
}

TEST_CASE("a reader that has gone is a failure like any other", "[render]")
{
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  ::close(ends[0]);
  {
    Output out{ends[1]};
    out.write("text");
    out.flush();
    CHECK(out.failure() == EPIPE);
  }
  ::close(ends[1]);
  static_cast<void>(std::signal(SIGPIPE, before));
}

TEST_CASE("a pipe that somebody else made non-blocking is waited for", "[render]")
{
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_NONBLOCK) == 0);
  REQUIRE(::fcntl(ends[0], F_SETFL, 0) == 0);
  const std::string large(300000, 'x');  // more than a pipe holds
  std::string read;
  std::thread reader{[&] {
    std::array<char, 4096> buffer{};
    while (read.size() < large.size()) {
      const auto count = ::read(ends[0], buffer.data(), buffer.size());
      if (count <= 0) break;
      read.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }};
  {
    Output out{ends[1]};
    out.write(large);
    out.flush();
    CHECK(out.failure() == 0);
  }
  ::close(ends[1]);
  reader.join();
  CHECK(read == large);
  ::close(ends[0]);
}

TEST_CASE("a file is no terminal and has no columns", "[render]")
{
  const UniqueFd file{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  const Output out{file.get()};
  CHECK_FALSE(out.is_terminal());
  CHECK(out.columns() == 0);
}
