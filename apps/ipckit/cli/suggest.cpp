// SPDX-License-Identifier: MIT
#include <ipckit/cli/suggest.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <ipckit/cli/verb.hpp>
#include <ipckit/object/kind.hpp>

namespace ipckit::cli {
namespace {

using Synonym = std::pair<std::string_view, std::string_view>;

/// Other tools' words, and ours.
constexpr std::array verb_synonyms{
    Synonym{"list", "ls"},     Synonym{"dir", "ls"},       Synonym{"ps", "ls"},         Synonym{"ipcs", "ls"},
    Synonym{"stat", "show"},   Synonym{"info", "show"},    Synonym{"inspect", "show"},  Synonym{"status", "show"},
    Synonym{"get", "show"},    Synonym{"delete", "rm"},    Synonym{"del", "rm"},        Synonym{"remove", "rm"},
    Synonym{"unlink", "rm"},   Synonym{"ipcrm", "rm"},     Synonym{"destroy", "rm"},    Synonym{"new", "create"},
    Synonym{"make", "create"}, Synonym{"mk", "create"},    Synonym{"add", "create"},    Synonym{"ipcmk", "create"},
    Synonym{"chmod", "set"},   Synonym{"chown", "set"},    Synonym{"change", "set"},    Synonym{"modify", "set"},
    Synonym{"resize", "set"},  Synonym{"truncate", "set"}, Synonym{"limit", "limits"},  Synonym{"ulimit", "limits"},
    Synonym{"ftok", "key"},    Synonym{"receive", "recv"}, Synonym{"push", "send"},     Synonym{"fuser", "who"},
    Synonym{"lsof", "who"},    Synonym{"holders", "who"},  Synonym{"prune", "reap"},    Synonym{"clean", "reap"},
    Synonym{"gc", "reap"},     Synonym{"cat", "read"},     Synonym{"dump", "read"},     Synonym{"semop", "op"},
    Synonym{"post", "op"},     Synonym{"flock", "lock"},   Synonym{"orphans", "leaks"}, Synonym{"monitor", "watch"},
    Synonym{"top", "watch"},   Synonym{"exec", "run"}};

constexpr std::array kind_synonyms{Synonym{"msgs", "msg"},
                                   Synonym{"mq", "pmsg"},
                                   Synonym{"mqueue", "pmsg"},
                                   Synonym{"queues", "queue"},
                                   Synonym{"memory", "segment"},
                                   Synonym{"segments", "segment"},
                                   Synonym{"semaphores", "semaphore"},
                                   Synonym{"sems", "sem"},
                                   Synonym{"shmem", "shm"},
                                   Synonym{"pipe", "fifo"},
                                   Synonym{"fifos", "fifo"},
                                   Synonym{"pipes", "fifo"},
                                   Synonym{"systemv", "sysv"},
                                   Synonym{"any", "all"},
                                   Synonym{"*", "all"}};

std::optional<std::string_view> translated(std::span<const Synonym> synonyms, std::string_view word)
{
  const auto found = std::ranges::find(synonyms, word, &Synonym::first);
  return found == synonyms.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::size_t distance(std::string_view left, std::string_view right)
{
  std::vector<std::size_t> before_last(right.size() + 1);
  std::vector<std::size_t> last(right.size() + 1);
  std::vector<std::size_t> current(right.size() + 1);
  for (std::size_t at = 0; at <= right.size(); ++at) current[at] = at;
  for (std::size_t row = 1; row <= left.size(); ++row) {
    before_last = std::exchange(last, std::exchange(current, before_last));
    current[0] = row;
    for (std::size_t at = 1; at <= right.size(); ++at) {
      const std::size_t replaced = last[at - 1] + (left[row - 1] == right[at - 1] ? 0U : 1U);
      current[at] = std::min({replaced, last[at] + 1, current[at - 1] + 1});
      const bool swapped = row > 1 && at > 1 && left[row - 1] == right[at - 2] && left[row - 2] == right[at - 1];
      if (swapped) current[at] = std::min(current[at], before_last[at - 2] + 1);
    }
  }
  return current[right.size()];
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates)
{
  std::optional<std::string> best;
  std::size_t best_distance = word.size() < 3 ? 2 : 1 + std::min<std::size_t>(word.size() / 3, 2) + 1;
  for (const std::string& candidate : candidates) {
    const auto apart = distance(word, candidate);
    // A short word is not near to one that shares nothing with it.
    if (apart >= best_distance || apart >= std::max(word.size(), candidate.size())) continue;
    best = candidate;
    best_distance = apart;
  }
  return best;
}

std::optional<std::string> nearest_verb(std::string_view word)
{
  if (const auto other = translated(verb_synonyms, word); other && find_verb(*other) != nullptr) {
    return std::string(*other);
  }
  std::vector<std::string> names{"help"};
  for (const Verb* const verb : all_verbs()) names.emplace_back(verb->name);
  return nearest(word, names);
}

std::optional<std::string> nearest_kind(std::string_view word)
{
  if (const auto other = translated(kind_synonyms, word)) return std::string(*other);
  std::vector<std::string> names;
  names.reserve(object::kind_words.size());
  for (const auto& known : object::kind_words) names.emplace_back(known.word);
  return nearest(word, names);
}

}  // namespace ipckit::cli
