// SPDX-License-Identifier: MIT
#include <ipckit/process/file_lock_holder.hpp>

#include <string>

#include <sys/sysmacros.h>

#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/procfs/locks.hpp>

namespace ipckit::process {

std::optional<pid_t> holder_of_file_lock(const object::View& view, const sys::FileStatus& file)
{
  const auto text = sys::read_text(view.proc_directory + "/locks");
  if (!text) return std::nullopt;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto lock = procfs::parse_file_lock(take_line(rest));
    if (!lock || lock->waits || lock->type != "FLOCK" || lock->pid <= 0) continue;
    if (lock->inode == file.inode && makedev(lock->major, lock->minor) == file.device) return lock->pid;
  }
  return std::nullopt;
}

std::optional<Holder> child_of(const object::View& view, pid_t pid, std::string_view except)
{
  const std::string number = std::to_string(pid);
  const auto text = sys::read_text(view.proc_directory + "/" + number + "/task/" + number + "/children");
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  for (auto word = take_word(rest); !word.empty(); word = take_word(rest)) {
    const auto child = parse_number<pid_t>(word);
    if (!child) return std::nullopt;
    auto command = command_of(view, *child, {});
    if (command && *command != except) return Holder{.pid = *child, .command = std::move(*command)};
  }
  return std::nullopt;
}

}  // namespace ipckit::process
