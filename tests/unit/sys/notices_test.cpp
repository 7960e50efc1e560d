// SPDX-License-Identifier: MIT
// What the kernel tells of files.
#include <ipckit/sys/notices.hpp>

#include <chrono>

#include <fcntl.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>
#include <ipckit/sys/pipe.hpp>
#include <ipckit/sys/stream.hpp>

#include "support/catch.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using tests::need;

TEST_CASE("a look is an opening and a closing", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "f", "x");
  const auto entry = need(sys::open(directory / "f", O_PATH));
  auto notices = need(sys::Notices::of(entry.get(), IN_OPEN | IN_CLOSE | IN_ATTRIB, "f"));
  CHECK_FALSE(notices.take().any());
  need(sys::open(directory / "f", O_RDONLY));
  const auto look = notices.take();
  CHECK(look.opened == 1);
  CHECK(look.left == 1);
  CHECK(look.any());
  CHECK_FALSE(look.more_than_looks());
  {
    const auto opened = need(sys::open(directory / "f", O_RDONLY));
    CHECK(notices.take().more_than_looks());
  }
  CHECK(notices.take().more_than_looks());
  need(sys::open(directory / "f", O_WRONLY));
  CHECK(notices.take().other == 1);
  REQUIRE(::unlink((directory / "f").c_str()) == 0);
  CHECK(notices.take().other == 1);
}

TEST_CASE("a watch ends with what it watches", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "f", "x");
  auto entry = need(sys::open(directory / "f", O_PATH));
  auto notices = need(sys::Notices::of(entry.get(), IN_DELETE_SELF, "f"));
  entry.reset();
  REQUIRE(::unlink((directory / "f").c_str()) == 0);
  CHECK(notices.take().over);
}

TEST_CASE("sleeping until something is ready, or as long as was said", "[sys]")
{
  const auto pipe = need(sys::make_pipe());
  CHECK(sys::ready_now(pipe.reader.get(), POLLIN) == 0);
  CHECK((sys::ready_now(pipe.writer.get(), POLLOUT) & POLLOUT) != 0);
  pollfd look{.fd = pipe.reader.get(), .events = POLLIN, .revents = 0};
  const auto start = std::chrono::steady_clock::now();
  sys::sleep_until_ready({&look, 1}, 20ms);
  CHECK(std::chrono::steady_clock::now() - start >= 20ms);
  REQUIRE(::write(pipe.writer.get(), "x", 1) == 1);
  sys::sleep_until_ready({&look, 1}, 1h);
  CHECK((sys::ready_now(pipe.reader.get(), POLLIN) & POLLIN) != 0);
  sys::sleep_until_ready({}, -1s);
}

TEST_CASE("time on a CPU goes on with work, not with sleep", "[sys]")
{
  const auto before = sys::thread_cpu_time();
  sys::sleep_until_ready({}, 50ms);
  CHECK(sys::thread_cpu_time() - before < 40ms);
}
