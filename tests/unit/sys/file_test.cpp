// SPDX-License-Identifier: MIT
// Files looked at by descriptor, and made exactly as they were wanted.
#include <ipckit/sys/file.hpp>

#include <array>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/private_ipc.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using tests::error_of;
using tests::failure;
using tests::need;

namespace {

/// Sets the umask for the length of a scope.
class Umask {
public:
  explicit Umask(mode_t mask) noexcept : before_{::umask(mask)} {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  Umask(Umask&&) = delete;
  Umask& operator=(Umask&&) = delete;
  ~Umask() { ::umask(before_); }

private:
  mode_t before_;
};

sys::UniqueFd open_directory(const tests::TemporaryDirectory& directory)
{
  return need(sys::open(directory.path(), O_RDONLY | O_DIRECTORY));
}

std::uint32_t mode_of(const std::string& path)
{
  return need(sys::status_at(AT_FDCWD, path)).mode();
}

}  // namespace

TEST_CASE("a status is what lstat says, and does not follow links", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "12345", 0640);
  REQUIRE(::symlink("file", (directory / "link").c_str()) == 0);
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  const auto fd = open_directory(directory);

  const auto file = need(sys::status_at(fd.get(), "file"));
  struct stat raw = {};
  REQUIRE(::lstat((directory / "file").c_str(), &raw) == 0);
  CHECK(file.device == raw.st_dev);
  CHECK(file.inode == raw.st_ino);
  CHECK(file.links == 1);
  CHECK(file.user == ::geteuid());
  CHECK(file.group == ::getegid());
  CHECK(file.size == 5);
  CHECK(file.allocated == static_cast<std::uint64_t>(raw.st_blocks) * 512);
  CHECK(file.mode() == 0640);
  CHECK(file.modified.seconds == raw.st_mtim.tv_sec);
  CHECK(file.modified.nanoseconds == raw.st_mtim.tv_nsec);
  CHECK(file.is_regular());

  CHECK(need(sys::status_at(fd.get(), "link")).is_symlink());
  CHECK(need(sys::status_at(fd.get(), "fifo")).is_fifo());
  CHECK(need(sys::status_at(fd.get(), "")).is_directory());
  CHECK(need(sys::status_through(fd.get(), "link")).same_inode(file));
  CHECK(error_of(sys::status_at(fd.get(), "missing")) ==
        Error{.kind = Errc::not_found, .operation = "statx", .subject = "missing", .os_error = ENOENT});
}

TEST_CASE("two names of an inode are the same, its successor is not", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "");
  const auto fd = open_directory(directory);
  const auto before = need(sys::status_at(fd.get(), "file"));
  need(sys::link_name(fd.get(), "file", "second"));
  CHECK(need(sys::status_at(fd.get(), "second")).same_inode(before));
  tests::write_file(directory / "other", "");
  need(sys::unlink_at(fd.get(), "file"));
  REQUIRE(::rename((directory / "other").c_str(), (directory / "file").c_str()) == 0);
  CHECK_FALSE(need(sys::status_at(fd.get(), "file")).same_inode(before));
  auto reborn = before;
  reborn.born = Timestamp{.seconds = 1};
  CHECK_FALSE(reborn.same_inode(before));
}

TEST_CASE("an entry is what stands under the name, never what a link leads to", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "");
  REQUIRE(::symlink("file", (directory / "link").c_str()) == 0);
  REQUIRE(::symlink("nowhere", (directory / "dangling").c_str()) == 0);
  REQUIRE(::mkdir((directory / "sub").c_str(), 0700) == 0);
  REQUIRE(::symlink("sub", (directory / "sublink").c_str()) == 0);
  const auto fd = open_directory(directory);
  CHECK(need(sys::status_at(need(sys::open_entry(fd.get(), "file")).get(), "")).is_regular());
  CHECK(need(sys::status_at(need(sys::open_entry(fd.get(), "link")).get(), "")).is_symlink());
  CHECK(need(sys::status_at(need(sys::open_entry(fd.get(), "dangling")).get(), "")).is_symlink());
  CHECK(failure(sys::open_entry(fd.get(), "missing")) == Errc::not_found);
  CHECK_FALSE(sys::open_entry(fd.get(), "..").has_value());
  CHECK_FALSE(sys::open_entry(fd.get(), "/etc/passwd").has_value());
}

TEST_CASE("looking at a FIFO does not open it", "[sys]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  const auto fd = open_directory(directory);
  const auto entry = need(sys::open_entry(fd.get(), "fifo"));
  // Were there a reader now, a writer that does not wait would get in.
  const auto writer = sys::open(directory / "fifo", O_WRONLY | O_NONBLOCK);
  CHECK(error_of(writer).os_error == ENXIO);
}

TEST_CASE("every descriptor is closed on exec", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "");
  const auto opened = need(sys::open(directory / "file", O_RDONLY));
  const auto entry = need(sys::open_entry(open_directory(directory).get(), "file"));
  const auto again = need(sys::reopen(entry.get(), O_RDONLY, "file"));
  for (const int fd : {opened.get(), entry.get(), again.get()}) {
    CHECK((static_cast<unsigned>(::fcntl(fd, F_GETFD)) & static_cast<unsigned>(FD_CLOEXEC)) != 0);
  }
}

TEST_CASE("a looked-at file is opened as itself, even under another name", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "content");
  const auto entry = need(sys::open_entry(open_directory(directory).get(), "file"));
  REQUIRE(::rename((directory / "file").c_str(), (directory / "moved").c_str()) == 0);
  const auto file = need(sys::reopen(entry.get(), O_RDONLY, "file"));
  std::array<std::byte, 16> bytes{};
  CHECK(need(sys::pread_all(file.get(), bytes, 0, "file")) == 7);
  CHECK(need(sys::pread_all(file.get(), bytes, 4, "file")) == 3);
  CHECK(need(sys::pread_all(file.get(), bytes, 99, "file")) == 0);
}

TEST_CASE("a text of any length is read whole", "[sys]")
{
  const tests::TemporaryDirectory directory;
  const std::string text = std::string(50000, 'x') + '\0' + "end";
  tests::write_file(directory / "text", text);
  CHECK(need(sys::read_text(directory / "text")) == text);
  CHECK(need(sys::read_text_at(open_directory(directory).get(), "text")) == text);
  CHECK(failure(sys::read_text(directory / "missing")) == Errc::not_found);
  CHECK(error_of(sys::read_text(directory.path())).os_error == EISDIR);
}

TEST_CASE("a mode is set exactly, through an O_PATH descriptor too", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "");
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  const auto fd = open_directory(directory);
  const Umask mask{0077};
  need(sys::change_mode(need(sys::open_entry(fd.get(), "file")).get(), 0666, "file"));
  need(sys::change_mode(need(sys::open_entry(fd.get(), "fifo")).get(), 0646, "fifo"));
  CHECK(mode_of(directory / "file") == 0666);
  CHECK(mode_of(directory / "fifo") == 0646);
  need(sys::make_fifo_at(fd.get(), "new", 0622));
  CHECK(mode_of(directory / "new") == 0622);
  CHECK(::umask(0077) == 0077);
  CHECK(failure(sys::make_fifo_at(fd.get(), "new", 0622)) == Errc::already_exists);
}

TEST_CASE("owner and group are set apart or together", "[sys]")
{
  if (!tests::is_real_root()) IPCKIT_SKIP("needs root, to give files away");
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "");
  const auto entry = need(sys::open_entry(open_directory(directory).get(), "file"));
  const auto owners = [&] {
    const auto file = need(sys::status_at(entry.get(), ""));
    return std::pair{file.user, file.group};
  };
  need(sys::change_owner(entry.get(), 1234, std::nullopt, "file"));
  CHECK(owners() == std::pair<uid_t, gid_t>{1234, 0});
  need(sys::change_owner(entry.get(), std::nullopt, 5678, "file"));
  CHECK(owners() == std::pair<uid_t, gid_t>{1234, 5678});
  need(sys::change_owner(entry.get(), 0, 0, "file"));
  CHECK(owners() == std::pair<uid_t, gid_t>{0, 0});
}

TEST_CASE("bytes are reserved now or not at all", "[sys]")
{
  const tests::PrivateTmpfs small{65536};
  if (!small) IPCKIT_SKIP("needs the right to mount");
  const auto file = need(sys::open(small.path() + "/file", O_CREAT | O_RDWR, 0600));
  need(sys::allocate(file.get(), 0, 8192, "file"));
  CHECK(need(sys::status(file.get(), "file")).allocated == 8192);
  CHECK(error_of(sys::allocate(file.get(), 0, 1 << 20, "file")) ==
        Error{.kind = Errc::system, .operation = "fallocate", .subject = "file", .os_error = ENOSPC});
  CHECK(need(sys::status(file.get(), "file")).size == 8192);
  need(sys::truncate(file.get(), 1 << 20, "file"));
  CHECK(need(sys::status(file.get(), "file")).allocated == 8192);
  need(sys::allocate(file.get(), 0, 0, "file"));
  const auto space = need(sys::space_of(small.path()));
  CHECK(space.size == 65536);
  CHECK(space.free == 65536 - 8192);
  CHECK(need(sys::file_system_type(file.get(), "file")) == 0x01021994);
}

TEST_CASE("a file without a name gets one that is free", "[sys]")
{
  const tests::TemporaryDirectory directory;
  const auto fd = open_directory(directory);
  const auto file = need(sys::open_at(fd.get(), ".", O_TMPFILE | O_RDWR, 0600));
  tests::write_file(directory / "taken", "before");
  CHECK(failure(sys::link_at(file.get(), fd.get(), "taken")) == Errc::already_exists);
  CHECK(tests::read_file(directory / "taken") == "before");
  need(sys::link_at(file.get(), fd.get(), "free"));
  CHECK(need(sys::status_at(fd.get(), "free")).same_inode(need(sys::status(file.get(), ""))));
}

TEST_CASE("no directory is ever unlinked", "[sys]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::mkdir((directory / "sub").c_str(), 0700) == 0);
  CHECK_FALSE(sys::unlink_at(open_directory(directory).get(), "sub").has_value());
  CHECK(tests::exists(directory / "sub"));
}

TEST_CASE("links and working directories are told as they are", "[sys]")
{
  const tests::TemporaryDirectory directory;
  REQUIRE(::symlink("some/where else", (directory / "link").c_str()) == 0);
  CHECK(need(sys::read_link_at(open_directory(directory).get(), "link")) == "some/where else");
  CHECK(error_of(sys::read_link_at(AT_FDCWD, directory.path())).os_error == EINVAL);
  CHECK(need(sys::real_path(directory / ".//.")) == need(sys::real_path(directory.path())));
  CHECK(failure(sys::real_path(directory / "missing")) == Errc::not_found);
  CHECK(need(sys::working_directory()).starts_with('/'));
}

TEST_CASE("a directory is made where none is, and removed when it is empty", "[sys]")
{
  const tests::TemporaryDirectory directory;
  const auto fd = open_directory(directory);
  const Umask none{0};
  need(sys::make_directory_at(fd.get(), "sub", 0750));
  CHECK(mode_of(directory / "sub") == 0750);
  CHECK(failure(sys::make_directory_at(fd.get(), "sub", 0700)) == Errc::already_exists);
  tests::write_file(directory / "sub/file", "");
  CHECK(error_of(sys::remove_directory_at(fd.get(), "sub")).os_error == ENOTEMPTY);
  CHECK(error_of(sys::remove_directory_at(fd.get(), "sub/file")).os_error == ENOTDIR);
  need(sys::unlink_at(fd.get(), "sub/file"));
  need(sys::remove_directory_at(fd.get(), "sub"));
  CHECK_FALSE(tests::exists(directory / "sub"));
  CHECK(failure(sys::remove_directory_at(fd.get(), "sub")) == Errc::not_found);
}

TEST_CASE("the time of access becomes now, and no other time changes with it", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "");
  const std::array<timespec, 2> long_ago{timespec{.tv_sec = 1, .tv_nsec = 0}, timespec{.tv_sec = 2, .tv_nsec = 0}};
  REQUIRE(::utimensat(AT_FDCWD, (directory / "file").c_str(), long_ago.data(), 0) == 0);
  const auto file = need(sys::open(directory / "file", O_RDONLY));
  need(sys::touch_access_time(file.get(), "file"));
  const auto status = need(sys::status(file.get(), "file"));
  CHECK(status.accessed.seconds > 1);
  CHECK(status.modified.seconds == 2);
}
