// SPDX-License-Identifier: MIT
#include <ipckit/messages/format.hpp>

#include <nlohmann/json.hpp>

#include <ipckit/render/json.hpp>
#include <ipckit/render/messages.hpp>

namespace ipckit::messages {
namespace {

using nlohmann::json;

constexpr std::uint32_t priorities = 32768;  // MQ_PRIO_MAX, mq_send(3)

std::unexpected<Error> malformed(const char* why)
{
  return fail(Errc::malformed, "parse", "JSON line", why);
}

Result<std::optional<std::int64_t>> type_in(const json& line)
{
  const auto found = line.find("type");
  if (found == line.end() || found->is_null()) return std::optional<std::int64_t>{};
  if (!found->is_number_integer() || *found < 1 || *found > INT64_MAX) return malformed("type is no number above 0");
  return std::optional(found->get<std::int64_t>());
}

Result<std::optional<std::uint32_t>> priority_in(const json& line)
{
  const auto found = line.find("priority");
  if (found == line.end() || found->is_null()) return std::optional<std::uint32_t>{};
  if (!found->is_number_integer() || *found < 0 || *found >= priorities) {
    return malformed("priority is no number from 0 to 32767");
  }
  return std::optional(found->get<std::uint32_t>());
}

Result<std::string> data_in(const json& line)
{
  // Data that is not UTF-8 may stand there twice: legibly, and as it is.
  if (const auto found = line.find("data_base64"); found != line.end()) {
    if (!found->is_string()) return malformed("data_base64 is no text");
    auto data = parse_base64(found->get_ref<const std::string&>());
    if (!data) return malformed("data_base64 is not base64");
    return std::move(*data);
  }
  const auto found = line.find("data");
  if (found == line.end()) return malformed("neither data nor data_base64");
  if (!found->is_string()) return malformed("data is no text");
  return found->get<std::string>();
}

/// Whether brackets nest deeper than any message needs: each open one costs the parser memory, and a line may have as
/// many as it has bytes.
bool nests_too_deep(std::string_view line) noexcept
{
  constexpr int deepest = 100'000;
  int depth = 0;
  bool inside_text = false;
  for (std::size_t at = 0; at < line.size() && depth <= deepest; ++at) {
    const char c = line[at];
    if (inside_text && c == '\\') {
      ++at;
    } else if (c == '"') {
      inside_text = !inside_text;
    } else if (!inside_text) {
      depth += c == '[' || c == '{' ? 1 : 0;
      depth -= c == ']' || c == '}' ? 1 : 0;
    }
  }
  return depth > deepest;
}

/// The value of a base64 digit; 64 for any other character.
constexpr std::uint32_t digit(char c) noexcept
{
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a') + 26U;
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0') + 52U;
  if (c == '+') return 62U;
  return c == '/' ? 63U : 64U;
}

}  // namespace

object::Framing framing_of(Format format) noexcept
{
  switch (format) {
    case Format::none: return object::Framing::none;
    case Format::lines:
    case Format::json_lines: return object::Framing::lines;
    case Format::null: return object::Framing::null;
    case Format::length_prefixed: return object::Framing::length_prefixed;
  }
  return object::Framing::none;
}

Result<ParsedMessage> parse_json_line(std::string_view line)
{
  if (nests_too_deep(line)) return malformed("no JSON object");
  // Of what is nested nothing is kept: it says nothing of the message, and could be of any size.
  const auto keep = [](int depth, json::parse_event_t event, const json& /*parsed*/) {
    const bool opens = event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    return depth == 0 || !opens;
  };
  const auto parsed = json::parse(line, keep, false);
  if (!parsed.is_object()) return malformed("no JSON object");
  return ParsedMessage{.type = IPCKIT_TRY(type_in(parsed)),
                       .priority = IPCKIT_TRY(priority_in(parsed)),
                       .data = IPCKIT_TRY(data_in(parsed))};
}

std::optional<std::string> parse_base64(std::string_view text)
{
  const auto digits = text.substr(0, text.find_last_not_of('=') + 1);
  const bool padded = text.size() != digits.size();
  if (text.size() - digits.size() > 2 || digits.size() % 4 == 1 || (padded && text.size() % 4 != 0)) {
    return std::nullopt;
  }
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : digits) {
    const std::uint32_t value = digit(c);
    if (value > 63U) return std::nullopt;
    bits = bits << 6U | value;
    count += 6U;
    if (count < 8U) continue;
    count -= 8U;
    bytes += static_cast<char>(bits >> count & 0xffU);
  }
  return bytes;
}

void append_json(std::string& out, object::Kind kind, const object::Message& message)
{
  render::JsonObject object{out};
  if (kind == object::Kind::msg) object.add("type", render::Signed{message.type});
  if (kind == object::Kind::pmsg) object.add("priority", render::Number{message.priority});
  render::add_data(object, text_of(message.data));
  object.close();
}

}  // namespace ipckit::messages
