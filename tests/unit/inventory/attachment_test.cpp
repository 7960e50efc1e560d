// SPDX-License-Identifier: MIT
// Objects that are attached.
#include <ipckit/inventory/attachment.hpp>

#include <cerrno>
#include <optional>
#include <string>

#include <fcntl.h>

#include <ipckit/inventory/find.hpp>

#include "support/catch.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using inventory::Attachment;
using inventory::Entry;
using tests::failure;
using tests::need;

TEST_CASE("a segment is mapped while it is attached", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(shm::create(object::View{}, {.mode = 0400, .size = 8}));
  const Entry segment = need(shm::inspect(object::View{}, id));
  {
    const auto attached = need(Attachment::attach(object::View{}, segment));
    CHECK(attached.descriptor() == -1);
    CHECK(need(shm::inspect(object::View{}, id)).maps == 1);
  }
  CHECK(need(shm::inspect(object::View{}, id)).maps == 0);
  need(shm::remove(object::View{}, std::get<shm::Segment>(segment), object::Force::no));
  CHECK(failure(Attachment::attach(object::View{}, segment)) == Errc::not_found);
}

TEST_CASE("queues and semaphore sets of System V cannot be", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Entry queue = need(msg::inspect(object::View{}, need(msg::create(object::View{}, {}))));
  CHECK(failure(Attachment::attach(object::View{}, queue)) == Errc::unsupported);
  const Entry set = need(sem::inspect(object::View{}, need(sem::create(object::View{}, {.count = 1}))));
  CHECK(failure(Attachment::attach(object::View{}, set)) == Errc::unsupported);
}

TEST_CASE("a queue is in use while it is attached", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  need(pmsg::create(object::View{}, {.name = "attached"}));
  const auto queue = need(pmsg::inspect(object::View{}, "attached"));
  {
    const auto attached = need(Attachment::attach(object::View{}, queue));
    CHECK(attached.descriptor() >= 0);
    CHECK(failure(pmsg::prove_unused(object::View{}, queue)) == Errc::busy);
  }
  need(pmsg::prove_unused(object::View{}, queue));
  need(pmsg::remove(object::View{}, queue, object::Force::no));
  CHECK(failure(Attachment::attach(object::View{}, queue)) == Errc::not_found);
}

TEST_CASE("files of /dev/shm are in use while they are attached, and only those that were looked at", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  const auto view = directory.view();
  need(pshm::create(view, {.name = "a", .size = 8}));
  need(psem::create(view, {.name = "a"}));
  const auto segment = need(pshm::inspect(view, "a"));
  const auto semaphore = need(psem::inspect(view, "a", psem::Trace::access_time));
  {
    const auto first = need(Attachment::attach(view, segment));
    const auto second = need(Attachment::attach(view, semaphore));
    CHECK(failure(pshm::prove_unused(view, segment)) == Errc::busy);
    CHECK(failure(psem::prove_unused(view, semaphore)) == Errc::busy);
  }
  need(pshm::prove_unused(view, segment));
  need(psem::prove_unused(view, semaphore));
  need(pshm::remove(view, segment, object::Force::no));
  need(pshm::create(view, {.name = "a", .size = 8}));
  CHECK(failure(Attachment::attach(view, segment)) == Errc::removed);
}

TEST_CASE("a FIFO is open for both while it is attached", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  const std::string path = directory / "fifo";
  need(fifo::create(path, 0600));
  const auto fifo = need(fifo::inspect(path));
  {
    const auto attached = need(Attachment::attach(object::View{}, fifo));
    // Without a reader this would be ENXIO.
    CHECK(sys::open(path, O_WRONLY | O_NONBLOCK).has_value());
  }
  CHECK(tests::error_of(sys::open(path, O_WRONLY | O_NONBLOCK)).os_error == ENXIO);
  need(fifo::remove(fifo));
  tests::write_file(path, "");
  CHECK(failure(Attachment::attach(object::View{}, fifo)) == Errc::removed);
}
