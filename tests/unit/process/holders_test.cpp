// SPDX-License-Identifier: MIT
// Which processes have an object open or mapped, or wait on it.
#include <ipckit/process/holders.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include <ipckit/sem/set.hpp>
#include <ipckit/shm/segment.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using object::View;
using process::Holder;
using tests::need;

namespace {

std::vector<pid_t> pids_of(const std::vector<Holder>& holders)
{
  std::vector<pid_t> pids;
  for (const Holder& holder : holders) pids.push_back(holder.pid);
  std::ranges::sort(pids);
  return pids;
}

std::vector<pid_t> sorted(std::vector<pid_t> pids)
{
  std::ranges::sort(pids);
  return pids;
}

bool attach(int id)
{
  return ::shmat(id, nullptr, SHM_RDONLY) != reinterpret_cast<void*>(-1);
}

void block_on(int id)
{
  sembuf operation{.sem_num = 0, .sem_op = -1, .sem_flg = 0};
  ::semop(id, &operation, 1);
}

}  // namespace

TEST_CASE("who has a segment mapped is found by its mappings", "[process]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(shm::create(View{}, {.key = 0x4e1f, .size = 4096}));
  const int other = need(shm::create(View{}, {.key = 0, .size = 4096}));
  CHECK(process::holders_of_segment(View{}, id, 9).empty());
  const tests::Child first{[&] { return attach(id) && ::prctl(PR_SET_NAME, "first holder") == 0; }};
  const tests::Child second{[&] { return attach(id) && attach(id) && attach(other); }};
  REQUIRE((first.ready() && second.ready()));
  const auto holders = process::holders_of_segment(View{}, id, 9);
  CHECK(pids_of(holders) == sorted({first.pid(), second.pid()}));
  CHECK(std::ranges::count(holders, "first holder", &Holder::command) == 1);
  CHECK(pids_of(process::holders_of_segment(View{}, other, 9)) == std::vector{second.pid()});
  CHECK(process::holders_of_segment(View{}, id, 1).size() == 1);
  // Nor does it matter that it is doomed.
  need(shm::remove(View{}, need(shm::inspect(View{}, id)), object::Force::yes));
  CHECK(process::holders_of_segment(View{}, id, 9).size() == 2);
}

TEST_CASE("the segment with the same id in another namespace is another one", "[process]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(shm::create(View{}, {.key = 0, .size = 4096}));
  const tests::Child holder{[&] { return attach(id); }};
  REQUIRE(holder.ready());
  const auto outer = need(sys::open("/proc/thread-self/ns/ipc", O_RDONLY));
  const tests::PrivateIpc inner;
  REQUIRE(inner.missing().empty());
  REQUIRE(need(shm::create(View{}, {.key = 0, .size = 4096})) == id);
  CHECK(process::holders_of_segment(View{}, id, 9).empty());
  CHECK(pids_of(process::holders_of_segment({.ipc_namespace = outer.get()}, id, 9)) == std::vector{holder.pid()});
}

TEST_CASE("who has a file open or mapped is found, who only looks at it is not", "[process]")
{
  const tests::TemporaryDirectory directory;
  const std::string path = directory / "frame";
  tests::write_file(path, std::string(4096, 'x'));
  const auto file = need(sys::status_at(AT_FDCWD, path));
  const tests::Child opener{[&] { return ::open(path.c_str(), O_RDONLY) >= 0; }};
  const tests::Child mapper{[&] {
    const int fd = ::open(path.c_str(), O_RDONLY);
    const bool mapped = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED;
    ::close(fd);
    return mapped;
  }};
  const tests::Child looker{[&] { return ::open(path.c_str(), O_PATH) >= 0; }};
  REQUIRE((opener.ready() && mapper.ready() && looker.ready()));
  CHECK(pids_of(process::holders_of_file(View{}, file, 9)) == sorted({opener.pid(), mapper.pid()}));
  CHECK(process::holders_of_file(View{}, file, 1).size() == 1);
  REQUIRE(::unlink(path.c_str()) == 0);
  CHECK(process::holders_of_file(View{}, file, 9).size() == 2);
}

TEST_CASE("one's own descriptors do not count", "[process]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "frame", "");
  const auto fd = need(sys::open(directory / "frame", O_RDONLY));
  CHECK(process::holders_of_file(View{}, need(sys::status(fd.get(), "")), 9).empty());
}

TEST_CASE("who waits on a set is found by the call that it is blocked in", "[process]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = need(sem::create(View{}, {.key = 0, .count = 1, .values = {}}));
  const int other = need(sem::create(View{}, {.key = 0, .count = 1, .values = {}}));
  CHECK(process::waiters_on_set(View{}, id, 9).empty());
  const tests::Background waiter{[&] { block_on(id); }};
  const auto found = [&] { return pids_of(process::waiters_on_set(View{}, id, 9)); };
  CHECK(tests::eventually([&] { return found() == std::vector{waiter.pid()}; }));
  CHECK(process::waiters_on_set(View{}, other, 9).empty());
}

TEST_CASE("holders are named by pid and command", "[process]")
{
  CHECK(process::names_of({}).empty());
  CHECK(process::names_of({{.pid = 4711, .command = "make"}}) == "pid 4711 (make)");
  CHECK(process::names_of({{.pid = 4711, .command = "make"}, {.pid = 4712, .command = "cc1"}}) ==
        "pid 4711 (make), pid 4712 (cc1)");
}

TEST_CASE("without /proc nobody is found", "[process]")
{
  const View nowhere{.proc_directory = "/nonexistent"};
  CHECK(process::holders_of_segment(nowhere, 0, 9).empty());
  CHECK(process::holders_of_file(nowhere, {}, 9).empty());
  CHECK(process::waiters_on_set(nowhere, 0, 9).empty());
}
