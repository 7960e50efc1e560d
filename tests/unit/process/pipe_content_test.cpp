// SPDX-License-Identifier: MIT
// What waits in a FIFO.
#include <ipckit/process/pipe_content.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using object::View;
using process::look_into;
using tests::need;

namespace {

class Fifo {
public:
  Fifo() { REQUIRE(::mkfifo(path().c_str(), 0666) == 0); }
  [[nodiscard]] std::string path() const { return directory_ / "ctl"; }
  [[nodiscard]] process::PipeLook look() const
  {
    return need(look_into(View{}, need(sys::status_at(AT_FDCWD, path()))));
  }

private:
  tests::TemporaryDirectory directory_;
};

std::string text_of(const std::vector<std::byte>& bytes)
{
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("what waits is copied and stays", "[process]")
{
  const Fifo fifo;
  const tests::Child holder([&] { return ::open(fifo.path().c_str(), O_RDWR | O_NONBLOCK) >= 0; });
  REQUIRE(holder.ready());
  const sys::UniqueFd writer{::open(fifo.path().c_str(), O_RDWR | O_NONBLOCK)};
  REQUIRE(::write(writer.get(), "abc", 3) == 3);
  for (int look = 0; look < 2; ++look) {
    const auto seen = fifo.look();
    REQUIRE(seen.bytes);
    CHECK(text_of(*seen.bytes) == "abc");
    REQUIRE(seen.state);
    CHECK(seen.state->waiting == 3);
    CHECK(seen.state->size == 65536);
    CHECK_FALSE(seen.cut);
  }
  std::array<char, 8> buffer{};
  CHECK(::read(writer.get(), buffer.data(), buffer.size()) == 3);
  const auto empty = fifo.look();
  REQUIRE(empty.bytes);
  CHECK(empty.bytes->empty());
}

TEST_CASE("all slots of a full pipe are seen, also when none is full", "[process]")
{
  const Fifo fifo;
  const tests::Child holder([&] {
    const int fd = ::open(fifo.path().c_str(), O_RDWR | O_NONBLOCK);
    const std::string text(4000, 'x');
    for (int slot = 0; slot < 16; ++slot) {
      if (::write(fd, text.data(), text.size()) != 4000) return false;
    }
    return true;
  });
  REQUIRE(holder.ready());
  const auto seen = fifo.look();
  REQUIRE(seen.bytes);
  CHECK(seen.bytes->size() == 64000);
  CHECK_FALSE(seen.cut);
}

TEST_CASE("a writing end tells how much waits, not what", "[process]")
{
  const Fifo fifo;
  const tests::Child holder([&] {
    const int both = ::open(fifo.path().c_str(), O_RDWR | O_NONBLOCK);
    const int writer = ::open(fifo.path().c_str(), O_WRONLY | O_NONBLOCK);
    const bool written = ::write(writer, "abc", 3) == 3;
    ::close(both);
    return written;
  });
  REQUIRE(holder.ready());
  const auto seen = fifo.look();
  CHECK(seen.held);
  CHECK_FALSE(seen.bytes);
  REQUIRE(seen.state);
  CHECK(seen.state->waiting == 3);
}

TEST_CASE("a FIFO that nobody holds", "[process]")
{
  const Fifo fifo;
  const auto seen = fifo.look();
  CHECK_FALSE(seen.held);
  CHECK_FALSE(seen.bytes);
  CHECK_FALSE(seen.state);
}
