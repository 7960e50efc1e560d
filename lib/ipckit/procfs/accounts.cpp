// SPDX-License-Identifier: MIT
#include <ipckit/procfs/accounts.hpp>

#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>

namespace ipckit::procfs {
namespace {

constexpr std::string_view blanks = " \t\r";

/// The next word of a line, which is cut off it; empty at the end.
std::string_view take_word(std::string_view& line) noexcept
{
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const auto word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

std::optional<Account> parse_account(std::string_view line) noexcept
{
  const auto [name, behind_name] = split_once(line, ':');
  if (name.empty() || name.front() == '#' || name.front() == '+' || name.front() == '-') return std::nullopt;
  const auto [password, behind_password] = split_once(behind_name, ':');
  const auto number = parse_number<std::uint32_t>(split_once(behind_password, ':').first);
  if (!number) return std::nullopt;
  return Account{.name = name, .number = *number};
}

std::vector<Account> parse_accounts(std::string_view text)
{
  std::vector<Account> accounts;
  while (!text.empty()) {
    if (const auto account = parse_account(take_line(text))) accounts.push_back(*account);
  }
  return accounts;
}

bool has_other_services(std::string_view text, std::string_view database) noexcept
{
  while (!text.empty()) {
    auto line = split_once(take_line(text), '#').first;
    auto [name, services] = split_once(line, ':');
    if (take_word(name) != database) continue;
    for (auto word = take_word(services); !word.empty(); word = take_word(services)) {
      // "[NOTFOUND=return]" is no service but what to do after one.
      if (word != "files" && word.front() != '[') return true;
    }
    return false;
  }
  return false;
}

}  // namespace ipckit::procfs
