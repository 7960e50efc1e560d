// SPDX-License-Identifier: MIT
#pragma once
// The bytes of a segment of either family: a System V one is mapped, a POSIX one is read and written as a file, because
// it may shrink meanwhile and a mapping would then be SIGBUS.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include <ipckit/base/error.hpp>
#include <ipckit/inventory/entry.hpp>
#include <ipckit/object/value.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/shared_memory.hpp>

namespace ipckit::inventory {

class Memory {
public:
  /// Errc::unsupported: the object is no segment. Errc::not_found, Errc::removed: it is gone, or replaced, since it was
  /// looked at.
  [[nodiscard]] static Result<Memory> open(const object::View& view, const Entry& segment, sys::Access access);

  /// Bytes it had when it was opened.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// From now on a POSIX segment that is too small for what is written grows.
  void let_grow() noexcept { grows_ = true; }

  /// `length` bytes from `offset` on, which must lie inside: where they are, or else read into `room`, which has as
  /// many bytes. What was got before is no longer valid. An Error whose detail says so when it shrank meanwhile. Pages
  /// of a System V segment that nobody has touched are not allocated by it where the machine has no swap space (without
  /// which they can be told).
  [[nodiscard]] Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t length,
                                                        std::span<std::byte> room);

  /// Takes the memory of a part that is about to be written, so that none of it is when there is too little. The size
  /// stays; what is then written makes it.
  [[nodiscard]] Result<> reserve(std::uint64_t offset, std::uint64_t length);

  // What is written must lie inside, or the segment be let grow. An Error whose detail says so when it shrank
  // meanwhile; who shrinks it in the very moment of a write gets the bytes behind its end all the same.

  /// Stores one value: in one step where its offset is a multiple of its width.
  [[nodiscard]] Result<> store(std::uint64_t offset, const object::ValueBytes& value, std::size_t width);
  /// Writes bytes; how many were written, also when it failed, is added to `done`.
  [[nodiscard]] Result<> write(std::uint64_t offset, std::span<const std::byte> bytes, std::uint64_t& done);
  /// Writes text and a NUL behind it. In a System V segment the NUL is there last: who sees it sees the text.
  [[nodiscard]] Result<> write_string(std::uint64_t offset, const std::string& text, std::uint64_t& done);

private:
  Memory(std::variant<sys::SharedMemory, sys::UniqueFd> bytes, std::uint64_t size, std::string subject) noexcept
      : bytes_{std::move(bytes)}, size_{size}, subject_{std::move(subject)}
  {
  }
  [[nodiscard]] Result<> write_file(int file, std::uint64_t offset, std::span<const std::byte> bytes,
                                    std::uint64_t* done) const;
  [[nodiscard]] std::span<const std::byte> read_mapped(const sys::SharedMemory& mapped, std::size_t start,
                                                       std::size_t length, std::span<std::byte> room);

  std::variant<sys::SharedMemory, sys::UniqueFd> bytes_;
  std::uint64_t size_;
  std::string subject_;
  bool grows_ = false;   // what is written may make it larger
  bool spares_ = false;  // pages that nobody has touched can be told, and stay so
  // Offsets between which pages of a mapping are at hand.
  std::size_t brought_in_from_ = 0;
  std::size_t brought_in_ = 0;
};

/// What reading a System V segment may cost: pages that nobody has touched are allocated by it.
struct ReadingCost {
  std::uint64_t untouched = 0;  // bytes; all of them where resident ones cannot be told
  std::uint64_t available = 0;  // bytes of free memory
  bool resident_known = true;
};
/// The cost of reading all of a segment.
[[nodiscard]] ReadingCost reading_cost(const object::View& view, const shm::Segment& segment);

}  // namespace ipckit::inventory
