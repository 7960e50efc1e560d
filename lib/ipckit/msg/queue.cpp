// SPDX-License-Identifier: MIT
#include <ipckit/msg/queue.hpp>

#include <cerrno>
#include <string>
#include <utility>

#include <ipckit/procfs/sysvipc.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/sysv.hpp>

namespace ipckit::msg {
namespace {

using object::timestamp_of;

Queue queue_of(int id, const msqid_ds& raw) noexcept
{
  return {.identity = object::identity_of(id, raw.msg_perm),
          .messages = raw.msg_qnum,
          .bytes = raw.__msg_cbytes,
          .max_bytes = raw.msg_qbytes,
          .last_sender = raw.msg_lspid,
          .last_receiver = raw.msg_lrpid,
          .sent = timestamp_of(raw.msg_stime),
          .received = timestamp_of(raw.msg_rtime),
          .changed = timestamp_of(raw.msg_ctime)};
}

Queue queue_of(const procfs::MsgRow& row) noexcept
{
  return {.identity = object::identity_of(row.common),
          .messages = row.qnum,
          .bytes = row.cbytes,
          .max_bytes = std::nullopt,
          .last_sender = row.lspid,
          .last_receiver = row.lrpid,
          .sent = timestamp_of(row.stime),
          .received = timestamp_of(row.rtime),
          .changed = timestamp_of(row.common.ctime)};
}

/// MSG_STAT or MSG_STAT_ANY: the kernel takes the index out of an id itself, so an id will do for one.
Result<Queue> stat_index(int index, int command)
{
  msqid_ds raw{};
  const int id = IPCKIT_TRY(sys::msgctl(index, command, raw, ""));
  return queue_of(id, raw);
}

Result<std::vector<Queue>> parse_text(std::string_view text)
{
  const auto rows = IPCKIT_TRY(procfs::parse_sysvipc_msg(text));
  return object::converted<Queue>(rows, [](const procfs::MsgRow& row) { return queue_of(row); });
}

Result<std::pair<int, std::uint64_t>> extent()
{
  const auto info = IPCKIT_TRY(sys::msg_info());
  return std::pair{info.highest, static_cast<std::uint64_t>(info.use.msgpool)};
}

std::string subject_of(int id)
{
  return "msg:" + std::to_string(id);
}

Result<> apply_change(int id, const Change& wanted)
{
  msqid_ds raw{};
  IPCKIT_TRY(object::stat_for_change([&] { return sys::msgctl(id, IPC_STAT, raw, subject_of(id)); },
                                     [&] { return sys::msgctl(id, MSG_STAT_ANY, raw, subject_of(id)); }, id,
                                     subject_of(id)));
  object::apply(raw.msg_perm, wanted.attributes);
  raw.msg_qbytes = wanted.max_bytes.value_or(raw.msg_qbytes);
  IPCKIT_TRY(object::by_id(sys::msgctl(id, IPC_SET, raw, subject_of(id))));
  return {};
}

/// The queue as it is now, if the id still names the one that was judged.
Result<Queue> inspect_same(const object::View& view, const Queue& judged)
{
  auto now = IPCKIT_TRY(inspect(view, judged.identity.id));
  const auto subject = subject_of(judged.identity.id);
  IPCKIT_TRY(object::same_object(judged.identity, now.identity, subject));
  if (now.changed != judged.changed) return fail(Errc::removed, "remove", subject, "replaced");
  return now;
}

/// Why it should not be removed.
Result<> unused(const Queue& now)
{
  if (now.messages == 0) return {};
  return fail(Errc::busy, "remove", subject_of(now.identity.id),
              object::counted(now.messages, "message inside", "messages inside"));
}

}  // namespace

Result<object::Listing<Queue>> list(const object::View& view, object::Source first)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return object::list_table<Queue>(
      view, object::Kind::msg, "msg", first, extent, [](int index) { return stat_index(index, MSG_STAT_ANY); },
      [](int index) { return stat_index(index, MSG_STAT); }, parse_text);
}

Result<Queue> inspect(const object::View& view, int id)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return object::inspect_id<Queue>(
      view, "msg", id, subject_of(id), [](int index) { return stat_index(index, MSG_STAT_ANY); },
      [](int index) { return stat_index(index, MSG_STAT); }, parse_text);
}

Result<int> find(const object::View& view, std::int32_t key)
{
  // IPC_PRIVATE would make one.
  if (key == IPC_PRIVATE) return fail(Errc::not_found, "find", "key 0");
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return sys::msgget(key, 0, "");
}

Result<int> create(const object::View& view, const NewQueue& wanted)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const int id = IPCKIT_TRY(sys::msgget(wanted.key, IPC_CREAT | IPC_EXCL | static_cast<int>(wanted.mode), ""));
  if (!wanted.max_bytes) return id;
  auto changed = apply_change(id, {.attributes = {}, .max_bytes = wanted.max_bytes});
  if (changed) return id;
  // Half made is not made; that it goes is all there is to do about a failure here.
  if (auto removed = sys::msgctl(id, IPC_RMID, ""); !removed) changed.error().detail = subject_of(id) + " stays";
  return std::unexpected(std::move(changed).error());
}

Result<> change(const object::View& view, int id, const Change& wanted)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  return apply_change(id, wanted);
}

Result<> prove_unused(const object::View& view, const Queue& judged)
{
  return unused(IPCKIT_TRY(inspect_same(view, judged)));
}

Result<object::Removal> remove(const object::View& view, const Queue& judged, object::Force force)
{
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  const int id = judged.identity.id;
  const auto now = IPCKIT_TRY(inspect_same(object::inside(view), judged));
  if (force == object::Force::no) IPCKIT_TRY(unused(now));
  IPCKIT_TRY(object::by_id(sys::msgctl(id, IPC_RMID, subject_of(id))));
  return object::Removal::gone;
}

}  // namespace ipckit::msg
