// SPDX-License-Identifier: MIT
// Who holds which end of which FIFO.
#include <ipckit/process/pipe_ends.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/sys/pidfd.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using object::View;
using process::PipeEnd;
using tests::failure;
using tests::need;

namespace {

/// A FIFO of the test's own.
class Fifo {
public:
  Fifo() { REQUIRE(::mkfifo(path().c_str(), 0666) == 0); }
  [[nodiscard]] std::string path() const { return directory_ / "ctl"; }
  [[nodiscard]] sys::FileStatus status() const { return need(sys::status_at(AT_FDCWD, path())); }
  [[nodiscard]] std::vector<PipeEnd> ends() const
  {
    const auto file = status();
    return need(process::pipe_ends(View{}, &file)).rows;
  }

private:
  tests::TemporaryDirectory directory_;
};

/// Opens the FIFO in a child: for both first, so that no end is waited for.
bool hold(const std::string& path, int flags)
{
  const int both = ::open(path.c_str(), O_RDWR | O_NONBLOCK);
  if (flags == O_RDWR) return both >= 0;
  const int fd = ::open(path.c_str(), flags | O_NONBLOCK);
  ::close(both);
  return fd >= 0;
}

}  // namespace

TEST_CASE("a FIFO that nobody has open has no ends", "[process]")
{
  const Fifo fifo;
  CHECK(fifo.ends().empty());
}

TEST_CASE("an end says who holds it and for what", "[process]")
{
  const Fifo fifo;
  struct Row {
    int flags;
    bool reads;
    bool writes;
  };
  for (const auto& [flags, reads, writes] :
       {Row{O_RDONLY, true, false}, Row{O_WRONLY, false, true}, Row{O_RDWR, true, true}, Row{O_PATH, false, false}}) {
    INFO("flags " << flags);
    const tests::Child holder{[&, wanted = flags] { return hold(fifo.path(), wanted); }};
    REQUIRE(holder.ready());
    const auto ends = fifo.ends();
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].pid == holder.pid());
    CHECK(ends[0].descriptor > 2);
    CHECK(ends[0].reads == reads);
    CHECK(ends[0].writes == writes);
    CHECK(ends[0].path == fifo.path());
    CHECK(ends[0].file.same_inode(fifo.status()));
  }
}

TEST_CASE("all ends of all FIFOs are found, and pipes without a name are none", "[process]")
{
  const Fifo first;
  const Fifo second;
  std::array<int, 2> nameless{};
  REQUIRE(::pipe(nameless.data()) == 0);
  const tests::Child holder{[&] { return hold(first.path(), O_RDONLY) && hold(second.path(), O_WRONLY); }};
  REQUIRE(holder.ready());
  std::vector<std::string> held;
  for (const auto& end : need(process::pipe_ends(View{})).rows) {
    if (end.pid == holder.pid()) held.push_back(end.path);
    CHECK(end.path.starts_with('/'));
  }
  std::ranges::sort(held);
  std::vector<std::string> expected{first.path(), second.path()};
  std::ranges::sort(expected);
  CHECK(held == expected);
  ::close(nameless[0]);
  ::close(nameless[1]);
}

TEST_CASE("an end whose FIFO has lost its name is found by its inode", "[process]")
{
  const Fifo fifo;
  const auto file = fifo.status();
  const tests::Child holder{[&] { return hold(fifo.path(), O_RDWR); }};
  REQUIRE(holder.ready());
  REQUIRE(::unlink(fifo.path().c_str()) == 0);
  const auto ends = need(process::pipe_ends(View{}, &file)).rows;
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].path == fifo.path() + " (deleted)");
  CHECK(ends[0].file.links == 0);
}

TEST_CASE("a borrowed end is the same pipe", "[process]")
{
  const Fifo fifo;
  const tests::Child holder{[&] {
    const int fd = ::open(fifo.path().c_str(), O_RDWR | O_NONBLOCK);
    return ::write(fd, "12345", 5) == 5;
  }};
  REQUIRE(holder.ready());
  const auto ends = fifo.ends();
  REQUIRE(ends.size() == 1);
  const auto borrowed = process::borrow(ends[0]);
  if (!borrowed) IPCKIT_SKIP("needs the right to trace a child");
  CHECK(need(sys::bytes_waiting(borrowed->get())) == 5);
  const auto size = need(sys::pipe_size(borrowed->get()));
  CHECK(need(sys::set_pipe_size(borrowed->get(), size * 2)) == size * 2);
  CHECK(need(sys::pipe_size(borrowed->get())) == size * 2);
  CHECK(failure(sys::set_pipe_size(borrowed->get(), std::uint64_t{1} << 40U)) == Errc::too_large);
}

TEST_CASE("a descriptor that has become something else is not borrowed", "[process]")
{
  const Fifo first;
  const Fifo second;
  const tests::Child holder{[&] { return hold(first.path(), O_RDWR) && hold(second.path(), O_RDWR); }};
  REQUIRE(holder.ready());
  auto ends = first.ends();
  REQUIRE(ends.size() == 1);
  if (!process::borrow(ends[0])) IPCKIT_SKIP("needs the right to trace a child");
  ends[0].file = second.status();
  CHECK(failure(process::borrow(ends[0])) == Errc::removed);
  ends[0].descriptor = 9999;
  CHECK_FALSE(process::borrow(ends[0]).has_value());
}

TEST_CASE("processes that refuse to be looked into are one gap", "[process]")
{
  const Fifo fifo;
  const tests::Child holder{[&] { return hold(fifo.path(), O_RDWR); }};
  REQUIRE(holder.ready());
  const auto status = tests::exit_status_as(65534, [] {
    const auto listing = process::pipe_ends(View{});
    if (!listing || !listing->rows.empty()) return 1;
    return std::ranges::any_of(
               listing->gaps,
               [](const object::Gap& gap) { return gap.what == object::Missing::processes && gap.count > 0; })
               ? 0
               : 2;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}
