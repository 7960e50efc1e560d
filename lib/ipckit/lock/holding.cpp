// SPDX-License-Identifier: MIT
#include <ipckit/lock/holding.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>

#include <ipckit/fifo/fifo.hpp>
#include <ipckit/msg/queue.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/sem/operate.hpp>
#include <ipckit/sem/set.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/identity.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/mqueue.hpp>
#include <ipckit/sys/stream.hpp>
#include <ipckit/sys/sysv.hpp>

namespace ipckit::lock {
namespace {

/// "psem-26-14-1764000000123456789": a file that no other is, also when its number is given anew.
std::string identity_of(const char* kind, const sys::FileStatus& file)
{
  std::string text = std::string(kind) + "-" + std::to_string(file.device) + "-" + std::to_string(file.inode);
  if (file.born) text += "-" + std::to_string(file.born->seconds) + "." + std::to_string(file.born->nanoseconds);
  return text;
}

/// "-4026531839" for an object of the caller's IPC namespace; nothing where that is not known.
std::string namespace_suffix()
{
  const auto own = sys::own_ipc_namespace();
  return own ? "-" + std::to_string(*own) : std::string{};
}

/// The error of a wait that has ended without a token: of one whose object was removed, that. The kernel tells nobody
/// who waits.
Error while_linked(const sys::UniqueFd& object, Error error)
{
  const auto now = sys::status(object.get(), "");
  if (error.kind == Errc::timed_out && now && now->links == 0) error.kind = Errc::removed;
  return error;
}

/// Whether the kernel would take a message from the caller, as its ipcperms() judges by the mode. Root may have the
/// capability to do it all the same, and is not judged.
bool may_send(const object::SysvIdentity& queue)
{
  const auto user = sys::effective_user();
  if (user == 0) return true;
  std::uint32_t granted = queue.mode;
  if (user == queue.user || user == queue.creator_user) {
    granted >>= 6U;
  } else if (sys::is_in_group(queue.group) || sys::is_in_group(queue.creator_group)) {
    granted >>= 3U;
  }
  return (granted & 0002U) != 0;
}

class Set final : public Holding {
public:
  Set(object::View view, int id, std::uint16_t number, std::uint16_t count)
      : view_{std::move(view)}, id_{id}, number_{number}, count_{static_cast<std::int16_t>(count)}
  {
  }

  Result<> take(const Slate& slate, const sys::Patience& patience) override
  {
    IPCKIT_TRY(operate(static_cast<std::int16_t>(-count_), patience));
    slate.set_phase(Phase::held);
    return {};
  }
  [[nodiscard]] pid_t last_taker() const override
  {
    const auto last = sys::semctl(id_, number_, GETPID, 0, "");
    return last.value_or(0);
  }

private:
  // By the process that took, so that the kernel has nothing left to undo.
  Result<> put(const Slate& /*slate*/) override { return operate(count_, {}); }

  [[nodiscard]] Result<> operate(std::int16_t change, const sys::Patience& patience) const
  {
    const std::array operations{sem::Operation{.number = number_, .change = change}};
    return sem::operate(view_, id_, operations, sem::Undo::yes, patience);
  }

  object::View view_;
  int id_;
  std::uint16_t number_;
  std::int16_t count_;
};

class Semaphore final : public Holding {
public:
  explicit Semaphore(psem::Mapped semaphore) : semaphore_{std::move(semaphore)} {}

  Result<> take(const Slate& slate, const sys::Patience& patience) override
  {
    auto taken = semaphore_.take(patience);
    if (taken) slate.set_phase(Phase::held);
    return taken;
  }
  [[nodiscard]] std::vector<int> descriptors() const override { return {semaphore_.descriptor()}; }
  [[nodiscard]] std::string identity() const override { return identity_of("psem", semaphore_.file()); }

private:
  Result<> put(const Slate& /*slate*/) override { return semaphore_.post(); }

  psem::Mapped semaphore_;
};

class Message final : public Holding {
public:
  Message(object::View view, int id) : view_{std::move(view)}, id_{id} {}

  /// The kernel writes type and text into the note itself: a guardian that is killed while it sleeps, and is handed a
  /// message all the same, has noted it.
  Result<> take(const Slate& slate, const sys::Patience& patience) override
  {
    std::ranges::fill(slate.room(), untouched);
    slate.note().size = unknown_size;
    auto size = sys::msgrcv(id_, &slate.note().type, slate.room().size(), 0, 0, patience, std::to_string(id_));
    if (!size && size.error().os_error == E2BIG) size.error().detail = std::to_string(largest_token);
    slate.note().size = IPCKIT_TRY(std::move(size));
    slate.set_phase(Phase::held);
    return {};
  }
  [[nodiscard]] std::string identity() const override { return "msg-" + std::to_string(id_) + namespace_suffix(); }
  [[nodiscard]] std::size_t room() const override { return largest_token; }

private:
  Result<> put(const Slate& slate) override
  {
    if (slate.note().size == unknown_size) slate.note().size = written(slate.room());
    const auto subject = std::to_string(id_);
    return object::by_id(sys::msgsnd(id_, &slate.note().type, slate.taken().size(), {}, subject));
  }

  /// One that was changed since the note was made may be another: then a token is missing rather than doubled.
  [[nodiscard]] bool may_be_of(const Note& note) const override
  {
    const auto queue = msg::inspect(view_, id_);
    return queue && queue->changed.seconds <= note.began;
  }

  /// What room is filled with. Where the length of a message was never noted, it ends with the last byte that is
  /// something else.
  static constexpr std::byte untouched{0xA5};
  static std::uint64_t written(std::span<const std::byte> room)
  {
    std::size_t size = room.size();
    while (size > 0 && room[size - 1] == untouched) --size;
    return size;
  }

  object::View view_;
  int id_;
};

class PosixMessage final : public Holding {
public:
  PosixMessage(sys::UniqueFd queue, std::size_t room, std::string identity, std::string name)
      : queue_{std::move(queue)}, room_{room}, identity_{std::move(identity)}, name_{std::move(name)}
  {
  }

  /// Never asleep inside mq_receive(3): a sleeper who is killed is handed a message all the same, and would take it
  /// along.
  Result<> take(const Slate& slate, const sys::Patience& asked) override
  {
    const auto patience = asked.begun();
    for (;;) {
      const auto received = sys::mq_receive(queue_.get(), slate.room(), {}, name_);
      if (received) {
        slate.note().size = received->size;
        slate.note().priority = received->priority;
        slate.set_phase(Phase::held);
        return {};
      }
      if (received.error().kind != Errc::busy || patience.none()) return std::unexpected(received.error());
      const auto waited = sys::wait_readable(queue_.get(), patience, name_);
      if (!waited) return std::unexpected(while_linked(queue_, waited.error()));
    }
  }
  [[nodiscard]] std::vector<int> descriptors() const override { return {queue_.get()}; }
  [[nodiscard]] std::string identity() const override { return identity_; }
  [[nodiscard]] std::size_t room() const override { return room_; }

private:
  Result<> put(const Slate& slate) override
  {
    return sys::mq_send(queue_.get(), slate.taken(), slate.note().priority, {}, name_);
  }

  sys::UniqueFd queue_;
  std::size_t room_;
  std::string identity_;
  std::string name_;
};

class Byte final : public Holding {
public:
  Byte(sys::UniqueFd pipe, std::string identity, std::string path)
      : pipe_{std::move(pipe)}, identity_{std::move(identity)}, path_{std::move(path)}
  {
  }

  Result<> take(const Slate& slate, const sys::Patience& patience) override
  {
    const auto room = slate.room().first(1);
    const auto read = patience.none() ? sys::read_some(pipe_.get(), room, path_)
                                      : sys::read_waiting(pipe_.get(), room, patience, path_);
    if (!read) return std::unexpected(while_linked(pipe_, read.error()));
    slate.note().size = 1;
    slate.set_phase(Phase::held);
    return {};
  }
  [[nodiscard]] std::vector<int> descriptors() const override { return {pipe_.get()}; }
  [[nodiscard]] std::string identity() const override { return identity_; }
  [[nodiscard]] std::size_t room() const override { return 1; }

private:
  Result<> put(const Slate& slate) override
  {
    std::size_t done = 0;
    return sys::write_waiting(pipe_.get(), slate.taken(), done, {}, path_);
  }

  sys::UniqueFd pipe_;
  std::string identity_;
  std::string path_;
};

}  // namespace

bool has_gone(const Error& error) noexcept
{
  return error.kind == Errc::removed || error.kind == Errc::not_found || error.kind == Errc::mismatch;
}

Result<> Holding::give_back(const Slate& slate)
{
  // The note comes first: killed between the two one is missing, where otherwise there would be one too many, and two
  // would hold the lock.
  slate.set_phase(Phase::given_back);
  auto done = put(slate);
  if (!done) slate.set_phase(Phase::held);
  return done;
}

Result<> Holding::give_back_left(const Slate& slate)
{
  if (may_be_of(slate.note())) return give_back(slate);
  return fail(Errc::removed, "lock", "", "replaced");
}

std::unique_ptr<Holding> hold_set(const object::View& view, int id, std::uint16_t number, std::uint16_t count)
{
  return std::make_unique<Set>(view, id, number, count);
}

std::unique_ptr<Holding> hold_semaphore(psem::Mapped semaphore)
{
  return std::make_unique<Semaphore>(std::move(semaphore));
}

Result<std::unique_ptr<Holding>> hold_message(const object::View& view, int id)
{
  const auto queue = IPCKIT_TRY(msg::inspect(view, id));
  // Who may only take would find that out when it is too late.
  if (!may_send(queue.identity)) {
    return std::unexpected(
        Error{.kind = Errc::access_denied, .operation = "msgsnd", .subject = std::to_string(id), .os_error = EACCES});
  }
  return std::make_unique<Message>(view, id);
}

Result<std::unique_ptr<Holding>> hold_posix_message(const std::string& name)
{
  auto queue = IPCKIT_TRY(sys::mq_open("/" + name, O_RDWR));
  const auto file = IPCKIT_TRY(sys::status(queue.get(), name));
  const auto attributes = IPCKIT_TRY(sys::mq_getattr(queue.get(), name));
  const auto room = static_cast<std::size_t>(attributes.mq_msgsize);
  return std::make_unique<PosixMessage>(std::move(queue), room, identity_of("pmsg", file) + namespace_suffix(), name);
}

std::string identity_of_fifo(const sys::FileStatus& file)
{
  return identity_of("fifo", file);
}

Result<std::unique_ptr<Holding>> hold_byte(const std::string& path)
{
  const auto entry = IPCKIT_TRY(fifo::open_entry(path));
  const auto file = IPCKIT_TRY(sys::status(entry.get(), path));
  auto pipe = IPCKIT_TRY(sys::reopen(entry.get(), O_RDWR | O_NONBLOCK | O_NOCTTY, path));
  return std::make_unique<Byte>(std::move(pipe), identity_of_fifo(file), path);
}

}  // namespace ipckit::lock
