// SPDX-License-Identifier: MIT
#include <ipckit/msg/transfer.hpp>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <ipckit/msg/queue.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/sysv.hpp>

namespace ipckit::msg {
namespace {

/// A struct msgbuf of msgop(2): the type, and room for text behind it.
class Letter {
public:
  explicit Letter(std::size_t room) { grow(room); }
  void grow(std::size_t room)
  {
    words_.resize(1 + (room + sizeof(long) - 1) / sizeof(long));
    room_ = room;
  }
  [[nodiscard]] std::size_t room() const noexcept { return room_; }
  [[nodiscard]] long& type() noexcept { return words_.front(); }
  [[nodiscard]] void* address() noexcept { return words_.data(); }
  [[nodiscard]] std::byte* text() noexcept { return reinterpret_cast<std::byte*>(words_.data() + 1); }

private:
  std::vector<long> words_;
  std::size_t room_ = 0;
};

/// The room to begin with: kernel.msgmax, unless somebody has raised it.
constexpr std::size_t usual = 8192;
/// msgrcv(2) takes no more than this for a size.
constexpr std::size_t longest = std::numeric_limits<int>::max();

/// What the two ends have: the queue, known by its id, and the namespace in which that means something.
class End {
public:
  End(sys::InIpcNamespace inside, object::View view, int id)
      : inside_{std::move(inside)}, view_{std::move(view)}, id_{id}, subject_{"msg:" + std::to_string(id)}
  {
  }

protected:
  [[nodiscard]] int id() const noexcept { return id_; }
  [[nodiscard]] const std::string& subject() const noexcept { return subject_; }
  [[nodiscard]] const object::View& view() const noexcept { return view_; }

  /// EINVAL is how the kernel says that the id names nothing: removed if it has once. The rest is as it is.
  [[nodiscard]] Error judged(Error error) const
  {
    if (error.os_error == EINVAL) error.kind = seen_ ? Errc::removed : Errc::not_found;
    return error;
  }
  void see() noexcept { seen_ = true; }

private:
  sys::InIpcNamespace inside_;
  object::View view_;
  int id_;
  std::string subject_;
  bool seen_ = false;
};

class MsgInlet final : public object::Inlet, End {
public:
  MsgInlet(sys::InIpcNamespace inside, object::View view, int id, const Selection& selection)
      : End{std::move(inside), std::move(view), id},
        selection_{selection},
        most_{std::min(selection.truncate.value_or(longest), longest)},
        letter_{std::min(most_, usual)},
        back_{0}
  {
  }

  Result<object::Message> take(std::size_t room, const sys::Patience& patience) override
  {
    for (;;) {
      const std::size_t size = std::min(room, letter_.room());
      const auto taken = sys::msgrcv(id(), letter_.address(), size, static_cast<long>(selection_.type), flags(size),
                                     patience, subject());
      if (taken) {
        see();
        return object::Message{.type = letter_.type(), .data = {letter_.text(), *taken}};
      }
      const bool grows = taken.error().kind == Errc::too_large && room > letter_.room() && letter_.room() < most_;
      if (!grows) return std::unexpected(judged(taken.error()));
      letter_.grow(std::min(letter_.room() * 2, most_));
    }
  }

  Result<> put_back(const object::Message& message) override
  {
    if (back_.room() < message.data.size()) back_.grow(message.data.size());
    back_.type() = static_cast<long>(message.type);
    std::ranges::copy(message.data, back_.text());
    return sys::msgsnd(id(), back_.address(), message.data.size(), {}, subject());
  }

private:
  /// A message is cut only where that was asked for: not when it merely does not fit behind others.
  [[nodiscard]] int flags(std::size_t size) const noexcept
  {
    const bool cut = selection_.truncate == size;
    return (selection_.except ? MSG_EXCEPT : 0) | (cut ? MSG_NOERROR : 0);
  }

  Selection selection_;
  std::size_t most_;  // bytes of a message that are wanted
  Letter letter_;
  Letter back_;
};

class MsgOutlet final : public object::Outlet, End {
public:
  MsgOutlet(sys::InIpcNamespace inside, object::View view, int id)
      : End{std::move(inside), std::move(view), id}, letter_{0}
  {
  }

  Result<> put(const object::Message& message, const sys::Patience& patience) override
  {
    const std::size_t size = message.data.size();
    if (letter_.room() < size || letter_.room() == 0) letter_.grow(std::max(size, std::size_t{64}));
    letter_.type() = static_cast<long>(message.type);
    std::ranges::copy(message.data, letter_.text());
    auto put = sys::msgsnd(id(), letter_.address(), size, {}, subject());
    if (!put && put.error().kind == Errc::busy && !patience.none()) {
      IPCKIT_TRY(can_ever_fit(size));
      put = sys::msgsnd(id(), letter_.address(), size, patience, subject());
    }
    if (!put) return std::unexpected(explained(put.error(), size));
    see();
    fits_ = std::max(fits_, size);
    ++sent_;
    sent_bytes_ += message.data.size();
    return {};
  }

  [[nodiscard]] std::uint64_t sent() const noexcept override { return sent_; }
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept override { return sent_bytes_; }

  [[nodiscard]] Result<std::optional<std::uint64_t>> largest() const override
  {
    const auto info = IPCKIT_TRY(sys::msg_info());
    auto most = static_cast<std::uint64_t>(info.limits.msgmax);
    // A queue that may hold less than that never takes more. Who may not look at it is told when it is full for ever.
    if (const auto queue = inspect(object::inside(view()), id())) {
      most = std::min(most, queue->max_bytes.value_or(most));
    }
    return std::optional(most);
  }

private:
  /// A message of more bytes than the queue may hold would wait for ever.
  [[nodiscard]] Result<> can_ever_fit(std::size_t size)
  {
    if (size <= fits_) return {};
    const auto queue = inspect(object::inside(view()), id());
    if (!queue || size <= queue->max_bytes.value_or(size)) return {};
    return fail(Errc::too_large, "msgsnd", subject());
  }

  /// EINVAL has two meanings: no such queue, and a message longer than kernel.msgmax.
  [[nodiscard]] Error explained(Error error, std::size_t size) const
  {
    if (error.os_error != EINVAL) return error;
    const auto info = sys::msg_info();
    if (info && std::cmp_greater(size, info->limits.msgmax)) {
      error.kind = Errc::too_large;
      return error;
    }
    return judged(std::move(error));
  }

  Letter letter_;
  std::size_t fits_ = 0;  // so many bytes have been taken before
  std::uint64_t sent_ = 0;
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<object::Inlet>> open_inlet(const object::View& view, int id, const Selection& selection)
{
  auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return std::make_unique<MsgInlet>(std::move(inside), view, id, selection);
}

Result<std::unique_ptr<object::Outlet>> open_outlet(const object::View& view, int id)
{
  auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return std::make_unique<MsgOutlet>(std::move(inside), view, id);
}

}  // namespace ipckit::msg
