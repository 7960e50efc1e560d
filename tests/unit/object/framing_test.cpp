// SPDX-License-Identifier: MIT
// Messages in a stream of bytes.
#include <ipckit/object/framing.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace std::string_literals;
using namespace std::string_view_literals;
using object::Framing;
using object::Splitter;
using tests::failure;
using tests::need;

namespace {

std::span<const std::byte> bytes_of(std::string_view text)
{
  return std::as_bytes(std::span{text.data(), text.size()});
}

std::string text_of(std::span<const std::byte> bytes)
{
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string framed(Framing framing, const std::vector<std::string>& messages)
{
  std::string out;
  for (const std::string& message : messages) need(object::append_framed(out, framing, bytes_of(message)));
  return out;
}

void feed(Splitter& splitter, std::string_view text)
{
  const auto room = splitter.room(text.size());
  REQUIRE(room.size() >= text.size());
  std::ranges::copy(bytes_of(text), room.begin());
  splitter.filled(text.size());
}

void take_complete(Splitter& splitter, std::vector<std::string>& messages)
{
  while (const auto message = splitter.front()) {
    messages.push_back(text_of(*message));
    splitter.pop();
  }
}

/// The messages of a stream that arrives in two parts, looked at in between.
std::vector<std::string> split_at(Framing framing, std::string_view stream, std::size_t position)
{
  Splitter splitter{framing};
  std::vector<std::string> messages;
  feed(splitter, stream.substr(0, position));
  take_complete(splitter, messages);
  feed(splitter, stream.substr(position));
  take_complete(splitter, messages);
  splitter.finish();
  take_complete(splitter, messages);
  return messages;
}

constexpr std::array framings{Framing::lines, Framing::null, Framing::length_prefixed};

}  // namespace

TEST_CASE("each framing has its bytes", "[object]")
{
  CHECK(framed(Framing::none, {"a", "bc"}) == "abc");
  CHECK(framed(Framing::lines, {"a", "", "bc"}) == "a\n\nbc\n");
  CHECK(framed(Framing::null, {"a", "", "bc"}) == "a\0\0bc\0"s);
  CHECK(framed(Framing::length_prefixed, {"a", "", "bc"}) == "\0\0\0\1a\0\0\0\0\0\0\0\2bc"s);
  CHECK(framed(Framing::length_prefixed, {std::string(258, 'x')}) == "\0\0\1\2"s + std::string(258, 'x'));
}

TEST_CASE("the size of a message with its frame is what it takes in the stream", "[object]")
{
  for (const Framing framing : {Framing::none, Framing::lines, Framing::null, Framing::length_prefixed}) {
    for (const std::size_t size : {0U, 1U, 300U}) {
      CHECK(object::framed_size(framing, size) == framed(framing, {std::string(size, 'x')}).size());
    }
  }
}

TEST_CASE("only lines and NULs are separated by a byte", "[object]")
{
  CHECK(object::separator_of(Framing::lines) == std::byte{'\n'});
  CHECK(object::separator_of(Framing::null) == std::byte{0});
  CHECK_FALSE(object::separator_of(Framing::none));
  CHECK_FALSE(object::separator_of(Framing::length_prefixed));
}

TEST_CASE("a length that four bytes cannot hold is no frame", "[object]")
{
  // The bytes are not looked at before that.
  const char byte = 0;
  const std::span huge{reinterpret_cast<const std::byte*>(&byte), std::size_t{1} << 32U};
  std::string out;
  CHECK(failure(object::append_framed(out, Framing::length_prefixed, huge)) == Errc::too_large);
  CHECK(out.empty());
}

TEST_CASE("wherever a stream is cut, the messages are the same", "[object]")
{
  const std::vector<std::string> messages{"first", "", "x", "", "", "the \x01 last\xff one"};
  for (const Framing framing : framings) {
    const std::string stream = framed(framing, messages);
    for (std::size_t position = 0; position <= stream.size(); ++position) {
      INFO("framing " << static_cast<int>(framing) << ", cut at " << position);
      CHECK(split_at(framing, stream, position) == messages);
    }
  }
}

TEST_CASE("byte by byte the messages are the same", "[object]")
{
  const std::vector<std::string> messages{"", "ab", std::string(1000, 'y'), ""};
  for (const Framing framing : framings) {
    Splitter splitter{framing};
    std::vector<std::string> found;
    for (const char c : framed(framing, messages)) {
      feed(splitter, {&c, 1});
      take_complete(splitter, found);
    }
    CHECK(found == messages);
    CHECK(splitter.rest().empty());
  }
}

TEST_CASE("without framing whatever was read is a message", "[object]")
{
  Splitter splitter{Framing::none};
  CHECK_FALSE(splitter.front());
  feed(splitter, "abc\n\0"sv);
  REQUIRE(splitter.front());
  CHECK(text_of(*splitter.front()) == "abc\n\0"s);
  splitter.pop();
  CHECK_FALSE(splitter.front());
  splitter.finish();
  CHECK_FALSE(splitter.front());
}

TEST_CASE("at the end of the stream the last separator may be missing", "[object]")
{
  for (const Framing framing : {Framing::lines, Framing::null}) {
    const char separator = framing == Framing::lines ? '\n' : '\0';
    Splitter splitter{framing};
    feed(splitter, "a"s + separator + "rest");
    splitter.pop();
    REQUIRE(splitter.front());
    splitter.pop();
    CHECK_FALSE(splitter.front());
    splitter.finish();
    REQUIRE(splitter.front());
    CHECK(text_of(*splitter.front()) == "rest");
    splitter.pop();
    CHECK_FALSE(splitter.front());
  }
}

TEST_CASE("a stream that ends with a separator has no empty message behind it", "[object]")
{
  CHECK(split_at(Framing::lines, "a\n", 2) == std::vector{"a"s});
  CHECK(split_at(Framing::lines, "\n", 0) == std::vector{""s});
  CHECK(split_at(Framing::lines, "", 0).empty());
}

TEST_CASE("a message that is cut short behind its length is none, and stays", "[object]")
{
  for (const std::string& cut : {"\0\0\0\5abcd"s, "\0\0\0"s, "\0"s}) {
    Splitter splitter{Framing::length_prefixed};
    feed(splitter, cut);
    splitter.finish();
    CHECK_FALSE(splitter.front());
    CHECK(text_of(splitter.rest()) == cut);
  }
}

TEST_CASE("front says the same until it is dropped", "[object]")
{
  for (const Framing framing : framings) {
    Splitter splitter{framing};
    feed(splitter, framed(framing, {"one", "two"}));
    for (int time = 0; time < 3; ++time) {
      REQUIRE(splitter.front());
      CHECK(text_of(*splitter.front()) == "one");
    }
    // More room moves the bytes, and front finds them again.
    static_cast<void>(splitter.room(100000));
    REQUIRE(splitter.front());
    CHECK(text_of(*splitter.front()) == "one");
    splitter.pop();
    REQUIRE(splitter.front());
    CHECK(text_of(*splitter.front()) == "two");
  }
}

TEST_CASE("what is behind the front message is known", "[object]")
{
  for (const Framing framing : framings) {
    const std::string last = framed(framing, {"two"}) + "\0\0"s;
    Splitter splitter{framing};
    feed(splitter, framed(framing, {"one"}) + last);
    REQUIRE(splitter.front());
    CHECK(text_of(splitter.rest()) == framed(framing, {"one"}) + last);
    CHECK(text_of(splitter.rest_behind_front()) == last);
    splitter.pop();
    CHECK(text_of(splitter.rest()) == last);
    CHECK(text_of(splitter.rest_behind_front()) == last);  // nothing was asked for
  }
}

TEST_CASE("an unfinished message has at least what is known of it", "[object]")
{
  Splitter lines{Framing::lines};
  CHECK(lines.at_least() == 0);
  feed(lines, "abc");
  CHECK_FALSE(lines.front());
  CHECK(lines.at_least() == 3);

  Splitter lengths{Framing::length_prefixed};
  feed(lengths, "\xff\xff"sv);
  CHECK(lengths.at_least() == 0);
  feed(lengths, "\xff\xff"sv);
  CHECK_FALSE(lengths.front());
  CHECK(lengths.at_least() == 0xffffffffU);
}

TEST_CASE("how many of the bytes to come belong to the messages that are wanted", "[object]")
{
  for (const Framing framing : framings) {
    const std::string first = framed(framing, {"one"});
    const std::string second = framed(framing, {""});
    const std::string third = framed(framing, {"three"});
    for (std::size_t had = 0; had < first.size(); ++had) {
      Splitter splitter{framing};
      feed(splitter, first.substr(0, had));
      const std::string more = (first + second + third).substr(had);
      INFO("framing " << static_cast<int>(framing) << ", had " << had);
      CHECK(splitter.bytes_of(bytes_of(more), 0) == 0);
      CHECK(splitter.bytes_of(bytes_of(more), 1) == first.size() - had);
      CHECK(splitter.bytes_of(bytes_of(more), 2) == first.size() + second.size() - had);
      CHECK(splitter.bytes_of(bytes_of(more), 3) == more.size());
      // More messages than there are: all of it belongs to them.
      CHECK(splitter.bytes_of(bytes_of(more), 100) == more.size());
      // One that is not complete has all that there is of it.
      CHECK(splitter.bytes_of(bytes_of(more).first(1), 2) == 1);
      // Nothing was taken.
      CHECK(text_of(splitter.rest()) == first.substr(0, had));
    }
  }
}
