// SPDX-License-Identifier: MIT
#include <ipckit/inventory/entry.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>

#include <ipckit/base/bytes.hpp>

namespace ipckit::inventory {
namespace {

using object::Kind;

template <Kind kind>
using Alternative = std::variant_alternative_t<static_cast<std::size_t>(kind), Entry>;
static_assert(std::is_same_v<Alternative<Kind::msg>, msg::Queue>);
static_assert(std::is_same_v<Alternative<Kind::shm>, shm::Segment>);
static_assert(std::is_same_v<Alternative<Kind::sem>, sem::Set>);
static_assert(std::is_same_v<Alternative<Kind::pmsg>, pmsg::Queue>);
static_assert(std::is_same_v<Alternative<Kind::pshm>, pshm::Segment>);
static_assert(std::is_same_v<Alternative<Kind::psem>, psem::Semaphore>);
static_assert(std::is_same_v<Alternative<Kind::fifo>, fifo::Fifo>);

template <class T>
concept Sysv = requires(const T& object) { object.identity; };

/// Where a kind keeps its owner.
const auto& owned_part(const auto& object) noexcept
{
  if constexpr (Sysv<std::remove_cvref_t<decltype(object)>>) {
    return object.identity;
  } else {
    return object.file;
  }
}

struct NameOf {
  std::string operator()(const fifo::Fifo& fifo) const { return fifo.path; }
  std::string operator()(const Sysv auto& /*nameless*/) const { return {}; }
  std::string operator()(const auto& object) const { return "/" + object.name; }
};

struct TargetOf {
  using Target = decltype(object::Ref::target);
  Target operator()(const fifo::Fifo& fifo) const { return object::ByPath{.path = fifo.path}; }
  Target operator()(const Sysv auto& object) const { return object::ById{object.identity.id}; }
  Target operator()(const auto& object) const { return object::ByName{object.name}; }
};

struct AppendTarget {
  std::string& text;
  void operator()(const fifo::Fifo& fifo) const { object::append_escaped(text, fifo.path); }
  void operator()(const Sysv auto& object) const
  {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), object.identity.id).ptr;
    text.append(digits.data(), end);
  }
  void operator()(const auto& object) const
  {
    text += '/';
    object::append_escaped(text, object.name);
  }
};

struct LastUsed {
  Timestamp operator()(const msg::Queue& queue) const { return std::max({queue.sent, queue.received, queue.changed}); }
  Timestamp operator()(const shm::Segment& segment) const
  {
    return std::max({segment.attached, segment.detached, segment.changed});
  }
  Timestamp operator()(const sem::Set& set) const { return std::max(set.operated, set.changed); }
  Timestamp operator()(const auto& object) const
  {
    const sys::FileStatus& file = object.file;
    return std::max({file.accessed, file.modified, file.changed, file.born.value_or(Timestamp{})});
  }
};

using OptionalBytes = std::optional<std::uint64_t>;

struct SizeOf {
  OptionalBytes operator()(const msg::Queue& queue) const { return queue.max_bytes; }
  OptionalBytes operator()(const shm::Segment& segment) const { return segment.size; }
  OptionalBytes operator()(const sem::Set& /*counted*/) const { return std::nullopt; }
  OptionalBytes operator()(const pmsg::Queue& queue) const
  {
    if (!queue.geometry) return std::nullopt;
    return saturating_multiply(queue.geometry->max_messages, queue.geometry->message_size);
  }
  OptionalBytes operator()(const pshm::Segment& segment) const { return segment.file.size; }
  OptionalBytes operator()(const psem::Semaphore& semaphore) const { return semaphore.file.size; }
  OptionalBytes operator()(const fifo::Fifo& /*a name only*/) const { return std::nullopt; }
};

struct TakenBy {
  OptionalBytes operator()(const msg::Queue& queue) const { return queue.bytes; }
  OptionalBytes operator()(const shm::Segment& segment) const { return segment.size; }
  OptionalBytes operator()(const sem::Set& /*counted*/) const { return std::nullopt; }
  OptionalBytes operator()(const pmsg::Queue& /*its size is what it may hold*/) const { return std::nullopt; }
  OptionalBytes operator()(const pshm::Segment& segment) const { return segment.file.allocated; }
  OptionalBytes operator()(const psem::Semaphore& semaphore) const { return semaphore.file.allocated; }
  OptionalBytes operator()(const fifo::Fifo& /*a name only*/) const { return std::nullopt; }
};

}  // namespace

Kind kind_of(const Entry& entry) noexcept
{
  return static_cast<Kind>(entry.index());
}

object::Ref ref_of(const Entry& entry)
{
  return {.kind = kind_of(entry), .target = std::visit(TargetOf{}, entry), .ipc_namespace = {}};
}

void append_ref(std::string& text, const Entry& entry)
{
  text += object::name_of(kind_of(entry));
  text += ':';
  std::visit(AppendTarget{text}, entry);
}

const object::SysvIdentity* sysv_of(const Entry& entry) noexcept
{
  return std::visit(
      [](const auto& object) -> const object::SysvIdentity* {
        if constexpr (Sysv<std::remove_cvref_t<decltype(object)>>) return &object.identity;
        return nullptr;
      },
      entry);
}

const sys::FileStatus* file_of(const Entry& entry) noexcept
{
  return std::visit(
      [](const auto& object) -> const sys::FileStatus* {
        if constexpr (!Sysv<std::remove_cvref_t<decltype(object)>>) return &object.file;
        return nullptr;
      },
      entry);
}

uid_t user_of(const Entry& entry) noexcept
{
  return std::visit([](const auto& object) { return owned_part(object).user; }, entry);
}

gid_t group_of(const Entry& entry) noexcept
{
  return std::visit([](const auto& object) { return owned_part(object).group; }, entry);
}

std::uint32_t mode_of(const Entry& entry) noexcept
{
  return std::visit(
      [](const auto& object) -> std::uint32_t {
        if constexpr (Sysv<std::remove_cvref_t<decltype(object)>>) {
          return object.identity.mode;
        } else {
          return object.file.mode();
        }
      },
      entry);
}

std::string name_of(const Entry& entry)
{
  return std::visit(NameOf{}, entry);
}

Timestamp since(const Entry& entry) noexcept
{
  return std::visit(
      [](const auto& object) {
        if constexpr (Sysv<std::remove_cvref_t<decltype(object)>>) {
          return object.changed;
        } else {
          return object.file.born.value_or(object.file.changed);
        }
      },
      entry);
}

Timestamp last_used(const Entry& entry) noexcept
{
  return std::visit(LastUsed{}, entry);
}

std::optional<std::uint64_t> size_of(const Entry& entry) noexcept
{
  return std::visit(SizeOf{}, entry);
}

std::optional<std::uint64_t> taken_by(const Entry& entry) noexcept
{
  return std::visit(TakenBy{}, entry);
}

}  // namespace ipckit::inventory
