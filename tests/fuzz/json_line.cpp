// SPDX-License-Identifier: MIT
// Messages as JSON lines: what is read is in range, and is read back from what is written of it.
#include <string>

#include <ipckit/messages/format.hpp>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto line = fuzz::text_of(data, size);
  // Any bytes are a message, which becomes a line and is read back.
  for (const auto kind : {object::Kind::msg, object::Kind::pmsg, object::Kind::fifo}) {
    const object::Message message{.type = static_cast<std::int64_t>(size) + 1, .data = messages::bytes_of(line)};
    std::string text;
    messages::append_json(text, kind, message);
    promise(text.find('\n') == std::string::npos, "a line has no newline inside");
    const auto read = messages::parse_json_line(text);
    promise(read && read->data == line, "the data are read back");
    promise(kind != object::Kind::msg || read->type == message.type, "the type is read back");
  }

  const auto parsed = messages::parse_json_line(line);
  promise(parsed || parsed.error().kind == Errc::malformed, "what is wrong with a line is that it is malformed");
  promise(parsed || !parsed.error().detail.empty(), "and why is said");
  if (!parsed) return 0;
  promise(!parsed->type || *parsed->type > 0, "a type is above 0");
  promise(!parsed->priority || *parsed->priority < 32768, "a priority is below 32768");
  return 0;
}
