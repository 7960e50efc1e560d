// SPDX-License-Identifier: MIT
#include <ipckit/sem/operate.hpp>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include <ipckit/sem/set.hpp>
#include <ipckit/sys/ipc_namespace.hpp>
#include <ipckit/sys/sysv.hpp>

namespace ipckit::sem {
namespace {

std::vector<sembuf> kernel_form(std::span<const Operation> operations, Undo undo)
{
  const auto flags = static_cast<short>(undo == Undo::yes ? SEM_UNDO : 0);
  std::vector<sembuf> form;
  form.reserve(operations.size());
  for (const auto& [number, change] : operations) {
    form.push_back({.sem_num = number, .sem_op = change, .sem_flg = flags});
  }
  return form;
}

/// How the kernel says that the id names nothing.
bool is_gone(const Error& error) noexcept
{
  return error.os_error == EINVAL || error.os_error == EIDRM;
}

/// The kind of an errno, once it is known which call it comes from. `seen`: the set has been there before.
Error judged(Error error, const object::View& view, int id, bool seen)
{
  if (is_gone(error)) error.kind = seen ? Errc::removed : Errc::not_found;
  if (error.os_error == EFBIG || error.os_error == ERANGE) error.kind = Errc::too_large;
  if (error.os_error != EFBIG) return error;
  if (const auto set = inspect(object::inside(view), id)) {
    error.detail = "the set has " + object::counted(set->count, "semaphore", "semaphores");
  }
  return error;
}

}  // namespace

Result<> operate(const object::View& view, int id, std::span<const Operation> operations, Undo undo,
                 const sys::Patience& patience)
{
  const std::string subject = "sem:" + std::to_string(id);
  // The kernel would say EINVAL, as for a set that is not there.
  if (operations.empty()) return fail(Errc::invalid, "semop", subject, "no operation");
  const auto inside = IPCKIT_TRY(sys::InIpcNamespace::enter(view.ipc_namespace));
  auto form = kernel_form(operations, undo);
  auto done = sys::semop(id, form, {}, subject);
  if (done) return {};
  const bool waits = done.error().kind == Errc::busy && !patience.none();
  if (!waits) return std::unexpected(judged(std::move(done).error(), view, id, false));
  done = sys::semop(id, form, patience, subject);
  if (!done) return std::unexpected(judged(std::move(done).error(), view, id, true));
  return {};
}

}  // namespace ipckit::sem
