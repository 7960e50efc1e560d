// SPDX-License-Identifier: MIT
// Records of guardians, in a directory of the test's own.
#include <ipckit/lock/record.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipckit/process/process.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/identity.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/pipe.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using lock::Note;
using lock::Phase;
using lock::Record;
using lock::Records;
using lock::Slate;
using tests::failure;
using tests::need;

namespace {

/// A place for records of one object, and what was given back of it.
class Bench {
public:
  [[nodiscard]] object::View view() const { return directory_.view(); }
  [[nodiscard]] Records records() const { return {view(), "thing"}; }
  [[nodiscard]] std::string path() const
  {
    return directory_ / ("ipckit-lock." + std::to_string(::geteuid()) + ".thing");
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path() + "/" + name; }
  [[nodiscard]] bool has_records() const { return tests::exists(path()); }

  Records::Seen settle(bool thorough = true)
  {
    return records().settle(
        [this](const Slate&) -> Result<> {
          ++given_back;
          return {};
        },
        thorough);
  }
  int given_back = 0;

private:
  tests::TemporaryDirectory directory_;
};

/// Keeps a record in this process, for as long as that lives.
bool keep_for_life(const Bench& bench, Phase phase, const std::function<void(Note&)>& write = {})
{
  auto kept = Record::keep(bench.records(), 0);
  if (!kept) return false;
  // Never deleted: its end is the process's, and no earlier one.
  const auto* const record = new Record(std::move(*kept));  // NOLINT(cppcoreguidelines-owning-memory)
  if (write) write(record->slate().note());
  record->slate().set_phase(phase);
  return true;
}

/// Leaves the record of a guardian that was killed; its pid.
pid_t leave_dead(const Bench& bench, Phase phase, const std::function<void(Note&)>& write = {})
{
  const tests::Child guardian{[&] { return keep_for_life(bench, phase, write); }};
  REQUIRE(guardian.ready());
  return guardian.pid();
}

/// Writes whose lock it is.
std::function<void(Note&)> for_command(const Bench& bench, pid_t pid)
{
  const auto started = need(process::start_ticks(bench.view(), pid));
  return [=](Note& note) {
    note.command = pid;
    note.command_started = started;
  };
}

void age(const std::string& path, int seconds)
{
  const std::array<timespec, 2> times{timespec{.tv_sec = std::time(nullptr) - seconds, .tv_nsec = 0},
                                      timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0) == 0);
}

}  // namespace

TEST_CASE("a record is a file of its guardian's pid, and the directory goes with the last", "[lock]")
{
  const Bench bench;
  CHECK_FALSE(bench.has_records());
  const auto first = need(Record::keep(bench.records(), 100));
  const auto second = need(Record::keep(bench.records(), 0));
  const std::string pid = std::to_string(::getpid());
  CHECK(tests::exists(bench / pid));
  CHECK(tests::exists(bench / (pid + ".1")));  // as if another PID namespace had this pid as well
  const auto directory = need(sys::status_at(AT_FDCWD, bench.path()));
  CHECK(directory.mode() == 0700);
  const auto file = need(sys::status_at(AT_FDCWD, bench / pid));
  CHECK(file.mode() == 0600);
  CHECK(file.size == Slate::size_for(100));
  CHECK(file.allocated >= file.size);  // a full file system is known now, and no SIGBUS later
  CHECK(first.slate().is_sound());
  CHECK(first.slate().note().guardian == ::getpid());
  CHECK(first.slate().phase() == Phase::waiting);
  first.drop();
  CHECK_FALSE(tests::exists(bench / pid));
  CHECK(tests::exists(bench / (pid + ".1")));
  second.drop();
  CHECK_FALSE(bench.has_records());
  second.drop();
}

TEST_CASE("memory in place of a record has no file", "[lock]")
{
  const auto record = need(Record::in_memory(10));
  CHECK(record.slate().is_sound());
  CHECK(record.slate().room().size() == 10);
  record.drop();
}

TEST_CASE("the record of one that lives is not settled, and says who holds", "[lock]")
{
  Bench bench;
  const auto record = need(Record::keep(bench.records(), 0));
  CHECK(bench.settle().holder == std::nullopt);
  record.slate().set_phase(Phase::held);
  CHECK(bench.settle().holder == ::getpid());
  record.slate().note().command = 4711;
  const auto seen = bench.settle();
  CHECK(seen.holder == 4711);
  CHECK_FALSE(seen.settled);
  CHECK(bench.given_back == 0);
  CHECK(bench.has_records());
  record.drop();
}

TEST_CASE("what one who was killed held is given back, and its record goes", "[lock]")
{
  Bench bench;
  leave_dead(bench, Phase::held);
  CHECK(bench.has_records());
  CHECK(bench.settle().settled);
  CHECK(bench.given_back == 1);
  CHECK_FALSE(bench.has_records());
  CHECK_FALSE(bench.settle().settled);
  CHECK(bench.given_back == 1);
}

TEST_CASE("one who was killed before it took, or after it gave back, owes nothing", "[lock]")
{
  Bench bench;
  for (const Phase phase : {Phase::waiting, Phase::given_back}) {
    leave_dead(bench, phase);
    CHECK_FALSE(bench.settle().settled);
    CHECK_FALSE(bench.has_records());
  }
  CHECK(bench.given_back == 0);
  leave_dead(bench, Phase::waiting, [](Note& note) { note.type = 3; });
  CHECK(bench.settle().settled);
  CHECK(bench.given_back == 1);
}

TEST_CASE("it is given back once, however many look at the same time", "[lock]")
{
  const Bench bench;
  for (int round = 0; round < 20; ++round) {
    leave_dead(bench, Phase::held);
    const tests::Pipe start;
    const tests::Pipe given;
    {
      const auto settle = [&] {
        char byte = 0;
        static_cast<void>(::read(start.out.get(), &byte, 1));
        static_cast<void>(bench.records().settle(
            [&](const Slate&) -> Result<> {
              given.write("x");
              return {};
            },
            true));
        given.write(".");
      };
      const tests::Background one{settle};
      const tests::Background two{settle};
      start.write("gg");
      std::string told;
      while (std::ranges::count(told, '.') < 2) told += given.read();
      CHECK(std::ranges::count(told, 'x') == 1);
    }
    CHECK_FALSE(bench.has_records());
  }
}

TEST_CASE("while the command of a killed guardian runs, nothing is given back", "[lock]")
{
  Bench bench;
  std::optional<tests::Child> command;
  command.emplace([] { return true; });
  const pid_t pid = command->pid();
  leave_dead(bench, Phase::held, for_command(bench, pid));
  const auto seen = bench.settle();
  CHECK_FALSE(seen.settled);
  CHECK(seen.holder == pid);
  CHECK(bench.has_records());
  command.reset();
  CHECK(bench.settle().settled);
  CHECK(bench.given_back == 1);
}

TEST_CASE("a command that has ended, and that nobody has waited for, does not run", "[lock]")
{
  Bench bench;
  const tests::Child command{[] { return true; }};
  leave_dead(bench, Phase::held, for_command(bench, command.pid()));
  ::kill(command.pid(), SIGKILL);
  siginfo_t ended{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(command.pid()), &ended, WEXITED | WNOWAIT) == 0);
  CHECK(bench.settle().settled);
}

TEST_CASE("a pid that is another process by now does not hold the lock", "[lock]")
{
  Bench bench;
  const tests::Child other{[] { return true; }};
  leave_dead(bench, Phase::held, [&](Note& note) {
    note.command = other.pid();
    note.command_started = need(process::start_ticks(bench.view(), other.pid())) - 1;
  });
  CHECK(bench.settle().settled);
}

TEST_CASE("where it cannot be told whether the command runs, it may", "[lock]")
{
  Bench bench;
  const tests::Child other{[] { return true; }};
  SECTION("when it was started is not known")
  {
    leave_dead(bench, Phase::held, [&](Note& note) { note.command = other.pid(); });
  }
  SECTION("its pid is of another PID namespace")
  {
    leave_dead(bench, Phase::held, [&](Note& note) {
      note.command = other.pid();
      ++note.pid_namespace;
    });
  }
  CHECK_FALSE(bench.settle().settled);
  CHECK(bench.given_back == 0);
  CHECK(bench.has_records());
}

TEST_CASE("a command of another PID namespace has ended where every process is seen, and none has its pid", "[lock]")
{
  Bench bench;
  if (!process::blind_spots(bench.view(), object::Kind::psem).empty()) {
    IPCKIT_SKIP("needs a /proc of the first PID namespace that hides nobody");
  }
  leave_dead(bench, Phase::held, [](Note& note) {
    note.command = 2147483647;
    ++note.pid_namespace;
  });
  CHECK(bench.settle().settled);
  CHECK_FALSE(bench.has_records());
}

TEST_CASE("what cannot be given back is left to the next", "[lock]")
{
  Bench bench;
  leave_dead(bench, Phase::held);
  const auto refuse = [](const Slate&) -> Result<> { return fail(Errc::busy, "msgsnd", ""); };
  CHECK_FALSE(bench.records().settle(refuse, true).settled);
  CHECK(bench.settle().settled);
  CHECK(bench.given_back == 1);
}

TEST_CASE("what is owed to one who has gone is dropped", "[lock]")
{
  Bench bench;
  for (const Errc why : {Errc::removed, Errc::not_found}) {
    leave_dead(bench, Phase::held);
    CHECK_FALSE(bench.records().settle([&](const Slate&) -> Result<> { return fail(why, "lock", ""); }, true).settled);
    CHECK_FALSE(bench.has_records());
  }
}

TEST_CASE("a record tells since when there is what it is about", "[lock]")
{
  const Bench bench;
  // Not time(2), which may be a tick late.
  const auto before = sys::now().seconds;
  const auto record = need(Record::keep(bench.records(), 0));
  CHECK(record.slate().note().began >= before);
  CHECK(record.slate().note().began <= sys::now().seconds);
  record.drop();
}

TEST_CASE("what the dead have left may be forgotten, and the living keep theirs", "[lock]")
{
  Bench bench;
  const auto own = need(Record::keep(bench.records(), 0));
  own.slate().set_phase(Phase::held);
  const auto dead = leave_dead(bench, Phase::held);
  CHECK(bench.records().forget_dead().holder == ::getpid());
  CHECK_FALSE(tests::exists(bench / std::to_string(dead)));
  CHECK(tests::exists(bench / std::to_string(::getpid())));
  CHECK_FALSE(bench.settle().settled);
  CHECK(bench.given_back == 0);
}

TEST_CASE("what is forgotten is not that of a command that runs", "[lock]")
{
  Bench bench;
  std::optional<tests::Child> command;
  command.emplace([] { return true; });
  leave_dead(bench, Phase::held, for_command(bench, command->pid()));
  CHECK(bench.records().forget_dead().holder == command->pid());
  CHECK(bench.has_records());
  command.reset();
  CHECK(bench.records().forget_dead().holder == std::nullopt);
  CHECK_FALSE(bench.has_records());
}

TEST_CASE("those who wait are the living who have not taken anything", "[lock]")
{
  const Bench bench;
  CHECK(bench.records().waiting().empty());
  leave_dead(bench, Phase::waiting);
  const tests::Child waiting{[&] { return keep_for_life(bench, Phase::waiting); }};
  const tests::Child holding{[&] { return keep_for_life(bench, Phase::held); }};
  const tests::Child elsewhere{
      [&] { return keep_for_life(bench, Phase::waiting, [](Note& note) { ++note.pid_namespace; }); }};
  REQUIRE((waiting.ready() && holding.ready() && elsewhere.ready()));
  CHECK(bench.records().waiting() == std::vector<pid_t>{waiting.pid()});
}

TEST_CASE("a directory that anybody could write to, or that is no directory, is not believed", "[lock]")
{
  Bench bench;
  const auto is_passed_by = [&] {
    CHECK_FALSE(bench.settle().settled);
    CHECK_FALSE(bench.records().is_time_to_look());
    const auto record = need(Record::keep(bench.records(), 0));
    CHECK(tests::exists(bench.path() + ".1/" + std::to_string(::getpid())));
    record.drop();
    CHECK_FALSE(tests::exists(bench.path() + ".1"));
  };
  SECTION("writable by others")
  {
    leave_dead(bench, Phase::held);
    REQUIRE(::chmod(bench.path().c_str(), 0722) == 0);
    is_passed_by();
  }
  SECTION("somebody else's")
  {
    if (!tests::is_real_root()) IPCKIT_SKIP("needs root and another user");
    leave_dead(bench, Phase::held);
    REQUIRE(::chown(bench.path().c_str(), 65534, 65534) == 0);
    is_passed_by();
  }
  SECTION("a file")
  {
    tests::write_file(bench.path(), "");
    is_passed_by();
  }
  SECTION("a link")
  {
    const tests::TemporaryDirectory elsewhere;
    REQUIRE(::symlink(elsewhere.path().c_str(), bench.path().c_str()) == 0);
    is_passed_by();
  }
  CHECK(bench.given_back == 0);
}

TEST_CASE("where strangers have all of its names, a record cannot be kept", "[lock]")
{
  Bench bench;
  for (int number = 0; number <= 9; ++number) {
    tests::write_file(number == 0 ? bench.path() : bench.path() + "." + std::to_string(number), "");
  }
  CHECK(failure(Record::keep(bench.records(), 0)) == failure(sys::open(bench.path(), O_RDONLY | O_DIRECTORY)));
}

TEST_CASE("a directory that went away in between is made anew", "[lock]")
{
  Bench bench;
  const auto lost = need(Record::keep(bench.records(), 0));
  REQUIRE(::unlink((bench / std::to_string(::getpid())).c_str()) == 0);
  REQUIRE(::rmdir(bench.path().c_str()) == 0);
  CHECK_FALSE(bench.settle().settled);
  const auto next = need(Record::keep(bench.records(), 0));
  CHECK(tests::exists(bench / std::to_string(::getpid())));
  next.drop();
  lost.drop();
  CHECK_FALSE(bench.has_records());
}

TEST_CASE("many who come and go at the same time all have their records", "[lock]")
{
  const Bench bench;
  const tests::Pipe done;
  const auto come_and_go = [&] {
    bool kept = true;
    for (int i = 0; i < 100 && kept; ++i) {
      const auto record = Record::keep(bench.records(), 8);
      kept = record.has_value();
      if (kept) record->drop();
    }
    done.write(kept ? "." : "x");
  };
  {
    const tests::Background one{come_and_go};
    const tests::Background two{come_and_go};
    const tests::Background three{come_and_go};
    std::string told;
    while (told.size() < 3) told += done.read();
    CHECK(told == "...");
  }
  CHECK_FALSE(bench.has_records());
}

TEST_CASE("what else lies in the directory is no record, and does no harm", "[lock]")
{
  Bench bench;
  leave_dead(bench, Phase::held);
  tests::write_file(bench / "empty", "");
  tests::write_file(bench / "short", std::string(sizeof(Note) - 1, '\1'));
  tests::write_file(bench / "garbage", std::string(5000, '\1'));
  REQUIRE(::mkdir((bench / "directory").c_str(), 0700) == 0);
  REQUIRE(::mkfifo((bench / "fifo").c_str(), 0600) == 0);
  REQUIRE(::symlink("garbage", (bench / "link").c_str()) == 0);
  CHECK(bench.settle().settled);
  CHECK(bench.given_back == 1);
  for (const char* const name : {"empty", "short", "garbage", "directory", "fifo", "link"}) {
    CHECK(tests::exists(bench / name));
  }
}

TEST_CASE("of those who wait, one a second looks", "[lock]")
{
  const Bench bench;
  CHECK_FALSE(bench.records().is_time_to_look());
  const auto record = need(Record::keep(bench.records(), 0));
  age(bench.path(), 10);
  CHECK(bench.records().is_time_to_look());
  CHECK_FALSE(bench.records().is_time_to_look());
  record.drop();
}

TEST_CASE("where there are many records, not everybody looks at all of them", "[lock]")
{
  Bench bench;
  constexpr int many = 65;
  const tests::Child guardians{[&] {
    for (int i = 0; i < many; ++i) {
      if (!keep_for_life(bench, Phase::held)) return false;
    }
    return true;
  }};
  REQUIRE(guardians.ready());
  age(bench.path(), 10);
  CHECK(bench.settle(false).holder == guardians.pid());
  CHECK(bench.settle(false).holder == std::nullopt);
  CHECK(bench.settle(true).holder == guardians.pid());
}
