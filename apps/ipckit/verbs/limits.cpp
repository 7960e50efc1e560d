// SPDX-License-Identifier: MIT
// Every limit with its use, and the check that a monitoring script runs.
#include <ipckit/inventory/limits.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/listing.hpp>
#include <ipckit/cli/suggest.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/cli/verb.hpp>
#include <ipckit/object/ref.hpp>
#include <ipckit/render/sanitize.hpp>
#include <ipckit/rows/limits.hpp>

namespace ipckit::cli::verbs {
namespace {

struct Options {
  std::vector<std::string> kinds;
  std::optional<double> check;
  bool allow_unknown = false;
  OutputOptions output;
};

double parse_percent(const std::string& text)
{
  double percent = 0;
  std::string_view digits = text;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), percent, std::chars_format::fixed);
  if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(percent) || percent < 0) {
    throw UsageError("--check: '" + render::printable(text) + "' is not a percentage, such as 80");
  }
  return percent;
}

void declare(Arguments& arguments, Options& options)
{
  arguments.operands("KIND", options.kinds, "Kinds or groups; all without one", Completes::kinds);
  arguments.value(
      "--check", "PERCENT", [&options](const std::string& text) { options.check = parse_percent(text); },
      "Print only limits used to PERCENT or more; status 9 when there are any");
  arguments.flag("--allow-unknown", options.allow_unknown,
                 "With --check: a use that cannot be told is no reason to fail");
  declare_json(arguments, options.output);
  declare_table(arguments, options.output);
}

object::KindSet kinds_of(const std::vector<std::string>& words)
{
  object::KindSet kinds;
  for (const std::string& word : words) {
    const auto named = object::parse_kinds(word);
    if (!named && object::parse_ref(word)) {
      throw UsageError("'" + render::printable(word) + "' is a REF; limits are of kinds");
    }
    if (!named) {
      const auto meant = nearest_kind(word);
      throw UsageError("'" + render::printable(word) + "' is no kind",
                       meant ? "did you mean '" + *meant + "'?" : remedy(object::RefProblem::unknown_kind, ""));
    }
    kinds.add(*named);
  }
  return kinds.empty() ? object::KindSet::all() : kinds;
}

void print(const std::vector<inventory::Limit>& rows, const Options& options, const Report& report, Context& context)
{
  const render::CellContext cells{.now = context.now, .names = {}};
  if (options.output.format == Format::text) {
    const auto columns = select(rows::limit_columns(), in_table);
    auto table = table_of(columns, false);
    for (const auto& row : rows) {
      for (const auto* const column : columns) table.add(column->cell(row, cells));
    }
    table.write(context.out, text_style(options.output, context));
    return;
  }
  const auto columns = select(rows::limit_columns(), in_json);
  ObjectStream objects{context, options.output.format};
  for (const auto& row : rows) {
    objects.add([&](render::JsonObject& object) { add_members(object, columns, row, cells); });
  }
  objects.finish(report);
}

void warn_of_logind(const Context& context)
{
  if (!inventory::logind_removes_ipc().value_or(false)) return;
  context.say("logind removes a user's IPC objects when the last session ends (RemoveIPC=yes, logind.conf(5))");
}

/// A limit on a sum of which it is not known how much is used.
bool is_unknown(const inventory::Limit& limit) noexcept
{
  return limit.counted && !limit.unlimited && !limit.percent();
}

Exit run(const Options& options, Context& context)
{
  if (options.allow_unknown && !options.check) throw UsageError("--allow-unknown goes with --check");
  auto found = inventory::limits(context.view, kinds_of(options.kinds));
  Report report{context};
  for (const auto& [kind, error] : found.errors) report.fail(object::name_of(kind), kind, error);
  for (const auto& gap : found.gaps) report.gap(gap);
  report.say_gaps();
  const bool unknown = std::ranges::any_of(found.rows, is_unknown);
  if (options.check) {
    std::erase_if(found.rows, [&](const auto& row) { return row.percent().value_or(-1) < *options.check; });
  }
  print(found.rows, options, report, context);
  warn_of_logind(context);
  if (report.status() != Exit::done || !options.check) return report.status();
  if (!found.rows.empty()) return Exit::check_failed;
  return unknown && !options.allow_unknown ? Exit::cannot_tell : Exit::done;
}

}  // namespace

extern const Verb limits_verb;
constexpr Verb limits_verb = define_verb<&declare, &run>(
    {.name = "limits",
     .synopsis = "[OPTION]... [KIND]...",
     .summary = "Print every limit on IPC objects, its use, and what sets it",
     .examples = "ipckit limits                # all of them\n"
                 "ipckit limits --check 80     # status 9 when one is used to 80 % or more\n"});
}  // namespace ipckit::cli::verbs
