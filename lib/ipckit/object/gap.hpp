// SPDX-License-Identifier: MIT
#pragma once
// What a look did not get to see. A result that comes with gaps is right as far as it goes, and says where it ends.

#include <cstdint>
#include <string>

#include <ipckit/object/kind.hpp>

namespace ipckit::object {

enum class Missing : std::uint8_t {
  objects,     // `count` objects are there that could not be read at all
  names,       // the names of this kind cannot be listed; a known name still works
  directory,   // the directory `subject` could not be read
  values,      // `count` semaphores or sets whose values were not read
  attributes,  // `count` queues whose attributes were not read
  resident,    // resident and swapped bytes: /proc/sysvipc/shm is not there
  processes,   // `count` processes could not be inspected
  paths,       // `count` FIFOs are held by processes but no path here leads to them
  foreign,     // the mounted mqueue file system is of another IPC namespace
  uncertain,   // the mounted mqueue file system is empty, and may be of another IPC namespace
  outside,     // processes outside of this PID namespace
  hidden,      // processes that /proc hides from the caller (hidepid=)
  proc,        // /proc is not there, or not of our PID namespace
  contents,    // what waits in a queue or FIFO, all of it or the last `count` bytes
  moved,       // the object changed while it was looked at
};

struct Gap {
  Missing what = Missing::objects;
  Kind kind = Kind::msg;    // the kind that was asked for
  std::uint64_t count = 0;  // how many; 0 where it is not countable
  std::string subject;      // the directory or file
  int os_error = 0;         // why; 0 where the kernel was not asked
  bool operator==(const Gap&) const = default;
};

}  // namespace ipckit::object
