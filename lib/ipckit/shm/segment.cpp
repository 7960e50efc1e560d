// SPDX-License-Identifier: MIT
#include <ipckit/shm/segment.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <ipckit/procfs/sysvipc.hpp>
#include <ipckit/sys/identity.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/sysv.hpp>

namespace ipckit::shm {
namespace {

using object::timestamp_of;

constexpr unsigned dest_bit = 01000;    // SHM_DEST
constexpr unsigned locked_bit = 02000;  // SHM_LOCKED

Segment segment_of(int id, const shmid_ds& raw) noexcept
{
  return {.identity = object::identity_of(id, raw.shm_perm),
          .size = raw.shm_segsz,
          .maps = raw.shm_nattch,
          .creator = raw.shm_cpid,
          .last_user = raw.shm_lpid,
          .attached = timestamp_of(raw.shm_atime),
          .detached = timestamp_of(raw.shm_dtime),
          .changed = timestamp_of(raw.shm_ctime),
          .doomed = (raw.shm_perm.mode & dest_bit) != 0,
          .pinned = (raw.shm_perm.mode & locked_bit) != 0,
          .resident = std::nullopt,
          .swapped = std::nullopt,
          .huge_pages = std::nullopt};
}

Segment segment_of(const procfs::ShmRow& row) noexcept
{
  return {.identity = object::identity_of(row.common),
          .size = row.size,
          .maps = row.nattch,
          .creator = row.cpid,
          .last_user = row.lpid,
          .attached = timestamp_of(row.atime),
          .detached = timestamp_of(row.dtime),
          .changed = timestamp_of(row.common.ctime),
          .doomed = (row.common.mode & dest_bit) != 0,
          .pinned = (row.common.mode & locked_bit) != 0,
          .resident = std::nullopt,
          .swapped = std::nullopt,
          .huge_pages = std::nullopt};
}

Result<Segment> stat_index(int index, int command)
{
  shmid_ds raw{};
  const int id = IPCKIT_TRY(sys::shmctl(index, command, raw, ""));
  return segment_of(id, raw);
}

Result<std::vector<Segment>> parse_text(std::string_view text)
{
  const auto rows = IPCKIT_TRY(procfs::parse_sysvipc_shm(text));
  return object::converted<Segment>(rows, [](const procfs::ShmRow& row) { return segment_of(row); });
}

/// The number of segments is asked only when no index was answered: SHM_INFO walks them all.
Result<std::pair<int, std::uint64_t>> extent()
{
  const auto info = IPCKIT_TRY(sys::shm_limits());
  shmid_ds raw{};
  const bool first_answers = sys::shmctl(0, SHM_STAT_ANY, raw, "").has_value();
  if (first_answers || info.highest > 0) return std::pair{info.highest, std::uint64_t{1}};
  const auto use = IPCKIT_TRY(sys::shm_use());
  return std::pair{info.highest, static_cast<std::uint64_t>(use.used_ids)};
}

std::string subject_of(int id)
{
  return "shm:" + std::to_string(id);
}

Result<> apply_attributes(int id, const object::Attributes& attributes)
{
  shmid_ds raw{};
  IPCKIT_TRY(object::stat_for_change([&] { return sys::shmctl(id, IPC_STAT, raw, subject_of(id)); },
                                     [&] { return sys::shmctl(id, SHM_STAT_ANY, raw, subject_of(id)); }, id,
                                     subject_of(id)));
  object::apply(raw.shm_perm, attributes);
  IPCKIT_TRY(object::by_id(sys::shmctl(id, IPC_SET, raw, subject_of(id))));
  return {};
}

void add_figures(Segment& segment, const procfs::ShmRow& row, std::uint64_t page)
{
  // Some kernels report 512 times the resident bytes of huge pages; more than the size rounded up to a page is a figure
  // that only huge pages give.
  const std::uint64_t rounded = (segment.size + page - 1) / page * page;
  if (row.rss > rounded) segment.huge_pages = true;
  segment.resident = std::min(row.rss, rounded);
  segment.swapped = row.swap;
}

/// The segment as it is now, if the id still names the one that was judged. Marking it for destruction clears the key,
/// and that is no other segment.
Result<Segment> inspect_same(const object::View& view, const Segment& judged)
{
  auto now = IPCKIT_TRY(inspect(view, judged.identity.id));
  auto expected = judged.identity;
  if (now.doomed) expected.key = now.identity.key;
  const auto subject = subject_of(judged.identity.id);
  IPCKIT_TRY(object::same_object(expected, now.identity, subject));
  if (now.changed != judged.changed || now.creator != judged.creator) {
    return fail(Errc::removed, "remove", subject, "replaced");
  }
  return now;
}

/// Why it should not be removed. A doomed one is removed already: doing it again changes nothing.
Result<> unused(const Segment& now)
{
  if (now.maps == 0 || now.doomed) return {};
  return fail(Errc::busy, "remove", subject_of(now.identity.id), object::counted(now.maps, "mapping", "mappings"));
}

}  // namespace

Result<object::Listing<Segment>> list(const object::View& view, object::Source first)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return object::list_table<Segment>(
      view, object::Kind::shm, "shm", first, extent, [](int index) { return stat_index(index, SHM_STAT_ANY); },
      [](int index) { return stat_index(index, SHM_STAT); }, parse_text);
}

Result<> add_resident(const object::View& view, std::vector<Segment>& segments)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const auto text = IPCKIT_TRY(object::sysvipc_text(view, "shm"));
  auto rows = IPCKIT_TRY(procfs::parse_sysvipc_shm(text));
  std::ranges::sort(rows, {}, [](const procfs::ShmRow& row) { return row.common.id; });
  const auto page = sys::page_size();
  for (Segment& segment : segments) {
    const auto row = std::ranges::lower_bound(rows, segment.identity.id, {},
                                              [](const procfs::ShmRow& candidate) { return candidate.common.id; });
    if (row != rows.end() && row->common.id == segment.identity.id) add_figures(segment, *row, page);
  }
  return {};
}

Result<Segment> inspect(const object::View& view, int id)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return object::inspect_id<Segment>(
      view, "shm", id, subject_of(id), [](int index) { return stat_index(index, SHM_STAT_ANY); },
      [](int index) { return stat_index(index, SHM_STAT); }, parse_text);
}

Result<int> find(const object::View& view, std::int32_t key)
{
  // IPC_PRIVATE would make one.
  if (key == IPC_PRIVATE) return fail(Errc::not_found, "find", "key 0");
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return sys::shmget(key, 0, 0, "");
}

Result<int> create(const object::View& view, const NewSegment& wanted)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  int flags = IPC_CREAT | IPC_EXCL | static_cast<int>(wanted.mode);
  if (wanted.huge_pages) flags |= SHM_HUGETLB;
  if (wanted.no_reserve) flags |= SHM_NORESERVE;
  return sys::shmget(wanted.key, wanted.size, flags, "");
}

Result<> change(const object::View& view, int id, const Change& wanted)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  if (!wanted.attributes.empty()) IPCKIT_TRY(apply_attributes(id, wanted.attributes));
  if (wanted.pinning == Pinning::pin) IPCKIT_TRY(object::by_id(sys::shmctl(id, SHM_LOCK, subject_of(id))));
  if (wanted.pinning == Pinning::unpin) IPCKIT_TRY(object::by_id(sys::shmctl(id, SHM_UNLOCK, subject_of(id))));
  return {};
}

Result<> prove_unused(const object::View& view, const Segment& judged)
{
  return unused(IPCKIT_TRY(inspect_same(view, judged)));
}

Result<object::Removal> remove(const object::View& view, const Segment& judged, object::Force force)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const object::View here = object::inside(view);
  const int id = judged.identity.id;
  const auto now = IPCKIT_TRY(inspect_same(here, judged));
  if (force == object::Force::no) IPCKIT_TRY(unused(now));
  IPCKIT_TRY(object::by_id(sys::shmctl(id, IPC_RMID, subject_of(id))));
  const auto after = inspect(here, id);
  return after && after->doomed ? object::Removal::doomed : object::Removal::gone;
}

}  // namespace ipckit::shm
