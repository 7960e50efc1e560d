// SPDX-License-Identifier: MIT
#include <ipckit/object/ref.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <ipckit/base/number.hpp>
#include <ipckit/object/key.hpp>

namespace ipckit::object {
namespace {

using Parsed = std::expected<Ref, RefProblem>;

constexpr std::unexpected<RefProblem> no(RefProblem problem) noexcept
{
  return std::unexpected(problem);
}

constexpr std::array<bool, 256> plain_bytes = [] {
  std::array<bool, 256> plain{};
  for (const char c : std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:@+,=-"}) {
    plain[static_cast<unsigned char>(c)] = true;
  }
  return plain;
}();

bool is_digits(std::string_view text) noexcept
{
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Parsed by_key(Kind kind, std::string_view text)
{
  const auto key = parse_key(text);
  if (!key) return no(RefProblem::bad_key);
  if (*key == 0) return no(RefProblem::key_zero);
  return Ref{.kind = kind, .target = ByKey{*key}, .ipc_namespace = {}};
}

Parsed by_file(Kind kind, std::string_view text)
{
  const auto comma = text.rfind(',');
  std::uint8_t project = 1;
  if (comma != std::string_view::npos) {
    const auto written = unescape(text.substr(comma + 1));
    if (!written) return no(RefProblem::bad_escape);
    const auto parsed = parse_project(*written);
    if (!parsed) return no(RefProblem::bad_project);
    project = *parsed;
  }
  auto path = unescape(text.substr(0, comma));
  if (!path) return no(RefProblem::bad_escape);
  if (path->empty()) return no(RefProblem::empty);
  return Ref{.kind = kind, .target = ByFile{std::move(*path), project}, .ipc_namespace = {}};
}

Parsed by_word(Kind kind, std::string_view text)
{
  auto word = unescape(text);
  if (!word) return no(RefProblem::bad_escape);
  if (word->empty()) return no(RefProblem::empty);
  return Ref{.kind = kind, .target = ByWord{std::move(*word)}, .ipc_namespace = {}};
}

Parsed sysv(Kind kind, std::string_view text)
{
  if (is_digits(text)) {
    const auto id = parse_number<int>(text);
    if (!id) return no(RefProblem::bad_id);
    return Ref{.kind = kind, .target = ById{*id}, .ipc_namespace = {}};
  }
  if (text.starts_with("0x") || text.starts_with("0X")) return by_key(kind, text);
  if (text.starts_with("key=")) return by_key(kind, text.substr(4));
  if (text.starts_with("file=")) return by_file(kind, text.substr(5));
  if (text.starts_with('@')) return by_word(kind, text.substr(1));
  return no(unescape(text) ? RefProblem::other : RefProblem::bad_escape);
}

Parsed by_name(Kind kind, std::string name)
{
  if (name.starts_with('/')) name.erase(0, 1);
  if (const auto problem = name_problem(kind, name)) return no(*problem);
  return Ref{.kind = kind, .target = ByName{std::move(name)}, .ipc_namespace = {}};
}

Parsed with_kind(Kind kind, std::string_view text)
{
  if (text.empty()) return no(RefProblem::empty);
  if (is_sysv(kind)) return sysv(kind, text);
  auto bytes = unescape(text);
  if (!bytes) return no(RefProblem::bad_escape);
  if (kind == Kind::fifo) return Ref{.kind = kind, .target = ByPath{std::move(*bytes)}, .ipc_namespace = {}};
  return by_name(kind, std::move(*bytes));
}

/// A path without a kind in front: taken literally, nothing is unescaped.
Parsed bare_path(std::string_view path)
{
  constexpr std::array<std::pair<std::string_view, Kind>, 3> places{
      {{"/dev/shm/sem.", Kind::psem}, {"/dev/shm/", Kind::pshm}, {"/dev/mqueue/", Kind::pmsg}}};
  for (const auto& [prefix, kind] : places) {
    if (path.starts_with(prefix) && path != "/dev/shm/sem.") {
      return by_name(kind, std::string(path.substr(prefix.size())));
    }
    if (path == "/dev/shm/sem." && kind == Kind::pshm) return by_name(kind, "sem.");
  }
  return Ref{.kind = Kind::fifo, .target = ByPath{std::string(path), true}, .ipc_namespace = {}};
}

/// A REF without a namespace in front.
Parsed parse_local(std::string_view text)
{
  if (text.starts_with('/') || text.starts_with("./") || text.starts_with("../")) return bare_path(text);
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    return text.contains('/') ? bare_path(text) : no(RefProblem::no_kind);
  }
  const auto word = text.substr(0, colon);
  if (const auto kind = parse_kind(word)) return with_kind(*kind, text.substr(colon + 1));
  return no(parse_kinds(word) ? RefProblem::group : RefProblem::unknown_kind);
}

Parsed in_namespace(std::string_view text)
{
  const auto slash = text.find('/');
  const auto inode = parse_number<std::uint64_t>(text.substr(0, slash));
  if (slash == std::string_view::npos || !inode) return no(RefProblem::bad_namespace);
  text.remove_prefix(slash + 1);
  auto ref = parse_local(text);
  if (!ref) return ref;
  if (!is_sysv(ref->kind) && ref->kind != Kind::pmsg) return no(RefProblem::not_sysv);
  ref->ipc_namespace = inode;
  return ref;
}

std::optional<unsigned> hex_digit(char c) noexcept
{
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

struct TargetText {
  std::string operator()(const ById& target) const { return std::to_string(target.id); }
  std::string operator()(const ByKey& target) const { return key_text(target.key); }
  std::string operator()(const ByFile& target) const
  {
    return "file=" + escape(target.path) + "," + std::to_string(target.project);
  }
  std::string operator()(const ByWord& target) const { return "@" + escape(target.word); }
  std::string operator()(const ByName& target) const { return "/" + escape(target.name); }
  std::string operator()(const ByPath& target) const { return escape(target.path); }
};

struct KeyOf {
  Result<std::optional<std::int32_t>> operator()(const ByKey& target) const { return target.key; }
  Result<std::optional<std::int32_t>> operator()(const ByFile& target) const
  {
    return IPCKIT_TRY(key_of_file(target.path, target.project));
  }
  Result<std::optional<std::int32_t>> operator()(const ByWord& target) const { return key_of_word(target.word); }
  Result<std::optional<std::int32_t>> operator()(const auto& /*no key*/) const { return std::nullopt; }
};

}  // namespace

std::expected<Ref, RefProblem> parse_ref(std::string_view text)
{
  return text.starts_with("ns=") ? in_namespace(text.substr(3)) : parse_local(text);
}

std::string to_text(const Ref& ref)
{
  std::string text;
  if (ref.ipc_namespace) text = "ns=" + std::to_string(*ref.ipc_namespace) + "/";
  text += name_of(ref.kind);
  text += ':';
  return text + std::visit(TargetText{}, ref.target);
}

void append_escaped(std::string& text, std::string_view bytes)
{
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (plain_bytes[byte]) {
      text += c;
    } else {
      text += '%';
      text += digits[byte >> 4U];
      text += digits[byte & 0xfU];
    }
  }
}

std::string escape(std::string_view bytes)
{
  std::string text;
  text.reserve(bytes.size());
  append_escaped(text, bytes);
  return text;
}

std::optional<std::string> unescape(std::string_view text)
{
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\0') return std::nullopt;
    if (text[at] != '%') {
      bytes += text[at];
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[at + 1]);
    const auto low = hex_digit(text[at + 2]);
    if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
    bytes += static_cast<char>(*high << 4U | *low);
    at += 2;
  }
  return bytes;
}

std::optional<RefProblem> name_problem(Kind kind, std::string_view name) noexcept
{
  constexpr std::size_t longest = 255;         // NAME_MAX
  constexpr std::size_t semaphore_prefix = 4;  // "sem." in front of the file's name
  if (name.empty() || name == "." || name == ".." || name.contains('/')) return RefProblem::bad_name;
  if (name.size() > (kind == Kind::psem ? longest - semaphore_prefix : longest)) return RefProblem::name_too_long;
  if (kind == Kind::pshm && name.starts_with("sem.") && name != "sem.") return RefProblem::semaphore_name;
  return std::nullopt;
}

Result<std::optional<std::int32_t>> key_of(const Ref& ref)
{
  return std::visit(KeyOf{}, ref.target);
}

}  // namespace ipckit::object
