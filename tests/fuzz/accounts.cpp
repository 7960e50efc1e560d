// SPDX-License-Identifier: MIT
// passwd, group and nsswitch.conf.
#include <ipckit/procfs/accounts.hpp>

#include <string>

#include "target.hpp"

using ipckit::fuzz::promise;
using namespace ipckit::procfs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string text(ipckit::fuzz::text_of(data, size));
  for (const Account& account : parse_accounts(text)) {
    promise(!account.name.empty() && !account.name.contains(':') && !account.name.contains('\n'),
            "a name is one field");
    const std::string line = std::string(account.name) + ":x:" + std::to_string(account.number) + ":";
    promise(parse_account(line) == account, "what is parsed can be written and parsed again");
  }
  promise(!has_other_services("passwd: files\n" + text, "passwd"), "the first line of a database counts");
  promise(has_other_services("passwd: files ldap\n" + text, "passwd"), "another service is seen");
  return 0;
}
