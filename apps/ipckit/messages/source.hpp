// SPDX-License-Identifier: MIT
#pragma once
// Where the messages that are sent come from: the command line, or stdin taken apart.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/messages/format.hpp>
#include <ipckit/object/transfer.hpp>

namespace ipckit::messages {

class Source {
public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  Source(Source&&) = delete;
  Source& operator=(Source&&) = delete;
  virtual ~Source() = default;

  /// The next message as it stands there, JSON not yet read; nothing at the end. Valid until the next call. Before it
  /// waits for more, `before_waiting` is called, and ends the wait where that fails. Errc::too_large: it has more than
  /// the largest that is allowed.
  using Hook = std::function<Result<>()>;
  [[nodiscard]] virtual Result<std::optional<std::span<const std::byte>>> next(const Hook& before_waiting) = 0;
  /// So many of the messages that were given have arrived, the first ones: they will not be given back. The last one's
  /// data may no longer be valid.
  virtual void arrived(std::uint64_t /*messages*/) {}
  /// Leaves what was read and has not arrived to whoever reads stdin next; of the first message of that, so many bytes
  /// have. The number of bytes for which that cannot be: stdin is no file, or somebody else has read on meanwhile.
  [[nodiscard]] virtual std::uint64_t give_back(std::uint64_t /*arrived_bytes*/) { return 0; }
};

/// The words of the command line, a message each.
[[nodiscard]] std::unique_ptr<Source> from_words(const std::vector<std::string>& words);
/// A descriptor, taken apart by a framing; Framing::none: one message that is all of it, or, where `stream`, pieces as
/// they come. `largest`: bytes that a message may have.
[[nodiscard]] std::unique_ptr<Source> from_descriptor(int fd, object::Framing framing, bool stream,
                                                      std::optional<std::uint64_t> largest,
                                                      const sys::Patience& patience);

}  // namespace ipckit::messages
