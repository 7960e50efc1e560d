// SPDX-License-Identifier: MIT
#include <ipckit/render/screen.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include <ipckit/render/sanitize.hpp>

namespace ipckit::render {
namespace {

constexpr std::string_view hide_cursor = "\x1b[?25l";
constexpr std::string_view as_it_was = "\x1b[0m\x1b[?25h\n";
constexpr std::array endings{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// The one thing that a signal handler may touch.
volatile std::sig_atomic_t redraw_wanted = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void restore() noexcept
{
  const int saved = errno;
  // A terminal that takes nothing any more cannot be helped.
  static_cast<void>(::write(STDOUT_FILENO, as_it_was.data(), as_it_was.size()) == 0);
  errno = saved;
}

using Handler = void (*)(int);

/// Sets a handler, unless the signal was ignored when the program was started. SA_NODEFER: the handler may raise it.
void handle(int signal, Handler handler, int flags) noexcept
{
  struct sigaction before = {};
  if (::sigaction(signal, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_NODEFER | flags;
  ::sigaction(signal, &action, nullptr);
}

void on_end(int signal)
{
  restore();
  static_cast<void>(::raise(signal));  // by SA_RESETHAND it has its usual effect now
}

void on_redraw(int /*signal*/)
{
  redraw_wanted = 1;
}

void on_stop(int signal)
{
  restore();
  static_cast<void>(::raise(signal));
  // Here it goes on, after SIGCONT.
  handle(signal, on_stop, static_cast<int>(SA_RESETHAND));
  redraw_wanted = 1;
}

void reset(int signal) noexcept
{
  struct sigaction now = {};
  if (::sigaction(signal, nullptr, &now) != 0 || now.sa_handler == SIG_IGN) return;
  static_cast<void>(std::signal(signal, SIG_DFL));
}

}  // namespace

Wake wait_until(const Output& out, std::chrono::steady_clock::time_point moment)
{
  for (;;) {
    if (redraw_wanted != 0) {
      redraw_wanted = 0;
      return Wake::redraw;
    }
    const auto left = std::chrono::ceil<std::chrono::nanoseconds>(moment - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Wake::time;
    constexpr std::int64_t second = 1'000'000'000;
    const timespec timeout{.tv_sec = left.count() / second, .tv_nsec = left.count() % second};
    // Nothing is waited for but that the reader goes: POLLERR and POLLHUP come unasked.
    pollfd reader{.fd = out.descriptor(), .events = 0, .revents = 0};
    if (::ppoll(&reader, 1, &timeout, nullptr) > 0) return Wake::gone;
  }
}

Screen::Screen(Output& out) : out_{out}
{
  for (const int signal : endings) handle(signal, on_end, static_cast<int>(SA_RESETHAND));
  handle(SIGTSTP, on_stop, static_cast<int>(SA_RESETHAND));
  handle(SIGCONT, on_redraw, 0);
  handle(SIGWINCH, on_redraw, 0);
}

Screen::~Screen()
{
  out_.flush();
  restore();
  for (const int signal : endings) reset(signal);
  for (const int signal : {SIGTSTP, SIGCONT, SIGWINCH}) reset(signal);
}

void Screen::draw(const std::vector<std::string>& lines)
{
  const std::size_t room = rows() > 1 ? rows() - 1 : 1;
  const bool all = lines.size() <= room;
  const std::size_t shown = all ? lines.size() : room - 1;
  std::string& frame = out_.buffer();
  frame += hide_cursor;
  frame += "\x1b[H";
  for (std::size_t at = 0; at < shown; ++at) frame += lines[at] + "\x1b[K\n";
  if (!all) frame += cut_to_width("… " + std::to_string(lines.size() - shown) + " more lines", columns()) + "\x1b[K\n";
  frame += "\x1b[J";
  out_.flush();
}

unsigned Screen::columns() const noexcept
{
  constexpr unsigned usual = 80;
  const unsigned columns = out_.columns();
  return columns == 0 ? usual : columns;
}

unsigned Screen::rows() const noexcept
{
  constexpr unsigned usual = 24;
  const unsigned rows = out_.rows();
  return rows == 0 ? usual : rows;
}

}  // namespace ipckit::render
