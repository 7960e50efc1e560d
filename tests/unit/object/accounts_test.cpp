// SPDX-License-Identifier: MIT
// Names and numbers, as this machine has them.
#include <ipckit/object/accounts.hpp>

#include <algorithm>

#include "support/catch.hpp"

using namespace ipckit::object;

TEST_CASE("root is 0, and 0 is root", "[object]")
{
  CHECK(user_name(0) == "root");
  CHECK(user_number("root") == 0);
  CHECK(group_name(0) == "root");
  CHECK(group_number("root") == 0);
  const auto users = local_users();
  CHECK(std::ranges::find(users, "root") != users.end());
}

TEST_CASE("what nobody is called has no name", "[object]")
{
  CHECK_FALSE(user_name(3999999999));
  CHECK_FALSE(group_name(3999999999));
  for (const auto* const name : {"no-such-user-anywhere", "", "-h", "--help", "root:x", "a\nb"}) {
    INFO(name);
    CHECK_FALSE(user_number(name));
    CHECK_FALSE(group_number(name));
  }
}
