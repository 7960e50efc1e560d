// SPDX-License-Identifier: MIT
#include <ipckit/cli/dump.hpp>

#include <utility>

#include <nlohmann/json.hpp>

#include <ipckit/cli/exit_status.hpp>
#include <ipckit/cli/help.hpp>
#include <ipckit/inventory/condition.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/rows/entries.hpp>
#include <ipckit/rows/limits.hpp>

#include <version.hpp>

namespace ipckit::cli {
namespace {

using json = nlohmann::ordered_json;

json option_json(const OptionInfo& option)
{
  return {{"names", option.names},     {"metavar", option.metavar}, {"help", option.help},
          {"operand", option.operand}, {"repeats", option.repeats}, {"command", option.own != nullptr}};
}

json verb_json(const Verb& verb)
{
  json options = json::array();
  for (const auto& option : describe(verb)) options.push_back(option_json(option));
  return {{"name", verb.name}, {"synopsis", verb.synopsis}, {"summary", verb.summary}, {"options", std::move(options)}};
}

template <class Columns>
json columns_json(const Columns& columns)
{
  json out = json::array();
  for (const auto& column : columns) {
    out.push_back({{"key", column.key}, {"heading", column.heading}, {"help", column.help}});
  }
  return out;
}

/// What can be waited for, and how it is known of each kind.
json conditions_json()
{
  json out = json::array();
  for (const auto& row : inventory::conditions()) {
    json means = json::object();
    for (const auto kind : object::all_kinds) {
      means[std::string(object::name_of(kind))] = inventory::name_of(inventory::means_of(row.condition, kind));
    }
    out.push_back({{"condition", row.word}, {"means", std::move(means)}});
  }
  return out;
}

}  // namespace

std::string dump_grammar()
{
  json verbs = json::array();
  for (const Verb* const verb : all_verbs()) verbs.push_back(verb_json(*verb));
  json statuses = json::array();
  for (const auto& [status, meaning] : exit_meanings) {
    statuses.push_back({{"status", std::to_underlying(status)}, {"meaning", meaning}});
  }
  json kinds = json::array();
  for (const auto& known : object::kind_words) kinds.push_back(known.word);
  const json grammar{{"version", version},
                     {"verbs", std::move(verbs)},
                     {"statuses", std::move(statuses)},
                     {"kinds", std::move(kinds)},
                     {"columns", columns_json(rows::entry_columns())},
                     {"limit_columns", columns_json(rows::limit_columns())},
                     {"conditions", conditions_json()}};
  return grammar.dump(1) + "\n";
}

}  // namespace ipckit::cli
