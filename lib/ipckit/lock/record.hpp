// SPDX-License-Identifier: MIT
#pragma once
// Where the notes of guardians are kept, so that those of the dead are found: a file for each in a directory for each
// object and user, /dev/shm/ipckit-lock.UID.OBJECT. A guardian holds its file under flock(2) for as long as it lives,
// and removes it, and the directory with the last one, when it has given back.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <ipckit/base/error.hpp>
#include <ipckit/lock/note.hpp>
#include <ipckit/object/view.hpp>
#include <ipckit/sys/fd.hpp>

namespace ipckit::lock {

/// The records of one object.
class Records {
public:
  /// Those that the caller's user keeps of the object `identity`. Nothing is made.
  Records(const object::View& view, const std::string& identity);

  /// What a look at them has shown.
  struct Seen {
    bool settled = false;         // something was given back
    std::optional<pid_t> holder;  // the command, or the guardian, of one that holds
  };
  /// Gives back what dead guardians hold whose commands have ended, too: each once, whoever else looks at the same
  /// time. One that `give_back` cannot give back, and leaves as held, is left to the next. Where there are many, and
  /// somebody has looked within the last second, only who is `thorough` looks.
  [[nodiscard]] Seen settle(const std::function<Result<>(const Slate&)>& give_back, bool thorough) const;

  /// Whether nobody has looked for a second, and if so, marks that somebody does now: of many who wait one is enough.
  [[nodiscard]] bool is_time_to_look() const;

  /// Forgets what dead guardians have left, without giving it back, but for those whose commands run: one of them, or
  /// of the living, is the holder. For whoever fills a pool anew.
  [[nodiscard]] Seen forget_dead() const;

  /// The guardians, of the caller's PID namespace, that have not taken anything yet.
  [[nodiscard]] std::vector<pid_t> waiting() const;

private:
  friend class Record;
  struct Directory {
    sys::UniqueFd file;
    std::string path;
  };
  /// The one of that name. Errc::foreign: it is somebody else's.
  [[nodiscard]] static Result<Directory> open(const std::string& path);
  [[nodiscard]] Result<Directory> make() const;
  /// All that are ours.
  [[nodiscard]] std::vector<Directory> all() const;
  void settle_in(const Directory& directory, const std::function<Result<>(const Slate&)>& give_back, bool thorough,
                 Seen& seen) const;

  object::View view_;
  std::string directory_;  // behind it ".1" and so on, where somebody has squatted the name
};

/// The caller's own note, in a file that it holds. Not to be handed on to a child.
class Record {
public:
  /// Makes it. Errc::foreign: the directory is somebody else's.
  [[nodiscard]] static Result<Record> keep(const Records& records, std::size_t room);
  /// Memory alone, which is gone with the process: where no file can be made.
  [[nodiscard]] static Result<Record> in_memory(std::size_t room);

  [[nodiscard]] const Slate& slate() const noexcept { return slate_; }
  /// Removes the file.
  void drop() const;

private:
  Record(Slate slate, sys::UniqueFd file, sys::UniqueFd directory, std::string name, std::string path) noexcept;
  Slate slate_;
  sys::UniqueFd file_;
  sys::UniqueFd directory_;
  std::string name_;
  std::string path_;  // of the directory
};

}  // namespace ipckit::lock
