// SPDX-License-Identifier: MIT
#pragma once
// The words every room uses for failure. An Error carries facts; sentences are made by the program
// (apps/ipckit/cli/explain.cpp), never here.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ipckit {

/// What a caller can decide on.
enum class Errc : std::uint8_t {
  invalid,         // the request itself makes no sense: a malformed name, number or combination
  not_found,       // no such object
  already_exists,  // something is there already
  access_denied,   // the kernel's permission check said no
  busy,            // held, waited on, full, empty or locked by somebody else
  removed,         // it went away while it was being used
  ended,           // the other side has closed: there will be no more
  timed_out,       // it did not happen in the time that was given
  interrupted,     // a signal asked for an end of the wait
  too_large,       // beyond a limit of the kernel
  foreign,         // found, but made by somebody who is neither the caller nor root
  mismatch,        // found, but of another kind or geometry
  unseen,          // something that decides could not be seen
  unsupported,     // this kernel or this kind of object cannot do it
  malformed,       // text from the kernel or a file that does not parse
  system,          // any other failure; os_error says which
};

/// A failed operation: what kind, doing what (a system call or a step), on what, and the errno behind it
/// (0 when the kernel was not asked). `detail` is a bare fact that names what stands in the way, such as
/// "3 messages" or "mode 0600"; it is empty where the kind says all.
struct Error {
  Errc kind = Errc::system;
  std::string operation;
  std::string subject;
  int os_error = 0;
  std::string detail;
  bool operator==(const Error&) const = default;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// The kind that an errno means by itself, without knowing which call failed.
[[nodiscard]] Errc kind_of_errno(int os_error) noexcept;

/// The Error of the system call that has just failed: reads errno, so nothing may come between.
[[nodiscard]] Error last_error(std::string_view operation, std::string_view subject);

/// An Error without an errno.
[[nodiscard]] inline std::unexpected<Error> fail(Errc kind, std::string_view operation, std::string_view subject,
                                                 std::string detail = {})
{
  return std::unexpected(Error{
      .kind = kind, .operation = std::string(operation), .subject = std::string(subject), .detail = std::move(detail)});
}

namespace detail {
/// The value that the macro below takes out; one that is not wanted may be dropped without a word.
template <class T>
constexpr T value_of(Result<T> result)
{
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}
}  // namespace detail

}  // namespace ipckit

/// The value of a Result, or an early return of its Error from the calling function.
#define IPCKIT_TRY(...)                                                             \
  __extension__({                                                                   \
    auto ipckit_result_ = (__VA_ARGS__);                                            \
    if (!ipckit_result_) return std::unexpected(std::move(ipckit_result_).error()); \
    ::ipckit::detail::value_of(std::move(ipckit_result_));                          \
  })
