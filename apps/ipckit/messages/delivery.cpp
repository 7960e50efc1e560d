// SPDX-License-Identifier: MIT
#include <ipckit/messages/delivery.hpp>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include <fcntl.h>
#include <unistd.h>

#include <ipckit/render/sanitize.hpp>
#include <ipckit/sys/fd.hpp>
#include <ipckit/sys/stream.hpp>

namespace ipckit::messages {
namespace {

/// Empty messages take no bytes; this many are enough for one write.
constexpr std::size_t messages_at_most = 8192;

void append_message(std::string& out, object::Framing framing, std::span<const std::byte> data)
{
  // Fails for 4 GiB and more, which no message of a queue or FIFO has.
  const auto appended = object::append_framed(out, framing, data);
  if (!appended) out += text_of(data);
}

/// Makes a file that only its owner may read and writes it; its path, or nothing where that failed.
std::string save_in(const std::string& directory, std::string_view suffix, std::string_view text)
{
  std::string path = directory + "/ipckit-rescue-XXXXXX" + std::string(suffix);
  const sys::UniqueFd file{::mkostemps(path.data(), static_cast<int>(suffix.size()), O_CLOEXEC)};
  if (!file) return {};
  std::size_t done = 0;
  const bool written =
      sys::write_waiting(file.get(), bytes_of(text), done, {}, path).has_value() && ::fsync(file.get()) == 0;
  if (written) return path;
  ::unlink(path.c_str());
  return {};
}

}  // namespace

std::size_t Delivery::room() const noexcept
{
  if (empty()) return std::numeric_limits<std::size_t>::max();
  return bytes_.size() < object::taken_at_most ? object::taken_at_most - bytes_.size() : 0;
}

bool Delivery::full() const noexcept
{
  return bytes_.size() >= object::taken_at_most || taken_.size() >= messages_at_most;
}

Result<> Delivery::possible() const
{
  return sys::can_be_written(fd_, "stdout");
}

object::Message Delivery::message_of(const Taken& taken) const noexcept
{
  return {.type = taken.type,
          .priority = taken.priority,
          .data = bytes_of(std::string_view{bytes_}.substr(taken.at, taken.size))};
}

void Delivery::add(const object::Message& message)
{
  const std::size_t at = bytes_.size();
  bytes_ += text_of(message.data);
  const bool ambiguous = append(message);
  taken_.push_back({.at = at,
                    .size = message.data.size(),
                    .type = message.type,
                    .priority = message.priority,
                    .written_at = out_.size(),
                    .ambiguous = ambiguous});
}

bool Delivery::append(const object::Message& message)
{
  if (shape_.format == Format::json_lines) {
    // What a FIFO carries in lines is JSON already, or a message that says nothing of itself.
    if (shape_.kind == object::Kind::fifo && parse_json_line(text_of(message.data))) {
      out_ += text_of(message.data);
    } else {
      append_json(out_, shape_.kind, message);
    }
    out_ += '\n';
    return false;
  }
  if (shape_.printable) {
    out_ += render::printable(text_of(message.data));
    out_ += '\n';
    return false;
  }
  const auto framing = framing_of(shape_.format);
  const auto separator = object::separator_of(framing);
  append_message(out_, framing, message.data);
  return separator && std::ranges::find(message.data, *separator) != message.data.end();
}

Result<> Delivery::flush()
{
  std::size_t done = 0;
  const auto outcome = sys::write_waiting(fd_, bytes_of(out_), done, patience_, "stdout");
  const auto undelivered = std::ranges::find_if(taken_, [&](const Taken& taken) { return taken.written_at > done; });
  // An empty message of no framing takes no byte: it is written as soon as all before it are.
  const auto delivered = static_cast<std::size_t>(undelivered - taken_.begin());
  written_ += delivered;
  for (auto taken = taken_.begin(); taken != undelivered; ++taken) ambiguous_ += taken->ambiguous ? 1U : 0U;
  taken_.erase(taken_.begin(), undelivered);
  if (outcome) {
    bytes_.clear();
    out_.clear();
  }
  return outcome;
}

void Delivery::append_for_file(std::string& text, const object::Message& message) const
{
  if (shape_.kind == object::Kind::fifo) {
    append_message(text, framing_of(shape_.format), message.data);
    return;
  }
  append_json(text, shape_.kind, message);
  text += '\n';
}

bool Delivery::put_back_or_append(const object::Message& message, std::string& text)
{
  // Once one has to be saved those behind it are, too: their order is worth keeping.
  if (text.empty() && inlet_.put_back(message)) return true;
  append_for_file(text, message);
  return false;
}

void Delivery::save(std::string text, Rescued& rescued) const
{
  if (text.empty()) return;
  const std::string_view suffix = shape_.kind == object::Kind::fifo ? ".bin" : ".jsonl";
  for (const std::string& directory : directories_) {
    rescued.file = save_in(directory, suffix, text);
    if (!rescued.file.empty()) return;
  }
  rescued.unsaved = std::move(text);
}

Rescued Delivery::rescue()
{
  Rescued rescued;
  std::string text;
  for (const Taken& taken : taken_) ++(put_back_or_append(message_of(taken), text) ? rescued.back : rescued.saved);
  taken_.clear();
  const auto remains = inlet_.remains();
  rescued.bytes = remains.size();
  text += text_of(remains);
  save(std::move(text), rescued);
  return rescued;
}

Rescued Delivery::rescue(const object::Message& message)
{
  Rescued rescued;
  std::string text;
  ++(put_back_or_append(message, text) ? rescued.back : rescued.saved);
  save(std::move(text), rescued);
  return rescued;
}

}  // namespace ipckit::messages
