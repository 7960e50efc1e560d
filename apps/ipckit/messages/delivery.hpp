// SPDX-License-Identifier: MIT
#pragma once
// Messages that were taken, on their way to stdout: few at a time, and none of them lost on the way.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/messages/format.hpp>
#include <ipckit/object/transfer.hpp>

namespace ipckit::messages {

/// How messages are to be written.
struct Shape {
  Format format = Format::none;
  object::Kind kind = object::Kind::msg;
  bool printable = false;  // for a terminal: escaped, and each ends its line
};

/// What has become of messages that could not be written.
struct Rescued {
  std::uint64_t back = 0;   // put back into the queue
  std::uint64_t saved = 0;  // written to the file
  std::uint64_t bytes = 0;  // that came behind them, written to the file as well
  std::string file;         // empty when none was needed
  std::string unsaved;      // what could not even be saved, as the file would have had it
};

class Delivery {
public:
  /// `directories`: where a rescue file may be made, the first that takes one.
  Delivery(int fd, Shape shape, object::Inlet& inlet, const sys::Patience& patience,
           std::vector<std::string> directories)
      : fd_{fd}, shape_{shape}, inlet_{inlet}, patience_{patience}, directories_{std::move(directories)}
  {
  }

  /// Bytes that the next message may have; nothing is taken and unwritten: any number.
  [[nodiscard]] std::size_t room() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return taken_.empty(); }
  /// Whether it is known that nothing can be written; look before something is taken.
  [[nodiscard]] Result<> possible() const;

  /// Keeps a copy until it is written.
  void add(const object::Message& message);
  /// Whether it is time to write.
  [[nodiscard]] bool full() const noexcept;
  /// Writes what was added. Where that fails, call rescue().
  [[nodiscard]] Result<> flush();
  /// Puts back what was added and not written; what cannot be put back, and what the inlet has taken of a message, goes
  /// to a file of mode 0600: JSON lines that `ipckit send --jsonl` reads, of a FIFO the bytes as they came.
  [[nodiscard]] Rescued rescue();
  /// The same of one message that was never added.
  [[nodiscard]] Rescued rescue(const object::Message& message);

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
  /// Messages that held the separator of the framing, so that their reader sees more of them.
  [[nodiscard]] std::uint64_t ambiguous() const noexcept { return ambiguous_; }

private:
  /// A message in `bytes_`.
  struct Taken {
    std::size_t at;
    std::size_t size;
    std::int64_t type;
    std::uint32_t priority;
    std::size_t written_at;  // where its end is in `out_`
    bool ambiguous;          // holds the separator
  };
  [[nodiscard]] object::Message message_of(const Taken& taken) const noexcept;
  /// Whether it holds the separator.
  bool append(const object::Message& message);
  [[nodiscard]] bool put_back_or_append(const object::Message& message, std::string& text);
  void save(std::string text, Rescued& rescued) const;
  void append_for_file(std::string& text, const object::Message& message) const;

  int fd_;
  Shape shape_;
  object::Inlet& inlet_;
  sys::Patience patience_;
  std::vector<std::string> directories_;
  std::vector<Taken> taken_;
  std::string bytes_;
  std::string out_;
  std::uint64_t written_ = 0;
  std::uint64_t ambiguous_ = 0;
};

}  // namespace ipckit::messages
