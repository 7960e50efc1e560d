// SPDX-License-Identifier: MIT
#include <ipckit/inventory/find.hpp>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include <ipckit/object/key.hpp>
#include <ipckit/process/holders.hpp>
#include <ipckit/process/pipe_ends.hpp>
#include <ipckit/process/pipe_level.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/sys/ipc_namespace.hpp>

namespace ipckit::inventory {
namespace {

using object::Kind;

/// Adds a kind's listing, or why there is none.
template <class Row>
void add(Found& found, Kind kind, Result<object::Listing<Row>> listing)
{
  if (!listing) {
    found.errors.emplace_back(kind, std::move(listing).error());
    return;
  }
  found.entries.reserve(found.entries.size() + listing->rows.size());
  for (Row& row : listing->rows) found.entries.emplace_back(std::move(row));
  std::ranges::move(listing->gaps, std::back_inserter(found.gaps));
}

void add_segments(const object::View& view, bool resident, Found& found)
{
  auto listing = shm::list(view);
  if (listing && resident) {
    if (const auto added = shm::add_resident(view, listing->rows); !added) {
      listing->gaps.push_back({.what = object::Missing::resident,
                               .kind = Kind::shm,
                               .count = 0,
                               .subject = added.error().subject,
                               .os_error = added.error().os_error});
    }
  }
  add(found, Kind::shm, std::move(listing));
}

/// The files of /dev/shm when the directory is not there at all: no objects, and no error.
template <class Row>
Result<object::Listing<Row>> or_none(Result<object::Listing<Row>> listing)
{
  if (!listing && listing.error().os_error == ENOENT) return object::Listing<Row>{};
  return listing;
}

bool has_file(const std::vector<fifo::Fifo>& fifos, const sys::FileStatus& file)
{
  return std::ranges::any_of(fifos, [&](const fifo::Fifo& fifo) { return fifo.file.same_inode(file); });
}

/// Adds the FIFOs that processes hold and that a path leads to from here.
void add_held(const object::View& view, object::Listing<fifo::Fifo>& listing)
{
  auto ends = process::pipe_ends(view);
  if (!ends) {
    listing.gaps.push_back({.what = object::Missing::proc,
                            .kind = Kind::fifo,
                            .count = 0,
                            .subject = view.proc_directory,
                            .os_error = ends.error().os_error});
    return;
  }
  std::vector<fifo::Fifo> unreachable;
  for (const auto& end : ends->rows) {
    if (has_file(listing.rows, end.file) || has_file(unreachable, end.file)) continue;
    auto reached = fifo::inspect(end.path);
    const bool same = reached && reached->file.same_inode(end.file);
    (same ? listing.rows : unreachable).push_back(same ? std::move(*reached) : fifo::Fifo{end.path, end.file});
  }
  std::ranges::move(ends->gaps, std::back_inserter(listing.gaps));
  if (!unreachable.empty()) {
    listing.gaps.push_back({.what = object::Missing::paths, .kind = Kind::fifo, .count = unreachable.size()});
  }
}

void add_fifos(const object::View& view, const Request& request, Found& found)
{
  auto listing = fifo::list(request.fifo_directories);
  if (request.held_fifos) add_held(view, listing);
  add(found, Kind::fifo, Result<object::Listing<fifo::Fifo>>{std::move(listing)});
}

Result<int> find_id(const object::View& view, Kind kind, std::int32_t key)
{
  switch (kind) {
    case Kind::msg: return msg::find(view, key);
    case Kind::shm: return shm::find(view, key);
    default: return sem::find(view, key);
  }
}

/// The id behind a key that may not be opened: the tables say it all the same.
Result<int> find_id_in_tables(const object::View& view, Kind kind, std::int32_t key)
{
  const auto found = find(view, {.kinds = {kind}, .fifo_directories = {}});
  for (const Entry& entry : found.entries) {
    if (sysv_of(entry)->key == key) return sysv_of(entry)->id;
  }
  return fail(Errc::not_found, "find", object::key_text(key));
}

Result<Entry> inspect_sysv(const object::View& view, Kind kind, int id)
{
  switch (kind) {
    case Kind::msg: return IPCKIT_TRY(msg::inspect(view, id));
    case Kind::shm: return IPCKIT_TRY(shm::inspect(view, id));
    default: return IPCKIT_TRY(sem::inspect(view, id));
  }
}

Result<Entry> inspect_by_key(const object::View& view, Kind kind, std::int32_t key)
{
  auto id = find_id(view, kind, key);
  // Without permission the kernel does not say the id.
  if (!id && id.error().kind == Errc::access_denied) id = find_id_in_tables(view, kind, key);
  if (!id) return std::unexpected(std::move(id).error());
  auto entry = IPCKIT_TRY(inspect_sysv(view, kind, *id));
  if (sysv_of(entry)->key != key) return fail(Errc::not_found, "find", object::key_text(key));
  return entry;
}

Result<Entry> inspect_by_name(const object::View& view, Kind kind, const std::string& name)
{
  switch (kind) {
    case Kind::pmsg: return IPCKIT_TRY(pmsg::inspect(view, name));
    case Kind::pshm: return IPCKIT_TRY(pshm::inspect(view, name));
    default: return IPCKIT_TRY(psem::inspect(view, name, psem::Trace::access_time));
  }
}

/// Refuses when a process is seen to hold an end, and when one that cannot be looked into may have opened it.
Result<> prove_unheld(const object::View& view, const fifo::Fifo& fifo)
{
  const auto ends = process::pipe_ends(view, &fifo.file);
  if (!ends) return fail(Errc::unseen, "remove", fifo.path, view.proc_directory + " cannot be read");
  for (const auto& end : ends->rows) {
    if (!end.reads && !end.writes) continue;
    const auto command = process::command_of(view, end.pid, {});
    return fail(Errc::busy, "remove", fifo.path,
                "open in pid " + std::to_string(end.pid) + (command ? " (" + *command + ")" : ""));
  }
  return process::check_all_seen(fifo.file, ends->gaps, fifo.path);
}

struct ProveUnused {
  const object::View& view;
  Result<> operator()(const msg::Queue& judged) const { return msg::prove_unused(view, judged); }
  Result<> operator()(const shm::Segment& judged) const { return shm::prove_unused(view, judged); }
  Result<> operator()(const sem::Set& judged) const { return sem::prove_unused(view, judged); }
  Result<> operator()(const pmsg::Queue& judged) const { return pmsg::prove_unused(view, judged); }
  Result<> operator()(const pshm::Segment& judged) const { return pshm::prove_unused(view, judged); }
  Result<> operator()(const psem::Semaphore& judged) const { return psem::prove_unused(view, judged); }
  Result<> operator()(const fifo::Fifo& judged) const { return prove_unheld(view, judged); }
};

struct Remove {
  const object::View& view;
  object::Force force;
  Result<object::Removal> operator()(const msg::Queue& judged) const { return msg::remove(view, judged, force); }
  Result<object::Removal> operator()(const shm::Segment& judged) const { return shm::remove(view, judged, force); }
  Result<object::Removal> operator()(const sem::Set& judged) const { return sem::remove(view, judged, force); }
  Result<object::Removal> operator()(const pmsg::Queue& judged) const { return pmsg::remove(view, judged, force); }
  Result<object::Removal> operator()(const pshm::Segment& judged) const { return pshm::remove(view, judged, force); }
  Result<object::Removal> operator()(const psem::Semaphore& judged) const { return psem::remove(view, judged, force); }
  Result<object::Removal> operator()(const fifo::Fifo& judged) const
  {
    if (force == object::Force::no) IPCKIT_TRY(prove_unheld(view, judged));
    IPCKIT_TRY(fifo::remove(judged));
    return object::Removal::gone;
  }
};

struct ChangeAttributes {
  const object::View& view;
  const object::Attributes& wanted;
  Result<> operator()(const msg::Queue& judged) const
  {
    return msg::change(view, judged.identity.id, {.attributes = wanted, .max_bytes = {}});
  }
  Result<> operator()(const shm::Segment& judged) const
  {
    return shm::change(view, judged.identity.id, {.attributes = wanted});
  }
  Result<> operator()(const sem::Set& judged) const
  {
    return sem::change(view, judged.identity.id, {.attributes = wanted, .values = {}, .singles = {}});
  }
  Result<> operator()(const pmsg::Queue& judged) const { return pmsg::change(view, judged.name, wanted); }
  Result<> operator()(const pshm::Segment& judged) const { return pshm::change(view, judged.name, wanted); }
  Result<> operator()(const psem::Semaphore& judged) const { return psem::change(view, judged.name, wanted); }
  Result<> operator()(const fifo::Fifo& judged) const { return fifo::change(judged.path, wanted); }
};

}  // namespace

Found find(const object::View& view, const Request& request)
{
  Found found;
  const auto wants = [&](Kind kind) { return request.kinds.has(kind); };
  if (wants(Kind::msg)) add(found, Kind::msg, msg::list(view));
  if (wants(Kind::shm)) add_segments(view, request.resident, found);
  if (wants(Kind::sem)) add(found, Kind::sem, sem::list(view));
  if (wants(Kind::pmsg)) add(found, Kind::pmsg, pmsg::list(view));
  if (wants(Kind::pshm)) add(found, Kind::pshm, or_none(pshm::list(view)));
  if (wants(Kind::psem)) add(found, Kind::psem, or_none(psem::list(view)));
  if (wants(Kind::fifo)) add_fifos(view, request, found);
  return found;
}

void sort_by_age(std::vector<Entry>& entries)
{
  struct Place {
    Timestamp since;
    std::size_t at = 0;
  };
  std::vector<Place> places(entries.size());
  for (std::size_t at = 0; at < entries.size(); ++at) places[at] = {.since = since(entries[at]), .at = at};
  const auto before = [&](const Place& left, const Place& right) {
    if (left.since != right.since) return left.since < right.since;
    const Entry& a = entries[left.at];
    const Entry& b = entries[right.at];
    if (a.index() != b.index()) return a.index() < b.index();
    if (const auto* const identity = sysv_of(a)) return identity->id < sysv_of(b)->id;
    return name_of(a) < name_of(b);
  };
  if (std::ranges::is_sorted(places, before)) return;
  std::ranges::sort(places, before);
  std::vector<Entry> sorted;
  sorted.reserve(entries.size());
  for (const Place& place : places) sorted.push_back(std::move(entries[place.at]));
  entries = std::move(sorted);
}

Result<> check_namespace(const object::Ref& ref)
{
  if (!ref.ipc_namespace) return {};
  const auto own = IPCKIT_TRY(sys::own_ipc_namespace());
  if (own == *ref.ipc_namespace) return {};
  return fail(Errc::unsupported, "enter", object::to_text(ref), "ns=" + std::to_string(own));
}

Result<Entry> inspect(const object::View& view, const object::Ref& ref)
{
  IPCKIT_TRY(check_namespace(ref));
  if (const auto* const target = std::get_if<object::ById>(&ref.target)) {
    return inspect_sysv(view, ref.kind, target->id);
  }
  if (const auto key = IPCKIT_TRY(object::key_of(ref))) return inspect_by_key(view, ref.kind, *key);
  if (const auto* const target = std::get_if<object::ByName>(&ref.target)) {
    return inspect_by_name(view, ref.kind, target->name);
  }
  return IPCKIT_TRY(fifo::inspect(std::get<object::ByPath>(ref.target).path));
}

void name_holders(const object::View& view, const Entry& judged, Error& error)
{
  constexpr std::size_t most = 8;  // as many as a line can name
  if (error.kind != Errc::busy) return;
  if (const auto* const segment = std::get_if<shm::Segment>(&judged)) {
    const auto names = process::names_of(process::holders_of_segment(view, segment->identity.id, most));
    if (!names.empty()) error.detail += " in " + names;
  }
  if (const auto* const set = std::get_if<sem::Set>(&judged)) {
    const auto names = process::names_of(process::waiters_on_set(view, set->identity.id, most));
    if (!names.empty()) error.detail += ": " + names;
  }
  if (error.operation == "lease") {
    error.detail = process::names_of(process::holders_of_file(view, *file_of(judged), most));
  }
}

Result<> prove_unused(const object::View& view, const Entry& judged)
{
  return std::visit(ProveUnused{view}, judged);
}

Result<object::Removal> remove(const object::View& view, const Entry& judged, object::Force force)
{
  return std::visit(Remove{view, force}, judged);
}

Result<> change(const object::View& view, const Entry& judged, const object::Attributes& wanted)
{
  return std::visit(ChangeAttributes{view, wanted}, judged);
}

}  // namespace ipckit::inventory
