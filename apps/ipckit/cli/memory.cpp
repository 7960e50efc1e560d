// SPDX-License-Identifier: MIT
#include <ipckit/cli/memory.hpp>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/suggest.hpp>
#include <ipckit/cli/usage_error.hpp>
#include <ipckit/render/human.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

using object::Kind;

/// What does for an object without memory what was wanted of a segment.
std::string instead(Kind kind, const std::string& ref)
{
  switch (kind) {
    case Kind::msg:
    case Kind::pmsg:
    case Kind::fifo: return "what waits in it is taken by: ipckit recv " + ref;
    default: return "its values are shown by: ipckit show " + ref;
  }
}

}  // namespace

As parse_as(const std::string& word)
{
  if (word == "str") return {.text = true, .word = word};
  if (const auto type = object::parse_value_type(word)) return {.type = *type, .word = word};
  throw UsageError("--as: '" + render::printable(word) + "' is no type",
                   "types are u8, u16, u32, u64, i8, i16, i32, i64, f32, f64 and str");
}

AskedRef parse_segment(const std::vector<std::string>& words)
{
  if (words.empty()) throw UsageError("which segment? A REF is needed", "they are listed by: ipckit ls segment");
  AskedRef asked = parse_refs({words.front()}).front();
  const Kind kind = asked.ref.kind;
  if (kind == Kind::shm || kind == Kind::pshm) return asked;
  const std::string shown = render::printable(asked.asked);
  throw UsageError("'" + shown + "' is no memory but a " + std::string(noun_of(kind)), instead(kind, shown));
}

Error past_end(const Range& range, std::uint64_t size)
{
  const bool countless = range.length == UINT64_MAX;  // a product may have been more
  const std::string least = countless ? "at least " : "";
  const std::string what = range.offset >= size && range.length <= 1
                               ? "offset " + std::to_string(range.offset)
                               : least + bytes_text(range.length) + " from " + std::to_string(range.offset) + " on";
  return {.kind = Errc::too_large,
          .operation = "reach",
          .detail = "past the end: " + what + ", and the segment has " + bytes_text(size)};
}

std::string bytes_text(std::uint64_t count)
{
  return render::plural(count, "byte", "bytes");
}

}  // namespace ipckit::cli
