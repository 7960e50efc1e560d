// SPDX-License-Identifier: MIT
#pragma once
// What can be waited for: conditions of objects as pure functions of what the kernel has told of them, which kinds have
// them, and how they are known. The looking is in await.hpp.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <ipckit/inventory/entry.hpp>
#include <ipckit/object/kind.hpp>

namespace ipckit::inventory {

enum class Condition : std::uint8_t {
  exists,    // the REF names an object
  gone,      // the object that the REF named at first is named by it no more
  empty,     // nothing waits in it
  nonempty,  // something does
  writable,  // a writer would neither wait nor fail
  unused,    // nobody has it mapped or open
  used,      // somebody has
  zero,      // every value is 0
  value,     // every value is the one that is waited for
};

/// How the truth of a condition is known, and how soon.
enum class Means : std::uint8_t {
  none,    // the kind has no such condition
  poll,    // poll(2): at once
  notice,  // inotify(7), and then a look: at once; without inotify, as `look`
  look,    // looked at, every 20 ms at the latest
  lease,   // a lease, fcntl(2), when inotify(7) tells that it was opened or closed, and every 2 s; else a scan
  scan,    // all processes are looked at, when inotify(7) tells of something, and every 2 s
};

/// A condition, its word on the command line, and the means for each kind in the order of object::Kind.
struct ConditionRow {
  Condition condition;
  std::string_view word;
  std::array<Means, object::all_kinds.size()> means;
};

/// All conditions, in the order of the enumeration.
[[nodiscard]] std::span<const ConditionRow> conditions() noexcept;
[[nodiscard]] Means means_of(Condition condition, object::Kind kind) noexcept;
/// The word of a condition: "exists".
[[nodiscard]] std::string_view name_of(Condition condition) noexcept;
/// What the means are called: "poll"; "-" for none.
[[nodiscard]] std::string_view name_of(Means means) noexcept;

/// A condition, and the value that `value` waits for.
struct Wish {
  Condition condition = Condition::exists;
  std::uint32_t value = 0;
  bool operator==(const Wish&) const = default;
};

/// What "empty" or "value=3" says; nothing for other words.
[[nodiscard]] std::optional<Wish> parse_wish(std::string_view word) noexcept;

/// Whether it is true of the object as it was seen, where that tells: of what is inside, of values and of mappings that
/// the kernel counts. Nothing where it does not.
[[nodiscard]] std::optional<bool> holds(const Wish& wish, const Entry& entry) noexcept;

}  // namespace ipckit::inventory
