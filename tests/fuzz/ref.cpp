// SPDX-License-Identifier: MIT
// REFs: what is one has a canonical form that reads back as the same.
#include <ipckit/object/ref.hpp>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

namespace {

constexpr std::string_view one_word = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:@+,=-%";

void check_ref(std::string_view text)
{
  const auto ref = object::parse_ref(text);
  if (!ref) return;
  const std::string canonical = object::to_text(*ref);
  promise(canonical.find_first_not_of(one_word) == std::string::npos, "a canonical REF is one plain word");
  if (text.contains('\0')) return;  // no argument of a program holds one
  auto expected = *ref;
  // That a path was bare is not written.
  if (auto* const path = std::get_if<object::ByPath>(&expected.target)) path->bare = false;
  const auto again = object::parse_ref(canonical);
  promise(again.has_value(), "a canonical REF is a REF");
  promise(*again == expected, "a canonical REF is the same");
  promise(object::to_text(*again) == canonical, "a canonical REF stays as it is");
}

void check_escape(std::string_view text)
{
  const std::string escaped = object::escape(text);
  promise(escaped.find_first_not_of(one_word) == std::string::npos, "what is escaped is one plain word");
  const auto bytes = object::unescape(escaped);
  promise(bytes.has_value() != text.contains('\0'), "what is escaped is read back, but for a NUL");
  promise(!bytes || *bytes == text, "what is escaped is read back as it was");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = fuzz::text_of(data, size);
  check_ref(text);
  check_escape(text);
  if (const auto bytes = object::unescape(text))
    promise(bytes->size() <= text.size(), "unescaping makes nothing longer");
  return 0;
}
