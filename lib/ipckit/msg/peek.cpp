// SPDX-License-Identifier: MIT
#include <ipckit/msg/peek.hpp>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/sysv.hpp>

namespace ipckit::msg {
namespace {

constexpr std::size_t first_size = 8192;       // kernel.msgmax as the kernel has it
constexpr std::size_t last_size = 0x3fffffff;  // more than a message can have in memory that there is

std::string subject_of(int id)
{
  return "msg:" + std::to_string(id);
}

/// What an error of MSG_COPY means.
Error explained(Error error)
{
  error = object::not_found_for_id(std::move(error));
  if (error.os_error == ENOSYS) {
    error.kind = Errc::unsupported;
    error.detail = "CONFIG_CHECKPOINT_RESTORE";
  }
  return error;
}

}  // namespace

Peeker::Peeker(object::View view, int id) : view_{std::move(view)}, id_{id}, buffer_(sizeof(long) + first_size) {}

Result<std::optional<WaitingMessage>> Peeker::at(std::uint64_t index)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view_.ipc_namespace));
  for (;;) {
    const auto length = sys::msgrcv_copy(id_, static_cast<std::int64_t>(index), buffer_, subject_of(id_));
    if (length) {
      long type = 0;
      std::memcpy(&type, buffer_.data(), sizeof type);
      return WaitingMessage{.index = index,
                            .type = type,
                            .size = *length,
                            .data = std::span<const std::byte>{buffer_}.subspan(sizeof type, *length)};
    }
    const int why = length.error().os_error;
    if (why == ENOMSG) return std::nullopt;
    if (why == EINVAL) return too_long(index);
    if (why != E2BIG || buffer_.size() > last_size) return std::unexpected(explained(length.error()));
    buffer_.resize(sizeof(long) + (buffer_.size() - sizeof(long)) * 2);
  }
}

Result<bool> Peeker::fits(std::uint64_t index, std::size_t size)
{
  const auto room = std::span{buffer_}.first(sizeof(long) + size);
  const auto length = sys::msgrcv_copy(id_, static_cast<std::int64_t>(index), room, subject_of(id_));
  if (length || length.error().os_error == EINVAL) return true;
  if (length.error().os_error == E2BIG) return false;
  return std::unexpected(explained(length.error()));
}

// The kernel compares the message with the buffer first (E2BIG) and with kernel.msgmax then (EINVAL), so buffers of
// different lengths find out how long it is.
Result<std::optional<WaitingMessage>> Peeker::too_long(std::uint64_t index)
{
  IPCKIT_TRY(inspect(object::inside(view_), id_));  // EINVAL is a queue that has gone, too
  std::size_t low = 0;
  std::size_t high = buffer_.size() - sizeof(long);
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const auto enough = fits(index, middle);
    if (!enough && enough.error().os_error == ENOMSG) return std::nullopt;
    if (!enough) return std::unexpected(enough.error());
    if (*enough) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return WaitingMessage{.index = index, .type = std::nullopt, .size = low, .data = {}};
}

bool same_content(const Queue& before, const Queue& after) noexcept
{
  return before.messages == after.messages && before.bytes == after.bytes && before.sent == after.sent &&
         before.received == after.received && before.last_sender == after.last_sender &&
         before.last_receiver == after.last_receiver;
}

}  // namespace ipckit::msg
