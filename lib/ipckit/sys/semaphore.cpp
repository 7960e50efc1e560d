// SPDX-License-Identifier: MIT
#include <ipckit/sys/semaphore.hpp>

#include <cerrno>

#include <sys/mman.h>

#include <ipckit/sys/call.hpp>

namespace ipckit::sys {

Result<MappedSemaphore> MappedSemaphore::map(int fd, const std::string& subject)
{
  void* address = nullptr;
  IPCKIT_TRY(check("mmap", subject, [&] {
    address = ::mmap(nullptr, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return address == MAP_FAILED ? -1 : 0;
  }));
  return MappedSemaphore{static_cast<sem_t*>(address)};
}

MappedSemaphore::~MappedSemaphore()
{
  if (semaphore_ == nullptr) return;
  const int saved = errno;
  ::munmap(semaphore_, sizeof(sem_t));
  errno = saved;
}

Result<> sem_trywait(sem_t& semaphore, const std::string& subject)
{
  return check("sem_wait", subject, [&] { return ::sem_trywait(&semaphore); });
}

Result<> sem_wait(sem_t& semaphore, const Patience& patience, const std::string& subject)
{
  IPCKIT_TRY(block("sem_wait", subject, patience, [&](const Wait&) { return ::sem_wait(&semaphore); }));
  return {};
}

Result<> sem_post(sem_t& semaphore, const std::string& subject)
{
  auto posted = check("sem_post", subject, [&] { return ::sem_post(&semaphore); });
  if (!posted && posted.error().os_error == EOVERFLOW) posted.error().kind = Errc::too_large;
  return posted;
}

}  // namespace ipckit::sys
