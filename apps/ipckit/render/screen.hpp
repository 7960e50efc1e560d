// SPDX-License-Identifier: MIT
#pragma once
// A terminal that is redrawn in place, and left as it was found.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <ipckit/render/output.hpp>

namespace ipckit::render {

/// What ended a wait.
enum class Wake : std::uint8_t {
  time,    // the moment has come
  redraw,  // the terminal has another size, or is ours again after a stop
  gone,    // nobody is there any more to read what is written
};

/// Waits until a moment, for as long as somebody can read what is written to `out`.
[[nodiscard]] Wake wait_until(const Output& out, std::chrono::steady_clock::time_point moment);

/// While it lives, stdout is a screen: the cursor is hidden, and the signals that end or stop the program show it again
/// first and then do what they do. One at a time.
class Screen {
public:
  explicit Screen(Output& out);
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  Screen(Screen&&) = delete;
  Screen& operator=(Screen&&) = delete;
  ~Screen();

  /// Lines, each no wider than the terminal, in the place of those before. What the terminal has no rows for is counted
  /// in its last line.
  void draw(const std::vector<std::string>& lines);
  /// Columns and rows; 80 by 24 where it does not say.
  [[nodiscard]] unsigned columns() const noexcept;
  [[nodiscard]] unsigned rows() const noexcept;

private:
  Output& out_;
};

}  // namespace ipckit::render
