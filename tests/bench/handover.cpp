// SPDX-License-Identifier: MIT
// Times how long a lock is nobody's: `handover RUNS LOCKER_A... -- LOCKER_B...`, in turn, A B A B …. Each locker is run
// twice at once with a command behind it that is this program: the first holds the lock, the second waits for it. Then
// the first ends. What counts is the time from the last instruction of the one command to the first of the other, by
// CLOCK_MONOTONIC. Prints the median of each in microseconds and the median of the ratios A/B pair by pair. Status 1
// when a locker fails, or lets both in at once.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

[[noreturn]] void die(const char* what)
{
  std::perror(what);
  std::exit(1);
}

double now()
{
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

/// The command: tells when it has begun, waits until it is to end, and tells that.
int run_command(int report, int go)
{
  double stamp = now();
  if (write(report, &stamp, sizeof stamp) != sizeof stamp) return 1;
  char end = 0;
  if (read(go, &end, 1) < 0) return 1;
  stamp = now();
  return write(report, &stamp, sizeof stamp) == sizeof stamp ? 0 : 1;
}

/// A pipe whose first end is the driver's alone.
struct Line {
  int ours = -1;
  int theirs = -1;
};

Line make_line(std::size_t our_end)
{
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) die("pipe");
  fcntl(ends[our_end], F_SETFD, FD_CLOEXEC);
  return {.ours = ends[our_end], .theirs = ends[1 - our_end]};
}

std::string own_path()
{
  std::array<char, 4096> path{};
  if (readlink("/proc/self/exe", path.data(), path.size() - 1) < 0) die("readlink");
  return path.data();
}

class Locker {
public:
  explicit Locker(std::vector<std::string> words)
  {
    const Line report = make_line(0);
    const Line go = make_line(1);
    report_ = report.ours;
    go_ = go.ours;
    words.insert(words.end(), {own_path(), "--command", std::to_string(report.theirs), std::to_string(go.theirs)});
    pid_ = fork();
    if (pid_ < 0) die("fork");
    if (pid_ == 0) become(words);
    close(report.theirs);
    close(go.theirs);
  }
  Locker(const Locker&) = delete;
  Locker& operator=(const Locker&) = delete;
  Locker(Locker&&) = delete;
  Locker& operator=(Locker&&) = delete;
  ~Locker()
  {
    if (go_ >= 0) close(go_);
    int status = 0;
    if (waitpid(pid_, &status, 0) < 0) die("waitpid");
    close(report_);
    if (status == 0) return;
    std::fputs("handover: a locker failed\n", stderr);
    std::exit(1);
  }

  /// When its command began, and when asked again, ended.
  [[nodiscard]] double stamp() const
  {
    double stamp = 0;
    if (read(report_, &stamp, sizeof stamp) != sizeof stamp) die("handover: no stamp");
    return stamp;
  }
  void end()
  {
    close(go_);
    go_ = -1;
  }

private:
  [[noreturn]] static void become(std::vector<std::string>& words)
  {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    execvp(pointers[0], pointers.data());
    die(pointers[0]);
  }

  int report_ = -1;
  int go_ = -1;
  pid_t pid_ = -1;
};

double hand_over(const std::vector<std::string>& words)
{
  Locker first{words};
  static_cast<void>(first.stamp());
  Locker second{words};
  constexpr timespec until_it_waits{.tv_sec = 0, .tv_nsec = 20'000'000};
  nanosleep(&until_it_waits, nullptr);
  first.end();
  const double ended = first.stamp();
  const double begun = second.stamp();
  second.end();
  if (begun >= ended) return begun - ended;
  std::fprintf(stderr, "handover: %s let both in at once\n", words[0].c_str());
  std::exit(1);
}

double median(std::vector<double> values)
{
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv)
{
  if (argc == 4 && std::strcmp(argv[1], "--command") == 0) return run_command(std::atoi(argv[2]), std::atoi(argv[3]));
  const long runs = argc > 4 ? std::strtol(argv[1], nullptr, 10) : 0;
  char** const mark =
      std::find_if(argv + 1, argv + argc, [](const char* word) { return std::strcmp(word, "--") == 0; });
  if (runs < 1 || mark == argv + argc || mark + 1 == argv + argc) {
    std::fputs("usage: handover RUNS LOCKER_A... -- LOCKER_B...\n", stderr);
    return 2;
  }
  const std::vector<std::string> first(argv + 2, mark);
  const std::vector<std::string> second(mark + 1, argv + argc);
  std::vector<double> a;
  std::vector<double> b;
  std::vector<double> ratios;
  for (long run = 0; run < runs; ++run) {
    a.push_back(hand_over(first));
    b.push_back(hand_over(second));
    ratios.push_back(a.back() / b.back());
  }
  std::printf("%.0f %.0f %.3f\n", median(a), median(b), median(ratios));
  return 0;
}
