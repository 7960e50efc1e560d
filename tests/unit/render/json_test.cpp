// SPDX-License-Identifier: MIT
// JSON objects written member by member, and read back.
#include <ipckit/render/json.hpp>

#include <limits>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace ipckit::render;
using ipckit::Bytes;
using ipckit::Timestamp;
using namespace std::chrono_literals;

namespace {

/// An object with one member of this value.
std::string object_of(const Cell& cell)
{
  std::string out;
  JsonObject object{out};
  object.add("x", cell);
  object.close();
  CHECK(nlohmann::json::accept(out));
  return out;
}

}  // namespace

TEST_CASE("a member has the JSON type of its cell", "[render]")
{
  CHECK(object_of(Unknown{}) == R"({"x":null})");
  CHECK(object_of(Mode{0640}) == R"({"x":"0640"})");
  CHECK(object_of(Mode{0}) == R"({"x":"0000"})");
  CHECK(object_of(Mode{01777}) == R"({"x":"01777"})");
  CHECK(object_of(Key{0}) == R"({"x":"0x00000000"})");
  CHECK(object_of(Key{-1}) == R"({"x":"0xffffffff"})");
  CHECK(object_of(Age{90500ms}) == R"({"x":90})");
  CHECK(object_of(Age{-3s}) == R"({"x":-3})");
  CHECK(object_of(Number{18446744073709551615ULL}) == R"({"x":18446744073709551615})");
  CHECK(object_of(Signed{-5}) == R"({"x":-5})");
  CHECK(object_of(Flag{true}) == R"({"x":true})");
  CHECK(object_of(Flag{false}) == R"({"x":false})");
  CHECK(object_of(Named{.number = 0, .name = "root"}) == R"({"x":"root"})");
  CHECK(object_of(Named{.number = 4711, .name = ""}) == R"({"x":null})");
  CHECK(object_of(Words{.text = "a \"b\""}) == R"({"x":"a \"b\""})");
  CHECK(object_of(Foreign{"a\nb"}) == R"({"x":"a\nb"})");
  CHECK(object_of(RefText{"msg:5"}) == R"({"x":"msg:5"})");
  CHECK(object_of(Bytes{4096}) == R"({"x":4096})");
  CHECK(object_of(Timestamp{.seconds = 0}) == R"({"x":"1970-01-01T00:00:00Z"})");
  const std::vector<std::uint16_t> values{1, 0, 65535};
  CHECK(object_of(Numbers{values}) == R"({"x":[1,0,65535]})");
  CHECK(object_of(Numbers{{}}) == R"({"x":[]})");
}

TEST_CASE("per cent are a number, to two digits", "[render]")
{
  const auto percent = [](double value) {
    return nlohmann::json::parse(object_of(Percent{value})).at("x").get<double>();
  };
  CHECK(percent(0) == ipckit::tests::Approx(0));
  CHECK(percent(12.345678) == ipckit::tests::Approx(12.35));
  CHECK(percent(100) == ipckit::tests::Approx(100));
  CHECK(percent(1e-9) == ipckit::tests::Approx(0));
  CHECK(percent(250.5) == ipckit::tests::Approx(250.5));
  CHECK(percent(1e20) == ipckit::tests::Approx(1e20));
}

TEST_CASE("what does not apply is no member", "[render]")
{
  CHECK(object_of(Absent{}) == "{}");
  CHECK(object_of(Never{}) == "{}");
  CHECK(object_of(Unlimited{}) == "{}");
}

TEST_CASE("members stand in the order in which they are added", "[render]")
{
  std::string out = "before ";
  JsonObject object{out};
  object.add("b", Number{1});
  object.add("skipped", Absent{});
  object.add_json("list", "[1,2]");
  object.add("a", Number{2});
  object.close();
  CHECK(out == R"(before {"b":1,"list":[1,2],"a":2})");
}

TEST_CASE("an object that begins with what does not apply has no comma in front", "[render]")
{
  std::string out;
  JsonObject object{out};
  object.add("skipped", Never{});
  object.add("a", Number{2});
  object.close();
  CHECK(out == R"({"a":2})");
}

TEST_CASE("text that is no UTF-8 comes with its bytes", "[render]")
{
  CHECK(object_of(Foreign{"a\xff"}) == "{\"x\":\"a\ufffd\",\"x_base64\":\"Yf8=\"}");
  CHECK(object_of(Foreign{"ä"}) == "{\"x\":\"ä\"}");
}
