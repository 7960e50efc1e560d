// SPDX-License-Identifier: MIT
#include <ipckit/cli/report.hpp>

#include <algorithm>
#include <cstring>

#include <ipckit/cli/explain.hpp>
#include <ipckit/render/json.hpp>
#include <ipckit/render/sanitize.hpp>

namespace ipckit::cli {
namespace {

/// Writes `items` as a JSON array, each by `write`.
template <class Items, class Write>
std::string array_of(const Items& items, Write write)
{
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    render::JsonObject object{out};
    write(object, item);
    object.close();
  }
  return out + "]";
}

}  // namespace

std::string errno_name(int os_error)
{
  const char* const name = ::strerrorname_np(os_error);
  return name == nullptr ? std::to_string(os_error) : name;
}

void Report::ends(Exit status) noexcept
{
  if (!status_) {
    status_ = status;
  } else if (*status_ != status) {
    status_ = Exit::refused;
  }
}

void Report::fail(std::string_view ref, object::Kind kind, const Error& error, const std::string& hint)
{
  const std::string own = remedy(error, context_.verb);
  fail(ref, exit_status(error), error, explain(error, kind), own.empty() ? hint : own);
}

void Report::fail(std::string_view ref, Exit status, const Error& error, const std::string& message,
                  const std::string& hint)
{
  ends(status);
  context_.say((ref.empty() ? "" : render::printable(ref) + ": ") + message);
  if (!hint.empty()) {
    context_.err.write("  " + hint + "\n");
    context_.err.flush();
  }
  failures_.push_back({.ref = std::string(ref),
                       .status = status,
                       .os_error = error.os_error,
                       .operation = error.operation,
                       .message = message});
}

void Report::gap(const object::Gap& gap)
{
  const auto same = std::ranges::find_if(gaps_, [&](const object::Gap& known) {
    return known.what == gap.what && known.kind == gap.kind && known.subject == gap.subject;
  });
  if (same == gaps_.end()) {
    gaps_.push_back(gap);
    return;
  }
  // The same processes refuse every time; objects are others each time.
  const bool repeats = gap.what == object::Missing::processes;
  same->count = repeats ? std::max(same->count, gap.count) : same->count + gap.count;
}

void Report::say_gaps(const std::string& about)
{
  for (; said_ < gaps_.size(); ++said_) context_.say(about + explain(gaps_[said_]));
}

bool Report::misses_objects() const noexcept
{
  return std::ranges::any_of(gaps_, [](const object::Gap& gap) {
    return gap.what == object::Missing::names || gap.what == object::Missing::foreign ||
           gap.what == object::Missing::uncertain || gap.what == object::Missing::objects;
  });
}

std::string Report::errors_json() const
{
  return array_of(failures_, [](render::JsonObject& object, const Failure& failure) {
    object.add("ref", render::Foreign{failure.ref});
    object.add("status", render::Number{static_cast<std::uint64_t>(failure.status)});
    object.add("errno", failure.os_error == 0 ? render::Cell{render::Unknown{}}
                                              : render::Cell{render::Words{.text = errno_name(failure.os_error)}});
    object.add("operation", render::Words{.text = failure.operation});
    object.add("message", render::Words{.text = failure.message});
  });
}

std::string Report::incomplete_json() const
{
  return array_of(gaps_, [](render::JsonObject& object, const object::Gap& gap) {
    object.add("what", render::Words{.text = std::string(name_of(gap.what))});
    object.add("kind", render::Words{.text = std::string(object::name_of(gap.kind))});
    if (gap.count > 0) object.add("count", render::Number{gap.count});
    object.add("message", render::Words{.text = explain(gap)});
  });
}

}  // namespace ipckit::cli
