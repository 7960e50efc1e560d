// SPDX-License-Identifier: MIT
#include <ipckit/inventory/refusal.hpp>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <ipckit/base/bytes.hpp>
#include <ipckit/pmsg/queue.hpp>
#include <ipckit/sys/identity.hpp>

namespace ipckit::inventory {
namespace {

using object::Kind;

/// A limit by its name, and what the wish takes of it.
struct Claim {
  std::string_view limit;
  std::optional<std::uint64_t> amount;
};

std::optional<std::uint64_t> pages_of(const std::optional<std::uint64_t>& bytes) noexcept
{
  const auto page = sys::page_size();
  return bytes ? std::optional(*bytes / page + (*bytes % page == 0 ? 0 : 1)) : std::nullopt;
}

/// What each kind claims, the most telling first.
std::vector<Claim> claims_of(const Wanted& wanted)
{
  switch (wanted.kind) {
    case Kind::msg: return {{"msgmnb", wanted.max_bytes}, {"msgmni", 1}};
    case Kind::shm: return {{"shmmax", wanted.size}, {"shmmni", 1}, {"shmall", pages_of(wanted.size)}};
    case Kind::sem:
      if (wanted.operations) return {{"semopm", wanted.operations}};
      return {{"semmsl", wanted.count}, {"semvmx", wanted.value}, {"semmni", 1}, {"semmns", wanted.count}};
    case Kind::pmsg: return {{"msg_max", wanted.max_messages}, {"msgsize_max", wanted.message_size}, {"queues_max", 1}};
    case Kind::pshm: return {{"shm_space", wanted.size}, {"shm_inodes", 1}};
    case Kind::psem: return {{"sem_value_max", wanted.value}, {"shm_inodes", 1}, {"shm_space", 4096}};
    case Kind::fifo: return {{"pipe_max_size", wanted.size}};
  }
  return {};
}

const Limit* find_limit(const std::vector<Limit>& limits, std::string_view name)
{
  const auto found = std::ranges::find(limits, name, &Limit::name);
  return found == limits.end() ? nullptr : &*found;
}

}  // namespace

std::optional<Refusal> explain_refusal(const std::vector<Limit>& limits, const Wanted& wanted, int os_error)
{
  if (os_error == EMFILE && wanted.kind == Kind::pmsg) {
    const Limit* const limit = find_limit(limits, "msgqueue");
    if (limit == nullptr || !limit->value) return std::nullopt;
    // 10 messages of 8192 bytes are fs.mqueue.msg_default and msgsize_default as the kernel starts with.
    const auto charge = pmsg::charge_of(
        {.max_messages = wanted.max_messages.value_or(10), .message_size = wanted.message_size.value_or(8192)});
    return Refusal{.limit = *limit, .needed = saturating_add(limit->used.value_or(0), charge)};
  }
  for (const Claim& claim : claims_of(wanted)) {
    if (!claim.amount) continue;
    const Limit* const limit = find_limit(limits, claim.limit);
    if (limit == nullptr || !limit->value) continue;
    const auto needed = limit->counted ? saturating_add(*claim.amount, limit->used.value_or(0)) : *claim.amount;
    if (needed > *limit->value) return Refusal{.limit = *limit, .needed = needed};
  }
  return std::nullopt;
}

}  // namespace ipckit::inventory
