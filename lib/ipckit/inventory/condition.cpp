// SPDX-License-Identifier: MIT
#include <ipckit/inventory/condition.hpp>

#include <algorithm>
#include <utility>

#include <ipckit/base/number.hpp>

namespace ipckit::inventory {
namespace {

using enum Means;

//                                                         msg   shm   sem   pmsg    pshm    psem    fifo
constexpr std::array table{
    ConditionRow{Condition::exists, "exists", /*      */ {look, look, look, notice, notice, notice, notice}},
    ConditionRow{Condition::gone, "gone", /*          */ {look, look, look, notice, notice, notice, notice}},
    ConditionRow{Condition::empty, "empty", /*        */ {look, none, none, look, none, none, scan}},
    ConditionRow{Condition::nonempty, "nonempty", /*  */ {look, none, none, poll, none, none, scan}},
    ConditionRow{Condition::writable, "writable", /*  */ {look, none, none, poll, none, none, scan}},
    ConditionRow{Condition::unused, "unused", /*      */ {none, look, none, lease, lease, lease, scan}},
    ConditionRow{Condition::used, "used", /*          */ {none, look, none, lease, lease, lease, scan}},
    ConditionRow{Condition::zero, "zero", /*          */ {none, none, look, none, none, look, none}},
    ConditionRow{Condition::value, "value", /*        */ {none, none, look, none, none, look, none}},
};

/// What a condition of contents is of a queue: how much is inside, and whether there is room.
std::optional<bool> of_queue(Condition condition, std::uint64_t messages, std::optional<bool> room) noexcept
{
  switch (condition) {
    case Condition::empty: return messages == 0;
    case Condition::nonempty: return messages > 0;
    case Condition::writable: return room;
    default: return std::nullopt;
  }
}

template <class Values>
std::optional<bool> of_values(const Wish& wish, const Values& values) noexcept
{
  if (wish.condition != Condition::zero && wish.condition != Condition::value) return std::nullopt;
  const std::uint32_t wanted = wish.condition == Condition::zero ? 0 : wish.value;
  return std::ranges::all_of(values, [wanted](std::uint32_t value) { return value == wanted; });
}

struct Holds {
  const Wish& wish;

  std::optional<bool> operator()(const msg::Queue& queue) const noexcept
  {
    // msgsnd(2) of one byte: neither the bytes nor the number of messages may pass msg_qbytes.
    std::optional<bool> room;
    if (queue.max_bytes) room = queue.bytes < *queue.max_bytes && queue.messages < *queue.max_bytes;
    return of_queue(wish.condition, queue.messages, room);
  }
  std::optional<bool> operator()(const pmsg::Queue& queue) const noexcept
  {
    if (!queue.geometry) return std::nullopt;
    return of_queue(wish.condition, queue.geometry->messages, queue.geometry->messages < queue.geometry->max_messages);
  }
  std::optional<bool> operator()(const shm::Segment& segment) const noexcept
  {
    if (wish.condition == Condition::used) return segment.maps > 0;
    if (wish.condition == Condition::unused) return segment.maps == 0;
    return std::nullopt;
  }
  std::optional<bool> operator()(const sem::Set& set) const noexcept
  {
    return set.values ? of_values(wish, *set.values) : std::nullopt;
  }
  std::optional<bool> operator()(const psem::Semaphore& semaphore) const noexcept
  {
    return semaphore.value ? of_values(wish, std::array{*semaphore.value}) : std::nullopt;
  }
  std::optional<bool> operator()(const pshm::Segment& /*segment*/) const noexcept { return std::nullopt; }
  std::optional<bool> operator()(const fifo::Fifo& /*fifo*/) const noexcept { return std::nullopt; }
};

}  // namespace

std::span<const ConditionRow> conditions() noexcept
{
  return table;
}

Means means_of(Condition condition, object::Kind kind) noexcept
{
  return table.at(std::to_underlying(condition)).means.at(std::to_underlying(kind));
}

std::string_view name_of(Condition condition) noexcept
{
  return table.at(std::to_underlying(condition)).word;
}

std::string_view name_of(Means means) noexcept
{
  switch (means) {
    case none: return "-";
    case poll: return "poll";
    case notice: return "notice";
    case look: return "look";
    case lease: return "lease";
    case scan: return "scan";
  }
  return "-";
}

std::optional<Wish> parse_wish(std::string_view word) noexcept
{
  constexpr std::string_view with_value = "value=";
  if (word.starts_with(with_value)) {
    const auto value = parse_number<std::uint32_t>(word.substr(with_value.size()));
    return value ? std::optional(Wish{.condition = Condition::value, .value = *value}) : std::nullopt;
  }
  const auto* const row = std::ranges::find(table, word, &ConditionRow::word);
  if (row == table.end() || row->condition == Condition::value) return std::nullopt;
  return Wish{.condition = row->condition};
}

std::optional<bool> holds(const Wish& wish, const Entry& entry) noexcept
{
  return std::visit(Holds{wish}, entry);
}

}  // namespace ipckit::inventory
