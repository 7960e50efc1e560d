// SPDX-License-Identifier: MIT
// The main of a fuzz target where there is no libFuzzer: runs every file of a corpus, then mutations of them that are
// the same in every run.
//
//   TARGET [--mutations N] DIRECTORY...
//
// What is being run stands in the file TARGET.last of the working directory until it is over.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "target.hpp"

namespace {

using Input = std::string;

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

void run(const Input& input, const std::string& last)
{
  std::ofstream(last, std::ios::binary) << input;
  // A copy of exactly its size, so that a sanitizer sees each byte that is read beyond.
  std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv)
{
  const std::string last = std::filesystem::path(argv[0]).filename().string() + ".last";
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
  for (const Input& input : corpus) run(input, last);
  Mutator mutator{corpus};
  for (unsigned long done = 0; done < mutations; ++done) run(mutator.next(), last);
  std::filesystem::remove(last);
  std::printf("%zu inputs and %lu mutations\n", corpus.size(), mutations);
  return 0;
}
