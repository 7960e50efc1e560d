// SPDX-License-Identifier: MIT
#pragma once
// Many messages in one stream of bytes, and out of it again. Nothing here knows where the bytes come from.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ipckit/base/error.hpp>

namespace ipckit::object {

enum class Framing : std::uint8_t {
  none,             // the bytes as they are
  lines,            // each message ends with a newline
  null,             // each message ends with a NUL
  length_prefixed,  // its length, four bytes, the most significant first, then the message
};

/// The byte that ends a message; nothing where none does.
[[nodiscard]] std::optional<std::byte> separator_of(Framing framing) noexcept;

/// Bytes that a message of `size` bytes takes in the stream.
[[nodiscard]] std::uint64_t framed_size(Framing framing, std::uint64_t size) noexcept;

/// Appends a message with its frame. Errc::too_large: its length does not fit in four bytes.
[[nodiscard]] Result<> append_framed(std::string& out, Framing framing, std::span<const std::byte> message);

/// Takes a stream of bytes apart. With Framing::none whatever has been read is a message.
class Splitter {
public:
  explicit Splitter(Framing framing) noexcept : framing_{framing} {}

  /// Room for `size` more bytes, to read into; whatever front() gave is no longer valid.
  [[nodiscard]] std::span<std::byte> room(std::size_t size);
  /// So many bytes of it were read.
  void filled(std::size_t size) noexcept { end_ += size; }
  /// There will be no more.
  void finish() noexcept { finished_ = true; }

  /// The first message that is complete: at the end of the stream also one whose separator is missing.
  [[nodiscard]] std::optional<std::span<const std::byte>> front() noexcept;
  /// Drops what front() gave.
  void pop() noexcept;

  /// Everything that was read and not dropped, frames included.
  [[nodiscard]] std::span<const std::byte> rest() const noexcept
  {
    return std::span{buffer_}.subspan(begin_, end_ - begin_);
  }
  /// The same without the message that front() gave.
  [[nodiscard]] std::span<const std::byte> rest_behind_front() const noexcept { return rest().subspan(frame_); }
  /// Bytes that the first message, which is not complete, has at least; for a limit to be checked early.
  [[nodiscard]] std::uint64_t at_least() const noexcept;

  /// How many of the bytes `more`, which would come next, belong to the next `messages` messages.
  [[nodiscard]] std::size_t bytes_of(std::span<const std::byte> more, std::uint64_t messages) const;
  /// The same without the beginning of a message whose end is missing.
  [[nodiscard]] std::size_t whole_bytes_of(std::span<const std::byte> more, std::uint64_t messages) const;

private:
  /// Bytes of `more` behind which `messages` messages are complete, and how many of those are missing.
  struct Counted {
    std::size_t bytes;
    std::uint64_t missing;
  };
  [[nodiscard]] Counted count(std::span<const std::byte> more, std::uint64_t messages) const;
  [[nodiscard]] std::optional<std::span<const std::byte>> front_by_separator(std::byte separator) noexcept;
  [[nodiscard]] std::optional<std::span<const std::byte>> front_by_length() noexcept;

  Framing framing_;
  bool finished_ = false;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t searched_ = 0;  // bytes behind begin_ in which there is no separator
  std::size_t frame_ = 0;     // bytes that pop() drops
};

}  // namespace ipckit::object
