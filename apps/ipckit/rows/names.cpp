// SPDX-License-Identifier: MIT
#include <ipckit/rows/names.hpp>

#include <ipckit/object/accounts.hpp>

namespace ipckit::rows {

std::string_view Names::user(uid_t user) const
{
  const auto [place, is_new] = users_.try_emplace(user);
  if (is_new) place->second = object::user_name(user).value_or("");
  return place->second;
}

std::string_view Names::group(gid_t group) const
{
  const auto [place, is_new] = groups_.try_emplace(group);
  if (is_new) place->second = object::group_name(group).value_or("");
  return place->second;
}

}  // namespace ipckit::rows
