// SPDX-License-Identifier: MIT
#include <ipckit/fifo/transfer.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>
#include <vector>

#include <fcntl.h>

#include <ipckit/fifo/fifo.hpp>
#include <ipckit/sys/call.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/pidfd.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::fifo {
namespace {

using object::Framing;
using object::Message;

std::span<const std::byte> bytes_of(const std::string& text) noexcept
{
  return std::as_bytes(std::span{text});
}

class FifoInlet final : public object::Inlet {
public:
  FifoInlet(sys::UniqueFd entry, sys::UniqueFd pipe, const Reading& reading, std::string path)
      : entry_{std::move(entry)},
        pipe_{std::move(pipe)},
        reading_{reading},
        left_{reading.at_most},
        splitter_{reading.framing},
        path_{std::move(path)}
  {
  }

  Result<Message> take(std::size_t room, const sys::Patience& asked) override
  {
    const auto patience = asked.begun();
    if (std::exchange(given_, false)) splitter_.pop();
    for (;;) {
      if (const auto message = splitter_.front()) {
        if (message->size() > room) return fail(Errc::too_large, "read", path_);
        given_ = true;
        if (left_) --*left_;
        return Message{.data = *message};
      }
      if (ended_) return at_the_end();
      if (splitter_.at_least() > longest_frame) {
        return fail(Errc::too_large, "read", path_, std::to_string(splitter_.at_least()));
      }
      IPCKIT_TRY(between_writers_ ? next_writer(patience) : fill(room, patience));
    }
  }

  Result<> put_back(const Message& /*message*/) override
  {
    // Behind the others, and gone with the last end that is open: that is no place for it.
    return fail(Errc::unsupported, "write", path_);
  }

  [[nodiscard]] std::span<const std::byte> remains() const noexcept override
  {
    return given_ ? splitter_.rest_behind_front() : splitter_.rest();
  }

private:
  [[nodiscard]] std::unexpected<Error> at_the_end() const
  {
    if (splitter_.rest().empty()) return fail(Errc::ended, "read", path_);
    return fail(Errc::malformed, "read", path_, "the last message is cut short");
  }

  Result<> fill(std::size_t room, const sys::Patience& patience)
  {
    if (reading_.linger && patience.none()) sys::await_writer(pipe_.get());
    const std::size_t pending = splitter_.rest().size();
    const std::size_t most = std::min(room, object::taken_at_most);
    // A message that is longer than that needs more all the same.
    const std::size_t size = IPCKIT_TRY(wanted(pending < most ? most - pending : object::taken_at_most, patience));
    const auto count =
        size == 0 ? Result<std::size_t>{0U} : sys::read_waiting(pipe_.get(), splitter_.room(size), patience, path_);
    if (!count) return std::unexpected(count.error());
    splitter_.filled(*count);
    if (*count > 0) return {};
    // Whatever the last writer has left without an end, the next one does not go on with it.
    splitter_.finish();
    (reading_.follow ? between_writers_ : ended_) = true;
    return {};
  }

  /// How many bytes to read: no more than the messages that are wanted have.
  Result<std::size_t> wanted(std::size_t size, const sys::Patience& patience)
  {
    // So many messages have more bytes than that.
    const auto messages = std::min(left_.value_or(size + 1), reading_.ahead.value_or(size + 1));
    const bool all = messages > size && !(reading_.whole && patience.none());
    if (all || reading_.framing == Framing::none) return size;
    if (!sys::is_readable(pipe_.get())) {
      // Nothing yet: what comes has to be looked at.
      IPCKIT_TRY(await(patience));
    }
    std::vector<std::byte> look(size);
    const auto seen = sys::peek_pipe(pipe_.get(), look, path_);
    if (!seen) return std::size_t{1};
    if (*seen == 0) return std::size_t{1};  // the end, or somebody else was faster
    if (leaves_unfinished(*seen, size, patience)) {
      const auto whole = splitter_.whole_bytes_of(std::span{look}.first(*seen), messages);
      return whole > 0 ? Result<std::size_t>{whole} : fail(Errc::busy, "read", path_);
    }
    return std::max<std::size_t>(splitter_.bytes_of(std::span{look}.first(*seen), messages), 1);
  }

  /// Whether a message whose end has not come yet stays in the pipe: where nobody waits for that end, and it can come.
  [[nodiscard]] bool leaves_unfinished(std::size_t seen, std::size_t size, const sys::Patience& patience) const
  {
    // A pipe that is as good as full takes nothing more until somebody reads.
    const auto most = sys::pipe_size(pipe_.get()).value_or(0);
    const bool can_come = seen < size && seen + PIPE_BUF <= most && !sys::is_hung_up(pipe_.get());
    return reading_.whole && patience.none() && can_come && splitter_.rest().empty();
  }

  [[nodiscard]] Result<> await(const sys::Patience& patience) const
  {
    if (patience.none()) return fail(Errc::busy, "read", path_);
    return sys::wait_readable(pipe_.get(), patience, path_);
  }

  /// The last writer has closed: a descriptor opened anew waits for the next one, and while the old one is open nothing
  /// that is written in between can get lost.
  Result<> next_writer(const sys::Patience& patience)
  {
    if (!splitter_.rest().empty()) return at_the_end();
    splitter_ = object::Splitter{reading_.framing};
    between_writers_ = false;
    pipe_ = IPCKIT_TRY(sys::reopen(entry_.get(), O_RDONLY | O_NONBLOCK, path_));
    return sys::is_readable(pipe_.get()) ? Result<>{} : await(patience);
  }

  sys::UniqueFd entry_;
  sys::UniqueFd pipe_;
  Reading reading_;
  std::optional<std::uint64_t> left_;
  object::Splitter splitter_;
  std::string path_;
  bool given_ = false;
  bool ended_ = false;
  bool between_writers_ = false;
};

class FifoOutlet final : public object::Outlet {
public:
  FifoOutlet(sys::UniqueFd pipe, const Writing& writing, std::string path)
      : pipe_{std::move(pipe)}, writing_{writing}, path_{std::move(path)}
  {
  }

  Result<> put(const Message& message, const sys::Patience& patience) override
  {
    const auto size = object::framed_size(writing_.framing, message.data.size());
    if (size > PIPE_BUF && !in_pieces()) return fail(Errc::too_large, "write", path_);
    if (piece_.size() + size > PIPE_BUF) IPCKIT_TRY(flush(patience));
    IPCKIT_TRY(object::append_framed(piece_, writing_.framing, message.data));
    ++held_;
    held_bytes_ += message.data.size();
    return in_pieces() ? flush(patience) : Result<>{};
  }

  Result<> flush(const sys::Patience& asked) override
  {
    const auto patience = asked.begun();
    std::size_t done = 0;
    const auto written = sys::write_waiting(pipe_.get(), bytes_of(piece_), done, patience, path_);
    if (written) {
      sent_ += held_;
      sent_bytes_ += held_bytes_;
    } else if (done > 0) {
      // Bytes without a framing have arrived, each for itself.
      if (writing_.framing == Framing::none) sent_bytes_ += done;
      Error error = torn(written.error(), done);
      drop_held();
      return std::unexpected(std::move(error));
    }
    drop_held();
    return written;
  }

  [[nodiscard]] std::uint64_t sent() const noexcept override { return sent_; }
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept override { return sent_bytes_; }

  [[nodiscard]] Result<std::optional<std::uint64_t>> largest() const override
  {
    if (writing_.framing == Framing::none) return std::optional<std::uint64_t>{};
    // Nobody takes longer ones.
    if (writing_.split) return std::optional<std::uint64_t>{longest_frame};
    return std::optional<std::uint64_t>{PIPE_BUF - object::framed_size(writing_.framing, 0)};
  }

private:
  [[nodiscard]] bool in_pieces() const noexcept { return writing_.split || writing_.framing == Framing::none; }

  void drop_held() noexcept
  {
    piece_.clear();
    held_ = 0;
    held_bytes_ = 0;
  }

  [[nodiscard]] Error torn(Error error, std::size_t done) const
  {
    error.detail = std::to_string(done) + " of " + std::to_string(piece_.size()) + " bytes were written";
    return error;
  }

  sys::UniqueFd pipe_;
  Writing writing_;
  std::string path_;
  std::string piece_;
  std::uint64_t held_ = 0;
  std::uint64_t held_bytes_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t sent_bytes_ = 0;
};

/// open(2) of a FIFO for writing alone, which sleeps until somebody reads.
Result<sys::UniqueFd> open_for_writing(int entry, const sys::Patience& patience, const std::string& path)
{
  auto pipe = sys::reopen(entry, O_WRONLY | O_NONBLOCK, path);
  if (!pipe && pipe.error().os_error == ENXIO) {
    if (patience.none()) pipe.error().kind = Errc::busy;
    if (!patience.none()) pipe = sys::reopen_waiting(entry, O_WRONLY, patience, path);
  }
  return pipe;
}

}  // namespace

Result<std::unique_ptr<object::Inlet>> open_inlet(const std::string& path, const Reading& reading)
{
  auto entry = IPCKIT_TRY(open_entry(path));
  auto pipe = IPCKIT_TRY(sys::reopen(entry.get(), O_RDONLY | O_NONBLOCK, path));
  return std::make_unique<FifoInlet>(std::move(entry), std::move(pipe), reading, path);
}

Result<std::unique_ptr<object::Outlet>> open_outlet(const std::string& path, const Writing& writing,
                                                    const sys::Patience& patience)
{
  const auto entry = IPCKIT_TRY(open_entry(path));
  auto pipe = IPCKIT_TRY(open_for_writing(entry.get(), patience, path));
  IPCKIT_TRY(sys::do_not_block(pipe.get(), path));
  return std::make_unique<FifoOutlet>(std::move(pipe), writing, path);
}

}  // namespace ipckit::fifo
