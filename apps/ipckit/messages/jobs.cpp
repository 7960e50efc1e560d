// SPDX-License-Identifier: MIT
#include <ipckit/messages/jobs.hpp>

#include <algorithm>
#include <csignal>
#include <utility>

#include <sys/wait.h>

#include <ipckit/messages/format.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::messages {

Result<> Jobs::start(const object::Message& message, std::span<const std::byte> input)
{
  const auto file = IPCKIT_TRY(sys::memory_file(input, "ipckit-message"));
  sys::Command command = command_;
  // Of a run inside a run, others are inherited.
  std::erase_if(command.environment, [](const std::string& entry) {
    return entry.starts_with("IPCKIT_TYPE=") || entry.starts_with("IPCKIT_PRIORITY=");
  });
  command.input = file.get();
  command.environment.push_back("IPCKIT_REF=" + ref_);
  if (kind_ == object::Kind::msg) command.environment.push_back("IPCKIT_TYPE=" + std::to_string(message.type));
  if (kind_ == object::Kind::pmsg) {
    command.environment.push_back("IPCKIT_PRIORITY=" + std::to_string(message.priority));
  }
  Job job{.pid = 0, .message = message, .data = std::string(text_of(message.data)), .status = 0};
  // Until it has become the command, the new process would take a signal for itself.
  sigset_t all{};
  sigset_t before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  command.mask = before;
  const auto pid = sys::spawn(command);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!pid) return std::unexpected(pid.error());
  job.pid = *pid;
  running_.push_back(std::move(job));
  return {};
}

std::vector<Job> Jobs::ended()
{
  std::vector<Job> done;
  int status = 0;
  // Children that are not ours to know (of a shell that has become this program) are taken leave of as well: left as
  // they are, they would end every wait.
  for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
    const auto job = std::ranges::find(running_, pid, &Job::pid);
    if (job == running_.end()) continue;
    job->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    done.push_back(std::move(*job));
    running_.erase(job);
  }
  for (Job& job : done) job.message.data = bytes_of(job.data);
  return done;
}

void Jobs::signal(int number) const noexcept
{
  for (const Job& job : running_) ::kill(job.pid, number);
}

}  // namespace ipckit::messages
