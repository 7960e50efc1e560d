// SPDX-License-Identifier: MIT
// POSIX segments, in a directory of the test's own; what they share with semaphores is tested in
// object/tmpfs_test.cpp.
#include <ipckit/pshm/segment.hpp>

#include <cerrno>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using object::Force;
using object::Removal;
using pshm::Segment;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

constexpr std::uint64_t page = 4096;

/// Keeps the file mapped, and not open.
bool map_in_child(const std::string& path)
{
  const auto fd = sys::open(path, O_RDONLY);
  return fd && ::mmap(nullptr, page, PROT_READ, MAP_SHARED, fd->get(), 0) != MAP_FAILED;
}

}  // namespace

TEST_CASE("a new segment is allocated, unless it is to be sparse", "[pshm]")
{
  const tests::TemporaryDirectory directory;
  const auto view = directory.view();
  const mode_t mask = ::umask(0077);
  need(pshm::create(view, {.name = "whole", .mode = 0646, .size = 3 * page}));
  ::umask(mask);
  const Segment whole = need(pshm::inspect(view, "whole"));
  CHECK(whole.name == "whole");
  CHECK(whole.file.mode() == 0646);
  CHECK(whole.file.size == 3 * page);
  CHECK(whole.file.allocated == 3 * page);
  CHECK(tests::read_file(directory / "whole") == std::string(3 * page, '\0'));

  need(pshm::create(view, {.name = "sparse", .size = 3 * page, .sparse = true}));
  const Segment sparse = need(pshm::inspect(view, "sparse"));
  CHECK(sparse.file.mode() == 0600);
  CHECK(sparse.file.size == 3 * page);
  CHECK(sparse.file.allocated == 0);

  need(pshm::create(view, {.name = "empty", .size = 0}));
  CHECK(need(pshm::inspect(view, "empty")).file.size == 0);
}

TEST_CASE("a segment that does not fit leaves nothing behind", "[pshm]")
{
  const tests::PrivateTmpfs small{16 * page};
  if (!small) IPCKIT_SKIP("needs the right to mount");
  const object::View view{.shm_directory = small.path()};
  CHECK(error_of(pshm::create(view, {.name = "large", .size = 17 * page})).os_error == ENOSPC);
  CHECK_FALSE(tests::exists(small.path() + "/large"));
  CHECK(need(sys::space_of(small.path())).free == 16 * page);
  need(pshm::create(view, {.name = "large", .size = 17 * page, .sparse = true}));
}

TEST_CASE("segments are the regular files that are no semaphores", "[pshm]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "frame", "x");
  tests::write_file(directory / ".hidden \n", "x");
  tests::write_file(directory / "sem.lock", std::string(32, '\0'));
  tests::write_file(directory / "sem.", "x");
  REQUIRE(::mkdir((directory / "directory").c_str(), 0700) == 0);
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  REQUIRE(::symlink("frame", (directory / "link").c_str()) == 0);
  const auto listing = need(pshm::list(directory.view()));
  std::vector<std::string> names;
  for (const Segment& segment : listing.rows) names.push_back(segment.name);
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{".hidden \n", "frame", "sem."});
  CHECK(listing.gaps.empty());
  for (const Segment& segment : listing.rows) CHECK(need(pshm::inspect(directory.view(), segment.name)) == segment);
}

TEST_CASE("a segment grows as it is: allocated at once, or sparse", "[pshm]")
{
  const tests::TemporaryDirectory directory;
  const auto view = directory.view();
  need(pshm::create(view, {.name = "whole", .size = page}));
  need(pshm::resize(view, "whole", 3 * page, Force::no));
  CHECK(need(pshm::inspect(view, "whole")).file.allocated == 3 * page);
  need(pshm::create(view, {.name = "sparse", .size = page, .sparse = true}));
  need(pshm::resize(view, "sparse", 3 * page, Force::no));
  const Segment sparse = need(pshm::inspect(view, "sparse"));
  CHECK(sparse.file.size == 3 * page);
  CHECK(sparse.file.allocated == 0);
  need(pshm::resize(view, "sparse", 3 * page, Force::no));
  CHECK(failure(pshm::resize(view, "missing", page, Force::no)) == Errc::not_found);
}

TEST_CASE("a segment grows while it is mapped, and shrinks only when it is forced", "[pshm]")
{
  const tests::TemporaryDirectory directory;
  const auto view = directory.view();
  need(pshm::create(view, {.name = "frame", .size = 2 * page}));
  {
    const tests::Child holder{[&] { return map_in_child(directory / "frame"); }};
    REQUIRE(holder.ready());
    need(pshm::resize(view, "frame", 3 * page, Force::no));
    CHECK(failure(pshm::resize(view, "frame", page, Force::no)) == Errc::busy);
    CHECK(need(pshm::inspect(view, "frame")).file.size == 3 * page);
    need(pshm::resize(view, "frame", 2 * page, Force::yes));
  }
  need(pshm::resize(view, "frame", 0, Force::no));
  CHECK(need(pshm::inspect(view, "frame")).file.size == 0);
}

TEST_CASE("a size that no file can have changes nothing", "[pshm]")
{
  const tests::TemporaryDirectory directory;
  const auto view = directory.view();
  need(pshm::create(view, {.name = "frame", .size = page}));
  CHECK_FALSE(pshm::resize(view, "frame", ~std::uint64_t{0}, Force::yes).has_value());
  CHECK_FALSE(pshm::create(view, {.name = "other", .size = ~std::uint64_t{0}, .sparse = true}).has_value());
  CHECK(need(pshm::inspect(view, "frame")).file.size == page);
  CHECK_FALSE(tests::exists(directory / "other"));
}
