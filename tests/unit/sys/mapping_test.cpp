// SPDX-License-Identifier: MIT
// Memory that several processes share.
#include <ipckit/sys/mapping.hpp>

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using sys::Mapping;
using tests::error_of;
using tests::need;

namespace {

std::string text_in(const Mapping& mapping)
{
  return {reinterpret_cast<const char*>(mapping.bytes().data()), mapping.bytes().size()};
}

}  // namespace

TEST_CASE("a mapped file is read and written through memory, also when it is closed", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "12345");
  const auto mapping = [&] {
    const auto file = need(sys::open(directory / "file", O_RDWR));
    return need(Mapping::map(file.get(), 4, "file"));
  }();
  CHECK(text_in(mapping) == "1234");
  mapping.bytes()[1] = std::byte{'x'};
  CHECK(tests::read_file(directory / "file") == "1x345");
}

TEST_CASE("memory without a file begins as zeros, and is shared with a child", "[sys]")
{
  const auto mapping = need(Mapping::map(-1, 3, ""));
  CHECK(text_in(mapping) == std::string(3, '\0'));
  CHECK(tests::status_of_child([&] {
          mapping.bytes()[2] = std::byte{'c'};
          return 0;
        }) == 0);
  CHECK(text_in(mapping)[2] == 'c');
}

TEST_CASE("a mapping has one owner", "[sys]")
{
  auto first = need(Mapping::map(-1, 1, ""));
  auto* const address = first.bytes().data();
  Mapping second{std::move(first)};
  CHECK(second.bytes().data() == address);
  CHECK(first.bytes().empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  first = std::move(second);
  CHECK(first.bytes().data() == address);
  CHECK(Mapping{}.bytes().empty());
}

TEST_CASE("what cannot be mapped for writing is refused", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "12345");
  const auto read_only = need(sys::open(directory / "file", O_RDONLY));
  CHECK(error_of(Mapping::map(read_only.get(), 5, "file")) ==
        Error{.kind = Errc::access_denied, .operation = "mmap", .subject = "file", .os_error = EACCES});
  CHECK(error_of(Mapping::map(-1, 0, "")).os_error == EINVAL);
}
