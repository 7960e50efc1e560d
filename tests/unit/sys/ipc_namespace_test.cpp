// SPDX-License-Identifier: MIT
// Being in another IPC namespace for the length of a scope, with one thread alone.
#include <ipckit/sys/ipc_namespace.hpp>

#include <cerrno>
#include <thread>

#include <fcntl.h>

#include <ipckit/sys/file.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using sys::InIpcNamespace;
using sys::own_ipc_namespace;
using tests::need;

namespace {

sys::UniqueFd this_namespace()
{
  return need(sys::open("/proc/thread-self/ns/ipc", O_RDONLY));
}

std::uint64_t namespace_of_new_thread()
{
  std::uint64_t found = 0;
  std::thread{[&] { found = own_ipc_namespace().value_or(0); }}.join();
  return found;
}

}  // namespace

TEST_CASE("one's own namespace is the inode behind the link", "[sys]")
{
  CHECK(need(own_ipc_namespace()) == need(sys::status(this_namespace().get(), "")).inode);
}

TEST_CASE("a scope is in another namespace and comes back", "[sys]")
{
  const auto home = this_namespace();
  const auto home_inode = need(own_ipc_namespace());
  IPCKIT_IN_PRIVATE_IPC();
  const auto other_inode = need(own_ipc_namespace());
  REQUIRE(other_inode != home_inode);
  {
    const auto inside = InIpcNamespace::enter(home.get());
    if (!inside) IPCKIT_SKIP("needs root, to enter the machine's own namespace");
    CHECK(need(own_ipc_namespace()) == home_inode);
  }
  CHECK(need(own_ipc_namespace()) == other_inode);
}

TEST_CASE("other threads stay where they are", "[sys]")
{
  const auto home = this_namespace();
  const auto home_inode = need(own_ipc_namespace());
  IPCKIT_IN_PRIVATE_IPC();
  const auto private_inode = need(own_ipc_namespace());

  // This thread is in the private namespace; the other one enters the first, and we see both meanwhile.
  std::uint64_t seen_inside = 0;
  std::uint64_t seen_after = 0;
  std::uint64_t seen_here = 0;
  bool entered = false;
  std::thread{[&] {
    {
      const auto inside = InIpcNamespace::enter(home.get());
      entered = inside.has_value();
      seen_inside = own_ipc_namespace().value_or(0);
    }
    seen_after = own_ipc_namespace().value_or(0);
  }}.join();
  if (!entered) IPCKIT_SKIP("needs root, to enter the machine's own namespace");
  seen_here = need(own_ipc_namespace());
  CHECK(seen_inside == home_inode);
  CHECK(seen_after == private_inode);
  CHECK(seen_here == private_inode);

  const auto inside = need(InIpcNamespace::enter(home.get()));
  CHECK(need(own_ipc_namespace()) == home_inode);
}

TEST_CASE("a thread that was there before does not follow", "[sys]")
{
  const auto home = this_namespace();
  IPCKIT_IN_PRIVATE_IPC();
  const auto private_inode = need(own_ipc_namespace());
  std::uint64_t seen = 0;
  {
    std::atomic<bool> entered = false;
    std::thread other{[&] {
      entered.wait(false);
      seen = own_ipc_namespace().value_or(0);
    }};
    const auto inside = InIpcNamespace::enter(home.get());
    entered = true;
    entered.notify_all();
    other.join();
    if (!inside) IPCKIT_SKIP("needs root, to enter the machine's own namespace");
  }
  CHECK(seen == private_inode);
  CHECK(namespace_of_new_thread() == private_inode);
}

TEST_CASE("one's own namespace needs no entering", "[sys]")
{
  const auto before = need(own_ipc_namespace());
  const auto inside = need(InIpcNamespace::enter(-1));
  CHECK(need(own_ipc_namespace()) == before);
}

TEST_CASE("what is no IPC namespace is not entered", "[sys]")
{
  const auto before = need(own_ipc_namespace());
  const auto file = need(sys::open("/dev/null", O_RDONLY));
  CHECK(tests::error_of(InIpcNamespace::enter(file.get())) ==
        Error{.kind = Errc::system, .operation = "setns", .subject = "ipc namespace", .os_error = EINVAL});
  const auto other_kind = need(sys::open("/proc/self/ns/uts", O_RDONLY));
  CHECK_FALSE(InIpcNamespace::enter(other_kind.get()).has_value());
  CHECK(need(own_ipc_namespace()) == before);
}

TEST_CASE("entering without the right is access denied", "[sys]")
{
  const auto status = tests::exit_status_as(65534, [] {
    const auto own = sys::open("/proc/self/ns/ipc", O_RDONLY);
    const auto entered = InIpcNamespace::enter(own->get());
    return !entered && entered.error().kind == Errc::access_denied ? 0 : 1;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}
