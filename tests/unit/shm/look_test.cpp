// SPDX-License-Identifier: MIT
// Bytes of a System V segment that has to be attached for that.
#include <ipckit/shm/look.hpp>

#include <string>

#include <sys/shm.h>
#include <unistd.h>

#include <ipckit/shm/segment.hpp>

#include "support/catch.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using object::View;
using tests::failure;
using tests::need;

TEST_CASE("attached for as long as it takes to copy", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(shm::create(View{}, {.size = 100}));
  auto* const address = static_cast<char*>(::shmat(id, nullptr, 0));
  std::string("hello").copy(address + 95, 5);
  ::shmdt(address);
  std::string text(5, '?');
  need(shm::look_attached(View{}, id, 95, std::as_writable_bytes(std::span{text})));
  CHECK(text == "hello");
  const auto after = need(shm::inspect(View{}, id));
  CHECK(after.maps == 0);
  CHECK(after.last_user == ::getpid());
}

TEST_CASE("a segment that is gone", "[shm]")
{
  IPCKIT_IN_PRIVATE_IPC();
  std::string text(5, '?');
  CHECK(failure(shm::look_attached(View{}, 77, 0, std::as_writable_bytes(std::span{text}))) == Errc::not_found);
}
