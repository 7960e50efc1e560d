// SPDX-License-Identifier: MIT
#include <ipckit/lock/make.hpp>

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include <fcntl.h>

#include <ipckit/object/accounts.hpp>
#include <ipckit/object/key.hpp>
#include <ipckit/object/tmpfs.hpp>
#include <ipckit/psem/semaphore.hpp>
#include <ipckit/pshm/segment.hpp>
#include <ipckit/sem/operate.hpp>
#include <ipckit/sem/set.hpp>
#include <ipckit/sys/identity.hpp>
#include <ipckit/sys/sysv.hpp>

namespace ipckit::lock {
namespace {

/// How often an object that comes and goes is looked for again.
constexpr int attempts = 1000;

Result<> check_owner(uid_t owner, const Making& making, const std::string& subject)
{
  // Anybody can squat a key, or a name in /dev/shm. Where it would not have been made it is somebody's on purpose.
  if (!making.allowed || making.any_owner || owner == 0 || owner == sys::effective_user()) return {};
  return fail(Errc::foreign, "lock", subject, object::user_name(owner).value_or("user " + std::to_string(owner)));
}

/// Whoever has made a set may do with it what its owner may, also when it was given away.
Result<> check_owner(const sem::Set& set, const Making& making, const std::string& subject)
{
  IPCKIT_TRY(check_owner(set.identity.user, making, subject));
  return check_owner(set.identity.creator_user, making, subject);
}

std::unexpected<Error> restless(const std::string& subject)
{
  return fail(Errc::system, "lock", subject, "it is removed as soon as it is made");
}

// ----------------------------------------------------------------------------------------------------- System V sets

/// The mode of a set that has not got its value yet.
constexpr std::uint32_t unfinished_mode = 0601;

bool has_makers_form(const sem::Set& set) noexcept
{
  return set.identity.mode == unfinished_mode && set.count == 1;
}

bool is_unfinished(const sem::Set& set) noexcept
{
  const bool untouched = set.operated.seconds == 0 && set.values && set.values->front() == 0;
  return has_makers_form(set) && untouched;
}

/// Keeps out whoever else would make or finish the same set, for as long as it lives.
class Makers {
public:
  [[nodiscard]] static Result<Makers> keep_out(const object::View& view, std::int32_t key, sys::Interrupts& interrupts)
  {
    const std::int32_t own = own_key(key);
    // They are out of it in an instant, and never die with it.
    const sys::Patience patience{.interrupts = &interrupts, .limit = std::chrono::seconds{5}, .until = {}};
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const auto found = sys::semget(own, 1, IPC_CREAT | 0600, object::key_text(own));
      if (!found && found.error().kind == Errc::access_denied) return squatted(own, "another user");
      const int id = IPCKIT_TRY(found);
      const auto checked = check_own(view, id);
      if (!checked && checked.error().kind == Errc::not_found) continue;
      if (!checked) return std::unexpected(checked.error());
      auto taken = sem::operate(view, id, free_then_taken, sem::Undo::yes, patience.begun());
      if (taken) return Makers{id};
      // The one that was inside removes it when it leaves.
      const bool left = taken.error().kind == Errc::removed || taken.error().kind == Errc::not_found;
      if (left) continue;
      // It is not the lock that was waited for.
      if (taken.error().kind == Errc::timed_out) taken.error().kind = Errc::system;
      return std::unexpected(taken.error());
    }
    return restless(object::key_text(own));
  }

  /// Removes what a maker has left who was killed after he had finished. Whoever is still inside does it himself.
  static void sweep(const object::View& view, std::int32_t key)
  {
    const auto id = sys::semget(own_key(key), 0, 0, "");
    if (!id || !check_own(view, *id)) return;
    if (sem::operate(view, *id, free_then_taken, sem::Undo::yes, {})) const Makers left{*id};
  }

  Makers(const Makers&) = delete;
  Makers& operator=(const Makers&) = delete;
  Makers(Makers&& other) noexcept : id_{std::exchange(other.id_, -1)} {}
  Makers& operator=(Makers&&) = delete;
  ~Makers()
  {
    if (id_ >= 0) static_cast<void>(sys::semctl(id_, IPC_RMID, "").has_value());
  }

private:
  /// The key is no secret either: what has it must be such a set, and nobody else's.
  [[nodiscard]] static Result<> check_own(const object::View& view, int id)
  {
    const auto set = IPCKIT_TRY(sem::inspect(view, id));
    const auto& identity = set.identity;
    const uid_t own = sys::effective_user();
    const bool ours = identity.user == own && identity.creator_user == own && identity.mode == 0600 && set.count == 1;
    if (ours) return {};
    const auto stranger = identity.creator_user == own ? identity.user : identity.creator_user;
    return squatted(identity.key, object::user_name(stranger).value_or("user " + std::to_string(stranger)));
  }

  [[nodiscard]] static std::unexpected<Error> squatted(std::int32_t key, std::string by)
  {
    return fail(Errc::foreign, "make", object::key_text(key), std::move(by));
  }

  explicit Makers(int id) noexcept : id_{id} {}
  static std::int32_t own_key(std::int32_t key)
  {
    return object::key_of_word("ipckit-lock." + std::to_string(sys::effective_user()) + "." + std::to_string(key));
  }

  static constexpr std::array free_then_taken{sem::Operation{.number = 0, .change = 0},
                                              sem::Operation{.number = 0, .change = 1}};
  int id_;
};

Result<> give_mode(const object::View& view, int id, const Making& making)
{
  return sem::change(view, id,
                     {.attributes = {.mode = making.mode, .user = {}, .group = {}}, .values = {}, .singles = {}});
}

/// Adds the 1, and then, for all to see, gives the mode.
Result<> finish(const object::View& view, int id, const Making& making)
{
  const std::array give{sem::Operation{.number = 0, .change = 1}};
  IPCKIT_TRY(sem::operate(view, id, give, sem::Undo::no, {}));
  return give_mode(view, id, making);
}

/// Does the rest for a maker who was killed when the set had its value already.
Result<> complete(const object::View& view, std::int32_t key, int id, const sem::Set& set, const Making& making)
{
  if (!making.allowed) return {};
  Makers::sweep(view, key);
  const bool ours = set.identity.user == sys::effective_user();
  if (!ours || !has_makers_form(set)) return {};
  return give_mode(view, id, making);
}

/// Makes or finishes the set of a key, unless somebody else has done it meanwhile.
Result<bool> make_set(const object::View& view, std::int32_t key, const Making& making, sys::Interrupts& interrupts)
{
  const std::string subject = object::key_text(key);
  const auto makers = IPCKIT_TRY(Makers::keep_out(view, key, interrupts));
  const auto made = sys::semget(key, 1, IPC_CREAT | IPC_EXCL | static_cast<int>(unfinished_mode), subject);
  if (made) {
    IPCKIT_TRY(finish(view, *made, making));
    return true;
  }
  if (made.error().kind != Errc::already_exists) return std::unexpected(made.error());
  const auto id = sys::semget(key, 0, 0, subject);
  const auto set = id ? sem::inspect(view, *id) : std::unexpected(id.error());
  if (!set) return set.error().kind == Errc::not_found ? Result<bool>{false} : std::unexpected(set.error());
  if (!is_unfinished(*set)) return false;
  IPCKIT_TRY(finish(view, *id, making));
  return true;
}

/// A set of another user that has no value yet. His makers do not keep us out, nor we them, so that the rest is his to
/// do: at once, if he has not been killed.
Result<> await_its_maker(const sem::Set& set, int attempt, const std::string& subject)
{
  constexpr int patience = 200;
  std::this_thread::sleep_for(std::chrono::milliseconds{1});
  if (attempt < patience) return {};
  const uid_t user = set.identity.user;
  return fail(Errc::system, "lock", subject,
              "half made: its maker, " + object::user_name(user).value_or("user " + std::to_string(user)) +
                  ", was killed, and has to lock it once");
}

}  // namespace

Result<Lockable<int>> find_or_make_set(const object::View& view, std::int32_t key, const Making& making,
                                       sys::Interrupts& interrupts)
{
  const std::string subject = object::key_text(key);
  bool made = false;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const auto id = sem::find(view, key);
    if (!id && (id.error().kind != Errc::not_found || !making.allowed)) return std::unexpected(id.error());
    const auto set = id ? sem::inspect(view, *id) : std::unexpected(id.error());
    if (!set && set.error().kind != Errc::not_found) return std::unexpected(set.error());
    if (set && !is_unfinished(*set)) {
      IPCKIT_TRY(check_owner(*set, making, subject));
      if (!made) IPCKIT_TRY(complete(view, key, *id, *set, making));
      return Lockable<int>{.object = *id, .made = made};
    }
    if (set) IPCKIT_TRY(check_owner(*set, making, subject));
    if (set && set->identity.user != sys::effective_user()) {
      IPCKIT_TRY(await_its_maker(*set, attempt, subject));
      continue;
    }
    made = IPCKIT_TRY(make_set(view, key, making, interrupts));
  }
  return restless(subject);
}

Result<Lockable<psem::Mapped>> find_or_make_semaphore(const object::View& view, const std::string& name,
                                                      const Making& making)
{
  bool made = false;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto found = psem::Mapped::open(view, name);
    if (found) {
      IPCKIT_TRY(check_owner(found->file().user, making, name));
      return Lockable<psem::Mapped>{.object = std::move(*found), .made = made};
    }
    if (found.error().kind == Errc::removed) continue;
    if (found.error().kind != Errc::not_found || !making.allowed) return std::unexpected(found.error());
    const auto created = psem::create(view, {.name = name, .mode = making.mode, .value = 1});
    if (!created && created.error().kind != Errc::already_exists) return std::unexpected(created.error());
    made = created.has_value();
  }
  return restless(name);
}

Result<> check_named(const object::View& view, const std::string& name, const sys::FileStatus& file)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto now = sys::status_at(directory.get(), psem::file_name(name));
  if (now && now->same_inode(file)) return {};
  if (!now && now.error().kind != Errc::not_found) return std::unexpected(now.error());
  return fail(Errc::removed, "lock", name);
}

Result<Lockable<OpenSegment>> find_or_make_segment(const object::View& view, const std::string& name,
                                                   const Making& making)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  bool made = false;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const auto entry = object::look_at(directory, name);
    if (entry) {
      IPCKIT_TRY(check_owner(entry->file.user, making, name));
      auto file = object::open_again(directory, name, *entry, O_RDONLY | O_NOCTTY);
      if (file) return Lockable<OpenSegment>{.object = {.file = std::move(*file), .status = entry->file}, .made = made};
      if (file.error().kind != Errc::removed) return std::unexpected(std::move(file).error());
      continue;
    }
    if (entry.error().kind != Errc::not_found || !making.allowed) return std::unexpected(entry.error());
    const auto created = pshm::create(view, {.name = name, .mode = making.mode});
    if (!created && created.error().kind != Errc::already_exists) return std::unexpected(created.error());
    made = created.has_value();
  }
  return restless(name);
}

}  // namespace ipckit::lock
