// SPDX-License-Identifier: MIT
#pragma once
// The only place where errors, gaps and problems of the grammar become sentences, and errors become exit statuses.

#include <optional>
#include <string>
#include <string_view>

#include <ipckit/base/error.hpp>
#include <ipckit/cli/exit_status.hpp>
#include <ipckit/inventory/refusal.hpp>
#include <ipckit/object/gap.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/object/ref.hpp>

namespace ipckit::cli {

/// What a kind is called in a sentence: "message queue".
[[nodiscard]] std::string_view noun_of(object::Kind kind) noexcept;

/// What failed and why, without a full stop.
[[nodiscard]] std::string explain(const Error& error, object::Kind kind);

/// One line of help for a failure that has an obvious way out; empty where there is none.
[[nodiscard]] std::string remedy(const Error& error, std::string_view verb);

[[nodiscard]] Exit exit_status(const Error& error) noexcept;

/// Why a word is no REF.
[[nodiscard]] std::string explain(object::RefProblem problem, std::string_view word);
/// How it should have been written; empty where there is nothing to add.
[[nodiscard]] std::string remedy(object::RefProblem problem, std::string_view word);

/// What was not seen, and what would help.
[[nodiscard]] std::string explain(const object::Gap& gap);
/// Its name in JSON.
[[nodiscard]] std::string_view name_of(object::Missing what) noexcept;

/// The limit that stood in the way: "20 messages in one queue; at most 10 are allowed (fs.mqueue.msg_max)".
[[nodiscard]] std::string explain(const inventory::Refusal& refusal);
/// How to raise it.
[[nodiscard]] std::string remedy(const inventory::Refusal& refusal);

}  // namespace ipckit::cli
