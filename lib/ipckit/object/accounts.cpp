// SPDX-License-Identifier: MIT
#include <ipckit/object/accounts.hpp>

#include <algorithm>
#include <string_view>

#include <ipckit/base/number.hpp>
#include <ipckit/procfs/accounts.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/spawn.hpp>

namespace ipckit::object {
namespace {

using procfs::Account;

std::string file_of(std::string_view database)
{
  return sys::read_text("/etc/" + std::string(database)).value_or("");
}

/// The account's name and number, copied out of the text that it stood in.
struct Found {
  std::string name;
  std::uint32_t number = 0;
};

template <class Wanted>
std::optional<Found> find_in(std::string_view text, Wanted wanted)
{
  for (const Account& account : procfs::parse_accounts(text)) {
    if (wanted(account)) return Found{.name = std::string(account.name), .number = account.number};
  }
  return std::nullopt;
}

/// What getent says of one key. Its own path: whoever may set PATH is not to choose what root runs.
std::string ask_services(const std::string& database, const std::string& key)
{
  const auto switches = sys::read_text("/etc/nsswitch.conf");
  if (!switches || !procfs::has_other_services(*switches, database)) return {};
  return sys::output_of({.words = {"/usr/bin/getent", database, key}, .environment = {"PATH=/usr/bin:/bin"}})
      .value_or("");
}

template <class Wanted>
std::optional<Found> look_up(const std::string& database, const std::string& key, Wanted wanted)
{
  if (auto found = find_in(file_of(database), wanted)) return found;
  // An option for getent would be none of ours.
  if (key.empty() || key.front() == '-') return std::nullopt;
  return find_in(ask_services(database, key), wanted);
}

std::optional<std::string> name_of(const std::string& database, std::uint32_t number)
{
  const auto found = look_up(database, std::to_string(number), [&](const Account& a) { return a.number == number; });
  return found ? std::optional(found->name) : std::nullopt;
}

std::optional<std::uint32_t> number_of(const std::string& database, const std::string& name)
{
  const auto found = look_up(database, name, [&](const Account& a) { return a.name == name; });
  return found ? std::optional(found->number) : std::nullopt;
}

}  // namespace

std::optional<std::string> user_name(uid_t user)
{
  return name_of("passwd", user);
}

std::optional<std::string> group_name(gid_t group)
{
  return name_of("group", group);
}

std::optional<uid_t> user_number(const std::string& name)
{
  return number_of("passwd", name);
}

std::optional<gid_t> group_number(const std::string& name)
{
  return number_of("group", name);
}

std::vector<std::string> local_users()
{
  const std::string text = file_of("passwd");
  std::vector<std::string> names;
  for (const Account& account : procfs::parse_accounts(text)) names.emplace_back(account.name);
  return names;
}

}  // namespace ipckit::object
