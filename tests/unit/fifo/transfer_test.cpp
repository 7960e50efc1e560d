// SPDX-License-Identifier: MIT
// Messages through FIFOs.
#include <ipckit/fifo/transfer.hpp>

#include <chrono>
#include <climits>
#include <csignal>
#include <string>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <ipckit/fifo/fifo.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace std::chrono_literals;
using namespace std::string_literals;
using fifo::Reading;
using fifo::Writing;
using object::Framing;
using object::Inlet;
using object::Message;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

constexpr std::size_t plenty = std::size_t{1} << 20U;

std::span<const std::byte> bytes_of(std::string_view text)
{
  return std::as_bytes(std::span{text.data(), text.size()});
}

std::string text_of(std::span<const std::byte> bytes)
{
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A FIFO in a directory of its own.
class Fifo {
public:
  Fifo() { need(fifo::create(path(), 0600)); }
  [[nodiscard]] std::string path() const { return directory_ / "fifo"; }
  [[nodiscard]] std::unique_ptr<Inlet> inlet(const Reading& reading) const
  {
    return need(fifo::open_inlet(path(), reading));
  }
  /// An end for writing of the test's own; there must be a reader.
  [[nodiscard]] sys::UniqueFd writer() const
  {
    sys::UniqueFd fd{::open(path().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
    REQUIRE(fd);
    return fd;
  }
  /// An end for reading of the test's own.
  [[nodiscard]] sys::UniqueFd reader() const
  {
    sys::UniqueFd fd{::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    REQUIRE(fd);
    return fd;
  }

private:
  tests::TemporaryDirectory directory_;
};

void write(const sys::UniqueFd& fd, std::string_view text)
{
  REQUIRE(::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

std::string read(const sys::UniqueFd& fd)
{
  std::string text(plenty, '\0');
  const auto count = ::read(fd.get(), text.data(), text.size());
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

std::string take(Inlet& inlet)
{
  return text_of(need(inlet.take(plenty, {})).data);
}

}  // namespace

TEST_CASE("a FIFO is taken apart by its framing", "[fifo]")
{
  const Fifo fifo;
  struct Row {
    Framing framing;
    std::string stream;
  };
  for (const auto& [framing, stream] : {Row{Framing::lines, "one\n\nthree\n"}, Row{Framing::null, "one\0\0three\0"s},
                                        Row{Framing::length_prefixed, "\0\0\0\3one\0\0\0\0\0\0\0\5three"s}}) {
    const auto inlet = fifo.inlet({.framing = framing});
    {
      const auto writer = fifo.writer();
      write(writer, stream);
      CHECK(take(*inlet) == "one");
      CHECK(take(*inlet).empty());
      CHECK(take(*inlet) == "three");
      CHECK(failure(inlet->take(plenty, {})) == Errc::busy);
    }
    CHECK(failure(inlet->take(plenty, {})) == Errc::ended);
    CHECK(inlet->remains().empty());
  }
}

TEST_CASE("the last line of the last writer may be without its newline", "[fifo]")
{
  const Fifo fifo;
  const auto inlet = fifo.inlet({.framing = Framing::lines});
  {
    const auto writer = fifo.writer();
    write(writer, "one\ntw");
    CHECK(take(*inlet) == "one");
    CHECK(failure(inlet->take(plenty, {})) == Errc::busy);
    CHECK(text_of(inlet->remains()) == "tw");
    write(writer, "o");
  }
  CHECK(take(*inlet) == "two");
  CHECK(failure(inlet->take(plenty, {})) == Errc::ended);
}

TEST_CASE("a message that is cut short behind its length is said and remains", "[fifo]")
{
  const Fifo fifo;
  const auto inlet = fifo.inlet({.framing = Framing::length_prefixed});
  {
    const auto writer = fifo.writer();
    write(writer, "\0\0\0\1a\0\0\0\5abc"s);
  }
  CHECK(take(*inlet) == "a");
  CHECK(failure(inlet->take(plenty, {})) == Errc::malformed);
  CHECK(text_of(inlet->remains()) == "\0\0\0\5abc"s);
}

TEST_CASE("a length beyond all sense is refused at once", "[fifo]")
{
  const Fifo fifo;
  const auto inlet = fifo.inlet({.framing = Framing::length_prefixed});
  const auto writer = fifo.writer();
  write(writer, "\xff\xff\xff\xffzzzz");
  CHECK(failure(inlet->take(plenty, {})) == Errc::too_large);
  CHECK(text_of(inlet->remains()) == "\xff\xff\xff\xffzzzz");
}

TEST_CASE("a message that has no room stays and is given when there is some", "[fifo]")
{
  const Fifo fifo;
  const auto inlet = fifo.inlet({.framing = Framing::lines});
  const auto writer = fifo.writer();
  write(writer, "12345\nrest\n");
  CHECK(failure(inlet->take(4, {})) == Errc::too_large);
  CHECK(failure(inlet->take(4, {})) == Errc::too_large);
  CHECK(text_of(need(inlet->take(5, {})).data) == "12345");
  CHECK(take(*inlet) == "rest");
}

TEST_CASE("a message that was taken is no part of what remains", "[fifo]")
{
  const Fifo fifo;
  const auto inlet = fifo.inlet({.framing = Framing::lines});
  const auto writer = fifo.writer();
  write(writer, "one\ntwo\nthr");
  CHECK(take(*inlet) == "one");
  CHECK(text_of(inlet->remains()) == "two\nthr");
  CHECK(failure(inlet->put_back({.data = bytes_of("one")})) == Errc::unsupported);
}

TEST_CASE("who wants so many messages takes no byte more", "[fifo]")
{
  const Fifo fifo;
  struct Row {
    Framing framing;
    std::string wanted;
    std::string rest;
  };
  for (const auto& [framing, wanted, rest] :
       {Row{Framing::lines, "one\ntwo\n", "three\nfour\n"}, Row{Framing::null, "one\0two\0"s, "three\0"s},
        Row{Framing::length_prefixed, "\0\0\0\3one\0\0\0\3two"s, "\0\0\0\5three\0\0\0\0"s}}) {
    for (std::size_t first = 0; first <= wanted.size(); ++first) {
      INFO("framing " << static_cast<int>(framing) << ", written in two from " << first);
      // While this one is open, what was not taken stays in the pipe.
      const auto other = fifo.reader();
      const auto writer = fifo.writer();
      const auto inlet = fifo.inlet({.framing = framing, .at_most = 2});
      if (first > 0) write(writer, wanted.substr(0, first));
      if (first > 0 && first < wanted.size() / 2) CHECK(failure(inlet->take(plenty, {})) == Errc::busy);
      write(writer, wanted.substr(first) + rest);
      CHECK(take(*inlet) == "one");
      CHECK(take(*inlet) == "two");
      CHECK(inlet->remains().empty());
      CHECK(read(other) == rest);
    }
  }
}

TEST_CASE("who wants one large message takes that one alone", "[fifo]")
{
  const Fifo fifo;
  const auto other = fifo.reader();
  const auto writer = fifo.writer();
  REQUIRE(::fcntl(writer.get(), F_SETPIPE_SZ, 1 << 20) >= 1 << 20);
  const std::string large(200000, 'x');
  write(writer, large + "\nrest\n");
  const auto inlet = fifo.inlet({.framing = Framing::lines, .at_most = 1});
  CHECK(take(*inlet) == large);
  CHECK(inlet->remains().empty());
  CHECK(read(other) == "rest\n");
}

TEST_CASE("who follows waits for the next writer", "[fifo]")
{
  const Fifo fifo;
  const auto inlet = fifo.inlet({.framing = Framing::lines, .follow = true});
  CHECK(failure(inlet->take(plenty, {})) == Errc::busy);
  for (const char* const text : {"one\n", "two\n", "three\n"}) {
    write(fifo.writer(), text);
    CHECK(take(*inlet) + "\n" == text);
    CHECK(failure(inlet->take(plenty, {})) == Errc::busy);
  }
}

TEST_CASE("a writer that comes and goes while nobody looks is not missed", "[fifo]")
{
  const Fifo fifo;
  const auto inlet = fifo.inlet({.framing = Framing::lines, .follow = true});
  write(fifo.writer(), "one\n");
  write(fifo.writer(), "two\nthr");
  write(fifo.writer(), "ee\n");
  CHECK(take(*inlet) == "one");
  CHECK(take(*inlet) == "two");
  CHECK(take(*inlet) == "three");
}

TEST_CASE("a wait for the first writer of a FIFO ends with it, or in its time", "[fifo]")
{
  const Fifo fifo;
  sys::Interrupts interrupts;
  for (const bool follow : {false, true}) {
    const auto inlet = fifo.inlet({.framing = Framing::lines, .follow = follow});
    CHECK(failure(inlet->take(plenty, {})) == Errc::busy);
    CHECK(failure(inlet->take(plenty, {.interrupts = &interrupts, .limit = 20ms})) == Errc::timed_out);
    const tests::Background sender{[&] {
      const int fd = ::open(fifo.path().c_str(), O_WRONLY | O_CLOEXEC);
      static_cast<void>(!::write(fd, "late\n", 5));
    }};
    CHECK(text_of(need(inlet->take(plenty, {.interrupts = &interrupts, .limit = 5s})).data) == "late");
  }
}

TEST_CASE("framed messages go into a FIFO several at once, and whole", "[fifo]")
{
  const Fifo fifo;
  const auto reader = fifo.reader();
  const auto outlet = need(fifo::open_outlet(fifo.path(), {.framing = Framing::lines}, {}));
  need(outlet->put({.data = bytes_of("one")}, {}));
  need(outlet->put({.data = bytes_of("")}, {}));
  CHECK(outlet->sent() == 0);
  CHECK(read(reader).empty());
  need(outlet->flush({}));
  CHECK(outlet->sent() == 2);
  CHECK(read(reader) == "one\n\n");
  // What would not fit beside the others sends them off first.
  const std::string large(PIPE_BUF - 1, 'x');
  need(outlet->put({.data = bytes_of("two")}, {}));
  need(outlet->put({.data = bytes_of(large)}, {}));
  CHECK(read(reader) == "two\n");
  need(outlet->flush({}));
  CHECK(read(reader) == large + "\n");
  CHECK(outlet->sent() == 4);
}

TEST_CASE("a framed message that would be torn apart is refused, unless it may be", "[fifo]")
{
  const Fifo fifo;
  const auto reader = fifo.reader();
  for (const Framing framing : {Framing::lines, Framing::null, Framing::length_prefixed}) {
    const auto outlet = need(fifo::open_outlet(fifo.path(), {.framing = framing}, {}));
    const auto largest = need(outlet->largest());
    REQUIRE(largest);
    CHECK(object::framed_size(framing, *largest) == PIPE_BUF);
    const std::string text(*largest + 1, 'x');
    CHECK(failure(outlet->put({.data = bytes_of(text)}, {})) == Errc::too_large);
    need(outlet->put({.data = bytes_of(text).first(*largest)}, {}));
    need(outlet->flush({}));
    CHECK(read(reader).size() == PIPE_BUF);

    const auto split = need(fifo::open_outlet(fifo.path(), {.framing = framing, .split = true}, {}));
    CHECK(need(split->largest()) == fifo::longest_frame);
    need(split->put({.data = bytes_of(text)}, {}));
    CHECK(read(reader).size() == object::framed_size(framing, text.size()));
  }
}

TEST_CASE("a FIFO without a reader is busy, and one whose reader has gone has ended", "[fifo]")
{
  const Fifo fifo;
  sys::Interrupts interrupts;  // SIGPIPE
  CHECK(failure(fifo::open_outlet(fifo.path(), {}, {})) == Errc::busy);
  CHECK(failure(fifo::open_outlet(fifo.path(), {}, {.interrupts = &interrupts, .limit = 20ms})) == Errc::timed_out);
  auto reader = fifo.reader();
  const auto outlet = need(fifo::open_outlet(fifo.path(), {.framing = Framing::none}, {}));
  reader.reset();
  CHECK(failure(outlet->put({.data = bytes_of("x")}, {})) == Errc::ended);
  CHECK(outlet->sent() == 0);
}

TEST_CASE("a FIFO that is full is busy, and what did not go is not counted", "[fifo]")
{
  const Fifo fifo;
  const auto reader = fifo.reader();
  const auto outlet = need(fifo::open_outlet(fifo.path(), {.framing = Framing::lines}, {}));
  const std::string page(PIPE_BUF - 1, 'x');
  std::uint64_t sent = 0;
  Result<> outcome;
  while (outcome && sent < 1000) {
    outcome = outlet->put({.data = bytes_of(page)}, {});
    if (outcome) outcome = outlet->flush({});
    if (outcome) ++sent;
  }
  CHECK(failure(outcome) == Errc::busy);
  CHECK(outlet->sent() == sent);
  CHECK(read(reader).size() == sent * PIPE_BUF);
}

TEST_CASE("a FIFO that is full waits for its reader", "[fifo]")
{
  const Fifo fifo;
  const auto reader = fifo.reader();
  const auto outlet = need(fifo::open_outlet(fifo.path(), {}, {}));
  const tests::Background slow{[&] {
    const int fd = ::open(fifo.path().c_str(), O_RDONLY | O_CLOEXEC);
    char bytes[4096];
    for (;;) {
      if (::read(fd, bytes, sizeof bytes) < 0) return;
    }
  }};
  sys::Interrupts interrupts;
  const std::string text(1000000, 'x');
  need(outlet->put({.data = bytes_of(text)}, {.interrupts = &interrupts, .limit = 10s}));
  CHECK(outlet->sent() == 1);
}

TEST_CASE("only a FIFO is a FIFO", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "x");
  CHECK(failure(fifo::open_inlet(directory / "file", {})) == Errc::mismatch);
  CHECK(failure(fifo::open_outlet(directory / "file", {}, {})) == Errc::mismatch);
  CHECK(failure(fifo::open_inlet(directory / "nothing", {})) == Errc::not_found);
}
