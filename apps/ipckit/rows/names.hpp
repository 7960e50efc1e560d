// SPDX-License-Identifier: MIT
#pragma once
// Names of users and groups, each looked up once.

#include <map>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace ipckit::rows {

class Names {
public:
  /// Empty when the number has no name. The view lives as long as this object.
  [[nodiscard]] std::string_view user(uid_t user) const;
  [[nodiscard]] std::string_view group(gid_t group) const;

private:
  mutable std::map<uid_t, std::string> users_;
  mutable std::map<gid_t, std::string> groups_;
};

}  // namespace ipckit::rows
