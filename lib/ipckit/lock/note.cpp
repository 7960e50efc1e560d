// SPDX-License-Identifier: MIT
#include <ipckit/lock/note.hpp>

#include <algorithm>
#include <atomic>
#include <new>

namespace ipckit::lock {

bool owes(const Note& note) noexcept
{
  // The kernel writes the type when it hands a message out, so it is there even where the guardian came no further.
  return note.phase == Phase::held || (note.phase == Phase::waiting && note.type > 0);
}

void Slate::begin() noexcept
{
  new (memory_.bytes().data()) Note{};
}

bool Slate::is_sound() const noexcept
{
  return memory_.bytes().size() >= sizeof(Note) && note().form == Note::current_form;
}

Note& Slate::note() const noexcept
{
  return *reinterpret_cast<Note*>(memory_.bytes().data());
}

std::span<std::byte> Slate::taken() const noexcept
{
  return room().first(std::min<std::uint64_t>(note().size, room().size()));
}

Phase Slate::phase() const noexcept
{
  return std::atomic_ref{note().phase}.load(std::memory_order_acquire);
}

void Slate::set_phase(Phase phase) const noexcept
{
  std::atomic_ref{note().phase}.store(phase, std::memory_order_release);
}

}  // namespace ipckit::lock
