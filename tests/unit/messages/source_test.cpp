// SPDX-License-Identifier: MIT
// Where messages come from: words, files and pipes.
#include <ipckit/messages/source.hpp>

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
using messages::Source;
using object::Framing;
using tests::error_of;
using tests::failure;
using tests::need;
using tests::Pipe;

namespace {

/// A file that is open for reading, at its beginning.
class Input {
public:
  explicit Input(const std::string& content)
  {
    tests::write_file(directory_ / "input", content);
    fd_ = sys::UniqueFd{::open((directory_ / "input").c_str(), O_RDONLY | O_CLOEXEC)};
    REQUIRE(fd_);
  }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// What the next reader of the descriptor gets.
  [[nodiscard]] std::string left() const
  {
    std::string text(1000, '\0');
    const auto count = ::read(fd_.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }

private:
  tests::TemporaryDirectory directory_;
  sys::UniqueFd fd_;
};

Result<> no_hook()
{
  return {};
}

/// The next message; "(end)" when there is none.
std::string next(Source& source)
{
  const auto message = need(source.next(no_hook));
  return message ? std::string(messages::text_of(*message)) : "(end)";
}

std::unique_ptr<Source> from_file(const Input& input, Framing framing,
                                  std::optional<std::uint64_t> largest = std::nullopt)
{
  return messages::from_descriptor(input.fd(), framing, false, largest, {});
}

}  // namespace

TEST_CASE("words are messages, in their order", "[messages]")
{
  const std::vector<std::string> words{"one", "", "a\nb"};
  const auto source = messages::from_words(words);
  CHECK(next(*source) == "one");
  CHECK(next(*source).empty());
  CHECK(next(*source) == "a\nb");
  CHECK(next(*source) == "(end)");
  CHECK(next(*source) == "(end)");
}

TEST_CASE("without framing a file is one message, whatever is in it", "[messages]")
{
  for (const std::string& content : {""s, "x"s, "a\nb\0c"s, std::string(200000, 'y')}) {
    const Input input{content};
    const auto source = from_file(input, Framing::none);
    CHECK(next(*source) == content);
    CHECK(next(*source) == "(end)");
  }
}

TEST_CASE("a framing takes a file apart, the last separator or not", "[messages]")
{
  for (const std::string& content : {"one\n\nthree\n"s, "one\n\nthree"s}) {
    const Input input{content};
    const auto source = from_file(input, Framing::lines);
    CHECK(next(*source) == "one");
    CHECK(next(*source).empty());
    CHECK(next(*source) == "three");
    CHECK(next(*source) == "(end)");
  }
}

TEST_CASE("a stream gives pieces as they come", "[messages]")
{
  Pipe pipe;
  const auto source = messages::from_descriptor(pipe.out.get(), Framing::none, true, std::nullopt, {});
  pipe.write("one");
  CHECK(next(*source) == "one");
  CHECK(failure(source->next(no_hook)) == Errc::busy);
  pipe.write("two\n");
  CHECK(next(*source) == "two\n");
  pipe.in.reset();
  CHECK(next(*source) == "(end)");
}

TEST_CASE("before it waits, and only then, what was held back may go", "[messages]")
{
  const Pipe pipe;
  int asked = 0;
  const auto hook = [&]() -> Result<> {
    ++asked;
    return fail(Errc::removed, "hook", "");
  };
  const auto source = messages::from_descriptor(pipe.out.get(), Framing::lines, false, std::nullopt, {});
  pipe.write("one\ntwo\nthr");
  CHECK(need(source->next(hook)));
  CHECK(need(source->next(hook)));
  CHECK(asked == 0);
  CHECK(failure(source->next(hook)) == Errc::removed);
  CHECK(asked == 1);
  pipe.write("ee\n");
  CHECK(next(*source) == "three");
}

TEST_CASE("what was not asked for stays in the file", "[messages]")
{
  const Input input{"one\ntwo\nthree\n"};
  const auto source = from_file(input, Framing::lines);
  SECTION("without the last message")
  {
    CHECK(next(*source) == "one");
    source->arrived(1);
    CHECK(source->give_back(0) == 0);
    CHECK(input.left() == "two\nthree\n");
  }
  SECTION("with it")
  {
    CHECK(next(*source) == "one");
    source->arrived(1);
    CHECK(next(*source) == "two");
    CHECK(source->give_back(0) == 0);
    CHECK(input.left() == "two\nthree\n");
  }
  SECTION("before anything was read")
  {
    CHECK(source->give_back(0) == 0);
    CHECK(input.left() == "one\ntwo\nthree\n");
  }
  SECTION("when there is no more")
  {
    while (next(*source) != "(end)") continue;
    source->arrived(3);
    CHECK(source->give_back(0) == 0);
    CHECK(input.left().empty());
  }
  SECTION("when the last message is without its separator")
  {
    CHECK(next(*source) == "one");
    CHECK(next(*source) == "two");
    source->arrived(2);
    CHECK(next(*source) == "three");
    CHECK(source->give_back(0) == 0);
    CHECK(input.left() == "three\n");
  }
  SECTION("with all that have not arrived")
  {
    CHECK(next(*source) == "one");
    source->arrived(1);
    CHECK(next(*source) == "two");
    CHECK(next(*source) == "three");
    CHECK(source->give_back(0) == 0);
    CHECK(input.left() == "two\nthree\n");
  }
}

TEST_CASE("what a pipe cannot take back is counted", "[messages]")
{
  const Pipe pipe;
  const auto source = messages::from_descriptor(pipe.out.get(), Framing::lines, false, std::nullopt, {});
  pipe.write("one\ntwo\nthree\n");
  CHECK(next(*source) == "one");
  source->arrived(1);
  CHECK(next(*source) == "two");
  CHECK(source->give_back(0) == 10);
}

TEST_CASE("a message that is whole is given back as a whole", "[messages]")
{
  const Input input{"all of it\n"};
  const auto source = from_file(input, Framing::none);
  CHECK(next(*source) == "all of it\n");
  CHECK(source->give_back(0) == 0);
  CHECK(input.left() == "all of it\n");
}

TEST_CASE("a file that is read from its middle is given back from there", "[messages]")
{
  const Input input{"skipped\none\ntwo\n"};
  REQUIRE(::lseek(input.fd(), 8, SEEK_SET) == 8);
  const auto source = from_file(input, Framing::lines);
  CHECK(next(*source) == "one");
  source->arrived(1);
  CHECK(source->give_back(0) == 0);
  CHECK(input.left() == "two\n");
}

TEST_CASE("a message beyond the largest is refused before all of it is read", "[messages]")
{
  SECTION("a line")
  {
    const Input input{"1234\n12345\n"};
    const auto source = from_file(input, Framing::lines, 4);
    CHECK(next(*source) == "1234");
    source->arrived(1);
    CHECK(error_of(source->next(no_hook)).detail == "5");
    CHECK(source->give_back(0) == 0);
    CHECK(input.left() == "12345\n");
  }
  SECTION("a line whose end has not come")
  {
    const Pipe pipe;
    const auto source = messages::from_descriptor(pipe.out.get(), Framing::lines, false, 4, {});
    pipe.write("12345");
    CHECK(failure(source->next(no_hook)) == Errc::too_large);
  }
  SECTION("a length")
  {
    const Pipe pipe;
    const auto source = messages::from_descriptor(pipe.out.get(), Framing::length_prefixed, false, 4, {});
    pipe.write("\0\0\0\5"s);
    const Error error = error_of(source->next(no_hook));
    CHECK(error.kind == Errc::too_large);
    CHECK(error.detail == "5");
  }
  SECTION("all that there is")
  {
    const Pipe pipe;
    const auto source = messages::from_descriptor(pipe.out.get(), Framing::none, false, 4, {});
    pipe.write("12345");
    CHECK(failure(source->next(no_hook)) == Errc::too_large);
  }
}

TEST_CASE("a last message that is cut short behind its length is said", "[messages]")
{
  const Input input{"\0\0\0\1a\0\0\0\2b"s};
  const auto source = from_file(input, Framing::length_prefixed);
  CHECK(next(*source) == "a");
  const Error error = error_of(source->next(no_hook));
  CHECK(error.kind == Errc::malformed);
  CHECK(error.detail == "the last message is cut short");
}
