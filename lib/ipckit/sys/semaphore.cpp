// SPDX-License-Identifier: MIT
#include <ipckit/sys/semaphore.hpp>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {
namespace {

// Of a signal handler, which can have nothing else. NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
sem_t* volatile in_use = nullptr;  // whose file may be cut short under us just now
sem_t* volatile lost = nullptr;    // whose file was: memory of our own stands in its place
std::size_t page_size = 0;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

bool is_in_use(const void* address) noexcept
{
  const auto begin = reinterpret_cast<std::uintptr_t>(in_use);
  const auto where = reinterpret_cast<std::uintptr_t>(address);
  return begin != 0 && where >= begin && where - begin < sizeof(sem_t);
}

/// Puts a page of our own where the one of the file has gone, so that what the C library does there can end. Any other
/// fault ends the process: the access is made once more.
void on_bus_error(int /*signal*/, siginfo_t* fault, void* /*context*/)
{
  const int saved = errno;
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  const bool ours = is_in_use(fault->si_addr);
  if (ours && ::mmap(in_use, page_size, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED) {
    lost = in_use;
  } else {
    static_cast<void>(std::signal(SIGBUS, SIG_DFL));
  }
  errno = saved;
}

/// While it lives, a file that is cut short under its semaphore is no SIGBUS (mmap(2)).
class BusGuard {
public:
  explicit BusGuard(sem_t& semaphore) noexcept
  {
    page_size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    in_use = &semaphore;
    struct sigaction action{};
    action.sa_flags = SA_SIGINFO;
    action.sa_sigaction = on_bus_error;
    ::sigaction(SIGBUS, &action, &before_);
    // A fault whose signal is blocked kills.
    change_mask(SIG_UNBLOCK, &mask_);
  }
  BusGuard(const BusGuard&) = delete;
  BusGuard& operator=(const BusGuard&) = delete;
  BusGuard(BusGuard&&) = delete;
  BusGuard& operator=(BusGuard&&) = delete;
  ~BusGuard()
  {
    // Of other signals a wait may have changed the mask meanwhile, to go on.
    if (::sigismember(&mask_, SIGBUS) == 1) change_mask(SIG_BLOCK, nullptr);
    ::sigaction(SIGBUS, &before_, nullptr);
    in_use = nullptr;
  }

private:
  static void change_mask(int how, sigset_t* before) noexcept
  {
    sigset_t own{};
    ::sigemptyset(&own);
    ::sigaddset(&own, SIGBUS);
    ::pthread_sigmask(how, &own, before);
  }

  struct sigaction before_{};
  sigset_t mask_{};
};

/// What an operation has come to, unless the file went away under it.
template <typename Operation>
Result<> guarded(sem_t& semaphore, const char* operation, const std::string& subject, const Operation& operate)
{
  Result<> outcome;
  if (lost != &semaphore) {
    const BusGuard guard{semaphore};
    outcome = operate();
  }
  if (lost != &semaphore) return outcome;
  return fail(Errc::mismatch, operation, subject, "damaged: its file was cut short meanwhile");
}

}  // namespace

Result<MappedSemaphore> MappedSemaphore::map(int fd, const std::string& subject)
{
  auto memory = IPCKIT_TRY(Mapping::map(fd, sizeof(sem_t), subject));
  if (static_cast<void*>(lost) == memory.bytes().data()) lost = nullptr;  // that one was unmapped
  return MappedSemaphore{std::move(memory)};
}

Result<> sem_trywait(sem_t& semaphore, const std::string& subject)
{
  return guarded(semaphore, "sem_wait", subject,
                 [&] { return check("sem_wait", subject, [&] { return ::sem_trywait(&semaphore); }); });
}

Result<> sem_wait(sem_t& semaphore, const Patience& patience, const std::string& subject)
{
  return guarded(semaphore, "sem_wait", subject, [&]() -> Result<> {
    IPCKIT_TRY(block("sem_wait", subject, patience, [&](const Wait&) { return ::sem_wait(&semaphore); }));
    return {};
  });
}

Result<> sem_post(sem_t& semaphore, const std::string& subject)
{
  auto posted = guarded(semaphore, "sem_post", subject,
                        [&] { return check("sem_post", subject, [&] { return ::sem_post(&semaphore); }); });
  if (!posted && posted.error().os_error == EOVERFLOW) posted.error().kind = Errc::too_large;
  return posted;
}

}  // namespace ipckit::sys
