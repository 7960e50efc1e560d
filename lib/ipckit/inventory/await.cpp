// SPDX-License-Identifier: MIT
#include <ipckit/inventory/await.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <fcntl.h>

#include <ipckit/inventory/find.hpp>
#include <ipckit/object/tmpfs.hpp>
#include <ipckit/process/holders.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::inventory {
namespace {

using namespace std::chrono_literals;
using object::Kind;

// Where the kernel tells of everything, one look in a while finds what it forgot: a network file system, say.
constexpr std::chrono::nanoseconds told = 1s;
constexpr std::chrono::nanoseconds looking = 20ms;
constexpr std::chrono::nanoseconds proving = 2s;  // by leases and scans

constexpr std::uint32_t name_events =
    IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t fate_events = IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;  // IN_ATTRIB: a name of it has gone
constexpr std::uint32_t use_events = IN_OPEN | IN_CLOSE | fate_events;
constexpr std::uint32_t pipe_events = IN_MODIFY | IN_ACCESS | use_events;

const std::string& name_in(const object::Ref& ref)
{
  return std::get<object::ByName>(ref.target).name;
}

/// A semaphore as its directory entry shows it: its value would have to be read, and so opened.
Result<Entry> find_semaphore(const object::View& view, const std::string& name)
{
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto found = IPCKIT_TRY(object::look_at(directory, psem::file_name(name)));
  return psem::Semaphore{.name = name, .file = found.file};
}

constexpr bool is_about_use(Condition condition) noexcept
{
  return condition == Condition::used || condition == Condition::unused;
}

std::string parent_of(const std::string& path)
{
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// An open descriptor that stands for the object's file, as long as somebody looks; O_PATH where that will do, which
/// is no use of it.
Result<sys::UniqueFd> open_file(const object::View& view, const Entry& entry)
{
  if (const auto* const queue = std::get_if<pmsg::Queue>(&entry)) return pmsg::open_to_ask(queue->name);
  if (const auto* const fifo = std::get_if<fifo::Fifo>(&entry)) return fifo::open_entry(fifo->path);
  const auto directory = IPCKIT_TRY(object::open_shm_directory(view));
  const auto* const semaphore = std::get_if<psem::Semaphore>(&entry);
  const auto name = semaphore != nullptr ? psem::file_name(semaphore->name) : std::get<pshm::Segment>(entry).name;
  return IPCKIT_TRY(object::look_at(directory, name)).entry;
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------- when to
// look

void Pace::looked(Clock::time_point now, std::chrono::nanoseconds cost) noexcept
{
  // A look that takes very long is taken in time all the same, and costs a tenth then.
  constexpr int large_share = 10;
  earliest_ = now + std::min(cost * share_, std::max(cost * large_share, proving));
  next_ = std::max(now + pause_, earliest_);
  pause_ = std::min(pause_ * 2, longest_);
  stirred_ = false;
}

void Pace::stir(Clock::time_point now) noexcept
{
  // A name that has just been removed may still be found for an instant: what follows are looks that come ever later.
  pause_ = 1ms;
  next_ = std::max(now, earliest_);
  stirred_ = true;
}

// ------------------------------------------------------------------------------------------------------------- looking

bool same_object(const Entry& left, const Entry& right) noexcept
{
  if (left.index() != right.index()) return false;
  if (const auto* const identity = sysv_of(left)) {
    const auto* const other = sysv_of(right);
    return identity->id == other->id && identity->creator_user == other->creator_user &&
           identity->creator_group == other->creator_group;
  }
  return file_of(left)->same_inode(*file_of(right));
}

Awaited::Awaited(object::View view, object::Ref ref, Wish wish)
    : view_{std::move(view)}, ref_{std::move(ref)}, wish_{wish}, means_{means_of(wish.condition, ref_.kind)}
{
}

bool Awaited::is_about_presence() const noexcept
{
  return wish_.condition == Condition::exists || wish_.condition == Condition::gone;
}

Result<bool> Awaited::look()
{
  const auto before = sys::thread_cpu_time();
  auto answer = judge();
  pace_.looked(Pace::Clock::now(), sys::thread_cpu_time() - before);
  holds_ = answer && *answer;
  if (means_ == Means::lease) hear();  // what our own look made the kernel tell
  return answer;
}

Result<bool> Awaited::judge()
{
  auto now = find();
  // A queue that may not be opened is there: one that is not would not be found.
  const bool refused = !now && ref_.kind == Kind::pmsg && now.error().kind == Errc::access_denied;
  if (refused && is_about_presence()) return wish_.condition == Condition::exists;
  if (!now) return judge_missing(std::move(now).error());
  if (!seen_) seen_ = *now;
  if (!same_object(*seen_, *now)) {
    if (is_about_presence()) return true;
    return fail(Errc::removed, "wait", object::to_text(ref_), "replaced");
  }
  return judge_present(*now);
}

Result<Entry> Awaited::find()
{
  IPCKIT_TRY(check_namespace(ref_));
  if (ref_.kind == Kind::psem && means_ != Means::look) return find_semaphore(view_, name_in(ref_));
  // The file that a key was made from may go; the key stays.
  if (!key_) key_ = IPCKIT_TRY(object::key_of(ref_));
  if (!key_) return inspect(view_, ref_);
  if (seen_) {
    // A key that may not be looked up is found in the tables of all objects, once.
    auto now = inspect(view_, ref_of(*seen_));
    if (now && sysv_of(*now)->key == *key_) return now;
  }
  return inspect(view_, {.kind = ref_.kind, .target = object::ByKey{*key_}, .ipc_namespace = {}});
}

Result<bool> Awaited::judge_missing(Error error) const
{
  const bool missing = error.kind == Errc::not_found || error.kind == Errc::removed;
  const bool replaced = error.kind == Errc::mismatch && seen_;  // by something that is no object
  if (wish_.condition == Condition::gone && (replaced || (missing && error.operation != "ftok"))) return true;
  if (wish_.condition == Condition::exists && missing) return false;
  if (is_about_presence() || !seen_ || !(missing || replaced)) return std::unexpected(std::move(error));
  return fail(Errc::removed, "wait", object::to_text(ref_));
}

Result<bool> Awaited::judge_present(const Entry& now)
{
  if (is_about_presence()) return wish_.condition == Condition::exists;
  if (const auto* const fifo = std::get_if<fifo::Fifo>(&now); fifo != nullptr && !is_about_use(wish_.condition)) {
    return judge_pipe(*fifo);
  }
  if (means_ == Means::lease || means_ == Means::scan) return judge_use(now);
  if (const auto answer = holds(wish_, now)) return *answer;
  // What the kernel does not tell now it never tells: values without permission, the limit of an old kernel's queue.
  return fail(Errc::access_denied, "read", object::to_text(ref_), "its state may not be read");
}

Result<bool> Awaited::judge_use(const Entry& now)
{
  if (means_ == Means::scan) scans_ = true;
  auto unused = prove_unused(view_, now);
  // A queue with messages inside is in no one's use for that: its lease was granted.
  const bool free =
      unused || (unused.error().kind == Errc::busy && means_ == Means::lease && unused.error().operation != "lease");
  if (free) return wish_.condition == Condition::unused;
  if (unused.error().kind == Errc::busy) return wish_.condition == Condition::used;
  if (unused.error().kind != Errc::unseen || means_ == Means::scan) return std::unexpected(std::move(unused).error());
  // Whose it is not, the kernel gives no lease: a process that is seen to hold it decides, and that none is does not.
  scans_ = true;
  if (process::holders_of_file(view_, *file_of(now), 1).empty()) return std::unexpected(std::move(unused).error());
  return wish_.condition == Condition::used;
}

Result<bool> Awaited::judge_pipe(const fifo::Fifo& now)
{
  const auto level = IPCKIT_TRY(pipe_.look(view_, now.file));
  scans_ = !pipe_.knows_end();
  if (wish_.condition == Condition::writable) return level.writable;
  return level.empty == (wish_.condition == Condition::empty);
}

// ----------------------------------------------------------------------------------------------------------- listening

void Awaited::listen(std::size_t number)
{
  pace_.share_with(number);
  const auto inside = sys::InIpcNamespace::enter(view_.ipc_namespace);
  if (!inside) return;
  switch (means_) {
    case Means::none:
    case Means::look: return;
    case Means::poll: listen_to_queue(); break;
    case Means::notice: listen_to_names(); break;
    case Means::lease:
    case Means::scan: listen_to_file(); break;
  }
  keep_pace();
}

void Awaited::keep_pace() noexcept
{
  const bool about_use = is_about_use(wish_.condition);
  auto longest = told;
  if (about_use) longest = proving;
  if (!about_use && !notices_) longest = looking;
  pace_.at_least_every(longest);
}

/// The queue itself is open from now on; any of its descriptors tells whether it is empty or full.
void Awaited::listen_to_queue()
{
  if (!seen_) return;
  const auto& name = std::get<pmsg::Queue>(*seen_).name;
  auto opened = pmsg::open_to_ask(name);
  if (!opened) return;
  const auto file = sys::status(opened->get(), name);
  if (!file || !file->same_inode(*file_of(*seen_))) return;
  queue_ = std::move(*opened);
  take_notices(sys::Notices::of(queue_.get(), fate_events, name));
}

/// The directory of the name. Of a POSIX queue that is to go, its own file: the directory may not be known.
void Awaited::listen_to_names()
{
  if (ref_.kind == Kind::pmsg && wish_.condition == Condition::gone) {
    listen_to_file();
  } else if (ref_.kind == Kind::pmsg) {
    take_notices(pmsg::open_names(view_));
  } else if (ref_.kind == Kind::fifo) {
    const auto path = fifo::absolute(std::get<object::ByPath>(ref_.target).path);
    if (path) take_notices(sys::open(parent_of(*path), O_PATH | O_DIRECTORY));
  } else {
    take_notices(object::open_shm_directory(view_));
  }
}

void Awaited::listen_to_file()
{
  if (!seen_) return;
  const auto file = open_file(view_, *seen_);
  if (!file) return;
  std::uint32_t events = fate_events;
  if (is_about_use(wish_.condition)) events = use_events;
  if (means_ == Means::scan && !is_about_use(wish_.condition)) events = pipe_events;
  take_notices(sys::Notices::of(file->get(), events, ""));
}

void Awaited::take_notices(Result<sys::Notices> notices)
{
  if (notices) notices_ = std::move(*notices);
}

void Awaited::take_notices(const Result<sys::UniqueFd>& directory)
{
  if (directory) take_notices(sys::Notices::of(directory->get(), name_events, ""));
}

bool Awaited::is_slow() const noexcept
{
  if (means_ != Means::lease && means_ != Means::scan) return false;
  return is_about_use(wish_.condition) ? scans_ || !is_told() : scans_ && !is_told();
}

void Awaited::add_descriptors(std::vector<pollfd>& descriptors) const
{
  // What has been stirred is looked at soon, and until then all that comes is the same news.
  if (pace_.is_stirred()) return;
  if (notices_) descriptors.push_back({.fd = notices_->descriptor(), .events = POLLIN, .revents = 0});
  if (queue_ && !holds_) descriptors.push_back({.fd = queue_.get(), .events = poll_events(), .revents = 0});
}

short Awaited::poll_events() const noexcept
{
  return wish_.condition == Condition::writable ? POLLOUT : POLLIN;
}

void Awaited::hear()
{
  bool news = queue_ && !holds_ && (sys::ready_now(queue_.get(), poll_events()) != 0);
  if (notices_) {
    const auto noticed = notices_->take();
    // Our own proof, and others', opens the file and closes it again.
    news = news || (means_ == Means::lease ? noticed.more_than_looks() : noticed.any());
    if (noticed.over) notices_.reset();
    if (noticed.over) keep_pace();
  }
  if (news) pace_.stir(Pace::Clock::now());
}

std::optional<object::Ref> Awaited::ref() const
{
  if (seen_) return ref_of(*seen_);
  if (object::is_sysv(ref_.kind)) {
    return std::holds_alternative<object::ById>(ref_.target) ? std::optional(ref_) : std::nullopt;
  }
  object::Ref plain{.kind = ref_.kind, .target = ref_.target, .ipc_namespace = std::nullopt};
  if (const auto* const at = std::get_if<object::ByPath>(&ref_.target)) {
    const auto path = fifo::absolute(at->path);
    if (!path) return std::nullopt;
    plain.target = object::ByPath{.path = *path};
  }
  return plain;
}

}  // namespace ipckit::inventory
