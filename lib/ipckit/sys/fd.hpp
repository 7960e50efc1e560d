// SPDX-License-Identifier: MIT
#pragma once
// One owner per descriptor.

#include <utility>

namespace ipckit::sys {

/// Owns a file descriptor and closes it. Empty when made without one.
class UniqueFd {
public:
  UniqueFd() noexcept = default;
  explicit UniqueFd(int fd) noexcept : fd_{fd} {}
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  UniqueFd(UniqueFd&& other) noexcept : fd_{other.release()} {}
  UniqueFd& operator=(UniqueFd&& other) noexcept
  {
    UniqueFd taken{std::move(other)};
    std::swap(fd_, taken.fd_);
    return *this;
  }
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const noexcept { return fd_ >= 0; }

  /// Closes now. close(2) is not retried: on Linux the descriptor is gone even after EINTR.
  void reset() noexcept;

private:
  int fd_ = -1;
};

}  // namespace ipckit::sys
