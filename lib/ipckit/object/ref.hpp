// SPDX-License-Identifier: MIT
#pragma once
// The REF: one word that names one object. Written and read here only; parsing asks nothing of the kernel.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <ipckit/base/error.hpp>
#include <ipckit/object/kind.hpp>

namespace ipckit::object {

struct ById {
  int id = 0;
  bool operator==(const ById&) const = default;
};
struct ByKey {
  std::int32_t key = 0;
  bool operator==(const ByKey&) const = default;
};
/// The key of ftok(3).
struct ByFile {
  std::string path;
  std::uint8_t project = 1;
  bool operator==(const ByFile&) const = default;
};
/// The key made from a word.
struct ByWord {
  std::string word;
  bool operator==(const ByWord&) const = default;
};
/// A POSIX name, without its leading slash.
struct ByName {
  std::string name;
  bool operator==(const ByName&) const = default;
};
/// A FIFO's path, absolute or relative. `bare`: given without `fifo:`, so that only an existing FIFO is meant.
struct ByPath {
  std::string path;
  bool bare = false;
  bool operator==(const ByPath&) const = default;
};

struct Ref {
  Kind kind = Kind::msg;
  std::variant<ById, ByKey, ByFile, ByWord, ByName, ByPath> target;
  std::optional<std::uint64_t> ipc_namespace;  // the inode in `ns=INODE/`
  bool operator==(const Ref&) const = default;
};

/// Why a word is no REF.
enum class RefProblem : std::uint8_t {
  no_kind,         // neither `KIND:` in front nor a path
  unknown_kind,    // what stands before the colon is no kind
  group,           // what stands before the colon names several kinds
  empty,           // nothing after the colon
  bad_id,          // a number, but no id: too large
  bad_key,         // `key=` or `0x` is no 32-bit number
  key_zero,        // key 0 is IPC_PRIVATE and names nothing
  bad_project,     // after the last comma of `file=`: neither a number nor one character
  bad_escape,      // % without two hexadecimal digits, or %00
  bad_name,        // '', '.', '..' or a slash inside a POSIX name
  name_too_long,   // a POSIX name of more than 255 bytes (251 of a semaphore)
  semaphore_name,  // pshm:/sem.X is a semaphore's file
  bad_namespace,   // `ns=` without an inode number and a slash
  not_sysv,        // `ns=` before a kind that belongs to no IPC namespace
  other,           // a System V kind and something that is neither id nor key
};

[[nodiscard]] std::expected<Ref, RefProblem> parse_ref(std::string_view text);

/// The REF as it is printed. Canonical for ids, names and absolute paths; the other targets keep their form. Every byte
/// outside [A-Za-z0-9._/:@+,=-] is %XX, so it is one word for shell, xargs and terminal.
[[nodiscard]] std::string to_text(const Ref& ref);

/// `bytes` with everything escaped that a REF may not contain.
[[nodiscard]] std::string escape(std::string_view bytes);
/// The same, at the end of `text`.
void append_escaped(std::string& text, std::string_view bytes);

/// The bytes that an escaped text stands for; nothing where an escape is broken or would be a NUL.
[[nodiscard]] std::optional<std::string> unescape(std::string_view text);

/// Why a POSIX object of this kind cannot have this name; nothing when it can.
[[nodiscard]] std::optional<RefProblem> name_problem(Kind kind, std::string_view name) noexcept;

/// The 32-bit key that a REF by key, file or word stands for; nothing for the others. Errors are those of key_of_file.
[[nodiscard]] Result<std::optional<std::int32_t>> key_of(const Ref& ref);

}  // namespace ipckit::object
