// SPDX-License-Identifier: MIT
#include <ipckit/messages/source.hpp>

#include <deque>
#include <utility>

#include <unistd.h>

#include <ipckit/sys/stream.hpp>

namespace ipckit::messages {
namespace {

using Next = Result<std::optional<std::span<const std::byte>>>;

class Words final : public Source {
public:
  explicit Words(const std::vector<std::string>& words) noexcept : words_{words} {}
  Next next(const Hook& /*before_waiting*/) override
  {
    if (words_.empty()) return std::nullopt;
    const auto bytes = bytes_of(words_.front());
    words_ = words_.subspan(1);
    return bytes;
  }

private:
  std::span<const std::string> words_;
};

/// Bytes that are read at once.
constexpr std::size_t piece = 65536;

class Descriptor final : public Source {
public:
  Descriptor(int fd, object::Framing framing, bool whole, std::optional<std::uint64_t> largest,
             const sys::Patience& patience)
      : fd_{fd}, whole_{whole}, largest_{largest}, patience_{patience}, splitter_{framing}
  {
  }

  Next next(const Hook& before_waiting) override
  {
    drop_given();
    for (;;) {
      const auto message = ready();
      if (message) {
        if (largest_ && message->size() > *largest_) return too_large(message->size());
        given_ = true;
        return *message;
      }
      if (largest_ && splitter_.at_least() > *largest_) return too_large(splitter_.at_least());
      if (ended_) return at_the_end();
      IPCKIT_TRY(fill(before_waiting));
    }
  }

  void arrived(std::uint64_t messages) override
  {
    drop_given();
    for (; arrived_ < messages && !under_way_.empty(); ++arrived_) {
      bytes_under_way_ -= under_way_.front();
      under_way_.pop_front();
    }
  }

  std::uint64_t give_back(std::uint64_t arrived_bytes) override
  {
    given_ = false;
    const auto bytes = bytes_under_way_ + splitter_.rest().size() - arrived_bytes;
    if (bytes == 0) return 0;
    // Another process may have the same file open, and be further on: its place is none of ours to move.
    const bool still_ours = position_ && ::lseek(fd_, 0, SEEK_CUR) == *position_;
    return still_ours && ::lseek(fd_, -static_cast<off_t>(bytes), SEEK_CUR) >= 0 ? 0 : bytes;
  }

private:
  void drop_given() noexcept
  {
    if (!std::exchange(given_, false)) return;
    const auto before = splitter_.rest().size();
    splitter_.pop();
    under_way_.push_back(before - splitter_.rest().size());
    bytes_under_way_ += under_way_.back();
  }

  std::optional<std::span<const std::byte>> ready()
  {
    if (!whole_) return splitter_.front();
    if (!ended_ || done_) return std::nullopt;
    done_ = true;  // all of it, and nothing is a message, too
    const auto all = splitter_.front();
    return all ? *all : std::span<const std::byte>{};
  }

  [[nodiscard]] Next at_the_end() const
  {
    if (whole_ || splitter_.rest().empty()) return std::nullopt;
    return fail(Errc::malformed, "read", "stdin", "the last message is cut short");
  }

  [[nodiscard]] static Next too_large(std::uint64_t size)
  {
    return fail(Errc::too_large, "read", "stdin", std::to_string(size));
  }

  Result<> fill(const Hook& before_waiting)
  {
    if (!sys::is_readable(fd_)) IPCKIT_TRY(before_waiting());
    const auto count = IPCKIT_TRY(sys::read_waiting(fd_, splitter_.room(piece), patience_, "stdin"));
    splitter_.filled(count);
    const auto position = ::lseek(fd_, 0, SEEK_CUR);
    position_ = position < 0 ? std::nullopt : std::optional(position);
    if (count > 0) return {};
    ended_ = true;
    splitter_.finish();
    return {};
  }

  int fd_;
  bool whole_;
  std::optional<std::uint64_t> largest_;
  sys::Patience patience_;
  object::Splitter splitter_;
  bool given_ = false;
  std::deque<std::size_t> under_way_;  // bytes of each message that was given and has not arrived
  std::uint64_t bytes_under_way_ = 0;  // their sum
  std::uint64_t arrived_ = 0;          // messages
  std::optional<off_t> position_;      // of a file, behind what was read
  bool ended_ = false;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<Source> from_words(const std::vector<std::string>& words)
{
  return std::make_unique<Words>(words);
}

std::unique_ptr<Source> from_descriptor(int fd, object::Framing framing, bool stream,
                                        std::optional<std::uint64_t> largest, const sys::Patience& patience)
{
  const bool whole = framing == object::Framing::none && !stream;
  return std::make_unique<Descriptor>(fd, framing, whole, largest, patience);
}

}  // namespace ipckit::messages
