// SPDX-License-Identifier: MIT
// Operations on semaphores.
#include <optional>
#include <string>

#include <ipckit/cli/operations.hpp>
#include <ipckit/cli/usage_error.hpp>

#include "target.hpp"

using namespace ipckit::cli;
using ipckit::fuzz::promise;

namespace {

std::optional<ipckit::sem::Operation> parsed(std::string_view word)
{
  try {
    return parse_operation(word);
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

std::string written(const ipckit::sem::Operation& operation)
{
  const std::string number = std::to_string(operation.number);
  if (operation.change == 0) return number + "=0";
  return number + (operation.change > 0 ? "+" : "") + std::to_string(operation.change);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto word = ipckit::fuzz::text_of(data, size);
  const auto operation = parsed(word);
  if (!operation) return 0;
  promise(looks_like_operation(word), "an operation looks like one");
  promise(operation->change >= -32767, "what is taken can be given back");
  promise(parsed(written(*operation)) == operation, "what is written is read back as the same");
  return 0;
}
