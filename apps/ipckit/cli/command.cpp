// SPDX-License-Identifier: MIT
#include <ipckit/cli/command.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <optional>

#include <sys/wait.h>
#include <unistd.h>

#include <ipckit/render/sanitize.hpp>
#include <ipckit/sys/interrupts.hpp>
#include <ipckit/sys/spawn.hpp>

namespace ipckit::cli {
namespace {

/// The signals that are waited for instead of ending us: those that are handed on, unless they were ignored before (as
/// nohup does), and what tells of the command.
sigset_t watched_signals() noexcept
{
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) {
    if (!sys::Interrupts::is_ignored(signal)) ::sigaddset(&set, signal);
  }
  ::sigaddset(&set, SIGCHLD);
  ::sigaddset(&set, SIGCONT);
  return set;
}

/// Blocks them while it lives.
class Watch {
public:
  Watch() noexcept : set_{watched_signals()}
  {
    // Where it is ignored, nobody could be waited for.
    static_cast<void>(std::signal(SIGCHLD, SIG_DFL));
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  Watch(Watch&&) = delete;
  Watch& operator=(Watch&&) = delete;
  ~Watch() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  [[nodiscard]] const sigset_t& before() const noexcept { return before_; }
  /// The next one.
  [[nodiscard]] siginfo_t next() const noexcept
  {
    siginfo_t info{};
    while (::sigwaitinfo(&set_, &info) < 0 && errno == EINTR) {
    }
    return info;
  }

private:
  sigset_t set_;
  sigset_t before_{};
};

/// Stops as the command did, so that the shell that waits for us sees it. A moment later only: who stops and continues
/// the whole job reaches us and the command one after the other.
void stop_with(pid_t command) noexcept
{
  constexpr timespec moment{.tv_sec = 0, .tv_nsec = 20'000'000};
  ::nanosleep(&moment, nullptr);
  // Somebody has let us go on since then, and us alone: that is handed on, and a stop would undo it.
  sigset_t pending;
  if (::sigpending(&pending) == 0 && ::sigismember(&pending, SIGCONT) == 1) return;
  siginfo_t now{};
  constexpr int peek = WSTOPPED | WCONTINUED | WEXITED | WNOHANG | WNOWAIT;
  // Anything new since then: it is not stopped any more.
  if (::waitid(P_PID, static_cast<id_t>(command), &now, peek) == 0 && now.si_pid != 0) return;
  static_cast<void>(std::raise(SIGTSTP));  // does nothing where no shell could continue us
}

/// What has become of the command: its status when it has ended.
std::optional<int> look_at(pid_t command) noexcept
{
  for (;;) {
    siginfo_t info{};
    const int outcome = ::waitid(P_PID, static_cast<id_t>(command), &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG);
    if (outcome != 0 || info.si_pid == 0) return std::nullopt;
    if (info.si_code == CLD_EXITED) return info.si_status;
    if (info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED) return 128 + info.si_status;
    if (info.si_code == CLD_STOPPED) stop_with(command);
  }
}

int wait_for(pid_t command, const Watch& watch) noexcept
{
  for (;;) {
    const siginfo_t info = watch.next();
    if (info.si_signo == SIGCHLD) {
      if (const auto status = look_at(command)) return *status;
    } else if (info.si_signo == SIGCONT || info.si_code <= 0) {
      // What the kernel sends (si_code above 0), as for a key of the terminal, the command has got as well.
      ::kill(command, info.si_signo);
    }
  }
}

/// Those that are ignored because ipckit wants it so.
std::vector<int> signals_to_reset(const Context& context)
{
  if (context.resets_signal) return {SIGXFSZ};
  return {};
}

Exit say_not_started(const Error& error, const std::string& word, const Context& context)
{
  const auto why = explain_not_started(error, word);
  context.say(why.text);
  return why.status;
}

}  // namespace

std::vector<std::string> environment_with(const std::vector<std::string>& added)
{
  std::vector<std::string> all;
  for (char* const* entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) all.emplace_back(*entry);
  all.insert(all.end(), added.begin(), added.end());
  return all;
}

NotStarted explain_not_started(const Error& error, const std::string& word)
{
  const std::string command = (word.empty() ? "''" : render::printable(word)) + ": ";
  if (error.os_error == ENOENT) return {.text = command + "no such command", .status = Exit::no_command};
  return {.text = command + "cannot be run: " + std::string(::strerrordesc_np(error.os_error)),
          .status = Exit::cannot_run};
}

Result<Exit> run_command(const CommandRun& run, Context& context)
{
  context.out.flush();
  const Watch watch;
  auto held = IPCKIT_TRY(sys::HeldCommand::prepare({.words = run.words,
                                                    .environment = environment_with(run.environment),
                                                    .mask = watch.before(),
                                                    .default_signals = signals_to_reset(context)}));
  IPCKIT_TRY(run.before(held.pid()));
  const auto command = held.release();
  context.command = CommandState::ended;
  if (!command) return say_not_started(command.error(), run.words.front(), context);
  return static_cast<Exit>(wait_for(*command, watch));
}

Exit become_command(const std::vector<std::string>& words, Context& context)
{
  context.out.flush();
  context.command = CommandState::ended;
  const Error error = sys::become({.words = words,
                                   .environment = environment_with({}),
                                   .mask = std::nullopt,
                                   .default_signals = signals_to_reset(context)});
  return say_not_started(error, words.front(), context);
}

}  // namespace ipckit::cli
