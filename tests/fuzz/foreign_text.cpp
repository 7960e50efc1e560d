// SPDX-License-Identifier: MIT
// Text from outside on its way to a terminal and into JSON.
#include <algorithm>

#include <nlohmann/json.hpp>

#include <ipckit/render/sanitize.hpp>

#include "target.hpp"

using namespace ipckit::render;
using ipckit::fuzz::promise;

namespace {

void check_json(std::string_view text)
{
  std::string json;
  append_json_string(json, text);
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  promise(parsed.is_string(), "it is a JSON string");
  const auto again = parsed.get<std::string>();
  promise(is_utf8(again), "JSON is UTF-8");
  promise(printable(json) == json, "JSON is safe to show");
  promise(!is_utf8(text) || again == text, "what is UTF-8 is read back as it was");
}

void check_printable(std::string_view text)
{
  const std::string shown = printable(text);
  promise(is_utf8(shown), "what is shown is UTF-8");
  promise(std::ranges::none_of(shown, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }), "nothing steers");
  promise(printable(shown) == shown, "what is shown is safe to show");
  for (const std::size_t width : {0U, 1U, 2U, 7U, 80U}) {
    promise(display_width(cut_to_width(shown, width)) <= width, "what is cut fits");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = ipckit::fuzz::text_of(data, size);
  check_json(text);
  check_printable(text);
  promise(base64(text).size() == (text.size() + 2) / 3 * 4, "base64 has four letters for three bytes");
  return 0;
}
