// SPDX-License-Identifier: MIT
// The bytes of a POSIX semaphore's file.
#include <climits>

#include <semaphore.h>

#include <ipckit/psem/semaphore.hpp>

#include "target.hpp"

using ipckit::fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto value = ipckit::psem::parse_sem_value(ipckit::fuzz::text_of(data, size));
  if (!value) return 0;
  promise(size == sizeof(sem_t), "only a semaphore's size holds a semaphore");
  promise(*value <= INT_MAX, "no semaphore has a larger value");
  return 0;
}
