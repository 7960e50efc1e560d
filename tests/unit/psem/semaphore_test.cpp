// SPDX-License-Identifier: MIT
// POSIX semaphores, in a directory of the test's own; what they share with segments is tested in object/tmpfs_test.cpp.
#include <ipckit/psem/semaphore.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using psem::Health;
using psem::parse_sem_value;
using psem::Semaphore;
using psem::Trace;
using tests::failure;
using tests::need;

namespace {

/// The bytes of a fresh semaphore.
std::string bytes_of(unsigned value)
{
  sem_t semaphore{};
  REQUIRE(::sem_init(&semaphore, 1, value) == 0);
  return {reinterpret_cast<const char*>(&semaphore), sizeof semaphore};
}

Semaphore look_at(const tests::TemporaryDirectory& directory, const std::string& name)
{
  return need(psem::inspect(directory.view(), name, Trace::none));
}

}  // namespace

TEST_CASE("the bytes of a semaphore say its value", "[psem]")
{
  for (const unsigned value : {0U, 1U, 4711U, 2147483647U}) CHECK(parse_sem_value(bytes_of(value)) == value);
}

TEST_CASE("bytes that are no semaphore's say nothing", "[psem]")
{
  const std::string good = bytes_of(7);
  CHECK(parse_sem_value("") == std::nullopt);
  CHECK(parse_sem_value(good.substr(1)) == std::nullopt);
  CHECK(parse_sem_value(good + '\0') == std::nullopt);
  CHECK(parse_sem_value(std::string(sizeof(sem_t), '\xff')) == std::nullopt);
  CHECK(parse_sem_value("a text, as long as a semaphore is") == std::nullopt);
}

TEST_CASE("a new semaphore is one that the C library opens, with its value", "[psem]")
{
  const tests::TemporaryDirectory directory;
  const mode_t mask = ::umask(0077);
  need(psem::create(directory.view(), {.name = "lock", .mode = 0646, .value = 3}));
  ::umask(mask);
  CHECK(tests::read_file(directory / "sem.lock") == bytes_of(3));
  const Semaphore semaphore = look_at(directory, "lock");
  CHECK(semaphore.name == "lock");
  CHECK(semaphore.value == 3);
  CHECK(semaphore.health == Health::sound);
  CHECK(semaphore.file.mode() == 0646);
  CHECK(semaphore.file.size == sizeof(sem_t));

  const auto file = need(sys::open(directory / "sem.lock", O_RDWR));
  void* const memory = ::mmap(nullptr, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  REQUIRE(memory != MAP_FAILED);
  CHECK(::sem_trywait(static_cast<sem_t*>(memory)) == 0);
  CHECK(look_at(directory, "lock").value == 2);
  ::munmap(memory, sizeof(sem_t));
}

TEST_CASE("a value that no semaphore can have makes none", "[psem]")
{
  const tests::TemporaryDirectory directory;
  need(psem::create(directory.view(), {.name = "most", .value = SEM_VALUE_MAX}));
  CHECK(look_at(directory, "most").value == SEM_VALUE_MAX);
  CHECK(failure(psem::create(directory.view(), {.name = "more", .value = SEM_VALUE_MAX + 1U})) == Errc::too_large);
  CHECK_FALSE(tests::exists(directory / "sem.more"));
}

TEST_CASE("semaphores are the regular files with the prefix", "[psem]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "sem.lock", bytes_of(1));
  tests::write_file(directory / "sem.sem.twice", bytes_of(2));
  tests::write_file(directory / "sem.", bytes_of(3));
  tests::write_file(directory / "frame", bytes_of(4));
  REQUIRE(::mkdir((directory / "sem.directory").c_str(), 0700) == 0);
  REQUIRE(::mkfifo((directory / "sem.fifo").c_str(), 0600) == 0);
  auto listing = need(psem::list(directory.view()));
  std::ranges::sort(listing.rows, {}, &Semaphore::name);
  REQUIRE(listing.rows.size() == 2);
  CHECK(listing.rows[0].name == "lock");
  CHECK(listing.rows[0].value == 1);
  CHECK(listing.rows[1].name == "sem.twice");
  CHECK(listing.rows[1].value == 2);
  CHECK(listing.gaps.empty());
}

TEST_CASE("a file that holds no semaphore is damaged", "[psem]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "sem.empty", "");
  tests::write_file(directory / "sem.short", bytes_of(1).substr(1));
  tests::write_file(directory / "sem.long", bytes_of(1) + "x");
  tests::write_file(directory / "sem.wild", std::string(sizeof(sem_t), '\xff'));
  for (const char* const name : {"empty", "short", "long", "wild"}) {
    INFO(name);
    const Semaphore semaphore = look_at(directory, name);
    CHECK(semaphore.health == Health::damaged);
    CHECK(semaphore.value == std::nullopt);
  }
  CHECK(need(psem::list(directory.view())).rows.size() == 4);
}

TEST_CASE("listing values leaves no trace", "[psem]")
{
  const tests::TemporaryDirectory directory;
  need(psem::create(directory.view(), {.name = "lock", .value = 1}));
  const Semaphore before = look_at(directory, "lock");
  need(psem::list(directory.view()));
  CHECK(look_at(directory, "lock").file == before.file);
}

TEST_CASE("values that may not be read are unknown, and one gap", "[psem]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
  need(psem::create(directory.view(), {.name = "hidden", .mode = 0600, .value = 1}));
  need(psem::create(directory.view(), {.name = "readable", .mode = 0644, .value = 2}));
  const auto status = tests::exit_status_as(65534, [&] {
    const auto listing = psem::list(directory.view());
    if (!listing || listing->rows.size() != 2) return 1;
    // Even the readable one: without O_NOATIME, which only the owner gets, reading would leave a trace.
    const object::Gap expected{
        .what = object::Missing::values, .kind = object::Kind::psem, .count = 2, .os_error = EACCES};
    if (listing->gaps != std::vector{expected}) return 2;
    const auto hidden = psem::inspect(directory.view(), "hidden", Trace::access_time);
    if (!hidden || hidden->health != Health::unread || hidden->value) return 3;
    const auto readable = psem::inspect(directory.view(), "readable", Trace::access_time);
    return readable && readable->value == 2U ? 0 : 4;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}
