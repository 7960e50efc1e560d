// SPDX-License-Identifier: MIT
#include <ipckit/messages/source.hpp>

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

  void settle() noexcept override
  {
    drop_given();
    unsettled_ = 0;
  }

  void settle_earlier() noexcept override { unsettled_ = 0; }

  std::uint64_t give_back(std::uint64_t arrived) override
  {
    given_ = false;
    const auto bytes = unsettled_ + splitter_.rest().size() - arrived;
    return bytes == 0 || ::lseek(fd_, -static_cast<off_t>(bytes), SEEK_CUR) >= 0 ? 0 : bytes;
  }

private:
  void drop_given() noexcept
  {
    if (!std::exchange(given_, false)) return;
    const auto before = splitter_.rest().size();
    splitter_.pop();
    unsettled_ += before - splitter_.rest().size();
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
  std::uint64_t unsettled_ = 0;  // bytes of messages that were given and have not arrived
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
