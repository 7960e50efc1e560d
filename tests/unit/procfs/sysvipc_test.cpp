// SPDX-License-Identifier: MIT
// The texts of /proc/sysvipc, as kernels write them and as nothing should.
#include <ipckit/procfs/sysvipc.hpp>

#include <string>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace ipckit::procfs;

namespace {

constexpr std::string_view msg_heading =
    "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      "
    "ctime\n";
constexpr std::string_view shm_heading =
    "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      "
    "dtime "
    "     ctime                   rss                  swap\n";
constexpr std::string_view sem_heading =
    "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n";

std::string with(std::string_view heading, std::string_view rows)
{
  return std::string(heading) + std::string(rows);
}

template <class Rows>
Error malformed(const Result<Rows>& rows)
{
  return tests::error_of(rows);
}

}  // namespace

TEST_CASE("a heading alone is no rows", "[procfs]")
{
  CHECK(parse_sysvipc_msg(msg_heading)->empty());
  CHECK(parse_sysvipc_shm(shm_heading)->empty());
  CHECK(parse_sysvipc_sem(sem_heading)->empty());
  CHECK(parse_sysvipc_msg("")->empty());
}

TEST_CASE("message queues are read field by field", "[procfs]")
{
  const auto rows = tests::need(parse_sysvipc_msg(with(
      msg_heading,
      "     19999          5   640       1234          7   101   102  1000  1001  1002  1003 1700000001 1700000002 "
      "1700000003\n"
      "-559038737     32768     0          0          0     0     0     0     0     0     0          0          0 "
      "1700000004\n")));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == MsgRow{.common = {.key = 19999,
                                     .id = 5,
                                     .mode = 0640,
                                     .uid = 1000,
                                     .gid = 1001,
                                     .cuid = 1002,
                                     .cgid = 1003,
                                     .ctime = 1700000003},
                          .cbytes = 1234,
                          .qnum = 7,
                          .lspid = 101,
                          .lrpid = 102,
                          .stime = 1700000001,
                          .rtime = 1700000002});
  CHECK(rows[1] == MsgRow{.common = {.key = -559038737, .id = 32768, .ctime = 1700000004}});
}

TEST_CASE("segments are read field by field, with their marks in the mode", "[procfs]")
{
  const auto rows = tests::need(parse_sysvipc_shm(
      with(shm_heading,
           "         0          2  3600  18446744073692774399  4711  4712      3  1000  1000  1000  1000 1700000001 "
           "1700000002 1700000003                  8192                  4096\n")));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == ShmRow{.common = {.key = 0,
                                     .id = 2,
                                     .mode = 03600,
                                     .uid = 1000,
                                     .gid = 1000,
                                     .cuid = 1000,
                                     .cgid = 1000,
                                     .ctime = 1700000003},
                          .size = 18446744073692774399ULL,
                          .cpid = 4711,
                          .lpid = 4712,
                          .nattch = 3,
                          .atime = 1700000001,
                          .dtime = 1700000002,
                          .rss = 8192,
                          .swap = 4096});
}

TEST_CASE("semaphore sets are read field by field", "[procfs]")
{
  const auto rows = tests::need(parse_sysvipc_sem(
      with(sem_heading, "1279353187          1   600          3     0     5     0     5          0 1700000003\n")));
  REQUIRE(rows.size() == 1);
  CHECK(
      rows[0] ==
      SemRow{
          .common =
              {.key = 1279353187, .id = 1, .mode = 0600, .uid = 0, .gid = 5, .cuid = 0, .cgid = 5, .ctime = 1700000003},
          .nsems = 3,
          .otime = 0});
}

TEST_CASE("ids of users that have no name in this namespace are numbers still", "[procfs]")
{
  const auto rows = tests::need(
      parse_sysvipc_sem(with(sem_heading, "1 1 600 1 4294967295 4294967294 65534 65534 9223372036854775807 -1\n")));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].common.uid == 4294967295U);
  CHECK(rows[0].common.gid == 4294967294U);
  CHECK(rows[0].otime == 9223372036854775807);
  CHECK(rows[0].common.ctime == -1);
}

TEST_CASE("columns that later kernels may append are passed over", "[procfs]")
{
  const auto rows = tests::need(parse_sysvipc_sem(with(sem_heading, "1 2 600 3 0 0 0 0 4 5 six 7\n")));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == SemRow{.common = {.key = 1, .id = 2, .mode = 0600, .ctime = 5}, .nsems = 3, .otime = 4});
}

TEST_CASE("a row that does not parse is an error with its file and line", "[procfs]")
{
  const std::string good = "1 2 600 3 0 0 0 0 4 5\n";
  CHECK(malformed(parse_sysvipc_sem(with(sem_heading, good + "1 2 600 3 0 0 0 0 4\n"))) ==
        Error{.kind = Errc::malformed, .operation = "parse", .subject = "sysvipc/sem:3"});
  CHECK(malformed(parse_sysvipc_msg(with(msg_heading, "x"))).subject == "sysvipc/msg:2");
  CHECK(malformed(parse_sysvipc_shm(with(shm_heading, "\n\n1"))).subject == "sysvipc/shm:4");
  for (const char* const row : {"1 2 698 3 0 0 0 0 4 5",           // no octal digits
                                "1 -2x 600 3 0 0 0 0 4 5",         // no number
                                "1 2147483648 600 3 0 0 0 0 4 5",  // an id of more than 31 bits
                                "2147483648 2 600 3 0 0 0 0 4 5",  // a key of more than 32 bits
                                "1 2 600 -3 0 0 0 0 4 5",          // less than none
                                "1 2 600 3 -1 0 0 0 4 5",          // no user
                                "1 2 600 18446744073709551616 0 0 0 0 4 5", "1,2,600,3,0,0,0,0,4,5", " "}) {
    INFO("row '" << row << "'");
    CHECK(malformed(parse_sysvipc_sem(with(sem_heading, row))).kind == Errc::malformed);
  }
}

TEST_CASE("a text cut off in the middle of a row is an error, not a row", "[procfs]")
{
  const std::string whole = with(msg_heading, "1 2 600 3 4 5 6 7 8 9 10 11 12 13\n");
  REQUIRE(parse_sysvipc_msg(whole)->size() == 1);
  const std::string cut = whole.substr(0, whole.size() - 4);
  CHECK(malformed(parse_sysvipc_msg(cut)).subject == "sysvipc/msg:2");
}
