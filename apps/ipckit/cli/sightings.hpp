// SPDX-License-Identifier: MIT
#pragma once
// What a live view has seen: as lines and JSON, one for each event, or as the lines of a screen.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ipckit/base/timestamp.hpp>
#include <ipckit/cli/context.hpp>
#include <ipckit/cli/options.hpp>
#include <ipckit/cli/watched.hpp>
#include <ipckit/inventory/entry.hpp>
#include <ipckit/render/json.hpp>
#include <ipckit/render/typed.hpp>
#include <ipckit/rows/context.hpp>

namespace ipckit::cli {

enum class Event : std::uint8_t { start, appeared, changed, removed };

/// A single object, as it was seen last and before that.
struct Single {
  Watched watched;
  std::unique_ptr<Sight> before;
  std::unique_ptr<Sight> now;
  bool gone = false;
};

/// An object of a kind, as it was seen last.
struct Listed {
  inventory::Entry entry;
  std::string use;
  bool fresh = false;  // it came or changed in this look
};
using ListedByRef = std::map<std::string, Listed>;

/// How the bytes of segments are shown: from where on, and as what; nothing: bytes.
struct WindowView {
  std::uint64_t offset = 0;
  std::optional<render::ValueType> type;
};

/// Prints a line for each event: text, or in a format of JSON an object.
class EventPrinter {
public:
  EventPrinter(Context& context, Format format, const WindowView& window)
      : context_{context}, format_{format}, window_{window}
  {
  }
  void print(Timestamp time, Event event, const Single& single);
  void print(Timestamp time, Event event, const std::string& ref, const Listed& listed);

private:
  [[nodiscard]] std::string window_part(Event event, const Single& single) const;
  void add_window(render::JsonObject& object, Event event, const Single& single) const;

  Context& context_;
  Format format_;
  WindowView window_;
  render::CellContext cells_{.now = {}, .names = {}};
};

/// All that a screen shows.
struct Scene {
  Timestamp time;
  const std::vector<Single>& singles;
  const ListedByRef* listed = nullptr;      // nullptr: no kind is watched
  const std::vector<std::string>& removed;  // REFs, in this look
  const std::vector<std::string>& notes;
  WindowView window;
};
/// Its lines, none wider than `columns`; what changed is in reverse video.
[[nodiscard]] std::vector<std::string> lines_of(const Scene& scene, std::size_t columns);

}  // namespace ipckit::cli
