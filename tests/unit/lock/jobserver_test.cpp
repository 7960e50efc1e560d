// SPDX-License-Identifier: MIT
// Tokens in a FIFO, and who else may have put some there.
#include <ipckit/lock/jobserver.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>
#include <ipckit/sys/identity.hpp>
#include <ipckit/sys/pidfd.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using lock::most_tokens;
using lock::serve_tokens;
using tests::Child;
using tests::error_of;
using tests::need;

namespace {

class Served {
public:
  Served() { need(fifo::create(path(), 0600)); }
  [[nodiscard]] std::string path() const { return directory_ / "tokens"; }
  [[nodiscard]] sys::UniqueFd open(int how = O_RDWR) const { return need(sys::open(path(), how | O_NONBLOCK)); }
  [[nodiscard]] Result<> serve(const sys::UniqueFd& pipe, std::uint64_t count) const
  {
    return serve_tokens({}, need(fifo::inspect(path())), pipe.get(), count);
  }

private:
  tests::TemporaryDirectory directory_;
};

std::string take(const sys::UniqueFd& pipe)
{
  std::array<char, 100> buffer{};
  const auto count = ::read(pipe.get(), buffer.data(), buffer.size());
  return {buffer.data(), static_cast<std::size_t>(count < 0 ? 0 : count)};
}

}  // namespace

TEST_CASE("as many tokens as were asked for", "[lock]")
{
  const Served served;
  const auto pipe = served.open();
  need(served.serve(pipe, 4));
  CHECK(take(pipe) == "++++");
}

TEST_CASE("nobody serves what another serves, while anybody has its descriptor", "[lock]")
{
  const Served served;
  auto pipe = served.open();
  need(served.serve(pipe, 1));
  CHECK(take(pipe) == "+");
  const auto copy = sys::UniqueFd{::dup(pipe.get())};
  pipe.reset();
  const auto other = served.open();
  const Error error = error_of(served.serve(other, 1));
  CHECK(error.kind == Errc::busy);
  CHECK(error.operation == "flock");
  CHECK(take(other).empty());
}

TEST_CASE("what waits inside would be tokens, too", "[lock]")
{
  const Served served;
  const auto pipe = served.open();
  REQUIRE(::write(pipe.get(), "ab", 2) == 2);
  const Error error = error_of(served.serve(pipe, 1));
  CHECK(error.kind == Errc::busy);
  CHECK(error.operation == "FIONREAD");
  CHECK(error.detail == "2");
  CHECK(take(pipe) == "ab");
}

TEST_CASE("who has both ends may owe a token", "[lock]")
{
  const Served served;
  const auto pipe = served.open();
  const auto refused_beside = [&](int first, int second) {
    const Child child{[&] {
      ::close(pipe.get());
      return ::open(served.path().c_str(), first | O_NONBLOCK) >= 0 &&
             (second == first || ::open(served.path().c_str(), second | O_NONBLOCK) >= 0);
    }};
    REQUIRE(child.ready());
    const auto outcome = served.serve(pipe, 3);
    if (outcome) return take(pipe) != "+++";
    return outcome.error().kind == Errc::busy && outcome.error().operation == "open for both" &&
           outcome.error().detail.starts_with(std::to_string(child.pid()) + " (");
  };
  CHECK(refused_beside(O_RDWR, O_RDWR));
  CHECK(refused_beside(O_RDONLY, O_WRONLY));
  CHECK_FALSE(refused_beside(O_RDONLY, O_RDONLY));
  CHECK_FALSE(refused_beside(O_WRONLY, O_WRONLY));
}

TEST_CASE("no more tokens than the pipe takes back", "[lock]")
{
  const Served served;
  const auto pipe = served.open();
  const auto size = need(sys::pipe_size(pipe.get()));
  const Error error = error_of(served.serve(pipe, most_tokens(size) + 1));
  CHECK(error.kind == Errc::too_large);
  CHECK(error.detail == std::to_string(most_tokens(size)));
  need(served.serve(pipe, most_tokens(size)));
  // Taken and put back one by one, through all its pages and beyond.
  for (std::uint64_t turn = 0; turn < 2 * size; ++turn) {
    char token = 0;
    if (::read(pipe.get(), &token, 1) != 1 || ::write(pipe.get(), &token, 1) != 1) FAIL("stuck after " << turn);
  }
}

TEST_CASE("a pipe of one page takes back one token", "[lock]")
{
  CHECK(most_tokens(sys::page_size()) == 1);
  CHECK(most_tokens(2 * sys::page_size()) == sys::page_size() + 1);
  CHECK(most_tokens(0) == 1);
}
