// SPDX-License-Identifier: MIT
#include <ipckit/lock/record.hpp>

#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <ipckit/lock/holding.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/sys/directory.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/file_lock.hpp>
#include <ipckit/sys/identity.hpp>
#include <ipckit/sys/pidfd.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::lock {
namespace {

constexpr std::int64_t seconds_between_looks = 1;

/// The inode of a namespace of ours; 0 where it cannot be told.
std::uint64_t own_namespace(const object::View& view, const char* which)
{
  const auto own = sys::status_through(AT_FDCWD, view.proc_directory + "/self/ns/" + which);
  return own ? own->inode : 0;
}
/// The one that counts our pids.
std::uint64_t own_pid_namespace(const object::View& view)
{
  return own_namespace(view, "pid");
}
/// The one that counts clock ticks after boot.
std::uint32_t own_time_namespace(const object::View& view)
{
  return static_cast<std::uint32_t>(own_namespace(view, "time"));
}

/// Whether the command of a note may still run: where that cannot be told, it may.
bool may_run(const object::View& view, const Note& note)
{
  if (note.command == 0) return false;
  const auto own = own_pid_namespace(view);
  if (own == 0) return true;
  if (own != note.pid_namespace) return process::may_run_below(view, note.command);
  const auto process = sys::open_process(note.command);
  if (!process) return process.error().os_error != ESRCH;
  if (sys::is_readable(process->get())) return false;  // it has ended, and nobody has waited for it yet
  const auto started = process::start_ticks(view, note.command);
  const bool comparable = started && note.command_started != 0 && note.time_namespace == own_time_namespace(view);
  return !comparable || *started == note.command_started;
}

Result<Slate> read_slate(const sys::UniqueFd& file, const std::string& name)
{
  const auto status = IPCKIT_TRY(sys::status(file.get(), name));
  if (!status.is_regular() || status.size < sizeof(Note)) return fail(Errc::malformed, "open", name);
  Slate slate{IPCKIT_TRY(sys::Mapping::map(file.get(), status.size, name))};
  if (!slate.is_sound()) return fail(Errc::malformed, "open", name);
  return slate;
}

Result<sys::UniqueFd> open_record(const sys::UniqueFd& directory, const std::string& name)
{
  return sys::open_at(directory.get(), name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

std::vector<std::string> names_in(const sys::UniqueFd& directory)
{
  std::vector<std::string> names;
  const auto listed = sys::for_each_entry(directory.get(), "", [&](const sys::DirectoryEntry& entry) {
    names.emplace_back(entry.name);
    return true;
  });
  if (!listed) names.clear();
  return names;
}

/// Whether the record has no guardian any more, and is now in the caller's hand.
bool seize(const sys::UniqueFd& file)
{
  if (!sys::lock_file(file.get(), sys::Sharing::exclusive, {}, "")) return false;
  // Whoever held it just now may have settled it.
  const auto status = sys::status(file.get(), "");
  return status && status->links > 0;
}

/// What one record has shown.
struct Standing {
  std::optional<pid_t> holder;
  bool settled = false;  // what it tells of was given back just now
  bool is_over = false;  // it tells of nothing any more
};

Standing standing_of_living(const object::View& view, const Slate& slate)
{
  const Note& note = slate.note();
  // In another PID namespace its pids are nobody's, or somebody else's.
  if (slate.phase() != Phase::held || note.pid_namespace != own_pid_namespace(view)) return {};
  return {.holder = note.command != 0 ? note.command : note.guardian};
}

Standing settle_dead(const object::View& view, const Slate& slate,
                     const std::function<Result<>(const Slate&)>& give_back)
{
  if (!owes(slate.note())) return {.is_over = true};
  if (may_run(view, slate.note())) return {.holder = slate.note().command};
  const auto done = give_back(slate);
  // Where the object has gone there is nobody to give it to.
  const bool gone = !done && has_gone(done.error());
  return {.holder = {}, .settled = done.has_value(), .is_over = done || gone};
}

/// Anybody can squat names in /dev/shm; so many others are tried then.
constexpr int most_squatted = 9;
std::string numbered(const std::string& path, int number)
{
  return number == 0 ? path : path + "." + std::to_string(number);
}

/// Where there are more, not everybody looks at all of them.
constexpr std::size_t many_records = 64;

}  // namespace

Records::Records(const object::View& view, const std::string& identity)
    : view_{view},
      directory_{view.shm_directory + "/ipckit-lock." + std::to_string(sys::effective_user()) + "." + identity}
{
}

Result<Records::Directory> Records::open(const std::string& path)
{
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  // Listing it must not look like is_time_to_look. The kernel allows that to its owner.
  auto opened = sys::open(path, flags | O_NOATIME);
  if (!opened && opened.error().os_error == EPERM) opened = sys::open(path, flags);
  auto file = IPCKIT_TRY(std::move(opened));
  const auto status = IPCKIT_TRY(sys::status(file.get(), path));
  // What a stranger notes is not to be believed.
  const bool ours = status.user == sys::effective_user() && (status.mode() & 0022U) == 0;
  if (!ours) return fail(Errc::foreign, "open", path, "user " + std::to_string(status.user));
  return Directory{.file = std::move(file), .path = path};
}

std::vector<Records::Directory> Records::all() const
{
  std::vector<Directory> found;
  for (int number = 0; number <= most_squatted; ++number) {
    if (auto directory = open(numbered(directory_, number))) found.push_back(std::move(*directory));
  }
  return found;
}

Result<Records::Directory> Records::make() const
{
  for (int number = 0;;) {
    const std::string path = numbered(directory_, number);
    const auto made = sys::make_directory_at(AT_FDCWD, path, 0700);
    if (!made && made.error().kind != Errc::already_exists) return std::unexpected(made.error());
    auto directory = open(path);
    if (directory) return directory;
    // Gone again: the last record of another was removed, and the directory with it.
    if (directory.error().os_error == ENOENT) continue;
    if (number++ == most_squatted) return directory;
  }
}

Records::Seen Records::settle(const std::function<Result<>(const Slate&)>& give_back, bool thorough) const
{
  Seen seen;
  for (const Directory& directory : all()) settle_in(directory, give_back, thorough, seen);
  return seen;
}

void Records::settle_in(const Directory& directory, const std::function<Result<>(const Slate&)>& give_back,
                        bool thorough, Seen& seen) const
{
  const auto names = names_in(directory.file);
  if (names.size() > many_records && !thorough && !is_time_to_look()) return;
  for (const std::string& name : names) {
    const auto file = open_record(directory.file, name);
    if (!file) continue;
    const bool dead = seize(*file);
    if (!dead && seen.holder) continue;
    const auto slate = read_slate(*file, name);
    if (!slate) continue;
    const Standing standing = dead ? settle_dead(view_, *slate, give_back) : standing_of_living(view_, *slate);
    if (standing.holder) seen.holder = standing.holder;
    seen.settled |= standing.settled;
    if (standing.is_over) static_cast<void>(sys::unlink_at(directory.file.get(), name).has_value());
  }
  static_cast<void>(sys::remove_directory_at(AT_FDCWD, directory.path).has_value());
}

bool Records::is_time_to_look() const
{
  bool time = false;
  for (const Directory& directory : all()) {
    const auto status = sys::status(directory.file.get(), directory.path);
    if (!status || sys::now().seconds - status->accessed.seconds < seconds_between_looks) continue;
    time |= sys::touch_access_time(directory.file.get(), directory.path).has_value();
  }
  return time;
}

Records::Seen Records::forget_dead() const
{
  return settle(
      [](const Slate& slate) -> Result<> {
        slate.set_phase(Phase::given_back);
        return {};
      },
      true);
}

std::vector<pid_t> Records::waiting() const
{
  std::vector<pid_t> guardians;
  const auto own = own_pid_namespace(view_);
  for (const Directory& directory : all()) {
    for (const std::string& name : names_in(directory.file)) {
      const auto file = open_record(directory.file, name);
      if (!file || seize(*file)) continue;
      const auto slate = read_slate(*file, name);
      if (!slate || slate->phase() != Phase::waiting || slate->note().pid_namespace != own) continue;
      guardians.push_back(slate->note().guardian);
    }
  }
  return guardians;
}

Record::Record(Slate slate, sys::UniqueFd file, sys::UniqueFd directory, std::string name, std::string path) noexcept
    : slate_{std::move(slate)},
      file_{std::move(file)},
      directory_{std::move(directory)},
      name_{std::move(name)},
      path_{std::move(path)}
{
}

Result<Record> Record::keep(const Records& records, std::size_t room)
{
  const std::size_t size = Slate::size_for(room);
  constexpr int attempts = 1000;  // each fails only if somebody has come or gone in the same instant
  for (int attempt = 0;; ++attempt) {
    auto directory = IPCKIT_TRY(records.make());
    auto file = sys::open_at(directory.file.get(), ".", O_TMPFILE | O_RDWR, 0600);
    if (!file && file.error().os_error == ENOENT && attempt < attempts) continue;  // the directory went away
    if (!file) return std::unexpected(std::move(file).error());
    IPCKIT_TRY(sys::lock_file(file->get(), sys::Sharing::exclusive, {}, ""));
    IPCKIT_TRY(sys::allocate(file->get(), 0, size, ""));
    Slate slate{IPCKIT_TRY(sys::Mapping::map(file->get(), size, ""))};
    slate.begin();
    slate.note().guardian = ::getpid();
    slate.note().began = sys::now().seconds;
    slate.note().pid_namespace = own_pid_namespace(records.view_);
    slate.note().time_namespace = own_time_namespace(records.view_);
    // Another PID namespace, or a dead process, may have had this pid.
    const std::string name = std::to_string(::getpid()) + (attempt == 0 ? "" : "." + std::to_string(attempt));
    const auto linked = sys::link_at(file->get(), directory.file.get(), name);
    if (linked) {
      return Record{std::move(slate), std::move(*file), std::move(directory.file), name, std::move(directory.path)};
    }
    const bool again = linked.error().kind == Errc::already_exists || linked.error().os_error == ENOENT;
    if (!again || attempt == attempts) return std::unexpected(linked.error());
  }
}

Result<Record> Record::in_memory(std::size_t room)
{
  Slate slate{IPCKIT_TRY(sys::Mapping::map(-1, Slate::size_for(room), ""))};
  slate.begin();
  return Record{std::move(slate), {}, {}, {}, {}};
}

void Record::drop() const
{
  if (name_.empty()) return;
  static_cast<void>(sys::unlink_at(directory_.get(), name_).has_value());
  static_cast<void>(sys::remove_directory_at(AT_FDCWD, path_).has_value());
}

}  // namespace ipckit::lock
