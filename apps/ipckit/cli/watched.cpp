// SPDX-License-Identifier: MIT
#include <ipckit/cli/watched.hpp>

#include <algorithm>
#include <utility>

#include <unistd.h>

#include <ipckit/cli/explain.hpp>
#include <ipckit/cli/memory.hpp>
#include <ipckit/inventory/find.hpp>
#include <ipckit/process/pipe_content.hpp>
#include <ipckit/pshm/look.hpp>
#include <ipckit/render/json.hpp>
#include <ipckit/rows/entries.hpp>
#include <ipckit/shm/look.hpp>
#include <ipckit/sys/identity.hpp>

namespace ipckit::cli {
namespace {

using inventory::Entry;
using object::Kind;
using render::Cell;

/// A semaphore's value without a mark on its file; inventory::inspect may leave one.
Result<Entry> inspect_semaphore(const Context& context, const std::string& name)
{
  return Entry{IPCKIT_TRY(psem::inspect(context.view, name, psem::Trace::none))};
}

Result<Entry> inspect_ref(const Context& context, const object::Ref& ref)
{
  const auto* const name = std::get_if<object::ByName>(&ref.target);
  if (ref.kind == Kind::psem && name != nullptr) return inspect_semaphore(context, name->name);
  return inventory::inspect(context.view, ref);
}

/// Whether it still is the object that was found, and not another that has its id or name.
bool is_same(const Entry& found, const Entry& now)
{
  if (const auto* const file = inventory::file_of(found)) return file->same_inode(*inventory::file_of(now));
  const auto* const before = inventory::sysv_of(found);
  const auto* const after = inventory::sysv_of(now);
  return before->id == after->id && before->creator_user == after->creator_user &&
         (before->key == after->key || after->key == 0);
}

Cell number(std::optional<std::uint64_t> value)
{
  return value ? Cell{render::Number{*value}} : Cell{render::Unknown{}};
}

Cell pid(pid_t pid)
{
  return pid > 0 ? Cell{render::Signed{pid}} : Cell{render::Absent{}};
}

Cell time(Timestamp time)
{
  return time.seconds == 0 ? Cell{render::Never{}} : Cell{time};
}

/// "1,0,5" for people, [1,0,5] for programs.
template <class Values, class Of>
Fact list_of(const char* key, const Values& values, Of of)
{
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ",") + std::to_string(of(value));
  std::string json = "[" + text + "]";
  return {.key = key, .cell = render::Words{.text = std::move(text)}, .json = std::move(json)};
}

std::string json_of(const Sight& sight)
{
  std::string text;
  render::JsonObject object{text};
  for (const auto& fact : sight.facts) {
    if (fact.json.empty()) {
      object.add(fact.key, fact.cell);
    } else {
      object.add_json(fact.key, fact.json);
    }
  }
  object.close();
  return text;
}

}  // namespace

/// What is watched of each kind.
struct Watched::AddFacts {
  const Context& context;
  Sight& sight;

  void add(const char* key, Cell cell, bool in_text = true) const
  {
    sight.facts.push_back({.key = key, .cell = std::move(cell), .json = {}, .in_text = in_text});
  }
  void operator()(const msg::Queue& queue) const
  {
    add("messages", render::Number{queue.messages});
    add("bytes", render::Number{queue.bytes});
    add("max_bytes", number(queue.max_bytes));
    add("last_sender", pid(queue.last_sender));
    add("last_receiver", pid(queue.last_receiver));
    add("sent", time(queue.sent), false);
    add("received", time(queue.received), false);
  }
  void operator()(const pmsg::Queue& queue) const
  {
    const auto& geometry = queue.geometry;
    add("messages", number(geometry ? std::optional(geometry->messages) : std::nullopt));
    add("max_messages", number(geometry ? std::optional(geometry->max_messages) : std::nullopt));
    // Sending and receiving both set it: a message that came and went leaves a mark here.
    add("modified", queue.file.modified, false);
  }
  void operator()(const sem::Set& set) const
  {
    const auto semaphores = sem::inspect_semaphores(context.view, set);
    if (semaphores) {
      add_list("values", *semaphores, &sem::Semaphore::value);
      add_list("waiting_to_take", *semaphores, &sem::Semaphore::waiting_to_take);
      add_list("waiting_for_zero", *semaphores, &sem::Semaphore::waiting_for_zero);
      add_list("last_pids", *semaphores, &sem::Semaphore::last_user);
    } else {
      for (const char* const key : {"values", "waiting_to_take", "waiting_for_zero", "last_pids"}) {
        add(key, render::Unknown{});
      }
    }
    add("operated", time(set.operated), false);
  }
  void operator()(const psem::Semaphore& semaphore) const
  {
    add("value", number(semaphore.value ? std::optional<std::uint64_t>(*semaphore.value) : std::nullopt));
  }
  void operator()(const shm::Segment& segment) const
  {
    add("size", render::Number{segment.size}, false);
    add("maps", render::Number{segment.maps});
    add("doomed", render::Flag{segment.doomed}, segment.doomed);
  }
  void operator()(const pshm::Segment& segment) const { add("size", render::Number{segment.file.size}); }
  void operator()(const fifo::Fifo& /*asked of a process*/) const {}

private:
  template <class Field>
  void add_list(const char* key, const std::vector<sem::Semaphore>& semaphores, Field field) const
  {
    sight.facts.push_back(list_of(key, semaphores, [&](const sem::Semaphore& semaphore) { return semaphore.*field; }));
  }
};

Watched::Watched(std::string asked, Entry entry, const WindowAt& window)
    : asked_{std::move(asked)}, ref_{rows::ref_text(entry)}, entry_{std::move(entry)}, window_{window}
{
}

bool Watched::is_segment() const noexcept
{
  return kind() == Kind::shm || kind() == Kind::pshm;
}

Result<Watched> Watched::find(const Context& context, const std::string& asked, const object::Ref& ref,
                              const WindowAt& window)
{
  auto entry = IPCKIT_TRY(inspect_ref(context, ref));
  Watched watched{asked, std::move(entry), window};
  if (const auto* const segment = std::get_if<shm::Segment>(&watched.entry_)) {
    const auto key = segment->doomed ? std::nullopt : std::optional(segment->identity.key);
    watched.reader_.emplace(context.view,
                            process::SegmentIdentity{.id = segment->identity.id, .key = key, .size = segment->size});
  }
  const auto size = watched.is_segment() ? inventory::size_of(watched.entry_) : std::nullopt;
  if (size && window.offset > 0 && window.offset >= *size) {
    return std::unexpected(past_end({.offset = window.offset, .length = 1}, *size));
  }
  return watched;
}

Result<Entry> Watched::inspect(const Context& context) const
{
  auto now = IPCKIT_TRY(inspect_ref(context, inventory::ref_of(entry_)));
  if (!is_same(entry_, now)) return fail(Errc::removed, "watch", ref_, "replaced");
  return now;
}

Result<Sight> Watched::look(const Context& context, const Tell& tell)
{
  Sight sight{.entry = IPCKIT_TRY(inspect(context)),
              .facts = {},
              .bytes = {},
              .denied = false,
              .when = std::chrono::steady_clock::now(),
              .second = sys::now().seconds};
  std::visit(AddFacts{context, sight}, sight.entry);
  if (const auto* const fifo = std::get_if<fifo::Fifo>(&sight.entry)) add_pipe(context, *fifo, sight, tell);
  if (const auto* const semaphore = std::get_if<psem::Semaphore>(&sight.entry);
      semaphore != nullptr && semaphore->health == psem::Health::unread) {
    sight.denied = true;
    tell(ref_ + ": its value cannot be read, or not without a mark on its file");
  }
  if (const auto* const queue = std::get_if<pmsg::Queue>(&sight.entry); queue != nullptr && !queue->geometry) {
    sight.denied = true;
    tell(ref_ + ": how full it is cannot be read (run as root)");
  }
  if (const auto* const set = std::get_if<sem::Set>(&sight.entry); set != nullptr && !set->values) {
    sight.denied = true;
    tell(ref_ + ": its values cannot be read (run as root)");
  }
  if (is_segment()) IPCKIT_TRY(read_window(context, sight, tell));
  return sight;
}

Result<> Watched::read_window(const Context& context, Sight& sight, const Tell& tell)
{
  const std::uint64_t size = inventory::size_of(sight.entry).value_or(0);
  const std::uint64_t rest = size > window_.offset ? size - window_.offset : 0;
  std::vector<std::byte> bytes(std::min(window_.size, rest));
  Result<> read;
  if (const auto* const segment = std::get_if<shm::Segment>(&sight.entry)) {
    if (!bytes.empty()) read = read_shm(context, *segment, bytes, tell);
  } else {
    const auto glimpse = pshm::look(context.view, std::get<pshm::Segment>(entry_), window_.offset, bytes);
    if (glimpse) {
      bytes.resize(glimpse->count);
      if (glimpse->trace) tell(ref_ + ": each look moves its access time, for it is not yours");
    } else {
      read = std::unexpected(glimpse.error());
    }
  }
  if (read) {
    sight.bytes = std::move(bytes);
    return {};
  }
  if (read.error().kind == Errc::not_found || read.error().kind == Errc::removed) return read;
  sight.denied = read.error().kind == Errc::access_denied;
  tell(ref_ + ": its bytes cannot be read: " + explain(read.error(), kind()));
  return {};
}

Result<> Watched::read_shm(const Context& context, const shm::Segment& segment, std::span<std::byte> bytes,
                           const Tell& tell)
{
  if (segment.maps > 0 && reader_ && reader_->read(window_.offset, bytes)) return {};
  if (left_ && *left_ == segment) {
    std::ranges::copy(left_bytes_, bytes.begin());
    return {};
  }
  IPCKIT_TRY(shm::look_attached(context.view, segment.identity.id, window_.offset, bytes));
  tell(ref_ +
       (segment.maps > 0 ? ": no process that has it attached can be looked into: each look attaches it"
                         : ": nobody has it attached: a look attaches it") +
       ", which moves its times and last pid");
  left_.reset();
  const auto after = shm::inspect(context.view, segment.identity.id);
  if (after && after->maps == 0 && after->last_user == ::getpid()) {
    left_ = *after;
    left_bytes_.assign(bytes.begin(), bytes.end());
  }
  return {};
}

void Watched::add_pipe(const Context& context, const fifo::Fifo& fifo, Sight& sight, const Tell& tell)
{
  std::optional<process::PipeState> state;
  const auto take = [&](const process::PipeEnd& end) {
    const auto found = process::state_of(end);
    if (found) state = *found;
    return found.has_value();
  };
  bool unheld = false;
  if (!end_ || !take(*end_)) {
    end_.reset();
    auto ends = process::pipe_ends(context.view, &fifo.file);
    if (ends) std::erase_if(ends->rows, [](const auto& end) { return !end.reads && !end.writes; });
    unheld = ends && ends->rows.empty() && ends->gaps.empty();
    if (ends) {
      const auto found = std::ranges::find_if(ends->rows, take);
      if (found != ends->rows.end()) end_ = *found;
    }
  }
  if (!state && !unheld) {
    tell(ref_ + ": how much waits inside cannot be seen while no process that holds it can be looked into");
  }
  const auto none = unheld ? std::optional<std::uint64_t>(0) : std::nullopt;
  sight.facts.push_back(
      {.key = "bytes_waiting", .cell = number(state ? std::optional(state->waiting) : none), .json = {}});
  Cell size = unheld ? Cell{render::Absent{}} : Cell{render::Unknown{}};
  if (state) size = render::Number{state->size};
  sight.facts.push_back({.key = "pipe_size", .cell = size, .json = {}});
}

bool differ(const Sight& before, const Sight& now)
{
  return before.bytes != now.bytes || json_of(before) != json_of(now);
}

namespace {

std::optional<std::uint64_t> depth_of(const Entry& entry)
{
  if (const auto* const queue = std::get_if<msg::Queue>(&entry)) return queue->messages;
  const auto* const queue = std::get_if<pmsg::Queue>(&entry);
  return queue == nullptr || !queue->geometry ? std::nullopt : std::optional(queue->geometry->messages);
}

}  // namespace

std::optional<Rates> rates_of(const Sight& before, const Sight& now)
{
  const auto first = depth_of(before.entry);
  const auto last = depth_of(now.entry);
  const double seconds = std::chrono::duration<double>(now.when - before.when).count();
  if (!first || !last || seconds <= 0) return std::nullopt;
  Rates rates{.in = {}, .out = {}, .net = (static_cast<double>(*last) - static_cast<double>(*first)) / seconds};
  const auto* const queue = std::get_if<msg::Queue>(&now.entry);
  if (queue == nullptr) return rates;
  const bool sent = queue->sent.seconds >= before.second;
  const bool received = queue->received.seconds >= before.second;
  if (!sent) rates.in = 0;
  if (!received) rates.out = 0;
  if (!received && rates.net >= 0) rates.in = rates.net;
  if (!sent && rates.net <= 0) rates.out = rates.net < 0 ? -rates.net : 0;
  return rates;
}

}  // namespace ipckit::cli
