// SPDX-License-Identifier: MIT
// Messages as JSON lines, and base64.
#include <ipckit/messages/format.hpp>

#include <string>

#include <ipckit/render/sanitize.hpp>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace std::string_literals;
using messages::parse_base64;
using messages::parse_json_line;
using object::Kind;
using tests::error_of;
using tests::need;

namespace {

std::string complaint(std::string_view line)
{
  const Error error = error_of(parse_json_line(line));
  CHECK(error.kind == Errc::malformed);
  return error.detail;
}

std::string json_of(Kind kind, const object::Message& message)
{
  std::string out;
  messages::append_json(out, kind, message);
  return out;
}

}  // namespace

TEST_CASE("a JSON line carries type, priority and data", "[messages]")
{
  const auto message = need(parse_json_line(R"({"type":7,"priority":3,"data":"a\u0000\nb","other":[1]})"));
  CHECK(message.type == 7);
  CHECK(message.priority == 3U);
  CHECK(message.data == "a\0\nb"s);
}

TEST_CASE("what a JSON line does not say is not there", "[messages]")
{
  for (const char* const line : {R"({"data":""})", R"( {"type":null,"priority":null,"data":""} )"}) {
    const auto message = need(parse_json_line(line));
    CHECK_FALSE(message.type);
    CHECK_FALSE(message.priority);
    CHECK(message.data.empty());
  }
}

TEST_CASE("base64 goes before the legible form of the same data", "[messages]")
{
  CHECK(need(parse_json_line(R"({"data_base64":"/w=="})")).data == "\xff");
  CHECK(need(parse_json_line(R"({"data":"\ufffd","data_base64":"/w=="})")).data == "\xff");
}

TEST_CASE("the largest types and priorities are read exactly", "[messages]")
{
  CHECK(need(parse_json_line(R"({"type":9223372036854775807,"data":""})")).type == INT64_MAX);
  CHECK(need(parse_json_line(R"({"priority":32767,"data":""})")).priority == 32767U);
  CHECK(need(parse_json_line(R"({"priority":0,"data":""})")).priority == 0U);
}

TEST_CASE("a line that is no message says what is wrong with it", "[messages]")
{
  for (const char* const line : {"", "x", "[]", "null", "\"data\"", "{", R"({"data":"x"} {})", "{\"data\":\"\xff\"}"}) {
    INFO(line);
    CHECK(complaint(line) == "no JSON object");
  }
  for (const char* const type : {"0", "-1", "1.0", "1e3", "\"1\"", "true", "9223372036854775808",
                                 "18446744073709551615", "18446744073709551617"}) {
    INFO(type);
    CHECK(complaint(R"({"data":"","type":)"s + type + "}") == "type is no number above 0");
  }
  for (const char* const priority : {"-1", "32768", "0.5", "\"1\"", "4294967296", "18446744073709551615"}) {
    INFO(priority);
    CHECK(complaint(R"({"data":"","priority":)"s + priority + "}") == "priority is no number from 0 to 32767");
  }
  CHECK(complaint("{}") == "neither data nor data_base64");
  CHECK(complaint(R"({"data":1})") == "data is no text");
  CHECK(complaint(R"({"data":null})") == "data is no text");
  CHECK(complaint(R"({"data":"x","data_base64":1})") == "data_base64 is no text");
  CHECK(complaint(R"({"data":"x","data_base64":"*"})") == "data_base64 is not base64");
}

TEST_CASE("the examples of RFC 4648 are read", "[messages]")
{
  CHECK(parse_base64("") == "");
  CHECK(parse_base64("Zg==") == "f");
  CHECK(parse_base64("Zm8=") == "fo");
  CHECK(parse_base64("Zm9v") == "foo");
  CHECK(parse_base64("Zm9vYg==") == "foob");
  CHECK(parse_base64("Zm9vYmE=") == "fooba");
  CHECK(parse_base64("Zm9vYmFy") == "foobar");
  CHECK(parse_base64("Zg") == "f");
  CHECK(parse_base64("Zm8") == "fo");
  CHECK(parse_base64("+/+/") == "\xfb\xff\xbf");
}

TEST_CASE("what is not base64 is not read as if it were", "[messages]")
{
  for (const char* const text : {"=", "==", "===", "====", "Z", "Z===", "Zg=", "Zm8==", "Zm9v=", "Zm9vY", "Zm 9v",
                                 "Zm9v\n", "-_-_", "Zg==Zg==", "Z=g=", "Zm9v===="}) {
    INFO("'" << text << "'");
    CHECK_FALSE(parse_base64(text));
  }
  CHECK_FALSE(parse_base64("Zm9\0"s));
}

TEST_CASE("every byte goes through base64 unchanged, at every length", "[messages]")
{
  std::string bytes;
  for (int value = 0; value < 256; ++value) {
    bytes += static_cast<char>(value);
    const std::string text = render::base64(bytes);
    CHECK(parse_base64(text) == bytes);
    CHECK(parse_base64(text.substr(0, text.find('='))) == bytes);
  }
}

TEST_CASE("a message in JSON says of itself what its kind has", "[messages]")
{
  const object::Message message{.type = 5, .priority = 9, .data = messages::bytes_of("hi")};
  CHECK(json_of(Kind::msg, message) == R"({"type":5,"data":"hi"})");
  CHECK(json_of(Kind::pmsg, message) == R"({"priority":9,"data":"hi"})");
  CHECK(json_of(Kind::fifo, message) == R"({"data":"hi"})");
}

TEST_CASE("a message that was written as JSON is read back the same", "[messages]")
{
  const std::string texts[] = {"",
                               "plain",
                               "\"\\/\b\f\n\r\t",
                               "\0\x01\x1f\x7f"s,
                               "\xff\xfe",
                               "\xc3\xa9\xe2\x80\xa8",
                               "\xed\xa0\x80",
                               "\xf4\x90\x80\x80"};
  for (const std::string& text : texts) {
    const object::Message message{.type = INT64_MAX, .priority = 32767, .data = messages::bytes_of(text)};
    const std::string line = json_of(Kind::msg, message);
    INFO(line);
    CHECK(line.find('\n') == std::string::npos);
    const auto read = need(parse_json_line(line));
    CHECK(read.type == INT64_MAX);
    CHECK(read.data == text);
    CHECK(need(parse_json_line(json_of(Kind::pmsg, message))).priority == 32767U);
  }
}

TEST_CASE("a JSON line is framed as a line", "[messages]")
{
  using messages::Format;
  using messages::framing_of;
  CHECK(framing_of(Format::json_lines) == object::Framing::lines);
  CHECK(framing_of(Format::lines) == object::Framing::lines);
  CHECK(framing_of(Format::null) == object::Framing::null);
  CHECK(framing_of(Format::length_prefixed) == object::Framing::length_prefixed);
  CHECK(framing_of(Format::none) == object::Framing::none);
}
