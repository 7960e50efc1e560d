// SPDX-License-Identifier: MIT
#include <ipckit/object/framing.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace ipckit::object {
namespace {

constexpr std::size_t prefix_size = 4;

std::uint32_t length_in(std::span<const std::byte> prefix) noexcept
{
  std::uint32_t length = 0;
  for (std::size_t at = 0; at < prefix_size; ++at) length = length << 8U | std::to_integer<std::uint32_t>(prefix[at]);
  return length;
}

void append(std::string& out, std::span<const std::byte> bytes)
{
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

std::optional<std::byte> separator_of(Framing framing) noexcept
{
  switch (framing) {
    case Framing::lines: return std::byte{'\n'};
    case Framing::null: return std::byte{0};
    case Framing::none:
    case Framing::length_prefixed: return std::nullopt;
  }
  return std::nullopt;
}

std::uint64_t framed_size(Framing framing, std::uint64_t size) noexcept
{
  if (framing == Framing::length_prefixed) return size + prefix_size;
  return separator_of(framing) ? size + 1 : size;
}

Result<> append_framed(std::string& out, Framing framing, std::span<const std::byte> message)
{
  if (framing == Framing::length_prefixed) {
    if (message.size() > std::numeric_limits<std::uint32_t>::max()) return fail(Errc::too_large, "frame", "");
    for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(message.size() >> shift & 0xffU);
  }
  append(out, message);
  if (const auto separator = separator_of(framing)) out += static_cast<char>(*separator);
  return {};
}

std::span<std::byte> Splitter::room(std::size_t size)
{
  if (begin_ > 0) {
    // What is left is the beginning of one message: little, unless that is long.
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + size) buffer_.resize(std::max(end_ + size, buffer_.size() * 2));
  return std::span{buffer_}.subspan(end_, size);
}

std::optional<std::span<const std::byte>> Splitter::front() noexcept
{
  if (const auto separator = separator_of(framing_)) return front_by_separator(*separator);
  if (framing_ == Framing::length_prefixed) return front_by_length();
  frame_ = end_ - begin_;
  if (frame_ == 0) return std::nullopt;
  return rest();
}

std::optional<std::span<const std::byte>> Splitter::front_by_separator(std::byte separator) noexcept
{
  const auto unread = rest();
  const auto* const found =
      unread.size() > searched_
          ? static_cast<const std::byte*>(
                std::memchr(unread.data() + searched_, static_cast<int>(separator), unread.size() - searched_))
          : nullptr;
  if (found != nullptr) {
    const auto size = static_cast<std::size_t>(found - unread.data());
    searched_ = size;
    frame_ = size + 1;
    return unread.first(size);
  }
  searched_ = unread.size();
  if (!finished_ || unread.empty()) return std::nullopt;
  frame_ = unread.size();
  return unread;
}

std::optional<std::span<const std::byte>> Splitter::front_by_length() noexcept
{
  const auto unread = rest();
  if (unread.size() < prefix_size) return std::nullopt;
  const std::size_t length = length_in(unread);
  if (unread.size() - prefix_size < length) return std::nullopt;
  frame_ = prefix_size + length;
  return unread.subspan(prefix_size, length);
}

void Splitter::pop() noexcept
{
  begin_ += frame_;
  frame_ = 0;
  searched_ = 0;
}

std::uint64_t Splitter::at_least() const noexcept
{
  const auto unread = rest();
  if (framing_ != Framing::length_prefixed) return unread.size();
  return unread.size() < prefix_size ? 0 : length_in(unread);
}

Splitter::Counted Splitter::count(std::span<const std::byte> more, std::uint64_t messages) const
{
  Splitter probe{framing_};
  const auto unread = rest();
  const auto space = probe.room(unread.size() + more.size());
  std::ranges::copy(unread, space.begin());
  std::ranges::copy(more, space.begin() + static_cast<std::ptrdiff_t>(unread.size()));
  probe.filled(space.size());
  for (; messages > 0 && probe.front(); --messages) probe.pop();
  const std::size_t used = space.size() - probe.rest().size();
  return {.bytes = used > unread.size() ? used - unread.size() : 0, .missing = messages};
}

std::size_t Splitter::bytes_of(std::span<const std::byte> more, std::uint64_t messages) const
{
  const auto counted = count(more, messages);
  // A message that is not complete has at least what there is of it.
  return counted.missing > 0 ? more.size() : counted.bytes;
}

std::size_t Splitter::whole_bytes_of(std::span<const std::byte> more, std::uint64_t messages) const
{
  return count(more, messages).bytes;
}

}  // namespace ipckit::object
