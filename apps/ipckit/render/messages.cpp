// SPDX-License-Identifier: MIT
#include <ipckit/render/messages.hpp>

#include <string>

#include <ipckit/render/hex.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::render {
namespace {

TextTable new_table()
{
  return TextTable{{{.heading = "INDEX", .align = Align::right},
                    {.heading = "TYPE", .align = Align::right},
                    {.heading = "SIZE", .align = Align::right},
                    {.heading = "DATA"}}};
}

/// Unknown of a message that cannot be looked at.
Cell type_cell(const msg::WaitingMessage& message)
{
  return message.type ? Cell{Signed{*message.type}} : Cell{Unknown{}};
}

}  // namespace

void add_data(JsonObject& object, std::string_view data)
{
  std::string quoted;
  const bool utf8 = is_utf8(data);
  append_json_string(quoted, utf8 ? data : base64(data));
  object.add_json(utf8 ? "data" : "data_base64", quoted);
}

MessagePrinter::MessagePrinter(Output& out, Look look, const TextStyle& style)
    : out_{out}, look_{look}, style_{style}, table_{new_table()}
{
}

void MessagePrinter::add(const msg::WaitingMessage& message)
{
  switch (look_) {
    case Look::raw: out_.write(text_of(message.data)); break;
    case Look::hex: add_hex(message); break;
    case Look::table: add_row(message); break;
    case Look::json:
    case Look::jsonl: add_object(message); break;
  }
  first_ = false;
}

void MessagePrinter::finish()
{
  if (look_ == Look::table) write_table();
}

void MessagePrinter::add_row(const msg::WaitingMessage& message)
{
  table_.add(Number{message.index});
  table_.add(type_cell(message));
  table_.add(Number{message.size});
  table_.add(message.type ? Cell{Foreign{std::string(text_of(message.data))}} : Cell{Unknown{}});
  // A table is laid out before its first line is written. One of all messages could take any memory.
  constexpr std::size_t enough = 1U << 20U;
  held_ += message.data.size() + 64;
  if (held_ >= enough) write_table();
}

void MessagePrinter::write_table()
{
  table_.write(out_, style_);
  style_.headings = false;
  held_ = 0;
  table_ = new_table();
}

void MessagePrinter::add_hex(const msg::WaitingMessage& message)
{
  std::string& out = out_.buffer();
  if (!first_) out += '\n';
  out += "message " + std::to_string(message.index) + ", ";
  out += message.type ? "type " + std::to_string(*message.type) : std::string("type ?");
  out += ", " + plural(message.size, "byte", "bytes") + '\n';
  append_hex(out, 0, message.data);
  out_.filled();
}

void MessagePrinter::add_object(const msg::WaitingMessage& message)
{
  std::string& out = out_.buffer();
  if (look_ == Look::json && !first_) out += ",\n";
  JsonObject object{out};
  object.add("index", Number{message.index});
  object.add("type", type_cell(message));
  object.add("size", Number{message.size});
  if (message.type) {
    add_data(object, text_of(message.data));
  } else {
    object.add("data", Unknown{});
  }
  object.close();
  if (look_ == Look::jsonl) out += '\n';
  out_.filled();
}

}  // namespace ipckit::render
