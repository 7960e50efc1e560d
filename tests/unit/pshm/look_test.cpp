// SPDX-License-Identifier: MIT
// Bytes of a POSIX segment, without a trace.
#include <ipckit/pshm/look.hpp>

#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using tests::failure;
using tests::need;

TEST_CASE("bytes are read up to the end, and the access time stays", "[pshm]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "a", "hello");
  const auto segment = need(pshm::inspect(directory.view(), "a"));
  std::string text(4, '?');
  const auto glimpse = need(pshm::look(directory.view(), segment, 3, std::as_writable_bytes(std::span{text})));
  CHECK(glimpse.count == 2);
  CHECK_FALSE(glimpse.trace);
  CHECK(text == "lo??");
  CHECK(need(pshm::inspect(directory.view(), "a")) == segment);
}

TEST_CASE("another file of the name is another segment", "[pshm]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "a", "hello");
  const auto segment = need(pshm::inspect(directory.view(), "a"));
  tests::write_file(directory / "b", "other");
  REQUIRE(::rename((directory / "b").c_str(), (directory / "a").c_str()) == 0);
  std::string text(4, '?');
  CHECK(failure(pshm::look(directory.view(), segment, 0, std::as_writable_bytes(std::span{text}))) == Errc::removed);
}

TEST_CASE("that a look at others' segments may leave a trace is told", "[pshm]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
  tests::write_file(directory / "a", "hello", 0644);
  const auto segment = need(pshm::inspect(directory.view(), "a"));
  const auto status = tests::exit_status_as(65534, [&] {
    std::string text(5, '?');
    const auto glimpse = pshm::look(directory.view(), segment, 0, std::as_writable_bytes(std::span{text}));
    return glimpse && glimpse->trace && text == "hello" ? 0 : 1;
  });
  if (!status) IPCKIT_SKIP("cannot become another user");
  CHECK(*status == 0);
}
