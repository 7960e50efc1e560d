// SPDX-License-Identifier: MIT
#pragma once
// A pipe whose ends close with it.

#include <stdexcept>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include <ipckit/sys/fd.hpp>

namespace ipckit::tests {

struct Pipe {
  Pipe()
  {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    out = sys::UniqueFd{ends[0]};
    in = sys::UniqueFd{ends[1]};
  }
  void write(std::string_view text) const
  {
    if (::write(in.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      throw std::runtime_error("write");
    }
  }
  /// What is in it now, at most a mebibyte; it must not be empty while it has a writer.
  [[nodiscard]] std::string read() const
  {
    std::string text(1 << 20, '\0');
    const auto count = ::read(out.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  sys::UniqueFd out;
  sys::UniqueFd in;
};

}  // namespace ipckit::tests
