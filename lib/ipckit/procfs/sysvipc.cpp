// SPDX-License-Identifier: MIT
#include <ipckit/procfs/sysvipc.hpp>

#include <cstddef>
#include <string>

#include <ipckit/base/number.hpp>
#include <ipckit/base/text.hpp>

namespace ipckit::procfs {
namespace {

/// Takes words off a line as numbers, and remembers whether one was none.
class Fields {
public:
  explicit Fields(std::string_view line) noexcept : rest_{line} {}

  template <class Number>
  void take(Number& field, int base = 10) noexcept
  {
    const auto value = parse_number<Number>(take_word(rest_), base);
    good_ = good_ && value.has_value();
    field = value.value_or(Number{});
  }
  [[nodiscard]] bool good() const noexcept { return good_; }

private:
  std::string_view rest_;
  bool good_ = true;
};

void take_head(Fields& fields, SysvRow& row) noexcept
{
  fields.take(row.key);
  fields.take(row.id);
  fields.take(row.mode, 8);
}

void take_owners(Fields& fields, SysvRow& row) noexcept
{
  fields.take(row.uid);
  fields.take(row.gid);
  fields.take(row.cuid);
  fields.take(row.cgid);
}

void take_row(Fields& fields, MsgRow& row) noexcept
{
  take_head(fields, row.common);
  fields.take(row.cbytes);
  fields.take(row.qnum);
  fields.take(row.lspid);
  fields.take(row.lrpid);
  take_owners(fields, row.common);
  fields.take(row.stime);
  fields.take(row.rtime);
  fields.take(row.common.ctime);
}

void take_row(Fields& fields, ShmRow& row) noexcept
{
  take_head(fields, row.common);
  fields.take(row.size);
  fields.take(row.cpid);
  fields.take(row.lpid);
  fields.take(row.nattch);
  take_owners(fields, row.common);
  fields.take(row.atime);
  fields.take(row.dtime);
  fields.take(row.common.ctime);
  fields.take(row.rss);
  fields.take(row.swap);
}

void take_row(Fields& fields, SemRow& row) noexcept
{
  take_head(fields, row.common);
  fields.take(row.nsems);
  take_owners(fields, row.common);
  fields.take(row.otime);
  fields.take(row.common.ctime);
}

template <class Row>
Result<std::vector<Row>> parse_rows(std::string_view text, std::string_view file)
{
  std::vector<Row> rows;
  static_cast<void>(take_line(text));  // the heading
  for (std::size_t number = 2; !text.empty(); ++number) {
    const auto line = take_line(text);
    if (line.empty()) continue;
    Fields fields{line};
    Row row;
    take_row(fields, row);
    if (!fields.good()) return fail(Errc::malformed, "parse", std::string(file) + ":" + std::to_string(number));
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

Result<std::vector<MsgRow>> parse_sysvipc_msg(std::string_view text)
{
  return parse_rows<MsgRow>(text, "sysvipc/msg");
}

Result<std::vector<ShmRow>> parse_sysvipc_shm(std::string_view text)
{
  return parse_rows<ShmRow>(text, "sysvipc/shm");
}

Result<std::vector<SemRow>> parse_sysvipc_sem(std::string_view text)
{
  return parse_rows<SemRow>(text, "sysvipc/sem");
}

}  // namespace ipckit::procfs
