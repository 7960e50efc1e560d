// SPDX-License-Identifier: MIT
// What went wrong, summed up.
#include <ipckit/cli/report.hpp>

#include <cerrno>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/written.hpp"

using namespace ipckit;
using namespace ipckit::cli;
using nlohmann::json;
using object::Kind;
using object::Missing;

namespace {

const Error missing{.kind = Errc::not_found, .operation = "stat", .subject = "msg:5", .os_error = EINVAL};
const Error busy{.kind = Errc::busy, .operation = "remove", .subject = "shm:3", .detail = "1 mapping"};

/// What a verb named "rm" says on stderr while it reports.
std::string said(const std::function<void(Report&)>& report_things)
{
  return tests::written([&](render::Output& err) {
    render::Output out{-1};
    Context context{.verb = "rm", .view = {}, .environment = {}, .out = out, .err = err, .now = {}};
    Report report{context};
    report_things(report);
  });
}

}  // namespace

TEST_CASE("a report of nothing is done", "[cli]")
{
  CHECK(said([](Report& report) {
          CHECK(report.status() == Exit::done);
          CHECK(report.errors_json() == "[]");
          CHECK(report.incomplete_json() == "[]");
        }).empty());
}

TEST_CASE("the same end for all is the status, different ends are 'refused'", "[cli]")
{
  said([](Report& report) {
    report.fail("msg:5", Kind::msg, missing);
    CHECK(report.status() == Exit::not_found);
    report.fail("msg:6", Kind::msg, missing);
    CHECK(report.status() == Exit::not_found);
    report.succeed();
    CHECK(report.status() == Exit::refused);
  });
  said([](Report& report) {
    report.succeed();
    report.succeed();
    CHECK(report.status() == Exit::done);
    report.fail("shm:3", Kind::shm, busy);
    CHECK(report.status() == Exit::refused);
  });
  said([](Report& report) {
    report.fail("shm:3", Kind::shm, busy);
    report.fail("msg:5", Kind::msg, missing);
    CHECK(report.status() == Exit::refused);
  });
}

TEST_CASE("a failure is said at once: verb, REF, what and why, and one line of help", "[cli]")
{
  CHECK(said([](Report& report) { report.fail("msg:5", Kind::msg, missing); }) ==
        "ipckit rm: msg:5: no such message queue\n");
  CHECK(said([](Report& report) { report.fail("msg:5", Kind::msg, missing, "a hint"); }) ==
        "ipckit rm: msg:5: no such message queue\n  a hint\n");
  CHECK(said([](Report& report) { report.fail("shm:3", Kind::shm, busy, "a hint"); }) ==
        "ipckit rm: shm:3: in use: 1 mapping\n  -f removes it all the same\n");
  CHECK(said([](Report& report) { report.fail("fifo:\x1b[2J", Kind::fifo, missing); }) ==
        "ipckit rm: fifo:\\x1b[2J: no such FIFO\n");
}

TEST_CASE("failures are told to programs, too", "[cli]")
{
  said([](Report& report) {
    report.fail("msg:5", Kind::msg, missing);
    report.fail("shm:3\n", Kind::shm, busy);
    CHECK(json::parse(report.errors_json()) == json::parse(R"json([
      {"ref": "msg:5", "status": 3, "errno": "EINVAL", "operation": "stat", "message": "no such message queue"},
      {"ref": "shm:3\n", "status": 4, "errno": null, "operation": "remove", "message": "in use: 1 mapping"}])json"));
  });
}

TEST_CASE("what was not seen is said once, however often it was noticed", "[cli]")
{
  const object::Gap values{.what = Missing::values, .kind = Kind::sem, .count = 2, .os_error = EACCES};
  const object::Gap processes{.what = Missing::processes, .kind = Kind::fifo, .count = 12, .os_error = EACCES};
  CHECK(said([&](Report& report) {
          report.gap(values);
          report.gap(processes);
          report.gap(values);
          report.gap(processes);
          report.say_gaps();
          CHECK(report.status() == Exit::done);
          CHECK(json::parse(report.incomplete_json()) == json::parse(R"json([
            {"what": "values", "kind": "sem", "count": 4,
             "message": "the values of 4 semaphore sets could not be read (run as root)"},
            {"what": "processes", "kind": "fifo", "count": 12,
             "message": "12 processes could not be inspected (run as root)"}])json"));
        }) ==
        "ipckit rm: the values of 4 semaphore sets could not be read (run as root)\n"
        "ipckit rm: 12 processes could not be inspected (run as root)\n");
}

TEST_CASE("what was not seen is said once even when it is said in parts", "[cli]")
{
  CHECK(said([&](Report& report) {
          CHECK_FALSE(report.has_gaps());
          report.gap({.what = Missing::values, .kind = Kind::sem, .count = 1});
          report.say_gaps();
          report.gap({.what = Missing::processes, .kind = Kind::fifo, .count = 1});
          report.say_gaps();
          report.say_gaps();
          CHECK(report.has_gaps());
        }) ==
        "ipckit rm: the values of 1 semaphore set could not be read (run as root)\n"
        "ipckit rm: 1 process could not be inspected (run as root)\n");
}

TEST_CASE("only some of what was not seen may be objects", "[cli]")
{
  said([](Report& report) {
    CHECK_FALSE(report.misses_objects());
    report.gap({.what = Missing::values, .kind = Kind::sem, .count = 1});
    report.gap({.what = Missing::processes, .kind = Kind::fifo, .count = 1});
    CHECK_FALSE(report.misses_objects());
    report.gap({.what = Missing::names, .kind = Kind::pmsg, .subject = "/dev/mqueue"});
    CHECK(report.misses_objects());
  });
}

TEST_CASE("an errno has its name", "[cli]")
{
  CHECK(errno_name(ENOENT) == "ENOENT");
  CHECK(errno_name(ENOSPC) == "ENOSPC");
  CHECK(errno_name(9999) == "9999");
}
