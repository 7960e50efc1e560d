// SPDX-License-Identifier: MIT
#include <ipckit/procfs/accounts.hpp>

#include "support/catch.hpp"

using namespace ipckit::procfs;

TEST_CASE("lines of passwd and group begin alike", "[procfs]")
{
  CHECK(parse_account("root:x:0:0:root:/root:/bin/bash") == Account{.name = "root", .number = 0});
  CHECK(parse_account("shadow:*:42:") == Account{.name = "shadow", .number = 42});
  CHECK(parse_account("nobody:x:4294967294:") == Account{.name = "nobody", .number = 4294967294});
  for (const auto* const line : {"", "#root:x:0:", "+::::::", "-bob:x:1:", ":x:1:", "bob", "bob:x",
                                 "bob:x:", "bob:x:-1:", "bob:x:4294967296:", "bob:x:1x:"}) {
    INFO(line);
    CHECK_FALSE(parse_account(line));
  }
}

TEST_CASE("all accounts of a text, the last line with and without its newline", "[procfs]")
{
  CHECK(parse_accounts("").empty());
  CHECK(parse_accounts("a:x:1:\nb:x:2:").size() == 2);
  CHECK(parse_accounts("a:x:1:\n\n+\nb:x:2:\n").size() == 2);
}

TEST_CASE("services besides the files are seen", "[procfs]")
{
  CHECK_FALSE(has_other_services("", "passwd"));
  CHECK_FALSE(has_other_services("passwd: files\ngroup: files ldap\n", "passwd"));
  CHECK(has_other_services("passwd: files\ngroup: files ldap\n", "group"));
  CHECK(has_other_services("  passwd :\tfiles systemd", "passwd"));
  CHECK_FALSE(has_other_services("passwd: files [NOTFOUND=return] # ldap\n", "passwd"));
  CHECK_FALSE(has_other_services("#passwd: ldap\n", "passwd"));
}
