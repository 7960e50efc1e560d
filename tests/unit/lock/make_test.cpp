// SPDX-License-Identifier: MIT
// Finding or making what is to be locked, by many at the same time.
#include <ipckit/lock/make.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <functional>
#include <list>
#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/object/key.hpp>
#include <ipckit/psem/semaphore.hpp>
#include <ipckit/sem/set.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/pipe.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using lock::find_or_make_segment;
using lock::find_or_make_semaphore;
using lock::find_or_make_set;
using lock::Making;
using object::View;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

constexpr std::int32_t key = 4711;
constexpr Making none_made{.allowed = false};

/// What one of many has got.
struct Got {
  std::uint64_t object = 0;  // an id or an inode; 0: it failed
  bool made = false;
};

/// Runs `get` in many processes that begin together.
std::vector<Got> together(int many, const std::function<Got()>& get)
{
  const tests::Pipe start;
  const tests::Pipe results;
  std::list<tests::Background> processes;
  for (int i = 0; i < many; ++i) {
    processes.emplace_back([&] {
      char byte = 0;
      static_cast<void>(::read(start.out.get(), &byte, 1));
      const Got got = get();
      static_cast<void>(::write(results.in.get(), &got, sizeof got));
    });
  }
  start.write(std::string(static_cast<std::size_t>(many), 'g'));
  std::vector<Got> all(static_cast<std::size_t>(many));
  for (Got& got : all) REQUIRE(::read(results.out.get(), &got, sizeof got) == sizeof got);
  return all;
}

/// All have the same, and one of them has made it.
void check_made_once(const std::vector<Got>& all)
{
  std::set<std::uint64_t> objects;
  int made = 0;
  for (const Got& got : all) {
    objects.insert(got.object);
    made += got.made ? 1 : 0;
  }
  CHECK(objects.size() == 1);
  CHECK_FALSE(objects.contains(0));
  CHECK(made == 1);
}

Result<lock::Lockable<int>> find_or_make(const Making& making = {})
{
  sys::Interrupts interrupts;
  return find_or_make_set(View{}, key, making, interrupts);
}

sem::Set set_of(int id)
{
  return need(sem::inspect(View{}, id));
}

/// The set by which makers of `key` keep each other out.
std::int32_t makers_key()
{
  return object::key_of_word("ipckit-lock." + std::to_string(::geteuid()) + "." + std::to_string(key));
}

bool operate(int id, short change, short flags)
{
  sembuf operation{.sem_num = 0, .sem_op = change, .sem_flg = flags};
  return ::semop(id, &operation, 1) == 0;
}

/// A set as a maker leaves it that was killed half way.
int new_unfinished_set()
{
  const int id = ::semget(key, 1, IPC_CREAT | IPC_EXCL | 0601);
  REQUIRE(id >= 0);
  return id;
}

}  // namespace

TEST_CASE("a set is made where there is none, with one to take", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  CHECK(failure(find_or_make(none_made)) == Errc::not_found);
  const auto made = need(find_or_make({.mode = 0640}));
  CHECK(made.made);
  const auto set = set_of(made.object);
  CHECK(set.identity.key == key);
  CHECK(set.identity.mode == 0640);
  CHECK(set.values == std::vector<std::uint16_t>{1});
  for (const Making& making : {Making{}, none_made}) {
    const auto found = need(find_or_make(making));
    CHECK(found.object == made.object);
    CHECK_FALSE(found.made);
  }
  CHECK(::semget(makers_key(), 0, 0) == -1);  // nothing else is left
}

TEST_CASE("a set is made once by many at the same time", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  for (int round = 0; round < 5; ++round) {
    const auto all = together(20, [] {
      const auto found = find_or_make();
      return found ? Got{.object = static_cast<std::uint64_t>(found->object) + 1, .made = found->made} : Got{};
    });
    check_made_once(all);
    const int id = need(sem::find(View{}, key));
    CHECK(set_of(id).values == std::vector<std::uint16_t>{1});
    CHECK(set_of(id).identity.mode == 0600);
    CHECK(::semget(makers_key(), 0, 0) == -1);
    REQUIRE(::semctl(id, 0, IPC_RMID) == 0);
  }
}

TEST_CASE("a set whose maker was killed half way is finished", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_unfinished_set();
  const auto found = need(find_or_make());
  CHECK(found.object == id);
  CHECK(set_of(id).values == std::vector<std::uint16_t>{1});
  CHECK(set_of(id).identity.mode == 0600);
}

TEST_CASE("an unfinished set is finished once by many at the same time", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = new_unfinished_set();
  check_made_once(together(10, [] {
    const auto found = find_or_make();
    return found ? Got{.object = static_cast<std::uint64_t>(found->object) + 1, .made = found->made} : Got{};
  }));
  CHECK(set_of(id).values == std::vector<std::uint16_t>{1});
}

TEST_CASE("a set is nobody's to finish that has been operated on, or has other semaphores", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  SECTION("operated on")
  {
    const int id = new_unfinished_set();
    REQUIRE(operate(id, 3, 0));
    CHECK(need(find_or_make()).object == id);
    CHECK(set_of(id).values == std::vector<std::uint16_t>{3});
    CHECK(set_of(id).identity.mode == 0600);  // all that its maker may have left to do
  }
  SECTION("two semaphores")
  {
    const int id = ::semget(key, 2, IPC_CREAT | 0601);
    CHECK(need(find_or_make()).object == id);
    CHECK(set_of(id).values == std::vector<std::uint16_t>{0, 0});
  }
  SECTION("another mode")
  {
    const int id = ::semget(key, 1, IPC_CREAT | 0600);
    CHECK_FALSE(need(find_or_make()).made);
    CHECK(set_of(id).values == std::vector<std::uint16_t>{0});
  }
}

TEST_CASE("a maker that was killed keeps nobody out", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  {
    const tests::Child maker{[] {
      const int id = ::semget(makers_key(), 1, IPC_CREAT | 0600);
      return id >= 0 && operate(id, 1, SEM_UNDO);
    }};
    REQUIRE(maker.ready());
  }
  REQUIRE(::semget(makers_key(), 0, 0) >= 0);
  CHECK(need(find_or_make()).made);
  CHECK(::semget(makers_key(), 0, 0) == -1);
}

TEST_CASE("what a maker has left who was killed at the very end goes with the next look", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  need(find_or_make());
  REQUIRE(::semget(makers_key(), 1, IPC_CREAT | 0600) >= 0);
  need(find_or_make(none_made));
  CHECK(::semget(makers_key(), 0, 0) >= 0);
  need(find_or_make());
  CHECK(::semget(makers_key(), 0, 0) == -1);
}

TEST_CASE("a maker that is at it is waited for", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const tests::Child maker{[] {
    const int id = ::semget(makers_key(), 1, IPC_CREAT | 0600);
    return id >= 0 && operate(id, 1, SEM_UNDO);
  }};
  REQUIRE(maker.ready());
  const tests::Background killer{[pid = maker.pid(), waiter = ::getpid()] {
    if (!tests::eventually_asleep(waiter) || ::semget(key, 0, 0) >= 0) ::pause();
    ::kill(pid, SIGKILL);
  }};
  CHECK(need(find_or_make()).made);
}

TEST_CASE("a signal ends the wait for a maker, and nothing is made", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const tests::Child maker{[] {
    const int id = ::semget(makers_key(), 1, IPC_CREAT | 0600);
    return id >= 0 && operate(id, 1, SEM_UNDO);
  }};
  REQUIRE(maker.ready());
  CHECK(tests::status_of_child([] {
          const tests::Background sender{[waiter = ::getpid()] {
            if (tests::eventually_asleep(waiter)) ::kill(waiter, SIGTERM);
          }};
          const auto found = find_or_make();
          return !found && found.error().kind == Errc::interrupted ? 0 : 1;
        }) == 0);
  CHECK(::semget(key, 0, 0) == -1);
}

TEST_CASE("a set of somebody else's is refused, unless whose it is does not matter", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int id = ::semget(key, 1, IPC_CREAT | 0666);
  REQUIRE(id >= 0);
  semid_ds data{};
  REQUIRE(::semctl(id, 0, IPC_STAT, &data) == 0);
  data.sem_perm.uid = 65534;
  if (::semctl(id, 0, IPC_SET, &data) != 0) IPCKIT_SKIP("needs another user");
  const auto error = error_of(find_or_make());
  CHECK(error.kind == Errc::foreign);
  CHECK_FALSE(error.detail.empty());
  CHECK(need(find_or_make({.any_owner = true})).object == id);
  CHECK(need(find_or_make(none_made)).object == id);  // it is somebody's on purpose
}

TEST_CASE("a set that its maker has given away is still his", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  if (!tests::is_real_root()) IPCKIT_SKIP("needs root and another user");
  const auto given = tests::exit_status_as(65534, [] {
    const int id = ::semget(key, 1, IPC_CREAT | 0666);
    semid_ds data{};
    if (id < 0 || ::semctl(id, 0, SETVAL, 5) != 0 || ::semctl(id, 0, IPC_STAT, &data) != 0) return 1;
    data.sem_perm.uid = 0;
    return ::semctl(id, 0, IPC_SET, &data) == 0 ? 0 : 2;
  });
  REQUIRE(given == 0);
  REQUIRE(set_of(need(sem::find(View{}, key))).identity.user == 0);
  CHECK(failure(find_or_make()) == Errc::foreign);
  need(find_or_make({.any_owner = true}));
}

TEST_CASE("whoever has squatted the key of the makers keeps nobody waiting", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  if (!tests::is_real_root()) IPCKIT_SKIP("needs root and another user");
  const auto squatted = tests::exit_status_as(65534, [makers = makers_key()] {
    const int id = ::semget(makers, 1, IPC_CREAT | 0666);
    return id >= 0 && ::semctl(id, 0, SETVAL, 1) == 0 ? 0 : 1;
  });
  REQUIRE(squatted == 0);
  const auto began = std::chrono::steady_clock::now();
  const auto refused = error_of(find_or_make());
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{2});
  CHECK(refused.kind == Errc::foreign);
  CHECK(refused.operation == "make");
  CHECK(refused.subject == object::key_text(makers_key()));
  CHECK(::semget(key, 0, 0) == -1);
}

TEST_CASE("who may not even look at what has squatted the key of the makers is told of it", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const int squatter = ::semget(object::key_of_word("ipckit-lock.65534." + std::to_string(key)), 1, IPC_CREAT | 0600);
  REQUIRE(squatter >= 0);
  const auto status = tests::exit_status_as(65534, [] {
    const auto found = find_or_make();
    return !found && found.error().kind == Errc::foreign && found.error().operation == "make" ? 0 : 1;
  });
  if (!status) IPCKIT_SKIP("needs root and another user");
  CHECK(status == 0);
}

TEST_CASE("a set of another form with the key of the makers is not theirs, and not touched", "[lock]")
{
  IPCKIT_IN_PRIVATE_IPC();
  struct Form {
    int count;
    int mode;
  };
  for (const Form form : {Form{.count = 3, .mode = 0600}, Form{.count = 1, .mode = 0640}}) {
    const int id = ::semget(makers_key(), form.count, IPC_CREAT | form.mode);
    REQUIRE(id >= 0);
    const auto refused = error_of(find_or_make());
    CHECK(refused.kind == Errc::foreign);
    CHECK(refused.operation == "make");
    // Neither is it swept away where there is nothing to make.
    const int found = ::semget(key, 1, IPC_CREAT | 0600);
    REQUIRE(found >= 0);
    CHECK(need(find_or_make()).object == found);
    CHECK(set_of(id).values == std::vector<std::uint16_t>(static_cast<std::size_t>(form.count), 0));
    CHECK(set_of(id).operated.seconds == 0);
    REQUIRE(::semctl(id, 0, IPC_RMID) == 0);
    REQUIRE(::semctl(found, 0, IPC_RMID) == 0);
  }
}

TEST_CASE("a POSIX semaphore is made where there is none, with one to take", "[lock]")
{
  const tests::TemporaryDirectory directory;
  CHECK(failure(find_or_make_semaphore(directory.view(), "one", none_made)) == Errc::not_found);
  CHECK(need(find_or_make_semaphore(directory.view(), "one", {.mode = 0640})).made);
  const auto semaphore = need(psem::inspect(directory.view(), "one", psem::Trace::none));
  CHECK(semaphore.value == 1U);
  CHECK(need(sys::status_at(AT_FDCWD, directory / "sem.one")).mode() == 0640);
  CHECK_FALSE(need(find_or_make_semaphore(directory.view(), "one", {})).made);
  CHECK_FALSE(need(find_or_make_semaphore(directory.view(), "one", none_made)).made);
}

TEST_CASE("a POSIX semaphore or segment is made once by many at the same time", "[lock]")
{
  const tests::TemporaryDirectory directory;
  check_made_once(together(20, [&] {
    const auto found = find_or_make_semaphore(directory.view(), "one", {});
    return found ? Got{.object = found->object.file().inode, .made = found->made} : Got{};
  }));
  CHECK(need(psem::inspect(directory.view(), "one", psem::Trace::none)).value == 1U);
  check_made_once(together(20, [&] {
    const auto found = find_or_make_segment(directory.view(), "one", {});
    return found ? Got{.object = found->object.status.inode, .made = found->made} : Got{};
  }));
}

TEST_CASE("a segment is made where there is none, without bytes", "[lock]")
{
  const tests::TemporaryDirectory directory;
  CHECK(failure(find_or_make_segment(directory.view(), "one", none_made)) == Errc::not_found);
  const auto made = need(find_or_make_segment(directory.view(), "one", {.mode = 0640}));
  CHECK(made.made);
  const auto status = need(sys::status(made.object.file.get(), ""));
  CHECK(status.same_inode(made.object.status));
  CHECK(status.size == 0);
  CHECK(status.mode() == 0640);
  tests::write_file(directory / "old", "content");
  const auto found = need(find_or_make_segment(directory.view(), "old", {}));
  CHECK_FALSE(found.made);
  CHECK(tests::read_file(directory / "old") == "content");
}

TEST_CASE("what squats a name in /dev/shm is refused", "[lock]")
{
  const tests::TemporaryDirectory directory;
  SECTION("no semaphore")
  {
    tests::write_file(directory / "sem.one", "text");
    CHECK(failure(find_or_make_semaphore(directory.view(), "one", {})) == Errc::mismatch);
  }
  SECTION("a link")
  {
    tests::write_file(directory / "target", "");
    REQUIRE(::symlink("target", (directory / "one").c_str()) == 0);
    CHECK(failure(find_or_make_segment(directory.view(), "one", {})) == Errc::mismatch);
  }
  SECTION("somebody else's")
  {
    if (!tests::is_real_root()) IPCKIT_SKIP("needs root and another user");
    need(find_or_make_semaphore(directory.view(), "one", {}));
    need(find_or_make_segment(directory.view(), "one", {}));
    for (const char* const name : {"one", "sem.one"}) {
      REQUIRE(::chown((directory / name).c_str(), 65534, 65534) == 0);
    }
    CHECK(failure(find_or_make_semaphore(directory.view(), "one", {})) == Errc::foreign);
    CHECK(failure(find_or_make_segment(directory.view(), "one", {})) == Errc::foreign);
    need(find_or_make_semaphore(directory.view(), "one", {.any_owner = true}));
    need(find_or_make_segment(directory.view(), "one", {.any_owner = true}));
    need(find_or_make_semaphore(directory.view(), "one", none_made));
    need(find_or_make_segment(directory.view(), "one", none_made));
  }
}
