// SPDX-License-Identifier: MIT
#pragma once
// passwd(5), group(5) and nsswitch.conf(5): the names of users and groups as files have them.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ipckit::procfs {

/// A line of passwd(5) or group(5): what both begin with.
struct Account {
  std::string_view name;
  std::uint32_t number = 0;  // uid or gid
  bool operator==(const Account&) const = default;
};

/// Nothing for a line that is none: empty, a comment, `+` of the old NIS syntax, or a number that is too large.
[[nodiscard]] std::optional<Account> parse_account(std::string_view line) noexcept;

/// Every account of a file's text.
[[nodiscard]] std::vector<Account> parse_accounts(std::string_view text);

/// Whether nsswitch.conf has services besides `files` for a database ("passwd", "group").
[[nodiscard]] bool has_other_services(std::string_view text, std::string_view database) noexcept;

}  // namespace ipckit::procfs
