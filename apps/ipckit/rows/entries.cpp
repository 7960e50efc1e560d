// SPDX-License-Identifier: MIT
#include <ipckit/rows/entries.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <variant>

#include <ipckit/inventory/filter.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/rows/context.hpp>

namespace ipckit::rows {
namespace {

using inventory::Entry;
using render::Absent;
using render::Align;
using render::Cell;
using render::CellContext;
using render::Named;
using render::Never;
using render::Number;
using render::Shown;
using render::Unknown;
using render::Words;

/// A cell of one kind's struct; the others have none.
template <class T, class Make>
Cell of(const Entry& entry, Make make)
{
  const auto* const object = std::get_if<T>(&entry);
  return object == nullptr ? Cell{Absent{}} : Cell{make(*object)};
}

Cell bytes(std::optional<std::uint64_t> value)
{
  return value ? Cell{Bytes{*value}} : Cell{Unknown{}};
}

/// A System V time, of which 0 is never.
Cell time_or_never(Timestamp time)
{
  return time.seconds == 0 ? Cell{Never{}} : Cell{time};
}

/// The pid of an operation at `time`: 0 is nobody when there was none, else somebody whom we cannot see.
Cell pid(pid_t pid, Timestamp time)
{
  if (pid > 0) return render::Signed{pid};
  return time.seconds == 0 ? Cell{Absent{}} : Cell{Unknown{}};
}

std::string amount(std::uint64_t count)
{
  return render::human_bytes(count);
}

Words use_of_queue(const msg::Queue& queue)
{
  std::string text = render::plural(queue.messages, "message", "messages") + ", " + amount(queue.bytes);
  if (!queue.max_bytes) return {.text = text, .alert = false};
  const bool full = queue.bytes >= *queue.max_bytes && queue.messages > 0;
  text += " of " + amount(*queue.max_bytes);
  return {.text = full ? text + " (full)" : text, .alert = full};
}

Words use_of_segment(const shm::Segment& segment)
{
  std::string text = segment.doomed ? "doomed, " : "";
  text += render::plural(segment.maps, "map", "maps");
  if (segment.huge_pages.value_or(false)) text += ", huge pages";
  if (segment.pinned) text += ", pinned";
  return {.text = text, .alert = segment.doomed};
}

Words use_of_set(const sem::Set& set)
{
  constexpr std::size_t most = 16;  // values that a line shows
  if (!set.values) return {.text = render::plural(set.count, "value", "values") + " not readable", .alert = false};
  std::string text = set.values->size() == 1 ? "value " : "values ";
  for (std::size_t at = 0; at < set.values->size() && at < most; ++at) {
    if (at > 0) text += ',';
    text += std::to_string((*set.values)[at]);
  }
  if (set.values->size() > most) text += ",… (" + std::to_string(set.values->size()) + ")";
  return {.text = text, .alert = false};
}

Words use_of_posix_queue(const pmsg::Queue& queue)
{
  if (!queue.geometry) return {.text = "not readable", .alert = false};
  const auto& geometry = *queue.geometry;
  const bool full = geometry.messages >= geometry.max_messages;
  const std::string text = std::to_string(geometry.messages) + " of " + std::to_string(geometry.max_messages);
  return {.text = full ? text + " (full)" : text + " messages", .alert = full};
}

Words use_of_posix_segment(const pshm::Segment& segment)
{
  if (segment.file.allocated >= segment.file.size) return {.text = amount(segment.file.allocated) + " allocated"};
  return {.text = amount(segment.file.allocated) + " allocated, sparse"};
}

Words use_of_semaphore(const psem::Semaphore& semaphore)
{
  switch (semaphore.health) {
    case psem::Health::sound: return {.text = "value " + std::to_string(semaphore.value.value_or(0))};
    case psem::Health::damaged: return {.text = "damaged: no semaphore inside", .alert = true};
    case psem::Health::unread: return {.text = "value not readable"};
  }
  return {};
}

struct UseOf {
  Words operator()(const msg::Queue& object) const { return use_of_queue(object); }
  Words operator()(const shm::Segment& object) const { return use_of_segment(object); }
  Words operator()(const sem::Set& object) const { return use_of_set(object); }
  Words operator()(const pmsg::Queue& object) const { return use_of_posix_queue(object); }
  Words operator()(const pshm::Segment& object) const { return use_of_posix_segment(object); }
  Words operator()(const psem::Semaphore& object) const { return use_of_semaphore(object); }
  Words operator()(const fifo::Fifo& /*a name only*/) const { return {.text = "-"}; }
};

Cell ref_cell(const Entry& entry, const CellContext& /*context*/)
{
  return render::RefText{ref_text(entry)};
}

Cell kind_cell(const Entry& entry, const CellContext& /*context*/)
{
  return Words{.text = std::string(object::name_of(inventory::kind_of(entry)))};
}

Cell id_cell(const Entry& entry, const CellContext& /*context*/)
{
  const auto* const identity = inventory::sysv_of(entry);
  return identity == nullptr ? Cell{Absent{}} : Cell{render::Signed{identity->id}};
}

Cell key_cell(const Entry& entry, const CellContext& /*context*/)
{
  const auto* const identity = inventory::sysv_of(entry);
  return identity == nullptr ? Cell{Absent{}} : Cell{render::Key{identity->key}};
}

Cell name_cell(const Entry& entry, const CellContext& /*context*/)
{
  std::string name = inventory::name_of(entry);
  return name.empty() ? Cell{Absent{}} : Cell{render::Foreign{std::move(name)}};
}

Cell owner_cell(const Entry& entry, const CellContext& context)
{
  const auto user = inventory::user_of(entry);
  return Named{.number = user, .name = context.names.user(user)};
}

Cell uid_cell(const Entry& entry, const CellContext& /*context*/)
{
  return Number{inventory::user_of(entry)};
}

Cell group_cell(const Entry& entry, const CellContext& context)
{
  const auto group = inventory::group_of(entry);
  return Named{.number = group, .name = context.names.group(group)};
}

Cell gid_cell(const Entry& entry, const CellContext& /*context*/)
{
  return Number{inventory::group_of(entry)};
}

Cell creator_cell(const Entry& entry, const CellContext& context)
{
  const auto* const identity = inventory::sysv_of(entry);
  if (identity == nullptr) return Absent{};
  return Named{.number = identity->creator_user, .name = context.names.user(identity->creator_user)};
}

Cell creator_uid_cell(const Entry& entry, const CellContext& /*context*/)
{
  const auto* const identity = inventory::sysv_of(entry);
  return identity == nullptr ? Cell{Absent{}} : Cell{Number{identity->creator_user}};
}

Cell creator_gid_cell(const Entry& entry, const CellContext& /*context*/)
{
  const auto* const identity = inventory::sysv_of(entry);
  return identity == nullptr ? Cell{Absent{}} : Cell{Number{identity->creator_group}};
}

Cell mode_cell(const Entry& entry, const CellContext& /*context*/)
{
  return render::Mode{inventory::mode_of(entry)};
}

Cell size_cell(const Entry& entry, const CellContext& /*context*/)
{
  const auto kind = inventory::kind_of(entry);
  if (kind == object::Kind::sem || kind == object::Kind::fifo) return Absent{};
  return bytes(inventory::size_of(entry));
}

Cell allocated_cell(const Entry& entry, const CellContext& /*context*/)
{
  const auto kind = inventory::kind_of(entry);
  if (kind != object::Kind::pshm && kind != object::Kind::psem) return Absent{};
  return bytes(inventory::taken_by(entry));
}

Cell resident_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(entry, [](const auto& segment) { return bytes(segment.resident); });
}

Cell swapped_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(entry, [](const auto& segment) { return bytes(segment.swapped); });
}

Cell age_cell(const Entry& entry, const CellContext& context)
{
  return render::Age{inventory::age_of(inventory::since(entry), context.now)};
}

Cell idle_cell(const Entry& entry, const CellContext& context)
{
  return render::Age{inventory::age_of(inventory::last_used(entry), context.now)};
}

Cell created_cell(const Entry& entry, const CellContext& /*context*/)
{
  const auto* const file = inventory::file_of(entry);
  if (file == nullptr || inventory::kind_of(entry) == object::Kind::pmsg) return Absent{};
  return file->born ? Cell{*file->born} : Cell{Unknown{}};
}

Cell changed_cell(const Entry& entry, const CellContext& /*context*/)
{
  const auto* const file = inventory::file_of(entry);
  return file != nullptr ? Cell{file->changed} : Cell{inventory::since(entry)};
}

Cell last_used_cell(const Entry& entry, const CellContext& /*context*/)
{
  return inventory::last_used(entry);
}

Cell messages_cell(const Entry& entry, const CellContext& /*context*/)
{
  if (const auto* const queue = std::get_if<msg::Queue>(&entry)) return Number{queue->messages};
  return of<pmsg::Queue>(entry, [](const auto& queue) {
    return queue.geometry ? Cell{Number{queue.geometry->messages}} : Cell{Unknown{}};
  });
}

Cell bytes_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<msg::Queue>(entry, [](const auto& queue) { return Bytes{queue.bytes}; });
}

Cell max_bytes_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<msg::Queue>(entry, [](const auto& queue) { return bytes(queue.max_bytes); });
}

Cell max_messages_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<pmsg::Queue>(entry, [](const auto& queue) {
    return queue.geometry ? Cell{Number{queue.geometry->max_messages}} : Cell{Unknown{}};
  });
}

Cell message_size_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<pmsg::Queue>(entry, [](const auto& queue) {
    return queue.geometry ? Cell{Bytes{queue.geometry->message_size}} : Cell{Unknown{}};
  });
}

Cell last_sender_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<msg::Queue>(entry, [](const auto& queue) { return pid(queue.last_sender, queue.sent); });
}

Cell last_receiver_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<msg::Queue>(entry, [](const auto& queue) { return pid(queue.last_receiver, queue.received); });
}

Cell sent_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<msg::Queue>(entry, [](const auto& queue) { return time_or_never(queue.sent); });
}

Cell received_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<msg::Queue>(entry, [](const auto& queue) { return time_or_never(queue.received); });
}

Cell maps_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(entry, [](const auto& segment) { return Number{segment.maps}; });
}

Cell creator_pid_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(entry, [](const auto& segment) { return pid(segment.creator, segment.changed); });
}

Cell last_pid_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(
      entry, [](const auto& segment) { return pid(segment.last_user, std::max(segment.attached, segment.detached)); });
}

Cell attached_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(entry, [](const auto& segment) { return time_or_never(segment.attached); });
}

Cell detached_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(entry, [](const auto& segment) { return time_or_never(segment.detached); });
}

Cell doomed_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(entry, [](const auto& segment) { return render::Flag{segment.doomed}; });
}

Cell pinned_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(entry, [](const auto& segment) { return render::Flag{segment.pinned}; });
}

Cell huge_pages_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<shm::Segment>(entry, [](const auto& segment) {
    return segment.huge_pages ? Cell{render::Flag{*segment.huge_pages}} : Cell{Unknown{}};
  });
}

Cell count_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<sem::Set>(entry, [](const auto& set) { return Number{set.count}; });
}

Cell values_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<sem::Set>(
      entry, [](const auto& set) { return set.values ? Cell{render::Numbers{*set.values}} : Cell{Unknown{}}; });
}

Cell operated_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<sem::Set>(entry, [](const auto& set) { return time_or_never(set.operated); });
}

Cell value_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<psem::Semaphore>(
      entry, [](const auto& semaphore) { return semaphore.value ? Cell{Number{*semaphore.value}} : Cell{Unknown{}}; });
}

Cell damaged_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of<psem::Semaphore>(entry, [](const auto& semaphore) {
    const bool known = semaphore.health != psem::Health::unread;
    return known ? Cell{render::Flag{semaphore.health == psem::Health::damaged}} : Cell{Unknown{}};
  });
}

/// A fact of the inode; System V objects have none.
template <class Make>
Cell of_file(const Entry& entry, Make make)
{
  const auto* const file = inventory::file_of(entry);
  return file == nullptr ? Cell{Absent{}} : Cell{make(*file)};
}

Cell accessed_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of_file(entry, [](const auto& file) { return file.accessed; });
}

Cell modified_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of_file(entry, [](const auto& file) { return file.modified; });
}

Cell inode_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of_file(entry, [](const auto& file) { return Number{file.inode}; });
}

Cell links_cell(const Entry& entry, const CellContext& /*context*/)
{
  return of_file(entry, [](const auto& file) { return Number{file.links}; });
}

Cell use_cell(const Entry& entry, const CellContext& /*context*/)
{
  return use_of(entry);
}

constexpr std::array columns{
    EntryColumn{"ref", "REF", "canonical reference", ref_cell, Shown::always},
    EntryColumn{"kind", "KIND", "msg, shm, sem, pmsg, pshm, psem or fifo", kind_cell, Shown::json},
    EntryColumn{"id", "ID", "System V identifier", id_cell, Shown::json, Align::right},
    EntryColumn{"key", "KEY", "System V key", key_cell, Shown::always},
    EntryColumn{"name", "NAME", "POSIX name, path of a FIFO", name_cell, Shown::json},
    EntryColumn{"owner", "OWNER", "owner's name", owner_cell, Shown::always},
    EntryColumn{"uid", "UID", "owner's number", uid_cell, Shown::json, Align::right},
    EntryColumn{"group", "GROUP", "group's name", group_cell, Shown::json},
    EntryColumn{"gid", "GID", "group's number", gid_cell, Shown::json, Align::right},
    EntryColumn{"creator", "CREATOR", "creator's name", creator_cell, Shown::json},
    EntryColumn{"creator_uid", "CUID", "creator's number", creator_uid_cell, Shown::json, Align::right},
    EntryColumn{"creator_gid", "CGID", "creator's group", creator_gid_cell, Shown::json, Align::right},
    EntryColumn{"mode", "MODE", "permission bits", mode_cell, Shown::when_room},
    EntryColumn{"size", "SIZE", "bytes of a segment, capacity of a queue", size_cell, Shown::always, Align::right},
    EntryColumn{"allocated", "ALLOCATED", "bytes of memory that its file takes", allocated_cell, Shown::json,
                Align::right},
    EntryColumn{"resident", "RESIDENT", "bytes in memory (System V segments)", resident_cell, Shown::chosen,
                Align::right},
    EntryColumn{"swapped", "SWAPPED", "bytes swapped out (System V segments)", swapped_cell, Shown::chosen,
                Align::right},
    EntryColumn{"age", "AGE", "since creation or change", age_cell, Shown::table, Align::right},
    EntryColumn{"idle", "IDLE", "since the newest of all its times", idle_cell, Shown::table_room, Align::right},
    EntryColumn{"created", "CREATED", "time of creation, where the kernel keeps it", created_cell, Shown::json},
    EntryColumn{"changed", "CHANGED", "creation, change of owner or mode (sem: of values)", changed_cell, Shown::json},
    EntryColumn{"last_used", "LAST-USED", "newest of all its times", last_used_cell, Shown::json},
    EntryColumn{"messages", "MESSAGES", "messages waiting", messages_cell, Shown::json, Align::right},
    EntryColumn{"bytes", "BYTES", "bytes waiting (msg)", bytes_cell, Shown::json, Align::right},
    EntryColumn{"max_bytes", "MAX-BYTES", "bytes at most (msg)", max_bytes_cell, Shown::json, Align::right},
    EntryColumn{"max_messages", "MAX-MESSAGES", "messages at most (pmsg)", max_messages_cell, Shown::json,
                Align::right},
    EntryColumn{"message_size", "MESSAGE-SIZE", "bytes of a message at most (pmsg)", message_size_cell, Shown::json,
                Align::right},
    EntryColumn{"last_sender", "SENDER", "pid of the last msgsnd", last_sender_cell, Shown::json, Align::right},
    EntryColumn{"last_receiver", "RECEIVER", "pid of the last msgrcv", last_receiver_cell, Shown::json, Align::right},
    EntryColumn{"sent", "SENT", "time of the last msgsnd", sent_cell, Shown::json},
    EntryColumn{"received", "RECEIVED", "time of the last msgrcv", received_cell, Shown::json},
    EntryColumn{"maps", "MAPS", "mappings, all processes together (shm)", maps_cell, Shown::json, Align::right},
    EntryColumn{"creator_pid", "CPID", "pid of the creator (shm)", creator_pid_cell, Shown::json, Align::right},
    EntryColumn{"last_pid", "LPID", "pid of the last attach or detach (shm)", last_pid_cell, Shown::json, Align::right},
    EntryColumn{"attached", "ATTACHED", "time of the last attach (shm)", attached_cell, Shown::json},
    EntryColumn{"detached", "DETACHED", "time of the last detach (shm)", detached_cell, Shown::json},
    EntryColumn{"doomed", "DOOMED", "removed, but still mapped (shm)", doomed_cell, Shown::json},
    EntryColumn{"pinned", "PINNED", "locked into memory (shm)", pinned_cell, Shown::json},
    EntryColumn{"huge_pages", "HUGE", "made of huge pages (shm)", huge_pages_cell, Shown::chosen},
    EntryColumn{"count", "COUNT", "semaphores in the set", count_cell, Shown::json, Align::right},
    EntryColumn{"values", "VALUES", "values of the set", values_cell, Shown::json},
    EntryColumn{"operated", "OPERATED", "time of the last semop", operated_cell, Shown::json},
    EntryColumn{"value", "VALUE", "value of a POSIX semaphore", value_cell, Shown::json, Align::right},
    EntryColumn{"damaged", "DAMAGED", "file of a POSIX semaphore that holds none", damaged_cell, Shown::json},
    EntryColumn{"accessed", "ACCESSED", "last access of its file", accessed_cell, Shown::json},
    EntryColumn{"modified", "MODIFIED", "last write (pmsg: send or receive)", modified_cell, Shown::json},
    EntryColumn{"inode", "INODE", "inode number of its file", inode_cell, Shown::json, Align::right},
    EntryColumn{"links", "LINKS", "names of its file", links_cell, Shown::json, Align::right},
    EntryColumn{"use", "USE", "what the kernel tells of the object alone", use_cell, Shown::table},
};

}  // namespace

std::span<const EntryColumn> entry_columns() noexcept
{
  return columns;
}

Words use_of(const Entry& entry)
{
  return std::visit(UseOf{}, entry);
}

std::string ref_text(const Entry& entry)
{
  std::string text;
  inventory::append_ref(text, entry);
  return text;
}

}  // namespace ipckit::rows
