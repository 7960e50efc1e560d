// SPDX-License-Identifier: MIT
#include <ipckit/pmsg/queue.hpp>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>

#include <ipckit/base/bytes.hpp>
#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>
#include <ipckit/object/tmpfs.hpp>
#include <ipckit/sys/directory.hpp>
#include <ipckit/sys/identity.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/lease.hpp>
#include <ipckit/sys/mqueue.hpp>

namespace ipckit::pmsg {
namespace {

using object::Missing;

/// A directory that lists queues, and whether it is surely of this thread's IPC namespace.
struct Home {
  sys::UniqueFd directory;
  bool certain = false;
};

Result<Home> open_home(const object::View& view)
{
  if (const auto mount = sys::mount_mqueue()) {
    return Home{.directory = IPCKIT_TRY(sys::open_at(mount->get(), ".", O_RDONLY | O_DIRECTORY)), .certain = true};
  }
  auto directory = IPCKIT_TRY(sys::open(view.mqueue_directory, O_RDONLY | O_DIRECTORY));
  const auto type = IPCKIT_TRY(sys::file_system_type(directory.get(), view.mqueue_directory));
  if (type != sys::mqueue_magic) return fail(Errc::not_found, "open", view.mqueue_directory);
  return Home{.directory = std::move(directory), .certain = false};
}

Result<Geometry> geometry_of(const sys::UniqueFd& queue, const std::string& name)
{
  const auto attributes = IPCKIT_TRY(sys::mq_getattr(queue.get(), name));
  return Geometry{.messages = static_cast<std::uint64_t>(attributes.mq_curmsgs),
                  .max_messages = static_cast<std::uint64_t>(attributes.mq_maxmsg),
                  .message_size = static_cast<std::uint64_t>(attributes.mq_msgsize)};
}

enum class Belonging : std::uint8_t { yes, no, unknown };

/// Whether the directory's `name` is the queue that mq_open finds under it in this namespace.
Belonging belongs(const Home& home, const std::string& name, const sys::FileStatus& listed)
{
  const auto queue = open_to_ask(name);
  if (queue) {
    const auto opened = sys::status(queue->get(), name);
    if (!opened) return Belonging::unknown;
    return opened->same_inode(listed) ? Belonging::yes : Belonging::no;
  }
  if (queue.error().os_error != ENOENT) return Belonging::unknown;
  return sys::status_at(home.directory.get(), name) ? Belonging::no : Belonging::unknown;
}

/// The queue as the directory shows it; nothing when it has gone meanwhile.
std::optional<Queue> look_at(const Home& home, std::string name)
{
  const auto file = sys::status_at(home.directory.get(), name);
  if (!file) return std::nullopt;
  Queue queue{.name = std::move(name), .file = *file, .geometry = std::nullopt};
  const auto opened = sys::open_past_lease(
      [&] { return sys::open_at(home.directory.get(), queue.name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW); });
  if (opened) {
    if (const auto geometry = geometry_of(*opened, queue.name)) queue.geometry = *geometry;
  } else if (opened.error().os_error == ENOENT) {
    return std::nullopt;
  }
  return queue;
}

Result<std::vector<std::string>> names_in(const Home& home, std::string_view subject)
{
  std::vector<std::string> names;
  IPCKIT_TRY(sys::for_each_entry(home.directory.get(), subject, [&](const sys::DirectoryEntry& entry) {
    names.emplace_back(entry.name);
    return true;
  }));
  return names;
}

bool is_first_namespace()
{
  constexpr std::uint64_t first_ipc_namespace = 0xEFFFFFFF;  // PROC_IPC_INIT_INO, include/linux/proc_ns.h
  const auto own = sys::own_ipc_namespace();
  return own && *own == first_ipc_namespace;
}

/// Whether the mounted directory is of this IPC namespace: one queue that tells is enough. Where none does, the first
/// namespace's mount is taken for its own.
Belonging belonging_of(const Home& home, const std::vector<Queue>& queues)
{
  if (home.certain) return Belonging::yes;
  for (const Queue& queue : queues) {
    const auto belonging = belongs(home, queue.name, queue.file);
    if (belonging != Belonging::unknown) return belonging;
  }
  return is_first_namespace() ? Belonging::yes : Belonging::unknown;
}

/// Whether the file's owner and mode are why mq_open refused it to the caller: then it may be that queue.
bool explains_refusal(const sys::FileStatus& file) noexcept
{
  constexpr std::uint32_t of_owner = 0600;
  constexpr std::uint32_t of_others = 0066;
  return (file.mode() & (file.user == sys::effective_user() ? of_owner : of_others)) == 0;
}

/// A queue that mq_open refused, looked up in the directory; only if that is of this namespace, or nothing speaks
/// against it: a directory that is another's must not answer for a name.
struct Listed {
  Home home;
  sys::FileStatus file;
};
Result<Listed> find_listed(const object::View& view, const std::string& name)
{
  auto home = IPCKIT_TRY(open_home(view));
  const auto file = IPCKIT_TRY(sys::status_at(home.directory.get(), name));
  if (home.certain) return Listed{.home = std::move(home), .file = file};
  for (const std::string& other : IPCKIT_TRY(names_in(home, view.mqueue_directory))) {
    const auto listed = sys::status_at(home.directory.get(), other);
    const auto belonging = listed ? belongs(home, other, *listed) : Belonging::unknown;
    if (belonging == Belonging::no) return fail(Errc::unseen, "open", view.mqueue_directory);
    if (belonging == Belonging::yes) return Listed{.home = std::move(home), .file = file};
  }
  if (!explains_refusal(file)) return fail(Errc::unseen, "open", view.mqueue_directory);
  return Listed{.home = std::move(home), .file = file};
}

/// A default of fs.mqueue, or what the kernel has when nobody changed it.
std::uint64_t mqueue_default(const object::View& view, std::string_view name, std::uint64_t otherwise)
{
  const auto text = sys::read_text(view.proc_directory + "/sys/fs/mqueue/" + std::string(name));
  if (!text) return otherwise;
  std::string_view rest = *text;
  return parse_number<std::uint64_t>(take_line(rest)).value_or(otherwise);
}

Result<std::optional<mq_attr>> attributes_for(const object::View& view, const NewQueue& wanted)
{
  if (!wanted.max_messages && !wanted.message_size) return std::optional<mq_attr>{};
  const auto messages = wanted.max_messages ? *wanted.max_messages : mqueue_default(view, "msg_default", 10);
  const auto size = wanted.message_size ? *wanted.message_size : mqueue_default(view, "msgsize_default", 8192);
  if (!std::in_range<long>(messages) || !std::in_range<long>(size)) {
    return fail(Errc::too_large, "mq_open", "/" + wanted.name);
  }
  mq_attr attributes{};
  attributes.mq_maxmsg = static_cast<long>(messages);
  attributes.mq_msgsize = static_cast<long>(size);
  return std::optional(attributes);
}

/// A descriptor through which owner and mode can be changed.
Result<sys::UniqueFd> open_to_change(const object::View& view, const std::string& name)
{
  auto queue = open_to_ask(name);
  if (queue || queue.error().os_error != EACCES) return queue;
  const auto listed = find_listed(view, name);
  if (!listed) return queue;
  return sys::open_entry(listed->home.directory.get(), name);
}

/// The queue that is about to be removed, open, and the lease on it or why there is none: busy, or not to be known.
struct Condemned {
  sys::UniqueFd queue;
  Result<sys::WriteLease> lease;
  /// The queue alone: the lease is given back.
  [[nodiscard]] sys::UniqueFd release() &&
  {
    const auto given_back = std::move(lease);
    return std::move(queue);
  }
};

/// One attempt at it.
Result<Condemned> try_condemn(const Queue& judged)
{
  auto queue = open_to_ask(judged.name);
  if (!queue) {
    Error error = std::move(queue).error();
    if (error.kind == Errc::not_found) return std::unexpected(std::move(error));
    error.kind = Errc::unseen;
    return Condemned{.queue = {}, .lease = std::unexpected(std::move(error))};
  }
  const auto file = IPCKIT_TRY(sys::status(queue->get(), judged.name));
  if (!file.same_inode(judged.file)) return fail(Errc::removed, "remove", judged.name, "replaced");
  auto lease = sys::WriteLease::take(*queue, judged.name);
  return Condemned{.queue = std::move(*queue), .lease = std::move(lease)};
}

Result<Condemned> condemn(const Queue& judged)
{
  for (int attempt = 1;; ++attempt) {
    {
      auto condemned = try_condemn(judged);
      const bool busy = condemned && !condemned->lease && condemned->lease.error().kind == Errc::busy;
      if (!busy || attempt == sys::lease_attempts) return condemned;
    }
    sys::wait_out_a_look(attempt);
  }
}

Result<> prove_unused(const Condemned& condemned, const std::string& name)
{
  if (!condemned.lease) return std::unexpected(condemned.lease.error());
  const auto geometry = IPCKIT_TRY(geometry_of(condemned.queue, name));
  if (geometry.messages == 0) return {};
  return fail(Errc::busy, "remove", name, object::counted(geometry.messages, "message inside", "messages inside"));
}

}  // namespace

std::uint64_t charge_of(const Geometry& geometry) noexcept
{
  constexpr std::uint64_t message_header = 48;  // sizeof(struct msg_msg), 64-bit
  constexpr std::uint64_t tree_node = 48;       // sizeof(struct posix_msg_tree_node), 64-bit
  constexpr std::uint64_t priorities = 32768;   // MQ_PRIO_MAX
  const auto nodes = std::min(geometry.max_messages, priorities);
  const auto contents = saturating_multiply(geometry.max_messages, geometry.message_size);
  const auto headers = saturating_multiply(geometry.max_messages, message_header);
  return saturating_add(contents, saturating_add(headers, nodes * tree_node));
}

Result<sys::UniqueFd> open_to_ask(const std::string& name)
{
  auto queue = sys::open_past_lease([&] { return sys::mq_open("/" + name, O_RDONLY | O_NONBLOCK); });
  if (queue || queue.error().os_error != EACCES) return queue;
  return sys::open_past_lease([&] { return sys::mq_open("/" + name, O_WRONLY | O_NONBLOCK); });
}

Result<sys::UniqueFd> open_names(const object::View& view)
{
  auto home = IPCKIT_TRY(open_home(view));
  if (home.certain || is_first_namespace()) return std::move(home.directory);
  return fail(Errc::unseen, "open", view.mqueue_directory);
}

Result<object::Listing<Queue>> list(const object::View& view)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  object::Listing<Queue> listing;
  const auto home = open_home(view);
  if (!home) {
    listing.gaps.push_back({.what = Missing::names,
                            .kind = object::Kind::pmsg,
                            .subject = view.mqueue_directory,
                            .os_error = home.error().os_error});
    return listing;
  }
  const auto names = IPCKIT_TRY(names_in(*home, view.mqueue_directory));
  std::uint64_t unread = 0;
  for (const std::string& name : names) {
    auto queue = look_at(*home, name);
    if (!queue) continue;
    unread += queue->geometry ? 0U : 1U;
    listing.rows.push_back(std::move(*queue));
  }
  const auto belonging = belonging_of(*home, listing.rows);
  const bool uncertain = belonging == Belonging::unknown && listing.rows.empty();
  if (belonging == Belonging::no || uncertain) {
    listing.rows.clear();
    listing.gaps.push_back({.what = uncertain ? Missing::uncertain : Missing::foreign,
                            .kind = object::Kind::pmsg,
                            .subject = view.mqueue_directory});
  } else if (unread > 0) {
    listing.gaps.push_back(
        {.what = Missing::attributes, .kind = object::Kind::pmsg, .count = unread, .subject = {}, .os_error = EACCES});
  }
  return listing;
}

Result<Queue> inspect(const object::View& view, const std::string& name)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  auto queue = open_to_ask(name);
  if (queue) {
    auto file = IPCKIT_TRY(sys::status(queue->get(), name));
    auto geometry = IPCKIT_TRY(geometry_of(*queue, name));
    return Queue{.name = name, .file = file, .geometry = geometry};
  }
  if (queue.error().os_error == EACCES) {
    if (const auto listed = find_listed(view, name)) {
      return Queue{.name = name, .file = listed->file, .geometry = std::nullopt};
    }
  }
  return std::unexpected(std::move(queue).error());
}

Result<> create(const object::View& view, const NewQueue& wanted)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const auto attributes = IPCKIT_TRY(attributes_for(view, wanted));
  const auto attempt = [&] { return sys::mq_create("/" + wanted.name, wanted.mode, attributes); };
  auto made = attempt();
  if (!made && made.error().os_error == EMFILE && sys::raise_soft_limit(RLIMIT_MSGQUEUE)) made = attempt();
  if (!made) return std::unexpected(std::move(made).error());
  return {};
}

Result<> change(const object::View& view, const std::string& name, const object::Attributes& wanted)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const auto queue = IPCKIT_TRY(open_to_change(view, name));
  return object::apply(queue.get(), wanted, name);
}

Result<> prove_unused(const object::View& view, const Queue& judged)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const auto condemned = IPCKIT_TRY(condemn(judged));
  return prove_unused(condemned, judged.name);
}

Result<> unlink(const object::View& view, const std::string& name)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return sys::mq_unlink("/" + name);
}

Result<object::Removal> remove(const object::View& view, const Queue& judged, object::Force force)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  auto condemned = IPCKIT_TRY(condemn(judged));
  if (force == object::Force::no) IPCKIT_TRY(prove_unused(condemned, judged.name));
  IPCKIT_TRY(sys::mq_unlink("/" + judged.name));
  const auto queue = std::move(condemned).release();
  return queue ? object::remains(queue, judged.name) : object::Removal::unknown;
}

}  // namespace ipckit::pmsg
