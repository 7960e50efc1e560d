// SPDX-License-Identifier: MIT
// A part of a segment that is watched.
#include <ipckit/render/window.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

using namespace ipckit::render;
using Runs = std::vector<Run>;

namespace {

std::span<const std::byte> bytes_of(std::string_view text)
{
  return std::as_bytes(std::span{text});
}

Window window(std::string_view text, std::optional<ValueType> type = std::nullopt, std::uint64_t offset = 0)
{
  return {.offset = offset, .bytes = bytes_of(text), .type = type};
}

constexpr std::string_view zeros{"\0\0\0\0\0\0\0\0", 8};
constexpr std::string_view one_in_second{"\0\0\0\0\1\0\0\0", 8};

}  // namespace

TEST_CASE("bytes that changed side by side are one run", "[render]")
{
  CHECK(changed_runs(bytes_of("abcdef"), window("abcdef")).empty());
  CHECK(changed_runs(bytes_of("abcdef"), window("aXXdeX")) == Runs{{.at = 1, .size = 2}, {.at = 5, .size = 1}});
}

TEST_CASE("what was not there before has changed; what is not there any more is no run", "[render]")
{
  CHECK(changed_runs(bytes_of("ab"), window("abcd")) == Runs{{.at = 2, .size = 2}});
  CHECK(changed_runs({}, window("ab")) == Runs{{.at = 0, .size = 2}});
  CHECK(changed_runs(bytes_of("abcd"), window("ab")).empty());
}

TEST_CASE("a value changes as a whole, and so does a string", "[render]")
{
  CHECK(changed_runs(bytes_of(zeros), window(one_in_second, ValueType::u32)) == Runs{{.at = 4, .size = 4}});
  CHECK(changed_runs(bytes_of("abc"), window("abX", ValueType::str)) == Runs{{.at = 0, .size = 3}});
}

TEST_CASE("all of a window in a line", "[render]")
{
  CHECK(window_text(window("\x01\xff", {}, 16)) == "0x10: 01ff");
  CHECK(window_text(window("")) == "0x0: -");
  CHECK(window_text(window(one_in_second, ValueType::u32, 8)) == "0x8: 0 1");
  CHECK(window_text(window(one_in_second.substr(0, 7), ValueType::u32)) == "0x0: 0");
  CHECK(window_text(window("a\x1b[31m", ValueType::str)) == "0x0: \"a\\x1b[31m\"");
}

TEST_CASE("what changed in a line", "[render]")
{
  CHECK(changes_text(bytes_of("abcd"), window("aXcY", {}, 16)) == "0x11: 62 -> 58, 0x13: 64 -> 59");
  CHECK(changes_text(bytes_of("a"), window("ab")) == "0x1: - -> 62");
  CHECK(changes_text(bytes_of(zeros), window(one_in_second, ValueType::i32)) == "0x4: 0 -> 1");
  CHECK(changes_text(bytes_of("ab"), window("ac", ValueType::str)) == "0x0: \"ab\" -> \"ac\"");
}

TEST_CASE("lines of a screen are no wider than it is", "[render]")
{
  const std::string bytes(64, 'x');
  for (const std::size_t columns : {20U, 40U, 60U, 79U, 80U, 200U}) {
    for (const auto type : {std::optional<ValueType>{}, std::optional(ValueType::u8), std::optional(ValueType::u64),
                            std::optional(ValueType::str)}) {
      for (const auto& line : window_lines(window(bytes, type), {}, columns)) {
        INFO(columns << ": " << line);
        // A number that is wider than the screen cannot be helped.
        if (type != ValueType::u64 || columns > 30) CHECK(line.size() <= columns + 2);
      }
    }
  }
  CHECK(window_lines(window(bytes), {}, 80).size() == 4);
  CHECK(window_lines(window(bytes), {}, 45).size() == 8);
}

TEST_CASE("what changed stands out on a screen", "[render]")
{
  const auto lines = window_lines(window(one_in_second, ValueType::u32), {{.at = 4, .size = 4}}, 80);
  CHECK(lines == std::vector<std::string>{"0x0:      0  \x1b[7m1\x1b[0m"});
  const auto text = window_lines(window("ab", ValueType::str), {{.at = 0, .size = 2}}, 80);
  CHECK(text == std::vector<std::string>{"\x1b[7m\"ab\"\x1b[0m"});
}

TEST_CASE("a screen costs what its bytes do, however many of them changed", "[render]")
{
  const std::string bytes(std::size_t{1} << 20U, 'x');
  std::string before = bytes;
  for (std::size_t at = 0; at < before.size(); at += 2) before[at] = 'y';
  const auto shown = window(bytes);
  const auto runs = changed_runs(std::as_bytes(std::span{before}), shown);
  CHECK(runs.size() == bytes.size() / 2);
  const auto lines = window_lines(shown, runs, 80);
  CHECK(lines.size() == bytes.size() / 16);
  CHECK(lines.back().contains("\x1b[7m78\x1b[0m 78 \x1b[7m78\x1b[0m"));
}

TEST_CASE("members of JSON", "[render]")
{
  const auto json = [](const Window& shown) {
    std::string out;
    JsonObject object{out};
    add_window(object, shown);
    object.close();
    return out;
  };
  CHECK(json(window("\xff", {}, 3)) == R"({"offset":3,"data_base64":"/w=="})");
  CHECK(json(window(one_in_second, ValueType::i32)) == R"({"offset":0,"type":"i32","values":[0,1]})");
  CHECK(json(window("ab", ValueType::str)) == R"({"offset":0,"type":"str","text":"ab"})");
  CHECK(runs_json(window("abc", {}, 16), {{.at = 1, .size = 2}}) == R"([{"offset":17,"size":2}])");
}
