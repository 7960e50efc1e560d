// SPDX-License-Identifier: MIT
// How full a FIFO is, seen through others' descriptors; here those of the test itself.
#include <ipckit/process/pipe_level.hpp>

#include <string>

#include <fcntl.h>
#include <unistd.h>

#include <ipckit/fifo/fifo.hpp>

#include "support/catch.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using process::PipeLevel;
using process::PipeObserver;
using tests::failure;
using tests::need;

namespace {

bool put(const sys::UniqueFd& pipe, std::size_t bytes)
{
  const std::string data(bytes, 'x');
  return ::write(pipe.get(), data.data(), data.size()) == static_cast<ssize_t>(bytes);
}

}  // namespace

TEST_CASE("what nobody holds is empty, and nobody could write to it", "[process]")
{
  const tests::TemporaryDirectory directory;
  const std::string path = directory / "f";
  need(fifo::create(path, 0600));
  const auto file = need(fifo::inspect(path)).file;
  PipeObserver observer;
  CHECK(need(observer.look({}, file)) == PipeLevel{.empty = true, .writable = false});
  CHECK_FALSE(observer.knows_end());
}

TEST_CASE("a FIFO fills, and loses its ends", "[process]")
{
  const tests::TemporaryDirectory directory;
  const std::string path = directory / "f";
  need(fifo::create(path, 0600));
  const auto file = need(fifo::inspect(path)).file;
  PipeObserver observer;
  auto reader = need(sys::open(path, O_RDONLY | O_NONBLOCK));
  auto writer = need(sys::open(path, O_WRONLY | O_NONBLOCK));
  CHECK(need(observer.look({}, file)) == PipeLevel{.empty = true, .writable = true});
  CHECK(observer.knows_end());
  REQUIRE(put(writer, 1));
  CHECK(need(observer.look({}, file)) == PipeLevel{.empty = false, .writable = true});
  REQUIRE(put(writer, 65535));
  CHECK(need(observer.look({}, file)) == PipeLevel{.empty = false, .writable = false});
  // By the reading end alone.
  writer.reset();
  CHECK(need(observer.look({}, file)) == PipeLevel{.empty = false, .writable = false});
  std::string bytes(8192, ' ');
  REQUIRE(::read(reader.get(), bytes.data(), bytes.size()) == 8192);
  CHECK(need(observer.look({}, file)) == PipeLevel{.empty = false, .writable = true});
  // By a writing end alone.
  writer = need(sys::open(path, O_WRONLY | O_NONBLOCK));
  reader.reset();
  CHECK_FALSE(need(observer.look({}, file)).writable);
  writer.reset();
  CHECK(need(observer.look({}, file)) == PipeLevel{});
}

TEST_CASE("that nobody is seen to hold a FIFO counts where others may not, or are all seen", "[process]")
{
  sys::FileStatus own{.type_and_mode = 0010600};
  sys::FileStatus open{.type_and_mode = 0010660};
  const std::vector<object::Gap> blind{{.what = object::Missing::processes, .count = 3, .subject = {}}};
  const std::vector<object::Gap> outside{{.what = object::Missing::outside, .subject = {}}};
  need(process::check_all_seen(own, blind, "f"));
  need(process::check_all_seen(open, {}, "f"));
  need(process::check_all_seen(open, outside, "f"));
  CHECK(failure(process::check_all_seen(open, blind, "f")) == Errc::unseen);
}

TEST_CASE("without /proc it cannot be told", "[process]")
{
  const tests::TemporaryDirectory directory;
  PipeObserver observer;
  CHECK(failure(observer.look({.proc_directory = directory.path()}, {})) == Errc::unseen);
}
