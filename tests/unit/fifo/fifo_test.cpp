// SPDX-License-Identifier: MIT
// Named pipes, in a directory of the test's own.
#include <ipckit/fifo/fifo.hpp>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using fifo::Fifo;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

Fifo made(const std::string& path, std::uint32_t mode = 0600)
{
  need(fifo::create(path, mode));
  return need(fifo::inspect(path));
}

std::vector<std::string> paths_in(const std::vector<fifo::Place>& places)
{
  std::vector<std::string> paths;
  for (const Fifo& found : fifo::list(places).rows) paths.push_back(found.path);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

TEST_CASE("a new FIFO has exactly the wanted mode", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  const mode_t mask = ::umask(0077);
  const Fifo fifo = made(directory / "ctl", 0622);
  CHECK(::umask(mask) == 0077);
  CHECK(fifo.path == directory / "ctl");
  CHECK(fifo.file.is_fifo());
  CHECK(fifo.file.mode() == 0622);
}

TEST_CASE("a path that is taken stays with who has it", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  made(directory / "ctl");
  tests::write_file(directory / "file", "");
  REQUIRE(::symlink("nowhere", (directory / "link").c_str()) == 0);
  for (const char* const name : {"ctl", "file", "link"}) {
    INFO(name);
    CHECK(failure(fifo::create(directory / name, 0600)) == Errc::already_exists);
  }
  CHECK_FALSE(tests::exists(directory / "nowhere"));
  CHECK(failure(fifo::create(directory / "missing/ctl", 0600)) == Errc::not_found);
}

TEST_CASE("what is no FIFO says what it is", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  made(directory / "ctl");
  tests::write_file(directory / "file", "");
  REQUIRE(::symlink("ctl", (directory / "link").c_str()) == 0);
  REQUIRE(::mkdir((directory / "sub").c_str(), 0700) == 0);
  const auto what = [&](const std::string& name) {
    const auto error = error_of(fifo::inspect(directory / name));
    CHECK(error.kind == Errc::mismatch);
    return error.detail;
  };
  CHECK(what("file") == "a regular file");
  CHECK(what("link") == "a symbolic link");
  CHECK(what("sub") == "a directory");
  CHECK(what(".") == "a directory");
  CHECK(what("..") == "a directory");
  CHECK(error_of(fifo::inspect("/dev/null")).detail == "no FIFO");
  CHECK(error_of(fifo::inspect("/")).kind == Errc::mismatch);
  CHECK(failure(fifo::inspect(directory / "missing")) == Errc::not_found);
  CHECK(failure(fifo::inspect(directory / "missing/ctl")) == Errc::not_found);
}

TEST_CASE("looking at a FIFO releases no writer who waits for a reader", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  const std::string path = directory / "ctl";
  made(path);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const tests::Background writer{[&] {
    const int fd = ::open(path.c_str(), O_WRONLY);
    static_cast<void>(!::write(ends[1], "o", 1));  // it has been let in
    static_cast<void>(!::write(fd, "x", 1));
  }};
  for (int turn = 0; turn < 50; ++turn) {
    need(fifo::inspect(path));
    CHECK(fifo::list({{.path = directory.path()}}).rows.size() == 1);
    ::usleep(1000);
  }
  REQUIRE(::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
  char byte = 0;
  CHECK(::read(ends[0], &byte, 1) == -1);
  CHECK(errno == EAGAIN);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("FIFOs are looked for one deep, and links to them are none", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  made(directory / "one");
  made(directory / "two \n");
  REQUIRE(::mkdir((directory / "sub").c_str(), 0700) == 0);
  made(directory / "sub/three");
  tests::write_file(directory / "file", "");
  REQUIRE(::symlink("one", (directory / "link").c_str()) == 0);
  REQUIRE(::symlink("sub", (directory / "sublink").c_str()) == 0);
  CHECK(paths_in({{.path = directory.path()}}) == std::vector{directory / "one", directory / "two \n"});
  // A place that is itself a link is followed, and told by its real name.
  CHECK(paths_in({{.path = directory / "sublink"}}) == std::vector{directory / "sub/three"});
}

TEST_CASE("a place that is given twice is looked into once", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  made(directory / "one");
  CHECK(paths_in({{.path = directory.path()}, {.path = directory / "."}, {.path = directory.path() + "/"}}).size() ==
        1);
}

TEST_CASE("a place that is missing counts only where it was asked for", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  const auto listing = fifo::list({{.path = directory / "usual"}, {.path = directory / "named", .must_exist = true}});
  CHECK(listing.rows.empty());
  const object::Gap expected{.what = object::Missing::directory,
                             .kind = object::Kind::fifo,
                             .count = 0,
                             .subject = directory / "named",
                             .os_error = ENOENT};
  CHECK(listing.gaps == std::vector{expected});
}

TEST_CASE("a place that may not be read is a gap, and the others are listed", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
  made(directory / "one");
  REQUIRE(::mkdir((directory / "closed").c_str(), 0700) == 0);
  tests::write_file(directory / "file", "");
  const auto status = tests::exit_status_as(65534, [&] {
    const auto listing =
        fifo::list({{.path = directory / "closed"}, {.path = directory / "file"}, {.path = directory.path()}});
    if (listing.rows.size() != 1 || listing.gaps.size() != 2) return 1;
    return listing.gaps[0].os_error == EACCES && listing.gaps[1].os_error == ENOTDIR ? 0 : 2;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEST_CASE("a path is made absolute by its directory, and the name is kept", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::mkdir((directory / "sub").c_str(), 0700) == 0);
  REQUIRE(::symlink("sub", (directory / "sublink").c_str()) == 0);
  REQUIRE(::symlink("ctl", (directory / "sub/link").c_str()) == 0);
  CHECK(need(fifo::absolute(directory / "sub/../sublink/ctl")) == directory / "sub/ctl");
  CHECK(need(fifo::absolute(directory / "sublink/link")) == directory / "sub/link");
  CHECK(need(fifo::absolute("/ctl")) == "/ctl");
  CHECK(need(fifo::absolute("ctl")) == need(sys::real_path(".")) + "/ctl");
  CHECK(need(fifo::absolute("/does/not/exist")) == "/does/not/exist");
  CHECK(need(fifo::absolute("not/there")) == need(sys::working_directory()) + "/not/there");
}

TEST_CASE("owner, group and mode of a FIFO are changed", "[fifo]")
{
  if (!tests::is_real_root()) IPCKIT_SKIP("needs root, to give objects away");
  const tests::TemporaryDirectory directory;
  const Fifo before = made(directory / "ctl");
  need(fifo::change(directory / "ctl", {.mode = 0640, .user = 1234, .group = 5678}));
  const Fifo after = need(fifo::inspect(directory / "ctl"));
  CHECK(after.file.same_inode(before.file));
  CHECK(after.file.mode() == 0640);
  CHECK(after.file.user == 1234);
  CHECK(after.file.group == 5678);
  tests::write_file(directory / "file", "");
  CHECK(failure(fifo::change(directory / "file", {.mode = 0640, .user = {}, .group = {}})) == Errc::mismatch);
}

TEST_CASE("a FIFO that was judged goes, another in its place stays", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  const Fifo judged = made(directory / "ctl");
  REQUIRE(::rename((directory / "ctl").c_str(), (directory / "moved").c_str()) == 0);
  CHECK(failure(fifo::remove(judged)) == Errc::not_found);
  made(directory / "ctl");
  CHECK(failure(fifo::remove(judged)) == Errc::removed);
  CHECK(tests::exists(directory / "ctl"));
  const Fifo moved = need(fifo::inspect(directory / "moved"));
  need(fifo::remove(moved));
  CHECK_FALSE(tests::exists(directory / "moved"));
}

TEST_CASE("a file in a FIFO's place stays", "[fifo]")
{
  const tests::TemporaryDirectory directory;
  const Fifo judged = made(directory / "ctl");
  REQUIRE(::unlink((directory / "ctl").c_str()) == 0);
  tests::write_file(directory / "ctl", "precious");
  CHECK(failure(fifo::remove(judged)) == Errc::mismatch);
  CHECK(tests::read_file(directory / "ctl") == "precious");
}
