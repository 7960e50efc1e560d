// SPDX-License-Identifier: MIT
// Streams of messages: however the bytes arrive, the messages are the same.
#include <ipckit/object/framing.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "target.hpp"

using namespace ipckit::object;
using ipckit::fuzz::promise;

namespace {

/// What a stream was made into.
struct Taken {
  std::vector<std::string> messages;
  std::string rest;
  bool operator==(const Taken&) const = default;
};

std::string text_of(std::span<const std::byte> bytes)
{
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void take(Splitter& splitter, Taken& taken)
{
  while (const auto message = splitter.front()) {
    const std::string text = text_of(*message);
    const auto again = splitter.front();
    promise(again && text_of(*again) == text, "front says the same twice");
    promise(text_of(splitter.rest()).ends_with(text_of(splitter.rest_behind_front())), "what is behind is the end");
    taken.messages.push_back(text);
    splitter.pop();
  }
}

/// The stream in pieces of at most `size` bytes, each a byte longer than the one before where `growing`.
Taken in_pieces(Framing framing, std::string_view stream, std::size_t size, bool growing)
{
  Splitter splitter{framing};
  Taken taken;
  while (!stream.empty()) {
    const auto piece = stream.substr(0, size);
    const auto room = splitter.room(piece.size());
    promise(room.size() >= piece.size(), "there is as much room as was asked for");
    std::ranges::copy(std::as_bytes(std::span{piece}), room.begin());
    splitter.filled(piece.size());
    stream.remove_prefix(piece.size());
    take(splitter, taken);
    if (growing) ++size;
  }
  splitter.finish();
  take(splitter, taken);
  taken.rest = text_of(splitter.rest());
  return taken;
}

std::string framed(Framing framing, const Taken& taken)
{
  std::string out;
  for (const std::string& message : taken.messages) {
    promise(append_framed(out, framing, std::as_bytes(std::span{message})).has_value(), "a message can be framed");
  }
  return out + taken.rest;
}

/// A reader that asks first takes the wanted messages and no byte more.
void asks_first(Framing framing, std::string_view stream, const Taken& all)
{
  for (std::size_t count = 0; count <= std::min<std::size_t>(all.messages.size(), 4); ++count) {
    const Splitter splitter{framing};
    const auto size = splitter.bytes_of(std::as_bytes(std::span{stream}), count);
    promise(size <= stream.size(), "no more bytes than there are");
    const auto some = in_pieces(framing, stream.substr(0, size), size + 1, false);
    promise(some.messages.size() == count, "so many bytes are so many messages");
    promise(std::ranges::equal(some.messages, std::span{all.messages}.first(count)), "and these are the first");
    promise(some.rest.empty() || count == all.messages.size(), "no byte more");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const auto stream = ipckit::fuzz::text_of(data, size);
  for (const Framing framing : {Framing::lines, Framing::null, Framing::length_prefixed}) {
    const auto whole = in_pieces(framing, stream, size + 1, false);
    promise(whole == in_pieces(framing, stream, 1, false), "byte by byte the messages are the same");
    promise(whole == in_pieces(framing, stream, 1, true), "in pieces of many sizes, too");
    promise(framing == Framing::length_prefixed || whole.rest.empty(), "a separator may be missing at the end");
    const std::string again = framed(framing, whole);
    promise(again.starts_with(stream) && again.size() <= size + 1, "framed once more the stream is the same");
    asks_first(framing, stream, whole);
  }
  return 0;
}
