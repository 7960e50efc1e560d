// SPDX-License-Identifier: MIT
#include <ipckit/pmsg/transfer.hpp>

#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include <fcntl.h>

#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/lease.hpp>
#include <ipckit/sys/mqueue.hpp>

namespace ipckit::pmsg {
namespace {

Result<sys::UniqueFd> open_queue(const object::View& view, const std::string& name, int flags)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  // Without O_NONBLOCK a lease that somebody holds for an instant is waited out by the kernel.
  return sys::mq_open("/" + name, flags);
}

class PmsgInlet final : public object::Inlet {
public:
  PmsgInlet(sys::UniqueFd queue, bool writes, std::size_t message_size, std::string name)
      : queue_{std::move(queue)}, writes_{writes}, bytes_(message_size), name_{std::move(name)}
  {
  }

  Result<object::Message> take(std::size_t room, const sys::Patience& patience) override
  {
    // The kernel wants room for the largest that may come.
    if (room < bytes_.size()) return fail(Errc::too_large, "mq_receive", name_);
    const auto received = IPCKIT_TRY(sys::mq_receive(queue_.get(), bytes_, patience, name_));
    return object::Message{.priority = received.priority, .data = std::span{bytes_}.first(received.size)};
  }

  Result<> put_back(const object::Message& message) override
  {
    if (!writes_) return fail(Errc::unsupported, "mq_send", name_);
    return sys::mq_send(queue_.get(), message.data, message.priority, {}, name_);
  }

private:
  sys::UniqueFd queue_;
  bool writes_;
  std::vector<std::byte> bytes_;
  std::string name_;
};

class PmsgOutlet final : public object::Outlet {
public:
  PmsgOutlet(sys::UniqueFd queue, std::string name) : queue_{std::move(queue)}, name_{std::move(name)} {}

  Result<> put(const object::Message& message, const sys::Patience& patience) override
  {
    IPCKIT_TRY(sys::mq_send(queue_.get(), message.data, message.priority, patience, name_));
    ++sent_;
    sent_bytes_ += message.data.size();
    return {};
  }
  [[nodiscard]] std::uint64_t sent() const noexcept override { return sent_; }
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept override { return sent_bytes_; }
  [[nodiscard]] Result<std::optional<std::uint64_t>> largest() const override
  {
    const auto attributes = IPCKIT_TRY(sys::mq_getattr(queue_.get(), name_));
    return std::optional(static_cast<std::uint64_t>(attributes.mq_msgsize));
  }

private:
  sys::UniqueFd queue_;
  std::string name_;
  std::uint64_t sent_ = 0;
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<object::Inlet>> open_inlet(const object::View& view, const std::string& name)
{
  auto queue = open_queue(view, name, O_RDWR);
  const bool writes = queue.has_value();
  if (!queue && queue.error().os_error == EACCES) queue = open_queue(view, name, O_RDONLY);
  if (!queue) return std::unexpected(std::move(queue).error());
  const auto attributes = IPCKIT_TRY(sys::mq_getattr(queue->get(), name));
  const auto size = static_cast<std::size_t>(attributes.mq_msgsize);
  return std::make_unique<PmsgInlet>(std::move(*queue), writes, size, name);
}

Result<std::unique_ptr<object::Outlet>> open_outlet(const object::View& view, const std::string& name)
{
  auto queue = IPCKIT_TRY(open_queue(view, name, O_WRONLY));
  return std::make_unique<PmsgOutlet>(std::move(queue), name);
}

}  // namespace ipckit::pmsg
