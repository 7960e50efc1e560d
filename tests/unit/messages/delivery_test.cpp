// SPDX-License-Identifier: MIT
// Messages on their way to a descriptor, and what becomes of those that do not arrive.
#include <ipckit/messages/delivery.hpp>

#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/pipe.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace std::string_literals;
using messages::Delivery;
using messages::Format;
using messages::Shape;
using object::Kind;
using object::Message;
using tests::failure;
using tests::need;
using tests::Pipe;

namespace {

/// An inlet that takes back as many messages as it is told to.
class Queue final : public object::Inlet {
public:
  explicit Queue(std::size_t takes_back = 0, std::string remains = {})
      : takes_back_{takes_back}, remains_{std::move(remains)}
  {
  }
  Result<Message> take(std::size_t /*room*/, const sys::Patience& /*patience*/) override
  {
    return fail(Errc::busy, "take", "");
  }
  Result<> put_back(const Message& message) override
  {
    if (back.size() >= takes_back_) return fail(Errc::busy, "put_back", "");
    back.emplace_back(messages::text_of(message.data));
    return {};
  }
  [[nodiscard]] std::span<const std::byte> remains() const noexcept override { return messages::bytes_of(remains_); }

  std::vector<std::string> back;

private:
  std::size_t takes_back_;
  std::string remains_;
};

Message message(std::string_view text, std::int64_t type = 1)
{
  return {.type = type, .priority = 2, .data = messages::bytes_of(text)};
}

/// What is written of the messages in this shape.
std::string written(const Shape& shape, const std::vector<std::string>& texts)
{
  const Pipe pipe;
  Queue queue;
  Delivery delivery{pipe.in.get(), shape, queue, {}, {}};
  for (const std::string& text : texts) delivery.add(message(text));
  need(delivery.flush());
  CHECK(delivery.written() == texts.size());
  CHECK(delivery.empty());
  return pipe.read();
}

/// A pipe that takes no more than a page, and whose reader takes nothing.
struct FullPipe : Pipe {
  FullPipe()
  {
    REQUIRE(::fcntl(in.get(), F_SETPIPE_SZ, 4096) == 4096);
    REQUIRE(::fcntl(in.get(), F_SETFL, O_WRONLY | O_NONBLOCK) == 0);
  }
};

mode_t mode_of(const std::string& path)
{
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("each format has its shape", "[messages]")
{
  const std::vector<std::string> texts{"one", "", "a\tb"};
  CHECK(written({.format = Format::none}, texts) == "onea\tb");
  CHECK(written({.format = Format::lines}, texts) == "one\n\na\tb\n");
  CHECK(written({.format = Format::null}, texts) == "one\0\0a\tb\0"s);
  CHECK(written({.format = Format::length_prefixed}, texts) == "\0\0\0\3one\0\0\0\0\0\0\0\3a\tb"s);
  CHECK(written({.format = Format::json_lines, .kind = Kind::msg}, {"x"}) == "{\"type\":1,\"data\":\"x\"}\n");
  CHECK(written({.format = Format::json_lines, .kind = Kind::pmsg}, {"x"}) == "{\"priority\":2,\"data\":\"x\"}\n");
}

TEST_CASE("what goes to a terminal is escaped, and ends its line", "[messages]")
{
  const std::string text = written({.format = Format::none, .printable = true}, {"a\x1b[31m", "b"});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.ends_with("b\n"));
}

TEST_CASE("JSON of a FIFO is passed on, and what is none becomes some", "[messages]")
{
  const Shape shape{.format = Format::json_lines, .kind = Kind::fifo};
  CHECK(written(shape, {R"({"type":7,"data":"x"})", "plain"}) == "{\"type\":7,\"data\":\"x\"}\n{\"data\":\"plain\"}\n");
}

TEST_CASE("messages that hold the separator are counted", "[messages]")
{
  const Pipe pipe;
  Queue queue;
  for (const auto& [format, count] : {std::pair{Format::lines, 1U}, std::pair{Format::null, 1U},
                                      std::pair{Format::length_prefixed, 0U}, std::pair{Format::json_lines, 0U}}) {
    Delivery delivery{pipe.in.get(), {.format = format}, queue, {}, {}};
    for (const std::string& text : {"a\nb"s, "a\0b"s, "ab"s}) delivery.add(message(text));
    need(delivery.flush());
    CHECK(delivery.ambiguous() == count);
  }
}

TEST_CASE("there is any room before the first message and little behind others", "[messages]")
{
  const Pipe pipe;
  Queue queue;
  Delivery delivery{pipe.in.get(), {}, queue, {}, {}};
  CHECK(delivery.room() > object::taken_at_most);
  delivery.add(message(std::string(object::taken_at_most - 10, 'x')));
  CHECK(delivery.room() == 10);
  CHECK_FALSE(delivery.full());
  delivery.add(message(std::string(10, 'x')));
  CHECK(delivery.room() == 0);
  CHECK(delivery.full());
  need(delivery.flush());
  CHECK_FALSE(delivery.full());
  CHECK(delivery.room() > object::taken_at_most);
}

TEST_CASE("empty messages are enough at some time, too", "[messages]")
{
  const Pipe pipe;
  Queue queue;
  Delivery delivery{pipe.in.get(), {.format = Format::lines}, queue, {}, {}};
  int count = 0;
  for (; !delivery.full() && count < 100000; ++count) delivery.add(message(""));
  CHECK(count < 65537);
  need(delivery.flush());
}

TEST_CASE("what cannot be written is known before it is taken", "[messages]")
{
  Queue queue;
  Pipe pipe;
  CHECK(Delivery(pipe.in.get(), {}, queue, {}, {}).possible());
  CHECK_FALSE(Delivery(pipe.out.get(), {}, queue, {}, {}).possible());
  pipe.out.reset();
  CHECK(failure(Delivery(pipe.in.get(), {}, queue, {}, {}).possible()) == Errc::system);
  CHECK_FALSE(Delivery(-1, {}, queue, {}, {}).possible());
}

TEST_CASE("what was not written is put back, in its order", "[messages]")
{
  const FullPipe pipe;
  Queue queue{100};
  Delivery delivery{pipe.in.get(), {.format = Format::lines}, queue, {}, {}};
  const std::string page(4095, 'x');
  for (const std::string& text : {page, "two"s, ""s, "four"s}) delivery.add(message(text));
  CHECK(failure(delivery.flush()) == Errc::busy);
  CHECK(delivery.written() == 1);
  const auto rescued = delivery.rescue();
  CHECK(rescued.back == 3);
  CHECK(rescued.saved == 0);
  CHECK(rescued.file.empty());
  CHECK(queue.back == std::vector{"two"s, ""s, "four"s});
  CHECK(delivery.empty());
  CHECK(pipe.read() == page + "\n");
}

TEST_CASE("a message that was written in part was not written", "[messages]")
{
  const FullPipe pipe;
  Queue queue{100};
  Delivery delivery{pipe.in.get(), {.format = Format::none}, queue, {}, {}};
  const std::string large(5000, 'x');
  delivery.add(message(large));
  CHECK(failure(delivery.flush()) == Errc::busy);
  CHECK(delivery.written() == 0);
  CHECK(delivery.rescue().back == 1);
  CHECK(queue.back == std::vector{large});
}

TEST_CASE("what cannot be put back is saved for its owner alone, and reads back", "[messages]")
{
  const tests::TemporaryDirectory directory;
  const FullPipe pipe;
  Queue queue{1};
  Delivery delivery{pipe.in.get(), {.kind = Kind::msg}, queue, {}, {directory / "nothing", directory.path()}};
  const std::string texts[] = {std::string(5000, 'x'), "line\n", "\xff\0"s, ""};
  std::int64_t type = 0;
  for (const std::string& text : texts) delivery.add(message(text, ++type));
  CHECK_FALSE(delivery.flush());
  const mode_t before = ::umask(0);
  const auto rescued = delivery.rescue();
  ::umask(before);
  CHECK(rescued.back == 1);
  CHECK(rescued.saved == 3);
  CHECK(rescued.unsaved.empty());
  REQUIRE(rescued.file.starts_with(directory / "ipckit-rescue-"));
  CHECK(mode_of(rescued.file) == 0600);

  std::string content = tests::read_file(rescued.file);
  for (std::int64_t number = 2; number <= 4; ++number) {
    const auto end = content.find('\n');
    REQUIRE(end != std::string::npos);
    const auto read = need(messages::parse_json_line(std::string_view{content}.substr(0, end)));
    CHECK(read.type == number);
    CHECK(read.data == texts[number - 1]);
    content.erase(0, end + 1);
  }
  CHECK(content.empty());
}

TEST_CASE("of a FIFO the bytes are saved as they came, with what was read and not taken", "[messages]")
{
  const tests::TemporaryDirectory directory;
  const FullPipe pipe;
  Queue queue{0, "thr"};
  Delivery delivery{pipe.in.get(), {.format = Format::lines, .kind = Kind::fifo}, queue, {}, {directory.path()}};
  delivery.add(message(std::string(4095, 'x')));
  delivery.add(message("one"));
  delivery.add(message("two"));
  CHECK_FALSE(delivery.flush());
  const auto rescued = delivery.rescue();
  CHECK(rescued.back == 0);
  CHECK(rescued.saved == 2);
  CHECK(rescued.bytes == 3);
  CHECK(rescued.file.ends_with(".bin"));
  CHECK(tests::read_file(rescued.file) == "one\ntwo\nthr");
}

TEST_CASE("what can be saved nowhere is handed over", "[messages]")
{
  const tests::TemporaryDirectory directory;
  const FullPipe pipe;
  Queue queue;
  Delivery delivery{pipe.in.get(), {.kind = Kind::msg}, queue, {}, {directory / "nothing"}};
  delivery.add(message(std::string(5000, 'x'), 3));
  CHECK_FALSE(delivery.flush());
  const auto rescued = delivery.rescue();
  CHECK(rescued.file.empty());
  CHECK(rescued.saved == 1);
  CHECK(rescued.unsaved == "{\"type\":3,\"data\":\"" + std::string(5000, 'x') + "\"}\n");
}

TEST_CASE("where everything was written nothing is rescued", "[messages]")
{
  const tests::TemporaryDirectory directory;
  const Pipe pipe;
  Queue queue{100};
  Delivery delivery{pipe.in.get(), {}, queue, {}, {directory.path()}};
  delivery.add(message("one"));
  need(delivery.flush());
  const auto rescued = delivery.rescue();
  CHECK(rescued.back == 0);
  CHECK(rescued.saved == 0);
  CHECK(rescued.file.empty());
  CHECK(queue.back.empty());
}
