// SPDX-License-Identifier: MIT
#pragma once
// Named pipes (fifo(7)). A FIFO is never opened to look at it: that can release a writer who waits for a reader, and
// then kill it with SIGPIPE.

#include <cstdint>
#include <string>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/ownership.hpp>
#include <ipckit/object/sysv_table.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/file.hpp>

namespace ipckit::fifo {

struct Fifo {
  std::string path;  // absolute
  sys::FileStatus file;
  bool operator==(const Fifo&) const = default;
};

/// A directory to look for FIFOs in.
struct Place {
  std::string path;
  bool must_exist = false;  // somebody named it: that it is missing is worth saying
};

/// The FIFOs directly inside each of `places`, which are the roots of the search and are followed; nothing below them
/// is. A directory that cannot be read is a gap; one that does not exist is passed over unless it must.
[[nodiscard]] object::Listing<Fifo> list(const std::vector<Place>& places);

/// The FIFO at a path; the last part is never followed. Errc::not_found when there is nothing, Errc::mismatch when it
/// is something else.
[[nodiscard]] Result<Fifo> inspect(const std::string& path);

/// An O_PATH descriptor of the FIFO at a path, which nothing is opened for; errors as above.
[[nodiscard]] Result<sys::UniqueFd> open_entry(const std::string& path);

/// The path made absolute: real directories, and the name as it is. Where the directory does not exist, the path is
/// only put behind the working directory.
[[nodiscard]] Result<std::string> absolute(const std::string& path);

/// mkfifo(3) with exactly `mode`. Errc::already_exists when the path is taken.
[[nodiscard]] Result<> create(const std::string& path, std::uint32_t mode);

/// Owner, group and mode.
[[nodiscard]] Result<> change(const std::string& path, const object::Attributes& wanted);

/// Unlinks the FIFO that was judged. Whether somebody holds it is for the caller to find out (process/pipe_ends.hpp).
[[nodiscard]] Result<> remove(const Fifo& judged);

}  // namespace ipckit::fifo
