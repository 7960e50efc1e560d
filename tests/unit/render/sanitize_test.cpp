// SPDX-License-Identifier: MIT
// Text from outside on its way to a terminal and into JSON.
#include <ipckit/render/sanitize.hpp>

#include <random>
#include <string>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace ipckit::render;

namespace {

std::string json_string(std::string_view text)
{
  std::string out;
  append_json_string(out, text);
  return out;
}

/// The text that a JSON parser reads back.
std::string read_back(std::string_view text)
{
  return nlohmann::json::parse(json_string(text)).get<std::string>();
}

}  // namespace

TEST_CASE("printable text stays as it is", "[render]")
{
  for (const char* const text : {"", "jobs", "a b", "grün", "日本語", "🙂", "a\\b", "\"quoted\"", "é"}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("what steers a terminal is shown, not done", "[render]")
{
  CHECK(printable("a\nb") == "a\\x0ab");
  CHECK(printable("\t\r\b\a") == "\\x09\\x0d\\x08\\x07");
  CHECK(printable({"a\0b", 3}) == "a\\x00b");
  CHECK(printable("\x1b[31mred\x1b[0m") == "\\x1b[31mred\\x1b[0m");
  CHECK(printable("\x1b]0;title\x07") == "\\x1b]0;title\\x07");
  CHECK(printable("\x7f") == "\\x7f");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\xc2\\x9b31m");  // U+009B, a control sequence in one character
}

TEST_CASE("what deceives a reader is shown", "[render]")
{
  CHECK(printable("a\u202eb") == "a\\xe2\\x80\\xaeb");  // right to left from here
  CHECK(printable("\u2066x\u2069") == "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9");
  CHECK(printable("a\u200bb") == "a\\xe2\\x80\\x8bb");  // no width
  CHECK(printable("a\u00adb") == "a\\xc2\\xadb");
  CHECK(printable("\ufeff") == "\\xef\\xbb\\xbf");
  CHECK(printable("a\u2028b") == "a\\xe2\\x80\\xa8b");  // another kind of newline
  CHECK(printable("\U000e0041") == "\\xf3\\xa0\\x81\\x81");
  CHECK(printable("\u061c") == "\\xd8\\x9c");
}

TEST_CASE("what is no UTF-8 is shown byte by byte", "[render]")
{
  CHECK(printable("\xff\xfe") == "\\xff\\xfe");
  CHECK(printable("a\x80z") == "a\\x80z");
  CHECK(printable("\xc3") == "\\xc3");                             // cut off
  CHECK(printable("\xc3(") == "\\xc3(");                           // cut off by something else
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");                    // a slash in disguise
  CHECK(printable("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");           // the same
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // half a surrogate pair
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond Unicode
  CHECK(printable("\xf5\x80\x80\x80") == "\\xf5\\x80\\x80\\x80");
}

TEST_CASE("well-formed sequences have lengths from one to four", "[render]")
{
  CHECK(utf8_length("a") == 1);
  CHECK(utf8_length("ä") == 2);
  CHECK(utf8_length("日") == 3);
  CHECK(utf8_length("🙂") == 4);
  CHECK(utf8_length("äx") == 2);
  CHECK(utf8_length("\xf4\x8f\xbf\xbf") == 4);
  CHECK(utf8_length("\xc2\x80") == 2);
  CHECK(utf8_length("\xe6\x97") == std::nullopt);
  CHECK(utf8_length("\x80") == std::nullopt);
  CHECK(is_utf8(""));
  CHECK(is_utf8("aä日🙂"));
  CHECK_FALSE(is_utf8("aä日🙂\xff"));
}

TEST_CASE("a JSON string is written as JSON has it", "[render]")
{
  CHECK(json_string("") == "\"\"");
  CHECK(json_string("jobs") == "\"jobs\"");
  CHECK(json_string("a\"b\\c") == "\"a\\\"b\\\\c\"");
  CHECK(json_string("\n\r\t") == "\"\\n\\r\\t\"");
  CHECK(json_string({"\0\x1b", 2}) == "\"\\u0000\\u001b\"");
  CHECK(json_string("\x7f") == "\"\\u007f\"");
  CHECK(json_string("grün/日") == "\"grün/日\"");
  CHECK(json_string("a\xff\xfe") == "\"a\ufffd\ufffd\"");
  std::string out = "before ";
  append_json_string(out, "x");
  CHECK(out == "before \"x\"");
}

TEST_CASE("what deceives a reader is escaped in JSON, too", "[render]")
{
  CHECK(json_string("a\u202eb") == "\"a\\u202eb\"");
  CHECK(json_string("\u200b\ufeff\u00ad") == "\"\\u200b\\ufeff\\u00ad\"");
  CHECK(json_string("\u009b") == "\"\\u009b\"");
  CHECK(json_string("\U000e0041") == "\"\\udb40\\udc41\"");
  CHECK(json_string("🙂") == "\"🙂\"");
}

TEST_CASE("a JSON string is read back as it was", "[render]")
{
  for (int byte = 0; byte < 128; ++byte) {
    const std::string text{'a', static_cast<char>(byte), 'z'};
    INFO("byte " << byte);
    CHECK(read_back(text) == text);
  }
  for (const char* const text : {"ä", "日本語", "🙂", "\u202e", "\u2028", "\ufeff", "\U000e0041"})
    CHECK(read_back(text) == text);
}

TEST_CASE("any bytes at all make a JSON string that can be read", "[render]")
{
  std::mt19937 random{7};  // NOLINT(cert-msc51-cpp): the same bytes in every run
  for (int turn = 0; turn < 2000; ++turn) {
    std::string bytes;
    for (auto length = random() % 40; length > 0; --length) bytes += static_cast<char>(random());
    const std::string text = read_back(bytes);
    CHECK(is_utf8(text));
    if (is_utf8(bytes)) CHECK(text == bytes);
    CHECK(printable(json_string(bytes)) == json_string(bytes));
    const std::string shown = printable(bytes);
    CHECK(is_utf8(shown));
    CHECK(shown.find_first_of(std::string("\0\x1b\n\r\t\x07\x7f", 7)) == std::string::npos);
  }
}

TEST_CASE("base64 is that of RFC 4648", "[render]")
{
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64({"\x00\xff\xfe", 3}) == "AP/+");
  CHECK(base64("\xfb\xef\xbe") == "++++");
}

TEST_CASE("a character is a column", "[render]")
{
  CHECK(display_width("") == 0);
  CHECK(display_width("jobs") == 4);
  CHECK(display_width("grün") == 4);
  CHECK(display_width("…") == 1);
}

TEST_CASE("what is cut shows it", "[render]")
{
  CHECK(cut_to_width("jobs", 4) == "jobs");
  CHECK(cut_to_width("jobs", 99) == "jobs");
  CHECK(cut_to_width("jobs", 3) == "jo…");
  CHECK(cut_to_width("jobs", 1) == "…");
  CHECK(cut_to_width("jobs", 0).empty());
  CHECK(cut_to_width("", 0).empty());
  CHECK(cut_to_width("grünlich", 4) == "grü…");
  CHECK(cut_to_width("日本語", 2) == "日…");
}
