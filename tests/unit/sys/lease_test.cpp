// SPDX-License-Identifier: MIT
// The kernel's answer to whether anybody else has a file open or mapped.
#include <ipckit/sys/lease.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using sys::WriteLease;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

/// A file on the tmpfs of POSIX shared memory.
class File {
public:
  File() { tests::write_file(path(), std::string(4096, 'x'), 0666); }
  [[nodiscard]] std::string path() const { return directory_ / "file"; }
  [[nodiscard]] sys::UniqueFd open(int flags = O_RDONLY) const { return need(sys::open(path(), flags)); }

private:
  tests::TemporaryDirectory directory_;
};

bool sigio_is(int (*asked)(const sigset_t*, int), const sigset_t& set)
{
  return asked(&set, SIGIO) == 1;
}

bool sigio_is_blocked()
{
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  return sigio_is(::sigismember, blocked);
}

bool sigio_is_pending()
{
  sigset_t pending;
  ::sigpending(&pending);
  return sigio_is(::sigismember, pending);
}

/// Another process tries to open the file without waiting, which asks for the lease to be given back.
void disturb(const File& file)
{
  const int status = tests::status_of_child([&] {
    const auto opened = sys::open(file.path(), O_RDWR | O_NONBLOCK);
    return !opened && opened.error().os_error == EAGAIN ? 0 : 1;
  });
  REQUIRE(status == 0);
}

}  // namespace

TEST_CASE("a file that nobody has open can be leased", "[sys]")
{
  const File file;
  const auto fd = file.open();
  {
    const auto lease = need(WriteLease::take(fd, "file"));
    CHECK(lease.undisturbed());
    CHECK(::fcntl(fd.get(), F_GETLEASE) == F_WRLCK);
  }
  CHECK(::fcntl(fd.get(), F_GETLEASE) == F_UNLCK);
}

TEST_CASE("a file that somebody has open is busy", "[sys]")
{
  const File file;
  for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR}) {
    const tests::Child holder{[&] { return sys::open(file.path(), flags)->release() >= 0; }};
    REQUIRE(holder.ready());
    CHECK(error_of(WriteLease::take(file.open(), "file")) ==
          Error{.kind = Errc::busy, .operation = "lease", .subject = "file", .os_error = EAGAIN});
  }
  CHECK(WriteLease::take(file.open(), "file").has_value());
}

TEST_CASE("a file that somebody has mapped is busy, its descriptor long closed", "[sys]")
{
  const File file;
  const tests::Child holder{[&] {
    const auto fd = sys::open(file.path(), O_RDONLY);
    return ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd->get(), 0) != MAP_FAILED;
  }};
  REQUIRE(holder.ready());
  CHECK(failure(WriteLease::take(file.open(), "file")) == Errc::busy);
}

TEST_CASE("a second descriptor of one's own is somebody, a copy of the first is not", "[sys]")
{
  const File file;
  const auto fd = file.open();
  {
    const sys::UniqueFd copy{::dup(fd.get())};
    CHECK(WriteLease::take(fd, "file").has_value());
  }
  const auto second = file.open();
  CHECK(failure(WriteLease::take(fd, "file")) == Errc::busy);
}

TEST_CASE("an O_PATH descriptor holds nothing", "[sys]")
{
  const File file;
  const tests::Child holder{[&] { return sys::open(file.path(), O_PATH)->release() >= 0; }};
  REQUIRE(holder.ready());
  CHECK(WriteLease::take(file.open(), "file").has_value());
}

TEST_CASE("whoever wants the file meanwhile disturbs the lease and no more", "[sys]")
{
  const File file;
  const auto fd = file.open();
  {
    const auto lease = need(WriteLease::take(fd, "file"));
    CHECK(sigio_is_blocked());
    disturb(file);
    CHECK_FALSE(lease.undisturbed());
  }
  // Had the signal stayed, it would have ended the test.
  CHECK_FALSE(sigio_is_blocked());
  CHECK_FALSE(sigio_is_pending());
}

TEST_CASE("a signal that the caller had blocked is left to the caller", "[sys]")
{
  sigset_t sigio;
  sigset_t before;
  sigemptyset(&sigio);
  sigaddset(&sigio, SIGIO);
  ::pthread_sigmask(SIG_BLOCK, &sigio, &before);
  const File file;
  {
    const auto fd = file.open();
    const auto lease = need(WriteLease::take(fd, "file"));
    disturb(file);
  }
  CHECK(sigio_is_blocked());
  CHECK(sigio_is_pending());
  const timespec at_once{};
  ::sigtimedwait(&sigio, nullptr, &at_once);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("a lease that is not granted leaves the signals as they were", "[sys]")
{
  const File file;
  const auto first = file.open();
  const auto second = file.open();
  CHECK(failure(WriteLease::take(first, "file")) == Errc::busy);
  CHECK_FALSE(sigio_is_blocked());
}

TEST_CASE("the signal of a disturbed lease ends no other thread", "[sys]")
{
  const File file;
  const int status = tests::status_of_child([&] {
    // A thread that has nothing to do with leases, and SIGIO as it is by default: deadly.
    std::atomic<bool> running = false;
    std::atomic<bool> done = false;
    std::thread bystander{[&] {
      running = true;
      running.notify_all();
      done.wait(false);
    }};
    running.wait(false);
    bool disturbed = false;
    {
      const auto fd = file.open();
      const auto lease = WriteLease::take(fd, "file");
      const int opener = tests::status_of_child([&] { return sys::open(file.path(), O_RDWR | O_NONBLOCK) ? 1 : 0; });
      disturbed = lease && opener == 0;
    }
    done = true;
    done.notify_all();
    bystander.join();
    return disturbed ? 0 : 1;
  });
  INFO("killed by signal " << (WIFSIGNALED(status) ? WTERMSIG(status) : 0));
  CHECK(status == 0);
}

TEST_CASE("a lease moves with its owner and is given back once", "[sys]")
{
  const File file;
  const auto fd = file.open();
  {
    auto lease = need(WriteLease::take(fd, "file"));
    {
      const WriteLease moved{std::move(lease)};
      CHECK(moved.undisturbed());
    }
    CHECK(::fcntl(fd.get(), F_GETLEASE) == F_UNLCK);
  }
  CHECK_FALSE(sigio_is_blocked());
}

TEST_CASE("where the kernel gives no leases it is unseen", "[sys]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  const auto fifo = need(sys::open(directory / "fifo", O_RDWR | O_NONBLOCK));
  CHECK(failure(WriteLease::take(fifo, "fifo")) == Errc::unseen);
  CHECK_FALSE(sigio_is_blocked());
}

TEST_CASE("who is neither owner nor privileged gets no lease: unseen", "[sys]")
{
  const File file;
  const auto fd = file.open();
  const auto status = tests::exit_status_as(65534, [&] {
    const auto lease = WriteLease::take(fd, "file");
    return !lease && lease.error().kind == Errc::unseen && lease.error().os_error == EACCES ? 0 : 1;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}
