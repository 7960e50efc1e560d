// SPDX-License-Identifier: MIT
#include <ipckit/cli/operands.hpp>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/fifo/fifo.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

object::Ref parse_one(const std::string& word)
{
  auto ref = object::parse_ref(word);
  if (!ref && ref.error() == object::RefProblem::no_kind && fifo::inspect("./" + word)) {
    throw UsageError(explain(ref.error(), word), "did you mean './" + render::printable(word) + "'?");
  }
  if (!ref) throw UsageError(explain(ref.error(), word), remedy(ref.error(), word));
  return std::move(*ref);
}

}  // namespace

Operands parse_operands(const std::vector<std::string>& words)
{
  Operands operands;
  for (const std::string& word : words) {
    if (const auto kinds = object::parse_kinds(word)) {
      operands.kinds.add(*kinds);
      operands.kind_words.push_back(word);
    } else {
      operands.refs.push_back({.asked = word, .ref = parse_one(word)});
    }
  }
  return operands;
}

std::vector<AskedRef> parse_refs(const std::vector<std::string>& words)
{
  std::vector<AskedRef> refs;
  for (const std::string& word : words) {
    if (object::parse_kinds(word)) {
      throw UsageError("'" + word + "' is a kind, not a REF", "objects of a kind are listed by: ipckit ls " + word);
    }
    refs.push_back({.asked = word, .ref = parse_one(word)});
  }
  if (refs.empty()) throw UsageError("which object? A REF is needed", "they are listed by: ipckit ls");
  return refs;
}

std::string near_miss(const Context& context, const object::Ref& ref, const Error& error)
{
  if (error.kind != Errc::not_found && error.kind != Errc::mismatch) return {};
  if (const auto* const by_id = std::get_if<object::ById>(&ref.target); by_id != nullptr && by_id->id != 0) {
    const object::Ref by_key{.kind = ref.kind, .target = object::ByKey{by_id->id}, .ipc_namespace = {}};
    if (const auto found = inventory::inspect(context.view, by_key)) {
      return std::to_string(by_id->id) + " is a key: " + std::string(object::name_of(ref.kind)) +
             ":key=" + std::to_string(by_id->id) + " is " + object::to_text(inventory::ref_of(*found));
    }
    return {};
  }
  const auto* const by_name = std::get_if<object::ByName>(&ref.target);
  if (by_name == nullptr || error.kind != Errc::mismatch) return {};
  const auto fifo = inventory::inspect(
      context.view, {.kind = object::Kind::fifo,
                     .target = object::ByPath{.path = context.view.shm_directory + "/" + by_name->name},
                     .ipc_namespace = {}});
  return fifo ? "it is a FIFO: " + object::to_text(inventory::ref_of(*fifo)) : "";
}

}  // namespace ipckit::cli
