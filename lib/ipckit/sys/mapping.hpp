// SPDX-License-Identifier: MIT
#pragma once
// A file mapped into memory, shared with all who map it: mmap(2).

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <ipckit/base/error.hpp>

namespace ipckit::sys {

/// Owns a mapping. It stays when the descriptor is closed, and a process that is forked has it as well.
class Mapping {
public:
  Mapping() noexcept = default;
  /// The first `size` bytes of a file, for reading and writing; -1 for memory without a file. Bytes that the file
  /// system has no room for are SIGBUS: they should be reserved before.
  [[nodiscard]] static Result<Mapping> map(int fd, std::size_t size, const std::string& subject);

  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  Mapping(Mapping&& other) noexcept : bytes_{std::exchange(other.bytes_, {})} {}
  Mapping& operator=(Mapping&& other) noexcept
  {
    Mapping taken{std::move(other)};
    std::swap(bytes_, taken.bytes_);
    return *this;
  }
  ~Mapping();

  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }

private:
  explicit Mapping(std::span<std::byte> bytes) noexcept : bytes_{bytes} {}
  std::span<std::byte> bytes_;
};

}  // namespace ipckit::sys
