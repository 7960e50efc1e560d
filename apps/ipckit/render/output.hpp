// SPDX-License-Identifier: MIT
#pragma once
// A descriptor to write to, buffered. Failure is remembered, not thrown: whoever ends the program asks for it.

#include <string>
#include <string_view>

namespace ipckit::render {

class Output {
public:
  explicit Output(int fd) noexcept : fd_{fd} {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  Output(Output&&) = delete;
  Output& operator=(Output&&) = delete;
  ~Output() { flush(); }

  /// Room to write into; call `filled` now and then so that it is written out.
  [[nodiscard]] std::string& buffer() noexcept { return buffer_; }
  void filled()
  {
    if (buffer_.size() >= enough) flush();
  }
  void write(std::string_view text)
  {
    buffer_ += text;
    filled();
  }
  void flush() noexcept;
  /// Writes bytes after what is buffered, from where they are: for much data, which a copy would slow down.
  void write_through(std::string_view bytes) noexcept
  {
    flush();
    drain(bytes);
  }
  /// Makes a pipe that it writes to as large as much data wants it, where the system lets it.
  void expect_much() const noexcept;

  /// The errno of the first write that failed; 0 when all went well.
  [[nodiscard]] int failure() const noexcept { return failure_; }
  [[nodiscard]] bool is_terminal() const noexcept;
  /// Columns of the terminal; 0 when it is none or does not say.
  [[nodiscard]] unsigned columns() const noexcept;

private:
  /// Writes all of it, or remembers why not.
  void drain(std::string_view rest) noexcept;

  static constexpr std::size_t enough = 65536;
  int fd_;
  int failure_ = 0;
  std::string buffer_;
};

}  // namespace ipckit::render
