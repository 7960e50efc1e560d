// SPDX-License-Identifier: MIT
#include <ipckit/lock/guardian.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/stat.h>

#include <ipckit/lock/record.hpp>
#include <ipckit/process/process.hpp>
#include <ipckit/sys/background.hpp>
#include <ipckit/sys/call.hpp>
#include <ipckit/sys/pidfd.hpp>
#include <ipckit/sys/pipe.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::lock {

enum class Event : std::uint8_t { waiting, taken, guarding, given_back, failed };

/// What a guardian says: a datagram of fixed size.
struct Telling {
  Event event = Event::failed;
  Errc kind = Errc::system;
  bool has_error = false;
  int os_error = 0;
  pid_t holder = 0;
  std::array<char, 32> operation{};
  std::array<char, 256> subject{};
  std::array<char, 256> detail{};
};

namespace {

using std::chrono::steady_clock;

/// How often a guardian that waits looks for records of the dead.
constexpr std::chrono::seconds between_looks{1};
/// How often one that cannot give back tries again.
constexpr std::chrono::milliseconds between_tries{20};

// ------------------------------------------------------------------------------------------------------- the line

template <std::size_t Size>
void put(std::array<char, Size>& field, std::string_view text)
{
  text = text.substr(0, Size - 1);
  std::ranges::copy(text, field.begin());
}

Telling telling(Event event, const Error& error)
{
  Telling told{.event = event, .kind = error.kind, .has_error = true, .os_error = error.os_error};
  put(told.operation, error.operation);
  put(told.subject, error.subject);
  put(told.detail, error.detail);
  return told;
}

Error error_of(const Telling& told)
{
  return {.kind = told.kind,
          .operation = told.operation.data(),
          .subject = told.subject.data(),
          .os_error = told.os_error,
          .detail = told.detail.data()};
}

Error lost_guardian()
{
  return fail(Errc::system, "guard", "", "the guardian of the lock was killed").error();
}

/// What the guardian says next. Signals end no wait.
Result<Telling> hear(int line)
{
  Telling told;
  const auto count = IPCKIT_TRY(sys::call("recv", "", [&] { return ::recv(line, &told, sizeof told, 0); }));
  if (count != sizeof told) return std::unexpected(lost_guardian());
  return told;
}

// -------------------------------------------------------------------------------------------------- the guardian

/// While it lives, the one signal gets through that tells of the maker's death, or that he does not want the lock any
/// more.
class Listening {
public:
  Listening() noexcept { change(SIG_UNBLOCK); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  Listening(Listening&&) = delete;
  Listening& operator=(Listening&&) = delete;
  ~Listening() { change(SIG_BLOCK); }

private:
  static void change(int how) noexcept
  {
    sigset_t own;
    ::sigemptyset(&own);
    ::sigaddset(&own, SIGTERM);
    ::pthread_sigmask(how, &own, nullptr);
  }
};

/// The guardian's side, in its process. Every signal is blocked there.
class Keeping {
public:
  Keeping(const object::View& view, Holding& holding, int line, const sys::Patience& patience)
      : view_{view}, holding_{holding}, records_{view, holding.identity()}, line_{line}, patience_{patience}
  {
  }

  void run()
  {
    const auto kept = keep();
    say(kept ? Telling{.event = Event::given_back} : telling(Event::failed, kept.error()));
  }

private:
  /// Takes, guards and gives back.
  Result<> keep()
  {
    const auto record = IPCKIT_TRY(make_record());
    const Slate& slate = record.slate();
    if (auto taken = take(slate); !taken) {
      record.drop();
      return taken;
    }
    say(without_record_ ? telling(Event::taken, *without_record_) : Telling{.event = Event::taken});
    const auto watched = await_command(slate);
    if (watched) sys::await_end(*watched);
    auto given_back = give_back(slate);
    // What could not be given back is left to the next, unless there is nothing any more to give it to.
    if (given_back || has_gone(given_back.error())) record.drop();
    return given_back;
  }

  Result<Record> make_record()
  {
    if (holding_.identity().empty()) return Record::in_memory(holding_.room());
    settle(false);
    auto kept = Record::keep(records_, holding_.room());
    if (kept) return kept;
    without_record_ = std::move(kept).error();
    settle(true);  // a directory without a record is not left behind
    return Record::in_memory(holding_.room());
  }

  Records::Seen settle(bool thorough)
  {
    if (holding_.identity().empty()) return {};
    return records_.settle([this](const Slate& slate) { return holding_.give_back_left(slate); }, thorough);
  }

  Result<> take(const Slate& slate)
  {
    auto taken = holding_.take(slate, {});
    if (taken || taken.error().kind != Errc::busy) return taken;
    const pid_t last = holding_.last_taker();
    auto seen = settle(patience_.none());
    if (seen.settled) taken = holding_.take(slate, {});
    if (taken || taken.error().kind != Errc::busy) return taken;
    say({.event = Event::waiting, .holder = seen.holder.value_or(last)});
    if (patience_.none()) return taken;
    for (;;) {
      taken = take_until_next_look(slate);
      if (taken) return {};
      const Errc why = taken.error().kind;
      if (why == Errc::interrupted && is_abandoned()) return taken;
      if (why != Errc::interrupted && why != Errc::timed_out) return taken;
      if (why == Errc::timed_out && is_over()) return taken;
      if (!holding_.identity().empty() && records_.is_time_to_look()) settle(true);
    }
  }

  /// A wait that a signal ends, which may mean that nobody wants the lock any more, and that ends by itself in time to
  /// look at the records.
  Result<> take_until_next_look(const Slate& slate)
  {
    sys::Interrupts interrupts;
    const Listening listening;
    if (is_abandoned()) return fail(Errc::interrupted, "guard", "");
    const auto look = steady_clock::now() + between_looks;
    const auto until = patience_.until ? std::min(*patience_.until, look) : look;
    return holding_.take(slate, {.interrupts = &interrupts, .limit = std::nullopt, .until = until});
  }

  [[nodiscard]] bool is_over() const { return patience_.until && steady_clock::now() >= *patience_.until; }

  /// Whether the other side of the line has gone, or does not want the lock any more.
  [[nodiscard]] bool is_abandoned() const
  {
    char byte = 0;
    return ::recv(line_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

  /// The process to guard, when it was told, and noted.
  std::optional<sys::UniqueFd> await_command(const Slate& slate)
  {
    pid_t command = 0;
    const auto count = sys::call("recv", "", [&] { return ::recv(line_, &command, sizeof command, 0); });
    if (!count || *count != sizeof command) return std::nullopt;
    auto process = sys::open_process(command);
    if (!process) {
      say(telling(Event::failed, process.error()));
      return std::nullopt;
    }
    slate.note().command_started = process::start_ticks(view_, command).value_or(0);
    slate.note().command = command;
    slate.set_phase(Phase::held);
    say({.event = Event::guarding});
    return std::move(*process);
  }

  Result<> give_back(const Slate& slate)
  {
    // Somebody may have filled the queue meanwhile.
    for (;;) {
      auto given_back = holding_.give_back(slate);
      if (given_back || given_back.error().kind != Errc::busy) return given_back;
      std::this_thread::sleep_for(between_tries);
    }
  }

  void say(const Telling& told) const
  {
    // Whoever is not there any more need not be told.
    static_cast<void>(
        sys::call("send", "", [&] { return ::send(line_, &told, sizeof told, MSG_NOSIGNAL); }).has_value());
  }

  const object::View& view_;
  Holding& holding_;
  Records records_;
  int line_;
  sys::Patience patience_;
  std::optional<Error> without_record_;
};

}  // namespace

Guardian::Guardian(object::View view, std::unique_ptr<Holding> holding, pid_t pid, sys::UniqueFd line) noexcept
    : view_{std::move(view)}, holding_{std::move(holding)}, pid_{pid}, line_{std::move(line)}
{
}

Guardian::Guardian(Guardian&& other) noexcept
    : view_{std::move(other.view_)},
      holding_{std::move(other.holding_)},
      pid_{std::exchange(other.pid_, -1)},
      line_{std::move(other.line_)},
      recorded_{other.recorded_}
{
}

Guardian::~Guardian()
{
  dismiss();
}

Result<Guardian> Guardian::start(const object::View& view, std::unique_ptr<Holding> holding,
                                 const sys::Patience& patience)
{
  auto line = IPCKIT_TRY(sys::make_socket_pair(SOCK_SEQPACKET));
  const auto begun = patience.begun();
  sys::Background how{.name = "ipckit-lock", .keep = holding->descriptors(), .told_of_death = true};
  how.keep.push_back(line.theirs.get());
  const auto pid = IPCKIT_TRY(sys::start_background(how, [&] {
    sys::Interrupts::forget();
    ::umask(077);  // whatever it is, the next of the same user must be able to read the record
    Keeping{view, *holding, line.theirs.get(), begun}.run();
  }));
  return Guardian{view, std::move(holding), pid, std::move(line.ours)};
}

void Guardian::reap() noexcept
{
  if (pid_ >= 0) sys::reap(std::exchange(pid_, -1));
}

void Guardian::dismiss() noexcept
{
  if (pid_ < 0) return;
  line_.reset();
  ::kill(pid_, SIGTERM);
  reap();
}

Result<> Guardian::replace()
{
  reap();
  const auto identity = holding_->identity();
  if (identity.empty()) return std::unexpected(lost_guardian());
  Result<> done;
  const auto give_back = [&](const Slate& slate) {
    auto given_back = holding_->give_back_left(slate);
    if (!given_back) done = given_back;
    return given_back;
  };
  // Whoever waits for it may have been faster, and there is nothing left to give back then.
  const bool settled = Records{view_, identity}.settle(give_back, true).settled;
  if (settled || recorded_) return done;
  return std::unexpected(lost_guardian());
}

Result<> Guardian::await_taken(sys::Interrupts& interrupts, Taken& taken)
{
  Telling told = IPCKIT_TRY(hear_of_taking(interrupts));
  if (told.event == Event::waiting) {
    const auto began = steady_clock::now();
    if (!taken.waited && told.holder > 0) taken.waited_for = holder_called(view_, told.holder);
    taken.waited = true;
    auto outcome = hear_of_taking(interrupts);
    taken.wait += steady_clock::now() - began;
    told = IPCKIT_TRY(std::move(outcome));
  }
  if (told.event == Event::taken) {
    if (told.has_error) taken.without_record = error_of(told);
    recorded_ = !told.has_error;
    return {};
  }
  reap();
  return std::unexpected(error_of(told));
}

Result<Telling> Guardian::hear_of_taking(sys::Interrupts& interrupts)
{
  Telling told;
  const auto count = sys::block("recv", "", {.interrupts = &interrupts, .limit = {}, .until = {}},
                                [&](const sys::Wait&) { return ::recv(line_.get(), &told, sizeof told, 0); });
  if (!count) {
    dismiss();
    return std::unexpected(count.error());
  }
  if (*count == sizeof told) return told;
  const auto replaced = replace();
  return std::unexpected(replaced ? lost_guardian() : replaced.error());
}

Result<> Guardian::guard(pid_t command)
{
  IPCKIT_TRY(sys::call("send", "", [&] { return ::send(line_.get(), &command, sizeof command, MSG_NOSIGNAL); }));
  const auto told = IPCKIT_TRY(hear(line_.get()));
  if (told.event == Event::guarding) return {};
  return std::unexpected(error_of(told));
}

Result<> Guardian::finish()
{
  const auto told = hear(line_.get());
  if (!told) return replace();
  reap();
  if (told->event == Event::given_back) return {};
  return std::unexpected(error_of(*told));
}

}  // namespace ipckit::lock
