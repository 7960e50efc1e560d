// SPDX-License-Identifier: MIT
#include <ipckit/inventory/transfer.hpp>

#include <ipckit/inventory/find.hpp>
#include <ipckit/msg/queue.hpp>
#include <ipckit/pmsg/transfer.hpp>
#include <ipckit/sem/set.hpp>
#include <ipckit/shm/segment.hpp>

namespace ipckit::inventory {
namespace {

using object::Kind;

const std::string& name_in(const object::Ref& ref)
{
  return std::get<object::ByName>(ref.target).name;
}

const std::string& path_in(const object::Ref& ref)
{
  return std::get<object::ByPath>(ref.target).path;
}

int id_in(const object::Ref& ref)
{
  return std::get<object::ById>(ref.target).id;
}

Result<int> find_id(const object::View& view, Kind kind, std::int32_t key)
{
  if (kind == Kind::sem) return sem::find(view, key);
  return kind == Kind::shm ? shm::find(view, key) : msg::find(view, key);
}

}  // namespace

Result<object::Ref> canonical(const object::View& view, const object::Ref& ref)
{
  IPCKIT_TRY(check_namespace(ref));
  object::Ref plain{.kind = ref.kind, .target = ref.target, .ipc_namespace = std::nullopt};
  if (ref.kind == Kind::fifo) {
    plain.target = object::ByPath{.path = IPCKIT_TRY(fifo::absolute(path_in(ref)))};
  } else if (const auto key = IPCKIT_TRY(object::key_of(ref))) {
    plain.target = object::ById{.id = IPCKIT_TRY(find_id(view, ref.kind, *key))};
  }
  return plain;
}

Result<std::unique_ptr<object::Inlet>> open_inlet(const object::View& view, const object::Ref& ref,
                                                  const msg::Selection& selection, const fifo::Reading& reading)
{
  if (ref.kind == Kind::fifo) return fifo::open_inlet(path_in(ref), reading);
  if (ref.kind == Kind::pmsg) return pmsg::open_inlet(view, name_in(ref));
  return msg::open_inlet(view, id_in(ref), selection);
}

Result<std::unique_ptr<object::Outlet>> open_outlet(const object::View& view, const object::Ref& ref,
                                                    const fifo::Writing& writing, const sys::Patience& patience)
{
  if (ref.kind == Kind::fifo) return fifo::open_outlet(path_in(ref), writing, patience);
  if (ref.kind == Kind::pmsg) return pmsg::open_outlet(view, name_in(ref));
  return msg::open_outlet(view, id_in(ref));
}

}  // namespace ipckit::inventory
