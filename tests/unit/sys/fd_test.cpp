// SPDX-License-Identifier: MIT
// One owner per descriptor.
#include <ipckit/sys/fd.hpp>

#include <cerrno>
#include <utility>

#include <fcntl.h>

#include "support/catch.hpp"

using ipckit::sys::UniqueFd;

namespace {

int some_descriptor()
{
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd)
{
  return ::fcntl(fd, F_GETFD) != -1;
}

}  // namespace

TEST_CASE("a descriptor is closed with its owner", "[sys]")
{
  const int raw = some_descriptor();
  {
    const UniqueFd fd{raw};
    CHECK(fd.get() == raw);
    CHECK(static_cast<bool>(fd));
    CHECK(is_open(raw));
  }
  CHECK_FALSE(is_open(raw));
}

TEST_CASE("an owner without a descriptor closes none", "[sys]")
{
  UniqueFd fd;
  CHECK(fd.get() == -1);
  CHECK_FALSE(static_cast<bool>(fd));
  fd.reset();
}

TEST_CASE("a descriptor moves from one owner to the next", "[sys]")
{
  const int first = some_descriptor();
  const int second = some_descriptor();
  UniqueFd source{first};
  UniqueFd target{second};
  target = std::move(source);
  CHECK(target.get() == first);
  CHECK_FALSE(static_cast<bool>(source));  // NOLINT(bugprone-use-after-move): that is the point
  CHECK_FALSE(is_open(second));
  UniqueFd& same = target;
  target = std::move(same);
  CHECK(target.get() == first);
  CHECK(is_open(first));
  const int released = target.release();
  CHECK(released == first);
  CHECK_FALSE(static_cast<bool>(target));
  CHECK(is_open(first));
  const UniqueFd last{released};
}

TEST_CASE("closing leaves errno alone", "[sys]")
{
  errno = ENOENT;
  {
    const UniqueFd never_open{987654};
  }
  CHECK(errno == ENOENT);
}
