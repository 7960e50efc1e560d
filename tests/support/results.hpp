// SPDX-License-Identifier: MIT
#pragma once
// Results in tests: taking the value out, asking for the kind of a failure, and showing both when a check fails.

#include <expected>
#include <string>
#include <utility>

#include <ipckit/base/bytes.hpp>
#include <ipckit/base/error.hpp>
#include <ipckit/base/timestamp.hpp>
#include <ipckit/object/ref.hpp>

#include "support/catch.hpp"

namespace ipckit::tests {

/// All that an Error says, for a failed check.
[[nodiscard]] std::string show(const Error& error);
[[nodiscard]] std::string show(Errc kind);
[[nodiscard]] std::string show(object::RefProblem problem);

/// The value; the test case ends when there is none.
template <class T>
T need(Result<T> result)
{
  if (!result) FAIL(show(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Why it failed; the test case ends when it did not.
template <class T>
Error error_of(const Result<T>& result)
{
  if (result) FAIL("it did not fail");
  return result.error();
}
template <class T>
Errc failure(const Result<T>& result)
{
  return error_of(result).kind;
}

}  // namespace ipckit::tests

namespace Catch {

template <>
struct StringMaker<ipckit::Error> {
  static std::string convert(const ipckit::Error& error) { return ipckit::tests::show(error); }
};
template <>
struct StringMaker<ipckit::Errc> {
  static std::string convert(ipckit::Errc kind) { return ipckit::tests::show(kind); }
};
template <>
struct StringMaker<ipckit::object::RefProblem> {
  static std::string convert(ipckit::object::RefProblem problem) { return ipckit::tests::show(problem); }
};
template <>
struct StringMaker<ipckit::object::Ref> {
  static std::string convert(const ipckit::object::Ref& ref) { return ipckit::object::to_text(ref); }
};
template <>
struct StringMaker<ipckit::Bytes> {
  static std::string convert(ipckit::Bytes bytes) { return std::to_string(bytes.count) + " bytes"; }
};
template <>
struct StringMaker<ipckit::Timestamp> {
  static std::string convert(ipckit::Timestamp time)
  {
    return std::to_string(time.seconds) + " s " + std::to_string(time.nanoseconds) + " ns";
  }
};
template <class T, class E>
struct StringMaker<std::expected<T, E>> {
  static std::string convert(const std::expected<T, E>& result)
  {
    if (!result) return StringMaker<E>::convert(result.error());
    if constexpr (std::is_void_v<T>) {
      return "done";
    } else {
      return StringMaker<T>::convert(*result);
    }
  }
};

}  // namespace Catch
