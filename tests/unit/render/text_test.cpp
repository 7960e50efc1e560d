// SPDX-License-Identifier: MIT
// Cells and tables for people, as literal text.
#include <ipckit/render/text.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/written.hpp"

using namespace ipckit::render;
using ipckit::Bytes;
using ipckit::tests::written;
using namespace std::chrono_literals;

namespace {

std::string text_of(const Cell& cell)
{
  std::string text;
  append_text(text, cell);
  return text;
}

Words words(const char* text, bool alert = false)
{
  return {.text = text, .alert = alert};
}

std::string written_at(const TextTable& table, unsigned width)
{
  return written([&](Output& out) { table.write(out, {.width = width}); });
}

/// REF, KEY and SIZE; MODE where there is room; USE, the last.
TextTable listing()
{
  TextTable table{{{.heading = "REF"},
                   {.heading = "MODE", .droppable = true},
                   {.heading = "SIZE", .align = Align::right},
                   {.heading = "IDLE", .align = Align::right, .droppable = true},
                   {.heading = "USE"}}};
  const auto row = [&](const char* ref, unsigned mode, std::uint64_t size, std::chrono::nanoseconds idle, Words use) {
    table.add(RefText{ref});
    table.add(Mode{mode});
    table.add(Bytes{size});
    table.add(Age{idle});
    table.add(use);
  };
  row("msg:5", 0600, 16384, 3s, words("7 messages, 3.1K of 16K"));
  row("pshm:/a-longer-name", 01777, 512, 100min, words("512 allocated, sparse"));
  return table;
}

}  // namespace

TEST_CASE("a cell looks as its type does", "[render]")
{
  CHECK(text_of(Absent{}) == "-");
  CHECK(text_of(Unknown{}) == "?");
  CHECK(text_of(Never{}) == "never");
  CHECK(text_of(Unlimited{}) == "unlimited");
  CHECK(text_of(Mode{0640}) == "0640");
  CHECK(text_of(Mode{0}) == "0000");
  CHECK(text_of(Mode{07}) == "0007");
  CHECK(text_of(Mode{01777}) == "01777");
  CHECK(text_of(Key{0}) == "private");
  CHECK(text_of(Key{19999}) == "0x00004e1f");
  CHECK(text_of(Age{90s}) == "90s");
  CHECK(text_of(Number{18446744073709551615ULL}) == "18446744073709551615");
  CHECK(text_of(Signed{-5}) == "-5");
  CHECK(text_of(Percent{12.9}) == "12%");
  CHECK(text_of(Percent{250.0}) == "250%");
  CHECK(text_of(Flag{true}) == "yes");
  CHECK(text_of(Flag{false}) == "no");
  CHECK(text_of(Named{.number = 0, .name = "root"}) == "root");
  CHECK(text_of(Named{.number = 4711, .name = ""}) == "4711");
  CHECK(text_of(words("5 of 5 (full)")) == "5 of 5 (full)");
  CHECK(text_of(Foreign{"a\x1b[2Jb"}) == "a\\x1b[2Jb");
  const std::vector<std::uint16_t> values{1, 0, 65535};
  CHECK(text_of(Numbers{values}) == "1,0,65535");
  CHECK(text_of(RefText{"msg:5"}) == "msg:5");
  CHECK(text_of(Bytes{1536}) == "1.5K");
}

TEST_CASE("a table is as wide as its cells where nobody limits it", "[render]")
{
  CHECK(written_at(listing(), 0) ==
        "REF                  MODE   SIZE  IDLE  USE\n"
        "msg:5                0600    16K    3s  7 messages, 3.1K of 16K\n"
        "pshm:/a-longer-name  01777   512  100m  512 allocated, sparse\n");
  CHECK(written_at(listing(), 66) == written_at(listing(), 0));
}

TEST_CASE("columns that can be spared go first, from the right", "[render]")
{
  CHECK(written_at(listing(), 60) ==
        "REF                  MODE   SIZE  USE\n"
        "msg:5                0600    16K  7 messages, 3.1K of 16K\n"
        "pshm:/a-longer-name  01777   512  512 allocated, sparse\n");
  CHECK(written_at(listing(), 56) ==
        "REF                  SIZE  USE\n"
        "msg:5                 16K  7 messages, 3.1K of 16K\n"
        "pshm:/a-longer-name   512  512 allocated, sparse\n");
}

TEST_CASE("then the last column alone is cut, down to eight", "[render]")
{
  CHECK(written_at(listing(), 40) ==
        "REF                  SIZE  USE\n"
        "msg:5                 16K  7 messages, …\n"
        "pshm:/a-longer-name   512  512 allocate…\n");
  CHECK(written_at(listing(), 35) ==
        "REF                  SIZE  USE\n"
        "msg:5                 16K  7 messa…\n"
        "pshm:/a-longer-name   512  512 all…\n");
}

TEST_CASE("where not even eight are left, cutting would only hide", "[render]")
{
  const char* const whole =
      "REF                  SIZE  USE\n"
      "msg:5                 16K  7 messages, 3.1K of 16K\n"
      "pshm:/a-longer-name   512  512 allocated, sparse\n";
  CHECK(written_at(listing(), 34) == whole);
  CHECK(written_at(listing(), 1) == whole);
}

TEST_CASE("headings can be left out, and then do not widen columns", "[render]")
{
  TextTable table{{{.heading = "A LONG HEADING"}, {.heading = "COUNT", .align = Align::right}, {.heading = "LAST"}}};
  table.add(words("x"));
  table.add(Number{1});
  table.add(words("end"));
  CHECK(written([&](Output& out) { table.write(out, {}); }) ==
        "A LONG HEADING  COUNT  LAST\n"
        "x                   1  end\n");
  CHECK(written([&](Output& out) { table.write(out, {.headings = false}); }) == "x  1  end\n");
}

TEST_CASE("a last column of numbers is aligned, too", "[render]")
{
  TextTable table{{{.heading = "REF"}, {.heading = "SIZE", .align = Align::right}}};
  table.add(RefText{"msg:5"});
  table.add(Number{7});
  table.add(RefText{"msg:6"});
  table.add(Number{123456});
  CHECK(written_at(table, 0) ==
        "REF      SIZE\n"
        "msg:5       7\n"
        "msg:6  123456\n");
}

TEST_CASE("a table without rows is its headings", "[render]")
{
  const TextTable table{{{.heading = "REF"}, {.heading = "USE"}}};
  CHECK(written_at(table, 0) == "REF  USE\n");
  CHECK(written([&](Output& out) { table.write(out, {.headings = false}); }).empty());
}

TEST_CASE("every cell is filled, so that a row can be cut at blanks", "[render]")
{
  TextTable table{{{.heading = "A"}, {.heading = "B"}, {.heading = "C"}}};
  table.add(words(""));
  table.add(Foreign{""});
  table.add(Numbers{{}});
  CHECK(written_at(table, 0) == "A  B  C\n-  -  -\n");
}

TEST_CASE("widths are counted in characters", "[render]")
{
  TextTable table{{{.heading = "NAME"}, {.heading = "USE"}}};
  table.add(Foreign{"grün"});
  table.add(words("one"));
  table.add(Foreign{"gruen"});
  table.add(words("two"));
  CHECK(written_at(table, 0) == "NAME   USE\ngrün   one\ngruen  two\n");
}

TEST_CASE("a table of one column is never cut", "[render]")
{
  TextTable table{{{.heading = "REF"}}};
  table.add(RefText{"pshm:/a-name-that-is-longer-than-the-terminal"});
  CHECK(written_at(table, 20) == "REF\npshm:/a-name-that-is-longer-than-the-terminal\n");
}

TEST_CASE("colour marks headings and what should be noticed, and no blanks", "[render]")
{
  TextTable table{{{.heading = "REF"}, {.heading = "USE"}, {.heading = "MORE"}}};
  table.add(RefText{"msg:5"});
  table.add(words("full", true));
  table.add(words("x"));
  table.add(RefText{"msg:6"});
  table.add(words("empty"));
  table.add(words("doomed", true));
  CHECK(written([&](Output& out) { table.write(out, {.colour = true}); }) ==
        "\x1b[1mREF    USE    MORE\x1b[0m\n"
        "msg:5  \x1b[33mfull\x1b[0m   x\n"
        "msg:6  empty  \x1b[33mdoomed\x1b[0m\n");
}
