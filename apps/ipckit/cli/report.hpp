// SPDX-License-Identifier: MIT
#pragma once
// What went wrong and what was not seen: told on stderr at once, kept for JSON, and summed up in the exit status.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/cli/context.hpp>
#include <ipckit/cli/exit_status.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/kind.hpp>

namespace ipckit::cli {

class Report {
public:
  explicit Report(Context& context) noexcept : context_{context} {}

  /// One operand is done.
  void succeed() { ends(Exit::done); }
  /// One operand failed. `hint` is used where the error itself has no remedy.
  void fail(std::string_view ref, object::Kind kind, const Error& error, const std::string& hint = {});
  /// The same with words of one's own.
  void fail(std::string_view ref, Exit status, const Error& error, const std::string& message, const std::string& hint);
  /// Something was not seen. The same said twice is one.
  void gap(const object::Gap& gap);
  /// Tells what was not seen and not told yet, once all of it is known; `about` is what each line begins with.
  void say_gaps(const std::string& about = {});

  [[nodiscard]] bool has_gaps() const noexcept { return !gaps_.empty(); }
  /// Whether there may be objects that were not listed.
  [[nodiscard]] bool misses_objects() const noexcept;

  /// All the same: that. Different: "refused". None: done.
  [[nodiscard]] Exit status() const noexcept { return status_.value_or(Exit::done); }

  /// The members `errors` and `incomplete` of a JSON document, as arrays.
  [[nodiscard]] std::string errors_json() const;
  [[nodiscard]] std::string incomplete_json() const;

private:
  void ends(Exit status) noexcept;

  struct Failure {
    std::string ref;
    Exit status;
    int os_error;
    std::string operation;
    std::string message;
  };
  Context& context_;
  std::vector<Failure> failures_;
  std::vector<object::Gap> gaps_;
  std::size_t said_ = 0;  // of the gaps
  std::optional<Exit> status_;
};

/// The name of an errno: "ENOENT".
[[nodiscard]] std::string errno_name(int os_error);

}  // namespace ipckit::cli
