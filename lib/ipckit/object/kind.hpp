// SPDX-License-Identifier: MIT
#pragma once
// The seven kinds of object and the words that name several of them.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace ipckit::object {

enum class Kind : std::uint8_t {
  msg,   // System V message queue, msgget(2)
  shm,   // System V shared memory segment, shmget(2)
  sem,   // System V semaphore set, semget(2)
  pmsg,  // POSIX message queue, mq_open(3)
  pshm,  // POSIX shared memory, shm_open(3)
  psem,  // POSIX named semaphore, sem_open(3)
  fifo,  // named pipe, mkfifo(3)
};

inline constexpr std::array all_kinds{Kind::msg, Kind::shm, Kind::sem, Kind::pmsg, Kind::pshm, Kind::psem, Kind::fifo};

/// Some of the kinds.
class KindSet {
public:
  constexpr KindSet() noexcept = default;
  constexpr KindSet(std::initializer_list<Kind> kinds) noexcept
  {
    for (const Kind kind : kinds) add(kind);
  }
  [[nodiscard]] static constexpr KindSet all() noexcept
  {
    KindSet set;
    for (const Kind kind : all_kinds) set.add(kind);
    return set;
  }
  constexpr void add(Kind kind) noexcept { bits_ = static_cast<std::uint8_t>(bits_ | bit(kind)); }
  constexpr void add(KindSet other) noexcept { bits_ = static_cast<std::uint8_t>(bits_ | other.bits_); }
  constexpr void remove(Kind kind) noexcept { bits_ = static_cast<std::uint8_t>(bits_ & ~bit(kind)); }
  [[nodiscard]] constexpr bool has(Kind kind) const noexcept { return (bits_ & bit(kind)) != 0; }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr bool operator==(const KindSet&) const = default;

private:
  static constexpr std::uint8_t bit(Kind kind) noexcept
  {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
  }
  std::uint8_t bits_ = 0;
};

/// A word that stands for kinds: the seven themselves, `queue`, `segment`, `semaphore`, `sysv`, `posix`, `all`.
struct KindWord {
  std::string_view word;
  KindSet kinds;
};
inline constexpr std::array kind_words{
    KindWord{"msg", {Kind::msg}},
    KindWord{"shm", {Kind::shm}},
    KindWord{"sem", {Kind::sem}},
    KindWord{"pmsg", {Kind::pmsg}},
    KindWord{"pshm", {Kind::pshm}},
    KindWord{"psem", {Kind::psem}},
    KindWord{"fifo", {Kind::fifo}},
    KindWord{"queue", {Kind::msg, Kind::pmsg}},
    KindWord{"segment", {Kind::shm, Kind::pshm}},
    KindWord{"semaphore", {Kind::sem, Kind::psem}},
    KindWord{"sysv", {Kind::msg, Kind::shm, Kind::sem}},
    KindWord{"posix", {Kind::pmsg, Kind::pshm, Kind::psem}},
    KindWord{"all", KindSet::all()},
};

/// The word of one kind: `msg`.
[[nodiscard]] std::string_view name_of(Kind kind) noexcept;
/// The kind that a word names; nothing for groups and other words.
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view word) noexcept;
/// The kinds that a word or group names.
[[nodiscard]] std::optional<KindSet> parse_kinds(std::string_view word) noexcept;

[[nodiscard]] constexpr bool is_sysv(Kind kind) noexcept
{
  return kind == Kind::msg || kind == Kind::shm || kind == Kind::sem;
}

/// The kind that does the same in the other family: msg and pmsg, shm and pshm, sem and psem. A FIFO has none.
[[nodiscard]] std::optional<Kind> twin_of(Kind kind) noexcept;

}  // namespace ipckit::object
