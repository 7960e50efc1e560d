// SPDX-License-Identifier: MIT
#include <ipckit/sys/interrupts.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include <unistd.h>

#include <ipckit/sys/call.hpp>

#ifndef sigev_notify_thread_id
// glibc before 2.38 has the field, but not its name (sigevent(3type)).
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace ipckit::sys {
namespace {

constexpr std::array stop_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
/// How often a call is interrupted until the reason is noticed.
constexpr timespec again{.tv_sec = 0, .tv_nsec = 10'000'000};

// What the handlers write. Signal handlers belong to the process, and so does this.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): a handler reaches nothing else
volatile std::sig_atomic_t stop = 0;
volatile std::sig_atomic_t child_ended = 0;
volatile std::sig_atomic_t sent = 0;
volatile std::sig_atomic_t have_timer = 0;
timer_t timer;
struct sigaction timer_action;  // what its signal did before
sigset_t timer_mask;            // of the thread, before
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

/// The signal by which the timer interrupts. SIGALRM may be somebody's who has started us with an alarm running.
int timer_signal() noexcept
{
  return SIGRTMAX;
}

void keep_interrupting() noexcept
{
  if (have_timer == 0) return;
  const itimerspec often{.it_interval = again, .it_value = again};
  static_cast<void>(::timer_settime(timer, 0, &often, nullptr));
}

void stop_interrupting() noexcept
{
  if (have_timer == 0) return;
  const itimerspec never{};
  static_cast<void>(::timer_settime(timer, 0, &never, nullptr));
}

void on_stop(int signal, siginfo_t* info, void* /*context*/)
{
  const int saved = errno;
  if (stop == 0) stop = signal;
  // What the terminal sends (si_code above 0), commands that were started get as well.
  if (info->si_code <= 0) sent = signal;
  keep_interrupting();
  errno = saved;
}

void on_child(int /*signal*/)
{
  const int saved = errno;
  child_ended = 1;
  keep_interrupting();
  errno = saved;
}

void on_timer(int /*signal*/) {}

/// The same with a handler that is told where the signal comes from.
struct sigaction install_stop(int signal)
{
  struct sigaction action{};
  struct sigaction before{};
  action.sa_sigaction = on_stop;
  action.sa_flags = SA_SIGINFO;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, &before);
  return before;
}

/// Installs `handler` so that it interrupts system calls; what was there before.
struct sigaction install(int signal, void (*handler)(int))
{
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, &before);
  return before;
}

}  // namespace

Result<> Interrupts::prepare()
{
  if (have_timer != 0) return {};
  sigset_t own{};
  ::sigemptyset(&own);
  ::sigaddset(&own, timer_signal());
  timer_action = install(timer_signal(), on_timer);
  ::pthread_sigmask(SIG_UNBLOCK, &own, &timer_mask);
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = timer_signal();
  event.sigev_notify_thread_id = ::gettid();
  auto made = check("timer_create", "", [&] { return ::timer_create(CLOCK_MONOTONIC, &event, &timer); });
  if (!made) {
    made.error().kind = Errc::system;  // EAGAIN is no "not now" here: RLIMIT_SIGPENDING is used up
    return made;
  }
  have_timer = 1;
  // One may have come before there was a timer to tell of it.
  if (stop != 0 || child_ended != 0) keep_interrupting();
  return {};
}

namespace {

timespec timespec_of(std::chrono::nanoseconds length) noexcept
{
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length);
  return {.tv_sec = seconds.count(), .tv_nsec = (length - seconds).count()};
}

}  // namespace

Interrupts::Interrupts()
{
  stop = 0;
  child_ended = 0;
  sent = 0;
  for (const int signal : stop_signals) {
    if (is_ignored(signal)) continue;
    saved_.push_back({.signal = signal, .before = install_stop(signal)});
  }
  saved_.push_back({.signal = SIGPIPE, .before = install(SIGPIPE, SIG_IGN)});
}

Interrupts::~Interrupts()
{
  for (const auto& [signal, before] : saved_) ::sigaction(signal, &before, nullptr);
  if (have_timer == 0) return;
  have_timer = 0;
  static_cast<void>(::timer_delete(timer));
  // A command that is started now has both as ipckit had: the mask, and, because exec keeps nothing else, that it is
  // ignored. Otherwise the handler stays: one that somebody sends does no harm.
  if (::sigismember(&timer_mask, timer_signal()) == 1) {
    sigset_t own{};
    ::sigemptyset(&own);
    ::sigaddset(&own, timer_signal());
    ::pthread_sigmask(SIG_BLOCK, &own, nullptr);
  }
  if (timer_action.sa_handler == SIG_IGN) ::sigaction(timer_signal(), &timer_action, nullptr);
}

void Interrupts::forget() noexcept
{
  have_timer = 0;
  stop = 0;
  child_ended = 0;
  sent = 0;
}

int Interrupts::stop_signal() noexcept
{
  return stop;
}

int Interrupts::take_sent_signal() noexcept
{
  const int signal = sent;
  sent = 0;
  return signal;
}

void Interrupts::wake_for_children()
{
  saved_.push_back({.signal = SIGCHLD, .before = install(SIGCHLD, on_child)});
}

bool Interrupts::children_ended() noexcept
{
  const bool ended = child_ended != 0;
  child_ended = 0;
  if (ended && stop == 0) stop_interrupting();
  return ended;
}

bool Interrupts::is_ignored(int signal) noexcept
{
  struct sigaction now{};
  return ::sigaction(signal, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_IGN;
}

Patience Patience::begun() const noexcept
{
  if (!limit || until) return *this;
  // A deadline beyond the clock's end is none.
  const auto now = std::chrono::steady_clock::now();
  const auto most = std::chrono::steady_clock::time_point::max() - now;
  if (*limit >= most) return {.interrupts = interrupts, .limit = std::nullopt};
  return {.interrupts = interrupts, .limit = limit, .until = now + *limit};
}

Wait::Wait(const Patience& patience) noexcept : deadline_{patience.begun().until} {}

Wait::Wait(Wait&& other) noexcept : deadline_{other.deadline_}, armed_{std::exchange(other.armed_, false)} {}

Result<Wait> Wait::begin(const Patience& patience)
{
  if (patience.none()) return fail(Errc::busy, "wait", "");
  Wait wait{patience};
  IPCKIT_TRY(Interrupts::prepare());
  if (const auto rest = wait.left()) {
    const auto left = std::max(*rest, std::chrono::nanoseconds{1});
    const itimerspec once_then_often{.it_interval = again, .it_value = timespec_of(left)};
    IPCKIT_TRY(sys::check("timer_settime", "", [&] { return ::timer_settime(timer, 0, &once_then_often, nullptr); }));
    wait.armed_ = true;
  }
  return wait;
}

Wait::~Wait()
{
  if (!armed_) return;
  stop_interrupting();
  if (stop != 0) keep_interrupting();
}

Result<> Wait::check(std::string_view operation, std::string_view subject) const
{
  if (Interrupts::stop_signal() != 0 || child_ended != 0) return fail(Errc::interrupted, operation, subject);
  if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) return fail(Errc::timed_out, operation, subject);
  return {};
}

std::optional<std::chrono::nanoseconds> Wait::left() const noexcept
{
  if (!deadline_) return std::nullopt;
  return std::max(std::chrono::nanoseconds{*deadline_ - std::chrono::steady_clock::now()}, std::chrono::nanoseconds{0});
}

}  // namespace ipckit::sys
