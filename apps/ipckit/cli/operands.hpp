// SPDX-License-Identifier: MIT
#pragma once
// Operands: words that name kinds or single objects.

#include <string>
#include <vector>

#include <ipckit/cli/context.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/object/kind.hpp>
#include <ipckit/object/ref.hpp>

namespace ipckit::cli {

/// A REF and the word that was given for it.
struct AskedRef {
  std::string asked;
  object::Ref ref;
};

struct Operands {
  object::KindSet kinds;
  std::vector<std::string> kind_words;  // as given
  std::vector<AskedRef> refs;
};

/// Words that are kinds, groups or REFs. Throws UsageError for any other.
[[nodiscard]] Operands parse_operands(const std::vector<std::string>& words);
/// Words that are REFs only, at least one.
[[nodiscard]] std::vector<AskedRef> parse_refs(const std::vector<std::string>& words);

/// Why a REF that names nothing may have been meant otherwise: `shm:19999` where 19999 is a key. Empty where there is
/// nothing to say.
[[nodiscard]] std::string near_miss(const Context& context, const object::Ref& ref, const Error& error);

}  // namespace ipckit::cli
