// SPDX-License-Identifier: MIT
#include <ipckit/render/json.hpp>

#include <array>
#include <charconv>

#include <ipckit/object/key.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/render/timestamp.hpp>

namespace ipckit::render {
namespace {

struct AppendJson {
  std::string& out;

  void number(auto value) const
  {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
  }
  void operator()(Absent /*cell*/) const {}     // never reached: the member is left out
  void operator()(Unlimited /*cell*/) const {}  // nor this one
  void operator()(Unknown /*cell*/) const { out += "null"; }
  void operator()(Mode cell) const
  {
    out += '"';
    out += '0';
    for (const unsigned shift : {9U, 6U, 3U, 0U}) {
      if (shift == 9U && (cell.bits >> 9U) == 0) continue;
      out += static_cast<char>('0' + (cell.bits >> shift & 7U));
    }
    out += '"';
  }
  void operator()(Key cell) const
  {
    out += '"';
    out += object::key_text(cell.key);
    out += '"';
  }
  void operator()(Age cell) const { number(std::chrono::duration_cast<std::chrono::seconds>(cell.length).count()); }
  void operator()(Number cell) const { number(cell.count); }
  void operator()(Signed cell) const { number(cell.count); }
  void operator()(Percent cell) const
  {
    std::array<char, 32> digits{};
    const char* const end =
        std::to_chars(digits.data(), digits.data() + digits.size(), cell.value, std::chars_format::fixed, 2).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }
  void operator()(Flag cell) const { out += cell.set ? "true" : "false"; }
  void operator()(Never /*cell*/) const {}  // neither is this one
  void operator()(Named cell) const
  {
    if (cell.name.empty()) {
      out += "null";
    } else {
      append_json_string(out, cell.name);
    }
  }
  void operator()(const Words& cell) const { append_json_string(out, cell.text); }
  void operator()(const Foreign& cell) const { append_json_string(out, cell.text); }
  void operator()(const Numbers& cell) const
  {
    out += '[';
    bool first = true;
    for (const auto value : cell.values) {
      if (!first) out += ',';
      first = false;
      number(value);
    }
    out += ']';
  }
  void operator()(const RefText& cell) const
  {
    out += '"';
    out += cell.text;
    out += '"';
  }
  void operator()(Bytes cell) const { number(cell.count); }
  void operator()(Timestamp cell) const
  {
    out += '"';
    append_rfc3339(out, cell);
    out += '"';
  }
};

/// Whether there is anything to say in JSON.
bool is_member(const Cell& cell) noexcept
{
  return !std::holds_alternative<Absent>(cell) && !std::holds_alternative<Never>(cell) &&
         !std::holds_alternative<Unlimited>(cell);
}

}  // namespace

void JsonObject::begin(std::string_view key)
{
  if (!first_) out_ += ',';
  first_ = false;
  out_ += '"';
  out_ += key;
  out_ += "\":";
}

void JsonObject::add(std::string_view key, const Cell& cell)
{
  if (!is_member(cell)) return;
  begin(key);
  std::visit(AppendJson{out_}, cell);
  const auto* const foreign = std::get_if<Foreign>(&cell);
  if (foreign != nullptr && !is_utf8(foreign->text)) {
    begin(std::string(key) + "_base64");
    append_json_string(out_, base64(foreign->text));
  }
}

void JsonObject::add_json(std::string_view key, std::string_view json)
{
  begin(key);
  out_ += json;
}

}  // namespace ipckit::render
