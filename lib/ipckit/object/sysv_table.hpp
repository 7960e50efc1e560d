// SPDX-License-Identifier: MIT
#pragma once
// Walking the kernel's tables of System V objects, one way for all three kinds.

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ipckit/base/error.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/view.hpp>

namespace ipckit::object {

/// Where rows come from. A listing tries them in this order and takes the next where one does not answer.
enum class Source : std::uint8_t {
  stat_any,  // MSG_STAT_ANY and its like (Linux 4.17): every object, whatever its mode
  stat,      // MSG_STAT and its like: only what the caller may read; the rest is filled in from the text
  text,      // /proc/sysvipc: every object, some fields missing
};

/// Rows and what is missing from them.
template <class Row>
struct Listing {
  std::vector<Row> rows;
  std::vector<Gap> gaps;
};

/// The rows of a walk by index, and how many indexes refused to be read.
template <class Row>
struct Walk {
  std::vector<Row> rows;
  std::uint64_t denied = 0;
  bool answered = false;  // some index was answered with anything but EINVAL
};

/// Asks `stat` for every index from 0 to `highest`. Indexes without an object (EINVAL), and objects that vanish
/// meanwhile (EIDRM), are nothing; any other failure ends the walk.
template <class Row, class Stat>
[[nodiscard]] Result<Walk<Row>> walk(int highest, Stat stat)
{
  Walk<Row> walked;
  for (int index = 0; index <= highest; ++index) {
    Result<Row> row = stat(index);
    if (row) {
      walked.rows.push_back(std::move(*row));
      walked.answered = true;
      continue;
    }
    const int why = row.error().os_error;
    if (why == EINVAL) continue;
    walked.answered = true;
    if (why == EIDRM) continue;
    if (why != EACCES) return std::unexpected(std::move(row).error());
    ++walked.denied;
  }
  return walked;
}

/// The rows of /proc/sysvipc/NAME whose ids the walk did not give, added to it. `parse` takes the file's text.
template <class Row, class Parse>
[[nodiscard]] Result<> fill_from_text(std::vector<Row>& rows, std::string_view text, Parse parse)
{
  std::vector<Row> written = IPCKIT_TRY(parse(text));
  std::vector<int> known;
  known.reserve(rows.size());
  for (const Row& row : rows) known.push_back(row.identity.id);
  std::ranges::sort(known);
  for (Row& row : written) {
    if (!std::ranges::binary_search(known, row.identity.id)) rows.push_back(std::move(row));
  }
  return {};
}

/// The error of a call by id: EINVAL is how the kernel says that there is no such object.
[[nodiscard]] inline Error not_found_for_id(Error error)
{
  if (error.os_error == EINVAL || error.os_error == EIDRM) error.kind = Errc::not_found;
  return error;
}

/// A call by id that failed because the object is gone says so.
template <class T>
[[nodiscard]] Result<T> by_id(Result<T> outcome)
{
  if (!outcome) return std::unexpected(not_found_for_id(std::move(outcome).error()));
  return outcome;
}

/// The text of /proc/sysvipc/`name`.
[[nodiscard]] Result<std::string> sysvipc_text(const View& view, std::string_view name);

/// A listing by the first source that answers, beginning with `first`. `highest` is asked only for the two walks.
template <class Row, class Highest, class Any, class Plain, class Parse>
[[nodiscard]] Result<Listing<Row>> list_table(const View& view, Kind kind, std::string_view file, Source first,
                                              Highest highest, Any stat_any, Plain stat, Parse parse)
{
  Listing<Row> listing;
  // `highest` answers the highest index and how many objects there are, as the kernel counts them.
  const Result<std::pair<int, std::uint64_t>> extent = highest();
  if (extent && first == Source::stat_any) {
    auto walked = walk<Row>(extent->first, stat_any);
    if (walked && (walked->answered || extent->second == 0)) {
      listing.rows = std::move(walked->rows);
      if (walked->denied > 0) {
        listing.gaps.push_back({.what = Missing::objects, .kind = kind, .count = walked->denied, .os_error = EACCES});
      }
      return listing;
    }
  }
  std::uint64_t denied = 0;
  bool walked_any = false;
  if (extent && first != Source::text) {
    if (auto walked = walk<Row>(extent->first, stat)) {
      listing.rows = std::move(walked->rows);
      denied = walked->denied;
      walked_any = true;
      if (denied == 0) return listing;
    }
  }
  auto text = sysvipc_text(view, file);
  if (!text && !walked_any) {
    if (!extent) return std::unexpected(extent.error());
    return std::unexpected(std::move(text).error());
  }
  if (!text) {
    listing.gaps.push_back({.what = Missing::objects, .kind = kind, .count = denied, .os_error = EACCES});
    return listing;
  }
  IPCKIT_TRY(fill_from_text(listing.rows, *text, parse));
  return listing;
}

/// Each of `rows` as a `To`.
template <class To, class From, class Convert>
[[nodiscard]] std::vector<To> converted(const std::vector<From>& rows, Convert convert)
{
  std::vector<To> made;
  made.reserve(rows.size());
  for (const From& row : rows) made.push_back(convert(row));
  return made;
}

/// The object with this id by the first source that answers. The kernel takes the index out of an id, so an id that is
/// gone may be answered with the object that has its index now: the id that comes back decides.
template <class Row, class Any, class Plain, class Parse>
[[nodiscard]] Result<Row> inspect_id(const View& view, std::string_view file, int id, const std::string& subject,
                                     Any stat_any, Plain stat, Parse parse)
{
  Error refused;
  for (const bool any : {true, false}) {
    auto row = any ? stat_any(id) : stat(id);
    if (row && row->identity.id == id) return row;
    refused = {};
    if (row) break;
    if (row.error().os_error != EINVAL && row.error().os_error != EIDRM) refused = row.error();
    if (row.error().os_error != EACCES && row.error().os_error != EINVAL && row.error().os_error != ENOSYS &&
        row.error().os_error != EPERM) {
      break;
    }
  }
  if (const auto text = sysvipc_text(view, file)) {
    std::vector<Row> rows = IPCKIT_TRY(parse(*text));
    const auto found = std::ranges::find_if(rows, [&](const Row& row) { return row.identity.id == id; });
    if (found != rows.end()) return std::move(*found);
  }
  if (refused.os_error != 0) return std::unexpected(std::move(refused));
  return fail(Errc::not_found, "stat", subject);
}

/// What IPC_SET is to start from: IPC_STAT, or the STAT_ANY of the same object where its mode forbids even its owner to
/// read it.
template <class Stat, class Any>
[[nodiscard]] Result<> stat_for_change(Stat stat, Any stat_any, int id, const std::string& subject)
{
  auto read = stat();
  if (read) return {};
  if (read.error().os_error != EACCES) return std::unexpected(not_found_for_id(std::move(read).error()));
  auto found = stat_any();
  if (!found) return std::unexpected(std::move(found).error());
  if (*found != id) return fail(Errc::not_found, "stat", subject);
  return {};
}

}  // namespace ipckit::object
