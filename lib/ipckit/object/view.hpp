// SPDX-License-Identifier: MIT
#pragma once
// Where an inspection looks: every one takes a View as a value.

#include <string>

namespace ipckit::object {

/// The IPC namespace and the directories in which objects are looked for. As made, the caller's own. System V objects
/// and POSIX queues belong to the IPC namespace; POSIX segments and semaphores to whatever is mounted at shm_directory,
/// which is no part of any namespace but the mount one.
struct View {
  int ipc_namespace = -1;                        // a descriptor of /proc/PID/ns/ipc; -1: the thread's own
  std::string shm_directory = "/dev/shm";        // shm_overview(7)
  std::string mqueue_directory = "/dev/mqueue";  // mq_overview(7); need not be mounted
  std::string proc_directory = "/proc";          // proc(5)
};

/// The same view for a thread that has entered its IPC namespace already.
[[nodiscard]] inline View inside(View view)
{
  view.ipc_namespace = -1;
  return view;
}

}  // namespace ipckit::object
