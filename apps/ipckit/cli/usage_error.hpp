// SPDX-License-Identifier: MIT
#pragma once
// The one exception of the program: a command line that makes no sense.

#include <stdexcept>
#include <string>
#include <utility>

namespace ipckit::cli {

/// The command line makes no sense: thrown while words are parsed, caught once in app.cpp. Nothing has been done yet.
class UsageError : public std::runtime_error {
public:
  explicit UsageError(const std::string& sentence, std::string hint = {})
      : std::runtime_error(sentence), hint_{std::move(hint)}
  {
  }
  /// One line of help; empty where there is none.
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

private:
  std::string hint_;
};

}  // namespace ipckit::cli
