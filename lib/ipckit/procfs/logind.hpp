// SPDX-License-Identifier: MIT
#pragma once
// logind.conf(5): the one setting that removes IPC objects behind people's backs.

#include <optional>
#include <string_view>

namespace ipckit::procfs {

/// RemoveIPC= of the [Login] section: the last one counts. Nothing when the text does not set it. Booleans as systemd
/// reads them: 1, yes, y, true, t, on and their opposites.
[[nodiscard]] std::optional<bool> parse_remove_ipc(std::string_view text) noexcept;

}  // namespace ipckit::procfs
