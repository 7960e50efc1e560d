// SPDX-License-Identifier: MIT
// Base64 that strangers wrote.
#include <string>

#include <ipckit/messages/format.hpp>
#include <ipckit/render/sanitize.hpp>

#include "target.hpp"

using namespace ipckit;
using fuzz::promise;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto text = fuzz::text_of(data, size);
  const std::string written = render::base64(text);
  promise(messages::parse_base64(written) == text, "any bytes are read back");
  promise(messages::parse_base64(written.substr(0, written.find('='))) == text, "without padding, too");

  const auto bytes = messages::parse_base64(text);
  if (!bytes) return 0;
  const auto digits = text.substr(0, text.find('='));
  promise(digits.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") ==
              std::string_view::npos,
          "nothing but digits was read");
  promise(bytes->size() == digits.size() * 6 / 8, "so many digits are so many bytes");
  promise(messages::parse_base64(render::base64(*bytes)) == *bytes, "what was read is read back");
  return 0;
}
