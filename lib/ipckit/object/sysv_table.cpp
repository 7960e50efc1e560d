// SPDX-License-Identifier: MIT
#include <ipckit/object/sysv_table.hpp>

#include <ipckit/sys/file.hpp>

namespace ipckit::object {

Result<std::string> sysvipc_text(const View& view, std::string_view name)
{
  // The file follows the IPC namespace of the thread that opens it, whichever /proc it is in.
  return sys::read_text(view.proc_directory + "/sysvipc/" + std::string(name));
}

}  // namespace ipckit::object
