// SPDX-License-Identifier: MIT
#pragma once
// Objects made up for tests: all of root's, of mode 0600, made at second 1000 and never used unless they say otherwise.

#include <string>

#include <ipckit/inventory/entry.hpp>

namespace ipckit::tests {

constexpr std::int64_t made_at = 1000;

[[nodiscard]] inline msg::Queue some_queue(int id)
{
  return {.identity = {.id = id, .mode = 0600}, .max_bytes = 16384, .changed = {.seconds = made_at}};
}

[[nodiscard]] inline shm::Segment some_segment(int id, std::uint64_t size = 4096)
{
  return {.identity = {.id = id, .mode = 0600}, .size = size, .changed = {.seconds = made_at}};
}

[[nodiscard]] inline sem::Set some_set(int id)
{
  return {.identity = {.id = id, .mode = 0600},
          .count = 1,
          .changed = {.seconds = made_at},
          .values = std::vector<std::uint16_t>{1}};
}

/// A file of this type, S_IFREG or the like.
[[nodiscard]] inline sys::FileStatus some_file(std::uint32_t type, std::uint64_t size)
{
  const Timestamp made{.seconds = made_at};
  return {.device = 7,
          .inode = 11,
          .type_and_mode = type | 0600U,
          .links = 1,
          .size = size,
          .allocated = (size + 4095) / 4096 * 4096,
          .accessed = made,
          .modified = made,
          .changed = made,
          .born = made};
}

[[nodiscard]] inline pmsg::Queue some_posix_queue(const std::string& name)
{
  return {.name = name,
          .file = some_file(0100000, 80),
          .geometry = pmsg::Geometry{.messages = 0, .max_messages = 10, .message_size = 8192}};
}

[[nodiscard]] inline pshm::Segment some_posix_segment(const std::string& name, std::uint64_t size = 4096)
{
  return {.name = name, .file = some_file(0100000, size)};
}

[[nodiscard]] inline psem::Semaphore some_semaphore(const std::string& name)
{
  return {.name = name, .file = some_file(0100000, 32), .health = psem::Health::sound, .value = 1};
}

[[nodiscard]] inline fifo::Fifo some_fifo(const std::string& path)
{
  return {.path = path, .file = some_file(0010000, 0)};
}

}  // namespace ipckit::tests
