// SPDX-License-Identifier: MIT
// RemoveIPC= of logind.conf.
#include <ipckit/procfs/logind.hpp>

#include <string>

#include "support/catch.hpp"

using ipckit::procfs::parse_remove_ipc;

TEST_CASE("RemoveIPC is a boolean of the Login section", "[procfs]")
{
  CHECK(parse_remove_ipc("[Login]\nRemoveIPC=no\n") == false);
  CHECK(parse_remove_ipc("[Login]\nRemoveIPC=yes\n") == true);
  CHECK(parse_remove_ipc("[Login]\nKillUserProcesses=yes\nRemoveIPC = off") == false);
  CHECK(parse_remove_ipc("\t[Login] \r\n  RemoveIPC\t=  On \r\n") == true);
}

TEST_CASE("every word that systemd takes for a boolean is one", "[procfs]")
{
  for (const char* const word : {"1", "yes", "y", "true", "t", "on", "YES", "True", "oN"}) {
    INFO(word);
    CHECK(parse_remove_ipc(std::string("[Login]\nRemoveIPC=") + word) == true);
  }
  for (const char* const word : {"0", "no", "n", "false", "f", "off", "NO", "False", "oFF"}) {
    INFO(word);
    CHECK(parse_remove_ipc(std::string("[Login]\nRemoveIPC=") + word) == false);
  }
}

TEST_CASE("what does not set it says nothing", "[procfs]")
{
  for (const char* const text :
       {"", "[Login]\n", "RemoveIPC=no\n", "[Manager]\nRemoveIPC=no\n", "[Login]\n#RemoveIPC=no\n",
        "[Login]\n;RemoveIPC=no\n", "[Login]\nRemoveIPC\n", "[Login]\nRemoveIPC=\n", "[Login]\nRemoveIPC=maybe\n",
        "[Login]\nremoveipc=no\n", "[Login]\nRemoveIPCs=no\n", "[Login]\n[User]\nRemoveIPC=no\n",
        "[login]\nRemoveIPC=no", "[Login\nRemoveIPC=no", "[Login]x\nRemoveIPC=no"}) {
    INFO("text '" << text << "'");
    CHECK(parse_remove_ipc(text) == std::nullopt);
  }
}

TEST_CASE("the last setting counts, and one that makes no sense does not", "[procfs]")
{
  CHECK(parse_remove_ipc("[Login]\nRemoveIPC=yes\nRemoveIPC=no\n") == false);
  CHECK(parse_remove_ipc("[Login]\nRemoveIPC=no\n[Other]\nRemoveIPC=yes\n[Login]\n") == false);
  CHECK(parse_remove_ipc("[Login]\nRemoveIPC=no\n[Other]\n[Login]\nRemoveIPC=yes\n") == true);
  CHECK(parse_remove_ipc("[Login]\nRemoveIPC=no\nRemoveIPC=perhaps\n") == false);
}
