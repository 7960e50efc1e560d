// SPDX-License-Identifier: MIT
// Errors as values: what an errno means, and the early return.
#include <ipckit/base/error.hpp>

#include <cerrno>
#include <memory>
#include <vector>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;

TEST_CASE("an errno has a kind that a caller can decide on", "[base]")
{
  struct Row {
    int os_error;
    Errc kind;
  };
  for (const auto& [os_error, kind] : std::vector<Row>{{ENOENT, Errc::not_found},
                                                       {EEXIST, Errc::already_exists},
                                                       {EACCES, Errc::access_denied},
                                                       {EPERM, Errc::access_denied},
                                                       {EAGAIN, Errc::busy},
                                                       {EBUSY, Errc::busy},
                                                       {EIDRM, Errc::removed},
                                                       {E2BIG, Errc::too_large},
                                                       {EMSGSIZE, Errc::too_large},
                                                       {ENOSYS, Errc::unsupported},
                                                       {EOPNOTSUPP, Errc::unsupported},
                                                       {EINVAL, Errc::system},
                                                       {ENOSPC, Errc::system},
                                                       {0, Errc::system}}) {
    INFO("errno " << os_error);
    CHECK(kind_of_errno(os_error) == kind);
  }
}

TEST_CASE("the error of a failed call has its errno", "[base]")
{
  errno = EEXIST;
  CHECK(last_error("msgget", "msg:@jobs") ==
        Error{.kind = Errc::already_exists, .operation = "msgget", .subject = "msg:@jobs", .os_error = EEXIST});
}

namespace {

Result<std::unique_ptr<int>> boxed(Result<int> number)
{
  return std::make_unique<int>(IPCKIT_TRY(std::move(number)));
}

Result<int> unboxed(Result<int> number)
{
  const auto box = IPCKIT_TRY(boxed(std::move(number)));
  return *box + 1;
}

Result<> nothing(Result<> outcome)
{
  IPCKIT_TRY(outcome);
  return {};
}

}  // namespace

TEST_CASE("the early return hands on values, movable ones too, and errors", "[base]")
{
  CHECK(unboxed(4) == 5);
  CHECK(tests::error_of(unboxed(fail(Errc::busy, "step", "it", "why"))) ==
        Error{.kind = Errc::busy, .operation = "step", .subject = "it", .detail = "why"});
  CHECK(nothing({}).has_value());
  CHECK(tests::failure(nothing(fail(Errc::removed, "step", "it"))) == Errc::removed);
}
