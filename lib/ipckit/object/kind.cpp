// SPDX-License-Identifier: MIT
#include <ipckit/object/kind.hpp>

namespace ipckit::object {

std::string_view name_of(Kind kind) noexcept
{
  return kind_words[static_cast<std::size_t>(kind)].word;
}

std::optional<Kind> parse_kind(std::string_view word) noexcept
{
  for (const Kind kind : all_kinds) {
    if (name_of(kind) == word) return kind;
  }
  return std::nullopt;
}

std::optional<KindSet> parse_kinds(std::string_view word) noexcept
{
  for (const auto& known : kind_words) {
    if (known.word == word) return known.kinds;
  }
  return std::nullopt;
}

std::optional<Kind> twin_of(Kind kind) noexcept
{
  switch (kind) {
    case Kind::msg: return Kind::pmsg;
    case Kind::shm: return Kind::pshm;
    case Kind::sem: return Kind::psem;
    case Kind::pmsg: return Kind::msg;
    case Kind::pshm: return Kind::shm;
    case Kind::psem: return Kind::sem;
    case Kind::fifo: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace ipckit::object
