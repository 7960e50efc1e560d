// SPDX-License-Identifier: MIT
// All kinds at once, in namespaces and directories of the test's own.
#include <ipckit/inventory/find.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/object/key.hpp>
#include <ipckit/sys/ipc_namespace.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/entries.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using namespace ipckit::inventory;
using object::Force;
using object::Kind;
using object::KindSet;
using object::Missing;
using object::Removal;
using object::View;
using tests::failure;
using tests::need;

namespace {

std::string text_of(const Entry& entry)
{
  std::string text;
  append_ref(text, entry);
  return text;
}

std::vector<std::string> refs_of(const std::vector<Entry>& entries)
{
  std::vector<std::string> refs;
  std::ranges::transform(entries, std::back_inserter(refs), text_of);
  return refs;
}

Result<Entry> look_at(const View& view, const std::string& word)
{
  const auto ref = object::parse_ref(word);
  INFO(word);
  REQUIRE(ref.has_value());
  return inspect(view, *ref);
}

/// One object of each kind, and the view that shows them.
struct World {
  tests::TemporaryDirectory directory;
  View view = directory.view();
  int queue = need(msg::create(view, {.key = 0x11}));
  int segment = need(shm::create(view, {.key = 0x22, .size = 4096}));
  int set = need(sem::create(view, {.key = object::key_of_word("deploy"), .count = 2, .values = {}}));
  std::string fifo = directory / "ctl";

  World()
  {
    need(pmsg::create(view, {.name = "jobs"}));
    need(pshm::create(view, {.name = "frame", .size = 4096}));
    need(psem::create(view, {.name = "lock", .value = 1}));
    need(fifo::create(fifo, 0600));
  }

  [[nodiscard]] std::vector<std::string> refs() const
  {
    return {"msg:" + std::to_string(queue),
            "shm:" + std::to_string(segment),
            "sem:" + std::to_string(set),
            "pmsg:/jobs",
            "pshm:/frame",
            "psem:/lock",
            "fifo:" + fifo};
  }
};

}  // namespace

TEST_CASE("everything of all kinds is found, kind by kind", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  const Request request{.kinds = KindSet::all(), .fifo_directories = {{.path = world.directory.path()}}};
  const auto found = find(world.view, request);
  CHECK(found.errors.empty());
  if (!found.gaps.empty()) IPCKIT_SKIP("needs the right to mount");
  CHECK(refs_of(found.entries) == world.refs());
}

TEST_CASE("only what is asked for is looked for", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  const auto refs = world.refs();
  for (const Kind kind : object::all_kinds) {
    const auto found = find(world.view, {.kinds = {kind}, .fifo_directories = {{.path = world.directory.path()}}});
    INFO(object::name_of(kind));
    if (!found.gaps.empty()) continue;
    CHECK(refs_of(found.entries) == std::vector{refs.at(static_cast<std::size_t>(kind))});
  }
  CHECK(find(world.view, {.kinds = {}, .fifo_directories = {}}).entries.empty());
}

TEST_CASE("a directory of POSIX memory that is not there has no objects and is no error", "[inventory]")
{
  const auto found =
      find({.shm_directory = "/nonexistent"}, {.kinds = {Kind::pshm, Kind::psem}, .fifo_directories = {}});
  CHECK(found.entries.empty());
  CHECK(found.errors.empty());
}

TEST_CASE("a kind that cannot be listed is an error, and the others are listed", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "");
  need(fifo::create(directory / "ctl", 0600));
  const auto found = find({.shm_directory = directory / "file"},
                          {.kinds = {Kind::pshm, Kind::fifo}, .fifo_directories = {{.path = directory.path()}}});
  CHECK(refs_of(found.entries) == std::vector{"fifo:" + directory / "ctl"});
  REQUIRE(found.errors.size() == 1);
  CHECK(found.errors[0].first == Kind::pshm);
  CHECK(found.errors[0].second.os_error == ENOTDIR);
}

TEST_CASE("resident bytes come only when they are asked for", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  const auto resident = [&](bool wanted) {
    const auto found = find(world.view, {.kinds = {Kind::shm}, .fifo_directories = {}, .resident = wanted});
    return std::get<shm::Segment>(found.entries.at(0)).resident;
  };
  CHECK(resident(false) == std::nullopt);
  CHECK(resident(true) == 0);
  View no_text = world.view;
  no_text.proc_directory = "/nonexistent";
  const auto found = find(no_text, {.kinds = {Kind::shm}, .fifo_directories = {}, .resident = true});
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].what == Missing::resident);
  CHECK(found.entries.size() == 1);
}

TEST_CASE("FIFOs that processes hold are found wherever they are", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  need(fifo::create(directory / "held", 0600));
  need(fifo::create(directory / "gone", 0600));
  const tests::Child holder{[&] {
    return ::open((directory / "held").c_str(), O_RDWR) >= 0 && ::open((directory / "gone").c_str(), O_RDWR) >= 0;
  }};
  REQUIRE(holder.ready());
  REQUIRE(::unlink((directory / "gone").c_str()) == 0);
  const auto refs = refs_of(find(View{}, {.kinds = {Kind::fifo}, .fifo_directories = {}, .held_fifos = true}).entries);
  CHECK(std::ranges::count(refs, "fifo:" + directory / "held") == 1);
  CHECK(std::ranges::none_of(refs, [&](const auto& ref) { return ref.starts_with("fifo:" + directory / "gone"); }));
  // One that is found both ways is found once.
  const auto both = refs_of(
      find(View{}, {.kinds = {Kind::fifo}, .fifo_directories = {{.path = directory.path()}}, .held_fifos = true})
          .entries);
  CHECK(std::ranges::count(both, "fifo:" + directory / "held") == 1);
}

TEST_CASE("the oldest come first, equally old ones by kind and id or name", "[inventory]")
{
  const auto at = [](std::int64_t seconds, auto object) {
    if constexpr (requires { object.identity; }) {
      object.changed.seconds = seconds;
    } else {
      object.file.born = Timestamp{.seconds = seconds};
    }
    return Entry{object};
  };
  std::vector<Entry> entries{
      at(5, tests::some_segment(1)), at(1, tests::some_fifo("/run/ctl")),   at(5, tests::some_queue(20)),
      at(5, tests::some_queue(3)),   at(5, tests::some_posix_segment("b")), at(5, tests::some_posix_segment("a")),
      at(5, tests::some_fifo("/a")), at(-5, tests::some_semaphore("lock")), at(9, tests::some_queue(1))};
  const std::vector<std::string> expected{"psem:/lock", "fifo:/run/ctl", "msg:3",   "msg:20", "shm:1",
                                          "pshm:/a",    "pshm:/b",       "fifo:/a", "msg:1"};
  std::mt19937 random{1};  // NOLINT(cert-msc51-cpp): the same orders in every run
  for (int turn = 0; turn < 50; ++turn) {
    std::ranges::shuffle(entries, random);
    sort_by_age(entries);
    REQUIRE(refs_of(entries) == expected);
  }
}

TEST_CASE("every form of REF leads to its object", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  const auto refs = world.refs();
  for (const std::string& ref : refs) CHECK(text_of(need(look_at(world.view, ref))) == ref);
  CHECK(text_of(need(look_at(world.view, "msg:key=17"))) == refs[0]);
  CHECK(text_of(need(look_at(world.view, "shm:0x22"))) == refs[1]);
  CHECK(text_of(need(look_at(world.view, "sem:@deploy"))) == refs[2]);
  CHECK(text_of(need(look_at(world.view, "pmsg:jobs"))) == refs[3]);
  CHECK(text_of(need(look_at(world.view, "fifo:" + world.directory / "./ctl"))) == refs[6]);
  const std::string file = world.directory / "frame";
  const auto key = need(object::key_of_file(file, 97));
  const int by_file = need(shm::create(world.view, {.key = key, .size = 1}));
  CHECK(text_of(need(look_at(world.view, "shm:file=" + file + ",a"))) == "shm:" + std::to_string(by_file));
}

TEST_CASE("a REF that leads nowhere is not found", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  for (const char* const word : {"msg:99999", "shm:key=99", "sem:@other", "pmsg:/other", "pshm:/other", "psem:/other",
                                 "fifo:/nonexistent/ctl", "msg:file=/nonexistent", "shm:key=17"}) {
    INFO(word);
    CHECK(failure(look_at(world.view, word)) == Errc::not_found);
  }
}

TEST_CASE("a REF by a file whose key would be 0 makes nothing", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  // A key of 0 is IPC_PRIVATE: the kernel would make a new object rather than find one.
  const object::Ref private_key{.kind = Kind::msg, .target = object::ByKey{0}, .ipc_namespace = {}};
  CHECK_FALSE(inspect(View{}, private_key).has_value());
  CHECK(need(msg::list(View{})).rows.empty());
}

TEST_CASE("a REF by key finds what the caller may not open", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  const auto refs = world.refs();
  const auto status = tests::exit_status_as(65534, [&] {
    const auto queue = inspect(world.view, *object::parse_ref("msg:key=17"));
    return queue && text_of(*queue) == refs[0] ? 0 : 1;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("a REF of another namespace is not looked for here", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  const auto own = std::to_string(need(sys::own_ipc_namespace()));
  CHECK(text_of(need(look_at(world.view, "ns=" + own + "/msg:key=17"))) == world.refs()[0]);
  const auto error = tests::error_of(look_at(world.view, "ns=1/msg:key=17"));
  CHECK(
      error ==
      Error{.kind = Errc::unsupported, .operation = "enter", .subject = "ns=1/msg:0x00000011", .detail = "ns=" + own});
}

TEST_CASE("every object that nobody uses is removed", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  for (const std::string& ref : world.refs()) {
    INFO(ref);
    const Entry entry = need(look_at(world.view, ref));
    need(prove_unused(world.view, entry));
    CHECK(look_at(world.view, ref).has_value());
    CHECK(need(remove(world.view, entry, Force::no)) == Removal::gone);
    CHECK(failure(look_at(world.view, ref)) == Errc::not_found);
  }
}

TEST_CASE("a FIFO that a process holds stays unless it is forced", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  need(fifo::create(directory / "ctl", 0600));
  const Entry entry = need(look_at(View{}, "fifo:" + directory / "ctl"));
  const tests::Child holder{[&] { return ::open((directory / "ctl").c_str(), O_RDWR) >= 0; }};
  REQUIRE(holder.ready());
  const auto error = tests::error_of(remove(View{}, entry, Force::no));
  CHECK(error.kind == Errc::busy);
  CHECK(error.detail.contains("pid " + std::to_string(holder.pid())));
  CHECK(failure(prove_unused(View{}, entry)) == Errc::busy);
  need(remove(View{}, entry, Force::yes));
  CHECK_FALSE(tests::exists(directory / "ctl"));
}

TEST_CASE("processes that cannot be looked into keep a FIFO only where its mode lets them open it", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0777) == 0);
  const auto status = tests::exit_status_as(65534, [&] {
    const auto outcome = [&](const std::string& name, std::uint32_t mode) {
      const auto made = fifo::create(directory / name, mode);
      const auto fifo = made ? fifo::inspect(directory / name) : std::unexpected(made.error());
      return fifo ? remove(View{}, *fifo, Force::no) : std::unexpected(fifo.error());
    };
    const auto open_to_all = outcome("open", 0666);
    if (open_to_all || open_to_all.error().kind != Errc::unseen) return 1;
    return outcome("closed", 0600) ? 0 : 2;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("a FIFO that is only looked at is not held", "[inventory]")
{
  const tests::TemporaryDirectory directory;
  need(fifo::create(directory / "ctl", 0600));
  const Entry entry = need(look_at(View{}, "fifo:" + directory / "ctl"));
  const tests::Child looker{[&] { return ::open((directory / "ctl").c_str(), O_PATH) >= 0; }};
  REQUIRE(looker.ready());
  need(remove(View{}, entry, Force::no));
}

TEST_CASE("who holds what is busy is named on request", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  const auto refs = world.refs();
  const auto hold = [&] {
    ::prctl(PR_SET_NAME, "hol\x1b[der");
    return ::shmat(world.segment, nullptr, 0) != reinterpret_cast<void*>(-1) &&
           ::open((world.directory / "frame").c_str(), O_RDONLY) >= 0;
  };
  const tests::Child holder{hold};
  REQUIRE(holder.ready());
  const std::string name = "pid " + std::to_string(holder.pid()) + " (hol\x1b[der)";
  const auto named = [&](const std::string& ref) {
    const Entry entry = need(look_at(world.view, ref));
    Error error = tests::error_of(prove_unused(world.view, entry));
    name_holders(world.view, entry, error);
    return error.detail;
  };
  CHECK(named(refs[1]) == "1 mapping in " + name);
  CHECK(named(refs[4]) == name);
}

TEST_CASE("who waits on a busy set is named on request", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  const Entry entry = need(look_at(world.view, world.refs()[2]));
  const tests::Background waiter{[&] {
    sembuf operation{.sem_num = 0, .sem_op = -1, .sem_flg = 0};
    ::semop(world.set, &operation, 1);
  }};
  REQUIRE(tests::eventually([&] { return !prove_unused(world.view, entry); }));
  Error error = tests::error_of(prove_unused(world.view, entry));
  name_holders(world.view, entry, error);
  CHECK(error.detail.starts_with("1 waiter: pid " + std::to_string(waiter.pid()) + " ("));
}

TEST_CASE("where nobody is in the way nobody is named", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  const Entry entry = need(look_at(world.view, world.refs()[1]));
  Error error{.kind = Errc::access_denied, .operation = "shmctl", .detail = "as it was"};
  name_holders(world.view, entry, error);
  CHECK(error.detail == "as it was");
}

TEST_CASE("the mode of every object is changed", "[inventory]")
{
  IPCKIT_IN_PRIVATE_IPC();
  const World world;
  for (const std::string& ref : world.refs()) {
    INFO(ref);
    const Entry entry = need(look_at(world.view, ref));
    need(change(world.view, entry, {.mode = 0644, .user = {}, .group = {}}));
    CHECK(mode_of(need(look_at(world.view, ref))) == 0644);
  }
}
