// SPDX-License-Identifier: MIT
#include <ipckit/cli/values.hpp>

#include <string_view>

#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/object/accounts.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

std::uint32_t parse_value(const std::string& option, std::string_view text, std::uint32_t most)
{
  const auto value = parse_number<std::uint64_t>(text);
  if (!value) throw UsageError(option + ": '" + render::printable(text) + "' is no value");
  if (*value > most) throw UsageError(option + ": " + std::string(text) + " is more than " + std::to_string(most));
  return static_cast<std::uint32_t>(*value);
}

/// Calls `take` with each part of a list.
template <class Take>
void for_each_part(std::string_view list, Take take)
{
  for (;;) {
    const auto comma = list.find(',');
    take(list.substr(0, comma));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

/// What chown(2) takes for "leave it": no user or group has this number.
constexpr auto nobody = static_cast<std::uint32_t>(-1);

}  // namespace

std::vector<std::uint32_t> parse_values(const std::string& option, const std::string& text, std::uint32_t most)
{
  std::vector<std::uint32_t> values;
  for_each_part(text, [&](std::string_view part) { values.push_back(parse_value(option, part, most)); });
  return values;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> parse_numbered_values(const std::string& option,
                                                                           const std::string& text, std::uint32_t most)
{
  std::vector<std::pair<std::uint32_t, std::uint32_t>> values;
  for_each_part(text, [&](std::string_view part) {
    const auto [number_text, value_text] = split_once(part, '=');
    const auto number = parse_number<std::uint32_t>(number_text);
    if (!number || !part.contains('=')) {
      throw UsageError(option + ": '" + render::printable(part) + "' is not NUMBER=VALUE");
    }
    values.emplace_back(*number, parse_value(option, value_text, most));
  });
  return values;
}

std::int64_t parse_type(const std::string& option, const std::string& text)
{
  if (const auto number = parse_number<std::int64_t>(text)) return *number;
  throw UsageError(option + ": '" + render::printable(text) +
                   "' is not a whole number from -9223372036854775808 to 9223372036854775807");
}

std::uint32_t parse_priority(const std::string& text)
{
  constexpr std::uint32_t most = 32767;  // MQ_PRIO_MAX - 1, mq_send(3)
  if (const auto number = parse_number<std::uint32_t>(text); number && *number <= most) return *number;
  throw UsageError("--priority: '" + render::printable(text) + "' is not a whole number from 0 to 32767");
}

uid_t parse_user(const std::string& option, const std::string& text)
{
  if (const auto found = object::user_number(text)) return *found;
  if (const auto number = parse_number<uid_t>(text); number && *number != nobody) return *number;
  throw UsageError(option + ": there is no user '" + render::printable(text) + "'");
}

gid_t parse_group(const std::string& option, const std::string& text)
{
  if (const auto found = object::group_number(text)) return *found;
  if (const auto number = parse_number<gid_t>(text); number && *number != nobody) return *number;
  throw UsageError(option + ": there is no group '" + render::printable(text) + "'");
}

}  // namespace ipckit::cli
