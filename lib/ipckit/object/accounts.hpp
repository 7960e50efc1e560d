// SPDX-License-Identifier: MIT
#pragma once
// The names of users and groups. They are read from /etc/passwd and /etc/group; where nsswitch.conf(5) has other
// services (LDAP, systemd), getent(1) is asked for what the files lack. So the program needs no name service inside it,
// which it could not have when it is linked statically.

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace ipckit::object {

/// The name of a user; nullopt when the number has none. A service that is out of order is a name that is not there.
[[nodiscard]] std::optional<std::string> user_name(uid_t user);
[[nodiscard]] std::optional<std::string> group_name(gid_t group);
[[nodiscard]] std::optional<uid_t> user_number(const std::string& name);
[[nodiscard]] std::optional<gid_t> group_number(const std::string& name);

/// The users of /etc/passwd.
[[nodiscard]] std::vector<std::string> local_users();

}  // namespace ipckit::object
