// SPDX-License-Identifier: MIT
#include <ipckit/cli/context.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>

#include <unistd.h>

namespace ipckit::cli {
namespace {

std::optional<std::string> variable(const char* name)
{
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read before there is a second thread
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

/// The next line that is typed, without its newline; nothing at the end of input.
std::optional<std::string> read_line()
{
  std::string line;
  std::array<char, 1> byte{};
  for (;;) {
    const auto count = ::read(STDIN_FILENO, byte.data(), byte.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    if (byte[0] == '\n') return line;
    line += byte[0];
  }
}

}  // namespace

Environment read_environment()
{
  return {.runtime_directory = variable("XDG_RUNTIME_DIR"),
          .temporary_directory = variable("TMPDIR"),
          .no_colour = variable("NO_COLOR").has_value()};
}

void Context::say(std::string_view text) const
{
  out.flush();  // what was listed stands before what is said of it
  err.write("ipckit ");
  err.write(verb);
  err.write(": ");
  err.write(text);
  err.write("\n");
  err.flush();
}

bool Context::can_ask() const noexcept
{
  return ::isatty(STDIN_FILENO) == 1 && err.is_terminal();
}

bool Context::confirm(const std::string& question) const
{
  out.flush();
  err.write(question + " [y/N] ");
  err.flush();
  const auto answer = read_line();
  if (!answer) err.write("\n");
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace ipckit::cli
