// SPDX-License-Identifier: MIT
// The main of a fuzz target where there is no libFuzzer: runs every file of a corpus, then mutations of them that are
// the same in every run.
//
//   TARGET [--mutations N] DIRECTORY...
//
// The input that breaks a target is left in the file TARGET.broken of the working directory.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "target.hpp"

// Of the sanitizers' runtime, where there is one.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

using Input = std::string;

// For signal handlers: what is being run, and where it is to be left.
const Input* running = nullptr;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::string broken_path;         // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void leave_input()
{
  if (running == nullptr) return;
  const int fd = ::open(broken_path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0666);
  static_cast<void>(!::write(fd, running->data(), running->size()));
  ::close(fd);
  running = nullptr;
}

void die(int signal)
{
  leave_input();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void watch()
{
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(leave_input);
    std::signal(SIGABRT, die);
    return;
  }
  for (const int signal : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV}) std::signal(signal, die);
}

/// Mutations by one seed: bytes changed, taken out, put in and doubled, inputs cut and joined.
class Mutator {
public:
  explicit Mutator(const std::vector<Input>& corpus) : corpus_{corpus} {}

  Input next()
  {
    Input input = corpus_[below(corpus_.size())];
    for (auto steps = 1 + below(4); steps > 0; --steps) mutate(input);
    return input;
  }

private:
  std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }

  char interesting_byte()
  {
    static constexpr char bytes[] =
        "\0\x01\t\n\r\x1b !\"%(),-./019:;=@ABKMZ[\\]_abxz{|}~\x7f\x80\xbf\xc0\xc3\xe2\xed\xf4\xff";
    return below(2) == 0 ? bytes[below(sizeof bytes - 1)] : static_cast<char>(random_());
  }

  void mutate(Input& input)
  {
    const auto at = below(input.size() + 1);
    const auto length = below(std::min<std::size_t>(input.size() - at, 16) + 1);
    switch (below(6)) {
      case 0:
        if (at < input.size()) input[at] = interesting_byte();
        break;
      case 1: input.insert(at, 1, interesting_byte()); break;
      case 2: input.erase(at, length); break;
      case 3: input.insert(at, input.substr(at, length)); break;
      case 4: input.insert(at, 1 + below(30), "0129"[below(4)]); break;
      default: {
        const Input& other = corpus_[below(corpus_.size())];
        input = input.substr(0, at) + other.substr(below(other.size() + 1));
      }
    }
  }

  const std::vector<Input>& corpus_;
  std::mt19937 random_{4711};  // NOLINT(cert-msc51-cpp): the same mutations in every run
};

Input read(const std::filesystem::path& path)
{
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Input> read_corpus(const std::filesystem::path& directory)
{
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<Input> corpus;
  std::ranges::transform(paths, std::back_inserter(corpus), read);
  return corpus;
}

void run(const Input& input)
{
  running = &input;
  // A copy of exactly its size, so that a sanitizer sees each byte that is read beyond.
  std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  running = nullptr;
}

}  // namespace

int main(int argc, char** argv)
{
  broken_path = std::filesystem::path(argv[0]).filename().string() + ".broken";
  watch();
  unsigned long mutations = 0;
  std::vector<Input> corpus;
  for (int at = 1; at < argc; ++at) {
    if (std::strcmp(argv[at], "--mutations") == 0 && at + 1 < argc) {
      mutations = std::strtoul(argv[++at], nullptr, 10);
    } else {
      std::ranges::move(read_corpus(argv[at]), std::back_inserter(corpus));
    }
  }
  if (corpus.empty()) {
    std::fputs("there is no corpus\n", stderr);
    return 1;
  }
  for (const Input& input : corpus) run(input);
  Mutator mutator{corpus};
  for (unsigned long done = 0; done < mutations; ++done) run(mutator.next());
  std::printf("%zu inputs and %lu mutations\n", corpus.size(), mutations);
  return 0;
}
