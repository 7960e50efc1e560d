// SPDX-License-Identifier: MIT
// POSIX message queues, in an IPC namespace of the test's own.
#include <ipckit/pmsg/queue.hpp>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <fcntl.h>
#include <mqueue.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/sys/mqueue.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"

using namespace ipckit;
using object::Force;
using object::Removal;
using object::View;
using pmsg::Geometry;
using pmsg::Queue;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

constexpr uid_t stranger = 65534;

Queue new_queue(const std::string& name, std::uint32_t mode = 0600)
{
  need(pmsg::create(View{}, {.name = name, .mode = mode, .max_messages = 4, .message_size = 128}));
  return need(pmsg::inspect(View{}, name));
}

void send(const std::string& name, std::string_view text)
{
  const auto queue = need(sys::mq_open("/" + name, O_WRONLY | O_NONBLOCK));
  REQUIRE(::mq_send(queue.get(), text.data(), text.size(), 0) == 0);
}

std::vector<std::string> names_of(const object::Listing<Queue>& listing)
{
  std::vector<std::string> names;
  for (const Queue& queue : listing.rows) names.push_back(queue.name);
  std::ranges::sort(names);
  return names;
}

/// A process of the test that has the queue open.
bool open_in_child(const std::string& name)
{
  return sys::mq_open("/" + name, O_RDONLY).value_or(sys::UniqueFd{}).release() >= 0;
}

}  // namespace

TEST_CASE("a new POSIX queue has the wanted geometry and mode", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const mode_t mask = ::umask(0077);
  const Queue queue = new_queue("jobs", 0646);
  CHECK(::umask(mask) == 0077);
  CHECK(queue.name == "jobs");
  CHECK(queue.geometry == Geometry{.messages = 0, .max_messages = 4, .message_size = 128});
  CHECK(queue.file.mode() == 0646);
  CHECK(queue.file.user == ::geteuid());
}

TEST_CASE("what is not wanted of the geometry is the kernel's default", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto geometry = [](std::optional<std::uint64_t> messages, std::optional<std::uint64_t> size) {
    need(pmsg::create(View{}, {.name = "q", .max_messages = messages, .message_size = size}));
    const Queue queue = need(pmsg::inspect(View{}, "q"));
    need(pmsg::remove(View{}, queue, Force::no));
    return *queue.geometry;
  };
  const Geometry usual = geometry({}, {});
  CHECK(geometry(3, {}) == Geometry{.max_messages = 3, .message_size = usual.message_size});
  CHECK(geometry({}, 77) == Geometry{.max_messages = usual.max_messages, .message_size = 77});
}

TEST_CASE("a name that is taken stays with who has it", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("jobs");
  CHECK(failure(pmsg::create(View{}, {.name = "jobs"})) == Errc::already_exists);
}

TEST_CASE("a geometry that no queue can have makes none", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  CHECK(failure(pmsg::create(View{}, {.name = "q", .max_messages = ~std::uint64_t{0}})) == Errc::too_large);
  CHECK(error_of(pmsg::create(View{}, {.name = "q", .max_messages = 0})).os_error == EINVAL);
  CHECK(error_of(pmsg::create(View{}, {.name = "q", .message_size = std::uint64_t{1} << 40U})).os_error == EINVAL);
  CHECK(need(pmsg::list(View{})).rows.empty());
}

TEST_CASE("a queue that is not there is not found", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  CHECK(failure(pmsg::inspect(View{}, "missing")) == Errc::not_found);
  CHECK(failure(pmsg::change(View{}, "missing", {.mode = 0600, .user = {}, .group = {}})) == Errc::not_found);
}

TEST_CASE("queues are listed although their file system is mounted nowhere", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  if (!sys::mount_mqueue()) IPCKIT_SKIP("needs the right to mount");
  const View nowhere{.mqueue_directory = "/nonexistent"};
  CHECK(need(pmsg::list(nowhere)).rows.empty());
  const std::vector<Queue> expected{new_queue("jobs"), new_queue("sem.odd name\n")};
  const auto listing = need(pmsg::list(nowhere));
  CHECK(names_of(listing) == std::vector<std::string>{"jobs", "sem.odd name\n"});
  for (const Queue& queue : listing.rows) {
    CHECK(std::ranges::any_of(expected, [&](const Queue& other) {
      return queue.name == other.name && queue.geometry == other.geometry && queue.file.same_inode(other.file);
    }));
  }
  CHECK(listing.gaps.empty());
}

TEST_CASE("looking at a queue leaves no trace", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("jobs");
  send("jobs", "one");
  const Queue before = need(pmsg::inspect(View{}, "jobs"));
  need(pmsg::list(View{}));
  need(pmsg::inspect(View{}, "jobs"));
  CHECK(need(pmsg::inspect(View{}, "jobs")) == before);
  CHECK(before.geometry->messages == 1);
}

TEST_CASE("without the right to mount, a gap stands for the names", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("jobs", 0644);
  const View nowhere{.mqueue_directory = "/nonexistent"};
  const auto status = tests::exit_status_as(stranger, [&] {
    const auto listing = pmsg::list(nowhere);
    if (!listing || !listing->rows.empty()) return 1;
    const object::Gap expected{
        .what = object::Missing::names, .kind = object::Kind::pmsg, .subject = "/nonexistent", .os_error = ENOENT};
    if (listing->gaps != std::vector{expected}) return 2;
    // A name that is known works all the same.
    const auto queue = pmsg::inspect(nowhere, "jobs");
    return queue && queue->geometry ? 0 : 3;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("the mount of another namespace is not taken for one's own", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto foreign = sys::mount_mqueue();
  if (!foreign) IPCKIT_SKIP("needs the right to mount");
  new_queue("theirs", 0644);
  const View view{.mqueue_directory = "/proc/self/fd/" + std::to_string(foreign->get())};

  const tests::PrivateIpc inner;
  REQUIRE(inner.missing().empty());
  const auto status = tests::exit_status_as(stranger, [&] {
    const auto listing = pmsg::list(view);
    if (!listing || !listing->rows.empty() || listing->gaps.size() != 1) return 1;
    return listing->gaps[0].what == object::Missing::foreign ? 0 : 2;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("what may only be written to can be asked, what may not be opened cannot", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  new_queue("inbox", 0602);
  new_queue("private", 0600);
  const auto status = tests::exit_status_as(stranger, [&] {
    const auto inbox = pmsg::inspect(View{}, "inbox");
    if (!inbox || inbox->geometry != Geometry{.max_messages = 4, .message_size = 128}) return 1;
    const auto hidden = pmsg::inspect(View{.mqueue_directory = "/nonexistent"}, "private");
    return !hidden && hidden.error().kind == Errc::access_denied ? 0 : 2;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("owner, group and mode of a queue are changed", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  if (!tests::is_real_root()) IPCKIT_SKIP("needs root, to give objects away");
  const Queue before = new_queue("jobs");
  need(pmsg::change(View{}, "jobs", {.mode = 0640, .user = 1234, .group = 5678}));
  const Queue after = need(pmsg::inspect(View{}, "jobs"));
  CHECK(after.file.same_inode(before.file));
  CHECK(after.file.mode() == 0640);
  CHECK(after.file.user == 1234);
  CHECK(after.file.group == 5678);
}

TEST_CASE("a queue that nobody uses goes", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Queue queue = new_queue("jobs");
  need(pmsg::prove_unused(View{}, queue));
  CHECK(need(pmsg::remove(View{}, queue, Force::no)) == Removal::gone);
  CHECK(failure(pmsg::inspect(View{}, "jobs")) == Errc::not_found);
  CHECK(failure(pmsg::remove(View{}, queue, Force::yes)) == Errc::not_found);
  CHECK(failure(pmsg::prove_unused(View{}, queue)) == Errc::not_found);
}

TEST_CASE("a queue that somebody has open stays unless it is forced: then it is doomed", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Queue queue = new_queue("jobs");
  const tests::Child holder{[] { return open_in_child("jobs"); }};
  REQUIRE(holder.ready());
  CHECK(failure(pmsg::prove_unused(View{}, queue)) == Errc::busy);
  CHECK(failure(pmsg::remove(View{}, queue, Force::no)) == Errc::busy);
  CHECK(pmsg::inspect(View{}, "jobs").has_value());
  CHECK(need(pmsg::remove(View{}, queue, Force::yes)) == Removal::doomed);
  CHECK(failure(pmsg::inspect(View{}, "jobs")) == Errc::not_found);
}

TEST_CASE("a queue with messages inside stays unless it is forced: then it is gone", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Queue queue = new_queue("jobs");
  send("jobs", "one");
  CHECK(error_of(pmsg::remove(View{}, queue, Force::no)) ==
        Error{.kind = Errc::busy, .operation = "remove", .subject = "jobs", .detail = "1 message inside"});
  send("jobs", "two");
  CHECK(error_of(pmsg::prove_unused(View{}, queue)).detail == "2 messages inside");
  CHECK(need(pmsg::remove(View{}, queue, Force::yes)) == Removal::gone);
}

TEST_CASE("another queue under the same name is not removed", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Queue judged = new_queue("jobs");
  REQUIRE(::mq_unlink("/jobs") == 0);
  const Queue successor = new_queue("jobs");
  for (const Force force : {Force::no, Force::yes}) {
    CHECK(failure(pmsg::remove(View{}, judged, force)) == Errc::removed);
  }
  CHECK(failure(pmsg::prove_unused(View{}, judged)) == Errc::removed);
  CHECK(need(pmsg::inspect(View{}, "jobs")).file.same_inode(successor.file));
}

TEST_CASE("whether a queue is used cannot be told of one that may not be opened", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const Queue queue = new_queue("jobs", 0600);
  const auto status = tests::exit_status_as(stranger, [&] {
    const auto kept = pmsg::remove(View{}, queue, Force::no);
    if (kept || kept.error().kind != Errc::unseen) return 1;
    const auto denied = pmsg::remove(View{}, queue, Force::yes);
    return !denied && denied.error().kind == Errc::access_denied ? 0 : 2;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("a soft limit of the caller's own is raised when it is in the way", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const auto status = tests::exit_status_as(stranger, [] {
    const rlimit tight{.rlim_cur = 1000, .rlim_max = 50000};
    if (::setrlimit(RLIMIT_MSGQUEUE, &tight) != 0) return 1;
    if (!pmsg::create(View{}, {.name = "fits", .max_messages = 4, .message_size = 1000})) return 2;
    const auto refused = pmsg::create(View{}, {.name = "large", .max_messages = 10, .message_size = 8192});
    return !refused && refused.error().os_error == EMFILE ? 0 : 3;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("a view of another namespace shows that one's queues", "[pmsg]")
{
  IPCKIT_IN_PRIVATE_IPC();
  if (!sys::mount_mqueue()) IPCKIT_SKIP("needs the right to mount");
  const Queue queue = new_queue("outer");
  const auto outer = need(sys::open("/proc/thread-self/ns/ipc", O_RDONLY));
  const tests::PrivateIpc inner;
  REQUIRE(inner.missing().empty());
  const View there{.ipc_namespace = outer.get()};
  CHECK(need(pmsg::list(View{})).rows.empty());
  CHECK(names_of(need(pmsg::list(there))) == std::vector<std::string>{"outer"});
  CHECK(need(pmsg::inspect(there, "outer")).file.same_inode(queue.file));
  need(pmsg::create(there, {.name = "second"}));
  CHECK(need(pmsg::list(View{})).rows.empty());
  CHECK(need(pmsg::remove(there, queue, Force::no)) == Removal::gone);
  CHECK(names_of(need(pmsg::list(there))) == std::vector<std::string>{"second"});
}
