// SPDX-License-Identifier: MIT
#pragma once
// What a guardian notes of the lock that it keeps, in memory that outlives it: who holds what for whom, and how far it
// has come. Whoever finds the note of a dead guardian knows from it what to give back.

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <ipckit/sys/mapping.hpp>

namespace ipckit::lock {

/// As wide as what is stored in one piece on every machine. NOLINTNEXTLINE(performance-enum-size)
enum class Phase : std::uint32_t {
  waiting,     // it has not taken anything yet
  held,        // it has taken
  given_back,  // it has given back, or is about to in the next instruction
};

/// The note. Its fields are written in the order in which they become true, and `phase` by a store that comes after all
/// that it tells of.
struct Note {
  static constexpr std::uint32_t current_form = 0x1BC10003;  // changes with the struct

  std::uint32_t form = current_form;
  Phase phase = Phase::waiting;
  std::int32_t guardian = 0;          // its pid
  std::int32_t command = 0;           // the pid of the command that holds the lock; 0: it has not been started
  std::uint64_t command_started = 0;  // field 22 of its /proc/PID/stat, clock ticks after boot; 0: not known
  std::uint64_t pid_namespace = 0;    // the inode of the PID namespace that counts these pids; 0: not known
  std::int64_t began = 0;             // when the note was made, seconds of CLOCK_REALTIME: the object was there then
  std::uint64_t size = 0;             // of what was taken, bytes behind the note
  std::uint32_t priority = 0;         // pmsg: msg_prio of mq_receive(3)
  std::uint32_t time_namespace = 0;   // the inode of the time namespace that counts these ticks; 0: not known
  long type = 0;  // msg: mtype of msgop(2), which is above 0; a struct msgbuf begins here, so the kernel writes into it
};
static_assert(std::is_trivially_copyable_v<Note> && offsetof(Note, type) + sizeof(long) == sizeof(Note));

/// The size of a message that was taken by a guardian who did not live to note it.
inline constexpr std::uint64_t unknown_size = UINT64_MAX;

/// Whether something was taken that nobody has given back.
[[nodiscard]] bool owes(const Note& note) noexcept;

/// A note, and behind it room for what was taken.
class Slate {
public:
  Slate() noexcept = default;
  /// `memory` is at least as large as a Note. One that holds no note of this form is `is_sound()` false.
  explicit Slate(sys::Mapping memory) noexcept : memory_{std::move(memory)} {}

  /// Memory for a note and `room` bytes.
  [[nodiscard]] static std::size_t size_for(std::size_t room) noexcept { return sizeof(Note) + room; }

  void begin() noexcept;
  [[nodiscard]] bool is_sound() const noexcept;
  [[nodiscard]] Note& note() const noexcept;
  [[nodiscard]] std::span<std::byte> room() const noexcept { return memory_.bytes().subspan(sizeof(Note)); }
  /// What was taken, as far as its size is known.
  [[nodiscard]] std::span<std::byte> taken() const noexcept;

  [[nodiscard]] Phase phase() const noexcept;
  void set_phase(Phase phase) const noexcept;

private:
  sys::Mapping memory_;
};

}  // namespace ipckit::lock
