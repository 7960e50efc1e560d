// SPDX-License-Identifier: MIT
// The names in a directory.
#include <ipckit/sys/directory.hpp>

#include <map>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ipckit/sys/file.hpp>

#include "support/catch.hpp"
#include "support/results.hpp"
#include "support/temporary.hpp"

using namespace ipckit;
using sys::DirectoryEntry;
using sys::EntryType;

namespace {

sys::UniqueFd open_directory(const std::string& path)
{
  return tests::need(sys::open(path, O_RDONLY | O_DIRECTORY));
}

}  // namespace

TEST_CASE("every entry is visited with its type, but for . and ..", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "regular", "");
  REQUIRE(::mkdir((directory / "directory").c_str(), 0700) == 0);
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  REQUIRE(::symlink("regular", (directory / "link").c_str()) == 0);
  tests::write_file(directory / "\x1b[31m\n\xff", "");
  std::map<std::string, EntryType> found;
  tests::need(sys::for_each_entry(open_directory(directory.path()).get(), "", [&](const DirectoryEntry& entry) {
    found.emplace(entry.name, entry.type);
    return true;
  }));
  CHECK(found == std::map<std::string, EntryType>{{"regular", EntryType::regular},
                                                  {"directory", EntryType::directory},
                                                  {"fifo", EntryType::fifo},
                                                  {"link", EntryType::other},
                                                  {"\x1b[31m\n\xff", EntryType::regular}});
}

TEST_CASE("more names than a buffer holds are visited once each", "[sys]")
{
  const tests::TemporaryDirectory directory;
  constexpr int count = 1500;
  for (int number = 0; number < count; ++number) {
    tests::write_file(directory / (std::string(100, 'x') + std::to_string(number)), "");
  }
  std::map<std::string, int> visits;
  tests::need(sys::for_each_entry(open_directory(directory.path()).get(), "", [&](const DirectoryEntry& entry) {
    ++visits[std::string(entry.name)];
    return true;
  }));
  CHECK(visits.size() == count);
  CHECK(std::ranges::all_of(visits, [](const auto& visit) { return visit.second == 1; }));
}

TEST_CASE("a visitor that has seen enough ends the walk", "[sys]")
{
  const tests::TemporaryDirectory directory;
  for (const char* const name : {"a", "b", "c"}) tests::write_file(directory / name, "");
  int visited = 0;
  tests::need(sys::for_each_entry(open_directory(directory.path()).get(), "", [&](const DirectoryEntry&) {
    ++visited;
    return visited < 2;
  }));
  CHECK(visited == 2);
}

TEST_CASE("what is no directory is an error that names it", "[sys]")
{
  const tests::TemporaryDirectory directory;
  tests::write_file(directory / "file", "");
  const auto file = tests::need(sys::open(directory / "file", O_RDONLY));
  const auto error = tests::error_of(sys::for_each_entry(file.get(), "a file", [](const auto&) { return true; }));
  CHECK(error == Error{.kind = Errc::system, .operation = "getdents64", .subject = "a file", .os_error = ENOTDIR});
}
