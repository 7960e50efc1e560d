// SPDX-License-Identifier: MIT
// What holds for POSIX segments and semaphores alike: files of a directory where anybody may plant anything.
#include <ipckit/object/tmpfs.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/psem/semaphore.hpp>
#include <ipckit/pshm/segment.hpp>
#include <ipckit/sys/directory.hpp>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using object::Force;
using object::Removal;
using object::View;
using tests::failure;
using tests::need;
using tests::TemporaryDirectory;

namespace {

// One struct for each kind gives their functions one shape.

struct Pshm {
  using Row = pshm::Segment;
  static std::string file_name(const std::string& name) { return name; }
  static auto list(const View& view) { return pshm::list(view); }
  static auto inspect(const View& view, const std::string& name) { return pshm::inspect(view, name); }
  static auto create(const View& view, const std::string& name)
  {
    return pshm::create(view, {.name = name, .size = 32});
  }
  static auto change(const View& view, const std::string& name, const object::Attributes& wanted)
  {
    return pshm::change(view, name, wanted);
  }
  static auto prove_unused(const View& view, const Row& judged) { return pshm::prove_unused(view, judged); }
  static auto remove(const View& view, const Row& judged, Force force) { return pshm::remove(view, judged, force); }
};

struct Psem {
  using Row = psem::Semaphore;
  static std::string file_name(const std::string& name) { return psem::file_name(name); }
  static auto list(const View& view) { return psem::list(view); }
  static auto inspect(const View& view, const std::string& name)
  {
    return psem::inspect(view, name, psem::Trace::none);
  }
  static auto create(const View& view, const std::string& name) { return psem::create(view, {.name = name}); }
  static auto change(const View& view, const std::string& name, const object::Attributes& wanted)
  {
    return psem::change(view, name, wanted);
  }
  static auto prove_unused(const View& view, const Row& judged) { return psem::prove_unused(view, judged); }
  static auto remove(const View& view, const Row& judged, Force force) { return psem::remove(view, judged, force); }
};

template <class T>
typename T::Row made(const TemporaryDirectory& directory, const std::string& name)
{
  need(T::create(directory.view(), name));
  return need(T::inspect(directory.view(), name));
}

template <class T>
std::string path_of(const TemporaryDirectory& directory, const std::string& name)
{
  return directory / T::file_name(name);
}

std::size_t entries_in(const std::string& path)
{
  std::size_t count = 0;
  const auto directory = need(sys::open(path, O_RDONLY | O_DIRECTORY));
  need(sys::for_each_entry(directory.get(), path, [&](const auto&) {
    ++count;
    return true;
  }));
  return count;
}

}  // namespace

TEMPLATE_TEST_CASE("a name that is taken stays with who has it, whatever that is", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  const auto row = made<TestType>(directory, "x");
  CHECK(failure(TestType::create(directory.view(), "x")) == Errc::already_exists);
  CHECK(need(TestType::inspect(directory.view(), "x")) == row);

  REQUIRE(::symlink("target", path_of<TestType>(directory, "link").c_str()) == 0);
  CHECK(failure(TestType::create(directory.view(), "link")) == Errc::already_exists);
  CHECK_FALSE(tests::exists(directory / "target"));
  REQUIRE(::mkfifo(path_of<TestType>(directory, "fifo").c_str(), 0600) == 0);
  CHECK(failure(TestType::create(directory.view(), "fifo")) == Errc::already_exists);
}

TEMPLATE_TEST_CASE("making one leaves one file and nothing besides", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  made<TestType>(directory, "x");
  CHECK(TestType::create(directory.view(), "x").has_value() == false);
  CHECK(entries_in(directory.path()) == 1);
}

TEMPLATE_TEST_CASE("a directory that is not there has nothing and takes nothing", "[object]", Pshm, Psem)
{
  const View nowhere{.shm_directory = "/nonexistent"};
  CHECK(failure(TestType::list(nowhere)) == Errc::not_found);
  CHECK(failure(TestType::inspect(nowhere, "x")) == Errc::not_found);
  CHECK(failure(TestType::create(nowhere, "x")) == Errc::not_found);
}

TEMPLATE_TEST_CASE("only a regular file is looked at", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  made<TestType>(directory, "target");
  REQUIRE(::symlink(TestType::file_name("target").c_str(), path_of<TestType>(directory, "link").c_str()) == 0);
  REQUIRE(::mkfifo(path_of<TestType>(directory, "fifo").c_str(), 0600) == 0);
  REQUIRE(::mkdir(path_of<TestType>(directory, "directory").c_str(), 0700) == 0);
  for (const char* const name : {"link", "fifo", "directory"}) {
    INFO(name);
    CHECK(failure(TestType::inspect(directory.view(), name)) == Errc::mismatch);
    CHECK(failure(TestType::change(directory.view(), name, {.mode = 0666, .user = {}, .group = {}})) == Errc::mismatch);
  }
  CHECK(need(TestType::inspect(directory.view(), "target")).file.mode() == 0600);
  CHECK(need(TestType::list(directory.view())).rows.size() == 1);
  CHECK(failure(TestType::inspect(directory.view(), "missing")) == Errc::not_found);
}

TEMPLATE_TEST_CASE("owner, group and mode are changed without opening the file", "[object]", Pshm, Psem)
{
  if (!tests::is_real_root()) IPCKIT_SKIP("needs root, to give objects away");
  const TemporaryDirectory directory;
  const auto before = made<TestType>(directory, "x");
  need(TestType::change(directory.view(), "x", {.mode = 0640, .user = 1234, .group = 5678}));
  const auto after = need(TestType::inspect(directory.view(), "x"));
  CHECK(after.file.same_inode(before.file));
  CHECK(after.file.mode() == 0640);
  CHECK(after.file.user == 1234);
  CHECK(after.file.group == 5678);
}

TEMPLATE_TEST_CASE("what nobody has open goes", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  const auto row = made<TestType>(directory, "x");
  need(TestType::prove_unused(directory.view(), row));
  CHECK(need(TestType::remove(directory.view(), row, Force::no)) == Removal::gone);
  CHECK(entries_in(directory.path()) == 0);
  CHECK(failure(TestType::remove(directory.view(), row, Force::yes)) == Errc::not_found);
  CHECK(failure(TestType::prove_unused(directory.view(), row)) == Errc::not_found);
}

TEMPLATE_TEST_CASE("what somebody has open or mapped stays unless it is forced: then it is doomed", "[object]", Pshm,
                   Psem)
{
  const TemporaryDirectory directory;
  for (const bool mapped : {false, true}) {
    const auto row = made<TestType>(directory, "x");
    const std::string path = path_of<TestType>(directory, "x");
    const tests::Child holder{[&] {
      const int fd = ::open(path.c_str(), O_RDWR);
      if (!mapped) return fd >= 0;
      const bool done = ::mmap(nullptr, 32, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED;
      ::close(fd);
      return done;
    }};
    REQUIRE(holder.ready());
    CHECK(failure(TestType::prove_unused(directory.view(), row)) == Errc::busy);
    CHECK(failure(TestType::remove(directory.view(), row, Force::no)) == Errc::busy);
    CHECK(tests::exists(path));
    CHECK(need(TestType::remove(directory.view(), row, Force::yes)) == Removal::doomed);
    CHECK_FALSE(tests::exists(path));
  }
}

TEMPLATE_TEST_CASE("what has another name loses this one and stays", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  const auto row = made<TestType>(directory, "x");
  REQUIRE(::link(path_of<TestType>(directory, "x").c_str(), (directory / "other").c_str()) == 0);
  const auto linked = need(TestType::inspect(directory.view(), "x"));
  CHECK(need(TestType::remove(directory.view(), linked, Force::no)) == Removal::linked);
  CHECK_FALSE(tests::exists(path_of<TestType>(directory, "x")));
  CHECK(tests::exists(directory / "other"));
}

TEMPLATE_TEST_CASE("another file under the same name is not removed", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  const auto judged = made<TestType>(directory, "x");
  const std::string path = path_of<TestType>(directory, "x");
  REQUIRE(::unlink(path.c_str()) == 0);

  SECTION("made anew")
  {
    made<TestType>(directory, "x");
    for (const Force force : {Force::no, Force::yes}) {
      CHECK(failure(TestType::remove(directory.view(), judged, force)) == Errc::removed);
    }
    CHECK(failure(TestType::prove_unused(directory.view(), judged)) == Errc::removed);
  }
  SECTION("a link to something")
  {
    tests::write_file(directory / "victim", "");
    REQUIRE(::symlink("victim", path.c_str()) == 0);
    for (const Force force : {Force::no, Force::yes}) {
      CHECK(failure(TestType::remove(directory.view(), judged, force)) == Errc::mismatch);
    }
    CHECK(tests::exists(directory / "victim"));
  }
  CHECK(tests::exists(path));
}

TEMPLATE_TEST_CASE("whether it is used cannot be told of what may not be opened", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 01777) == 0);
  const auto row = made<TestType>(directory, "x");
  const auto status = tests::exit_status_as(65534, [&] {
    const auto kept = TestType::remove(directory.view(), row, Force::no);
    if (kept || kept.error().kind != Errc::unseen) return 1;
    const auto proof = TestType::prove_unused(directory.view(), row);
    if (proof || proof.error().kind != Errc::unseen) return 2;
    const auto denied = TestType::remove(directory.view(), row, Force::yes);
    return !denied && denied.error().kind == Errc::access_denied ? 0 : 3;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
  CHECK(tests::exists(path_of<TestType>(directory, "x")));
}

TEMPLATE_TEST_CASE("what is forced unseen is gone by name, and no more is known", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0777) == 0);
  const auto row = made<TestType>(directory, "x");
  const auto status = tests::exit_status_as(65534, [&] {
    const auto removed = TestType::remove(directory.view(), row, Force::yes);
    return removed && *removed == Removal::unknown ? 0 : 1;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
  CHECK_FALSE(tests::exists(path_of<TestType>(directory, "x")));
}

TEMPLATE_TEST_CASE("its owner may prove it unused although the mode forbids to read", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0777) == 0);
  const auto status = tests::exit_status_as(65534, [&] {
    const auto view = directory.view();
    if (!TestType::create(view, "x") || !TestType::change(view, "x", {.mode = 0200, .user = {}, .group = {}})) return 1;
    const auto row = TestType::inspect(view, "x");
    if (!row || !TestType::prove_unused(view, *row)) return 2;
    const auto removed = TestType::remove(view, *row, Force::no);
    return removed && *removed == Removal::gone ? 0 : 3;
  });
  if (!status) IPCKIT_SKIP("needs root, to become another user");
  CHECK(*status == 0);
}

TEMPLATE_TEST_CASE("names come and go while they are listed, and nobody minds", "[object]", Pshm, Psem)
{
  const TemporaryDirectory directory;
  made<TestType>(directory, "stays");
  std::atomic<bool> done = false;
  std::thread churner{[&] {
    const std::string path = path_of<TestType>(directory, "churned");
    while (!done) {
      ::close(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
      ::unlink(path.c_str());
      static_cast<void>(::symlink("stays", path.c_str()));
      ::unlink(path.c_str());
    }
  }};
  int listed = 0;
  for (int turn = 0; turn < 300; ++turn) {
    const auto listing = TestType::list(directory.view());
    const bool complete =
        listing && std::ranges::any_of(listing->rows, [](const auto& row) { return row.name == "stays"; });
    listed += complete ? 1 : 0;
  }
  done = true;
  churner.join();
  CHECK(listed == 300);
}

TEST_CASE("the proof itself leaves the file as it was", "[object]")
{
  const TemporaryDirectory directory;
  const auto before = made<Pshm>(directory, "x");
  need(pshm::prove_unused(directory.view(), before));
  CHECK(need(pshm::inspect(directory.view(), "x")) == before);
}

TEST_CASE("bytes are reserved behind those that are there", "[object]")
{
  const TemporaryDirectory directory;
  tests::write_file(directory / "file", "content");
  const auto file = need(sys::open(directory / "file", O_RDWR));
  need(object::reserve(file.get(), 7, 4089, "file"));
  const auto status = need(sys::status(file.get(), "file"));
  CHECK(status.size == 4096);
  CHECK(status.allocated == 4096);
  CHECK(tests::read_file(directory / "file").starts_with("content"));
}
