// SPDX-License-Identifier: MIT
#include <ipckit/sys/spawn.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ranges>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipckit/base/text.hpp>
#include <ipckit/sys/background.hpp>
#include <ipckit/sys/call.hpp>
#include <ipckit/sys/file.hpp>
#include <ipckit/sys/pipe.hpp>

namespace ipckit::sys {
namespace {

/// Everything that the new process needs, made before it is: between fork and exec nothing may allocate that could wait
/// for another thread.
struct Plan {
  std::vector<std::string> paths;  // of the program, in the order in which they are tried
  std::vector<char*> words;
  std::vector<char*> script;  // "sh", its path, and the arguments: what is no program is a script of the shell
  std::vector<char*> environment;
};

std::string_view variable(const std::vector<std::string>& environment, std::string_view name)
{
  for (const std::string& entry : environment | std::views::reverse) {
    const auto [candidate, value] = split_once(entry, '=');
    if (candidate == name) return value;
  }
  return "/bin:/usr/bin";
}

std::vector<std::string> paths_of(const std::string& word, const std::vector<std::string>& environment)
{
  if (word.contains('/') || word.empty()) return {word};
  std::vector<std::string> paths;
  std::string_view search = variable(environment, "PATH");
  for (;;) {
    const auto colon = search.find(':');
    const auto directory = search.substr(0, colon);
    // An empty one is the working directory.
    paths.push_back(directory.empty() ? "./" + word : std::string(directory) + "/" + word);
    if (colon == std::string_view::npos) return paths;
    search.remove_prefix(colon + 1);
  }
}

/// The words as execve takes them, which leaves them as they are.
char* argument(const std::string& word)
{
  return const_cast<char*>(word.c_str());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

Plan plan_of(const Command& command)
{
  Plan plan;
  plan.paths = paths_of(command.words.front(), command.environment);
  for (const std::string& word : command.words) plan.words.push_back(argument(word));
  plan.words.push_back(nullptr);
  static const std::string shell = "sh";
  plan.script = {argument(shell), nullptr};
  plan.script.insert(plan.script.end(), plan.words.begin() + 1, plan.words.end());
  for (auto entry = command.environment.begin(); entry != command.environment.end(); ++entry) {
    const std::string name = entry->substr(0, entry->find('=') + 1);
    const bool replaced =
        std::any_of(entry + 1, command.environment.end(), [&](const auto& later) { return later.starts_with(name); });
    if (!replaced) plan.environment.push_back(argument(*entry));
  }
  plan.environment.push_back(nullptr);
  return plan;
}

/// Becomes the program; only comes back when that fails, with the errno that says most: a directory that has it but
/// does not let it be run counts more than one that lacks it.
int execute(Plan& plan) noexcept
{
  int why = ENOENT;
  for (const std::string& path : plan.paths) {
    ::execve(path.c_str(), plan.words.data(), plan.environment.data());
    if (errno == ENOEXEC) {
      plan.script[1] = argument(path);
      ::execve("/bin/sh", plan.script.data(), plan.environment.data());
      return errno;
    }
    if (plan.paths.size() == 1) return errno;
    const bool absent = errno == ENOENT || errno == ENOTDIR || errno == ESTALE || errno == ENODEV;
    if (!absent && errno != EACCES) return errno;
    if (errno == EACCES) why = EACCES;
  }
  return why;
}

void set_signals(const Command& command) noexcept
{
  for (const int signal : command.default_signals) static_cast<void>(std::signal(signal, SIG_DFL));
  if (command.mask) ::pthread_sigmask(SIG_SETMASK, &*command.mask, nullptr);
}

bool set_standard_descriptors(const Command& command) noexcept
{
  return (command.input < 0 || ::dup2(command.input, STDIN_FILENO) >= 0) &&
         (command.output < 0 || ::dup2(command.output, STDOUT_FILENO) >= 0);
}

/// The new process: waits for the byte that lets it go on, which never comes when its maker is gone.
[[noreturn]] void start(const Command& command, Plan& plan, int line) noexcept
{
  constexpr int not_started = 125;
  char byte = 0;
  ssize_t count = ::read(line, &byte, 1);
  while (count < 0 && errno == EINTR) count = ::read(line, &byte, 1);
  if (count != 1) ::_exit(not_started);
  if (!set_standard_descriptors(command)) ::_exit(not_started);
  set_signals(command);
  const int why = execute(plan);
  while (::send(line, &why, sizeof why, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
  ::_exit(not_started);
}

}  // namespace

HeldCommand::HeldCommand(pid_t pid, UniqueFd line, std::string name) noexcept
    : pid_{pid}, line_{std::move(line)}, name_{std::move(name)}
{
}

HeldCommand::HeldCommand(HeldCommand&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)}, line_{std::move(other.line_)}, name_{std::move(other.name_)}
{
}

HeldCommand::~HeldCommand()
{
  if (pid_ < 0) return;
  line_.reset();
  reap(pid_);
}

Result<HeldCommand> HeldCommand::prepare(const Command& command)
{
  if (command.words.empty()) return fail(Errc::invalid, "execve", "");
  Plan plan = plan_of(command);
  // How the two processes talk: the one says "go", the other why it could not, or closes its end by starting.
  auto line = IPCKIT_TRY(make_socket_pair(SOCK_STREAM));
  const pid_t pid = IPCKIT_TRY(call("fork", "", [] { return ::fork(); }));
  if (pid == 0) {
    line.ours.reset();
    start(command, plan, line.theirs.get());
  }
  return HeldCommand{pid, std::move(line.ours), command.words.front()};
}

Result<pid_t> HeldCommand::release()
{
  const char go = 1;
  // One that was killed meanwhile has started and ended, as far as the caller is concerned.
  const auto sent = call("send", name_, [&] { return ::send(line_.get(), &go, 1, MSG_NOSIGNAL); });
  if (!sent && sent.error().os_error != EPIPE) return std::unexpected(sent.error());
  int why = 0;
  const auto count = call("recv", name_, [&] { return ::recv(line_.get(), &why, sizeof why, 0); });
  const pid_t pid = std::exchange(pid_, -1);
  if (count.value_or(0) != sizeof why) return pid;
  reap(pid);
  errno = why;
  return std::unexpected(last_error("execve", name_));
}

Result<> can_start(const Command& command)
{
  if (command.words.empty()) return fail(Errc::invalid, "execve", "");
  int why = ENOENT;
  for (const std::string& path : paths_of(command.words.front(), command.environment)) {
    struct stat file{};
    const bool there = ::stat(path.c_str(), &file) == 0;
    if (there && S_ISREG(file.st_mode) && ::access(path.c_str(), X_OK) == 0) return {};
    if (there || errno == EACCES) why = EACCES;
  }
  errno = why;
  return std::unexpected(last_error("execve", command.words.front()));
}

Error become(const Command& command)
{
  if (command.words.empty()) return fail(Errc::invalid, "execve", "").error();
  Plan plan = plan_of(command);
  if (!set_standard_descriptors(command)) return last_error("dup2", command.words.front());
  set_signals(command);
  errno = execute(plan);
  return last_error("execve", command.words.front());
}

Result<pid_t> spawn(const Command& command)
{
  auto held = IPCKIT_TRY(HeldCommand::prepare(command));
  return held.release();
}

Result<std::string> output_of(Command command)
{
  auto pipe = IPCKIT_TRY(make_pipe());
  command.output = pipe.writer.get();
  const pid_t pid = IPCKIT_TRY(spawn(command));
  pipe.writer.reset();
  auto text = read_to_end(pipe.reader, command.words.front());
  pipe.reader.reset();
  int status = 0;
  const auto ended = call("waitpid", command.words.front(), [&] { return ::waitpid(pid, &status, 0); });
  if (!ended || status != 0) return fail(Errc::not_found, "run", command.words.front());
  return text;
}

void wait_for_child() noexcept
{
  siginfo_t info{};
  ::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
}

}  // namespace ipckit::sys
