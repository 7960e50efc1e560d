// SPDX-License-Identifier: MIT
// The grammar of REFs, rule by rule; ipckit-refs(7) is the same for people.
#include <ipckit/object/ref.hpp>

#include <random>
#include <string>
#include <vector>

#include <sys/ipc.h>

#include "support/catch.hpp"
#include "support/results.hpp"

using namespace ipckit;
using namespace ipckit::object;

namespace {

/// The REF behind a word; the test ends when it is none.
Ref read(std::string_view word)
{
  const auto parsed = parse_ref(word);
  INFO("'" << word << "'");
  REQUIRE(parsed.has_value());
  return *parsed;
}

std::optional<std::int32_t> key(std::string_view word)
{
  return tests::need(key_of(read(word)));
}

std::string canonical(std::string_view word)
{
  return to_text(read(word));
}

/// Why a word is none; the test ends when it is one.
RefProblem problem(std::string_view word)
{
  const auto parsed = parse_ref(word);
  INFO("'" << word << "'");
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error();
}

Ref made(Kind kind, decltype(Ref::target) target)
{
  return {.kind = kind, .target = std::move(target)};
}

}  // namespace

// ------------------------------------------------------------------------------------------------------ System V

TEST_CASE("digits behind a System V kind are an id", "[object]")
{
  CHECK(read("msg:5") == made(Kind::msg, ById{5}));
  CHECK(read("shm:0") == made(Kind::shm, ById{0}));
  CHECK(read("sem:2147483647") == made(Kind::sem, ById{2147483647}));
  CHECK(canonical("msg:0005") == "msg:5");
  CHECK(problem("msg:2147483648") == RefProblem::bad_id);
  CHECK(problem("msg:99999999999999999999") == RefProblem::bad_id);
}

TEST_CASE("0x behind a System V kind is a key", "[object]")
{
  CHECK(read("shm:0x00004e1f") == made(Kind::shm, ByKey{19999}));
  CHECK(read("shm:0X4E1F") == made(Kind::shm, ByKey{19999}));
  CHECK(read("sem:0xffffffff") == made(Kind::sem, ByKey{-1}));
  CHECK(canonical("shm:0x4e1f") == "shm:0x00004e1f");
  CHECK(problem("shm:0x") == RefProblem::bad_key);
  CHECK(problem("shm:0x100000000") == RefProblem::bad_key);
  CHECK(problem("shm:0x00000000") == RefProblem::key_zero);
}

TEST_CASE("key= is a key in any base", "[object]")
{
  CHECK(read("sem:key=19999") == made(Kind::sem, ByKey{19999}));
  CHECK(read("sem:key=0x4e1f") == made(Kind::sem, ByKey{19999}));
  CHECK(read("sem:key=010") == made(Kind::sem, ByKey{10}));
  CHECK(read("sem:key=-2") == made(Kind::sem, ByKey{-2}));
  CHECK(read("sem:key=4294967294") == made(Kind::sem, ByKey{-2}));
  CHECK(canonical("sem:key=-2") == "sem:0xfffffffe");
  for (const char* const word :
       {"sem:key=", "sem:key=x", "sem:key=4294967296", "sem:key=-2147483649", "sem:key=1 ", "sem:key==1"}) {
    CHECK(problem(word) == RefProblem::bad_key);
  }
  for (const char* const word : {"sem:key=0", "sem:key=-0", "sem:key=000", "sem:key=0x0"}) {
    CHECK(problem(word) == RefProblem::key_zero);
  }
}

TEST_CASE("file= is a path and, behind the last comma, a project", "[object]")
{
  CHECK(read("msg:file=/etc/hosts") == made(Kind::msg, ByFile{.path = "/etc/hosts", .project = 1}));
  CHECK(read("msg:file=/etc/hosts,a") == made(Kind::msg, ByFile{.path = "/etc/hosts", .project = 97}));
  CHECK(read("msg:file=/etc/hosts,5") == made(Kind::msg, ByFile{.path = "/etc/hosts", .project = 5}));
  CHECK(read("msg:file=/etc/hosts,353") == made(Kind::msg, ByFile{.path = "/etc/hosts", .project = 97}));
  CHECK(read("msg:file=a,b,c") == made(Kind::msg, ByFile{.path = "a,b", .project = 99}));
  CHECK(read("msg:file=dir%20x/f,%25") == made(Kind::msg, ByFile{.path = "dir x/f", .project = 37}));
  CHECK(canonical("msg:file=dir%20x/f,a") == "msg:file=dir%20x/f,97");
  CHECK(canonical("msg:file=/etc/hosts") == "msg:file=/etc/hosts,1");
  CHECK(problem("msg:file=") == RefProblem::empty);
  CHECK(problem("msg:file=,5") == RefProblem::empty);
  CHECK(problem("msg:file=/etc/hosts,") == RefProblem::bad_project);
  CHECK(problem("msg:file=a,,") == RefProblem::bad_project);
  CHECK(problem("msg:file=/etc/hosts,ab") == RefProblem::bad_project);
  CHECK(problem("msg:file=/etc/hosts,-1") == RefProblem::bad_project);
  CHECK(problem("msg:file=/etc/%,a") == RefProblem::bad_escape);
  CHECK(problem("msg:file=/etc/hosts,%4") == RefProblem::bad_escape);
}

TEST_CASE("@ is a word that stands for a key", "[object]")
{
  CHECK(read("sem:@deploy") == made(Kind::sem, ByWord{"deploy"}));
  CHECK(read("sem:@a%20b") == made(Kind::sem, ByWord{"a b"}));
  CHECK(read("sem:@@") == made(Kind::sem, ByWord{"@"}));
  CHECK(read("sem:@0x5") == made(Kind::sem, ByWord{"0x5"}));
  CHECK(canonical("sem:@a%20b") == "sem:@a%20b");
  CHECK(problem("sem:@") == RefProblem::empty);
  CHECK(problem("sem:@%00") == RefProblem::bad_escape);
}

TEST_CASE("anything else behind a System V kind is neither id nor key", "[object]")
{
  for (const char* const word : {"shm:-1", "shm:abc", "shm:/name", "shm: 5", "shm:5 ", "shm:+5", "shm:5x", "shm:KEY=5",
                                 "shm:key", "shm:1e3", "shm:%35"}) {
    CHECK(problem(word) == RefProblem::other);
  }
  CHECK(problem("shm:") == RefProblem::empty);
}

TEST_CASE("keys, words and files stand for a number", "[object]")
{
  CHECK(key("sem:key=19999") == std::optional<std::int32_t>(19999));
  CHECK(key("sem:@a") == std::optional<std::int32_t>(static_cast<std::int32_t>(0xe40c292cU)));
  CHECK(key("msg:file=/etc/passwd,a") == std::optional<std::int32_t>(::ftok("/etc/passwd", 'a')));
  CHECK(key("sem:5") == std::optional<std::int32_t>{});
  CHECK(key("pshm:/x") == std::optional<std::int32_t>{});
  CHECK(tests::failure(key_of(read("msg:file=/does/not/exist"))) == Errc::not_found);
}

// --------------------------------------------------------------------------------------------------------- POSIX

TEST_CASE("a POSIX object has a name, and its slash may be left out", "[object]")
{
  for (const Kind kind : {Kind::pmsg, Kind::pshm, Kind::psem}) {
    const std::string word(name_of(kind));
    CHECK(read(word + ":/jobs") == made(kind, ByName{"jobs"}));
    CHECK(read(word + ":jobs") == made(kind, ByName{"jobs"}));
    CHECK(read(word + ":5") == made(kind, ByName{"5"}));
    CHECK(read(word + ":...") == made(kind, ByName{"..."}));
    CHECK(read(word + ":.hidden") == made(kind, ByName{".hidden"}));
    CHECK(read(word + ":a:b") == made(kind, ByName{"a:b"}));
    CHECK(read(word + ":%2Fjobs") == made(kind, ByName{"jobs"}));
    CHECK(canonical(word + ":jobs") == word + ":/jobs");
    CHECK(problem(word + ":") == RefProblem::empty);
  }
}

TEST_CASE("a POSIX name is not empty, . or .., and has no slash inside", "[object]")
{
  for (const char* const word : {"pmsg:/", "pmsg:.", "pmsg:/.", "pmsg:..", "pmsg:/..", "pmsg:a/b", "pmsg:/a/b",
                                 "pmsg://a", "pmsg:a/", "pshm:%2F", "psem:a%2Fb", "psem:%2F%2Fa"}) {
    CHECK(problem(word) == RefProblem::bad_name);
  }
}

TEST_CASE("a POSIX name has at most 255 bytes, a semaphore's four less", "[object]")
{
  for (const Kind kind : {Kind::pmsg, Kind::pshm, Kind::psem}) {
    const std::size_t most = kind == Kind::psem ? 251 : 255;
    INFO(name_of(kind));
    CHECK(name_problem(kind, std::string(most, 'x')) == std::nullopt);
    CHECK(name_problem(kind, std::string(most + 1, 'x')) == RefProblem::name_too_long);
    CHECK(problem(std::string(name_of(kind)) + ":/" + std::string(most + 1, 'x')) == RefProblem::name_too_long);
  }
}

TEST_CASE("a segment is no semaphore's file", "[object]")
{
  CHECK(problem("pshm:/sem.lock") == RefProblem::semaphore_name);
  CHECK(problem("/dev/shm/sem.a/b") == RefProblem::bad_name);
  CHECK(problem("pshm:%73em.lock") == RefProblem::semaphore_name);
  // Behind the prefix a semaphore has a name.
  CHECK(read("pshm:/sem.") == made(Kind::pshm, ByName{"sem."}));
  CHECK(read("/dev/shm/sem.") == made(Kind::pshm, ByName{"sem."}));
  CHECK(read("pshm:/sem") == made(Kind::pshm, ByName{"sem"}));
  CHECK(read("psem:/sem.lock") == made(Kind::psem, ByName{"sem.lock"}));
  CHECK(read("pmsg:/sem.lock") == made(Kind::pmsg, ByName{"sem.lock"}));
}

// --------------------------------------------------------------------------------------------- FIFOs and bare paths

TEST_CASE("a FIFO has a path, absolute or relative", "[object]")
{
  CHECK(read("fifo:/run/ctl") == made(Kind::fifo, ByPath{.path = "/run/ctl"}));
  CHECK(read("fifo:ctl") == made(Kind::fifo, ByPath{.path = "ctl"}));
  CHECK(read("fifo:../a b") == made(Kind::fifo, ByPath{.path = "../a b"}));
  CHECK(canonical("fifo:/run/a b%0A") == "fifo:/run/a%20b%0A");
  CHECK(problem("fifo:") == RefProblem::empty);
  CHECK(problem("fifo:/run/50%") == RefProblem::bad_escape);
}

TEST_CASE("a bare path is what lies there", "[object]")
{
  CHECK(read("/dev/shm/frame") == made(Kind::pshm, ByName{"frame"}));
  CHECK(read("/dev/shm/sem.lock") == made(Kind::psem, ByName{"lock"}));
  CHECK(read("/dev/mqueue/jobs") == made(Kind::pmsg, ByName{"jobs"}));
  CHECK(read("/run/ctl") == made(Kind::fifo, ByPath{.path = "/run/ctl", .bare = true}));
  CHECK(read("./ctl") == made(Kind::fifo, ByPath{.path = "./ctl", .bare = true}));
  CHECK(read("../ctl") == made(Kind::fifo, ByPath{.path = "../ctl", .bare = true}));
  CHECK(read("dir/ctl") == made(Kind::fifo, ByPath{.path = "dir/ctl", .bare = true}));
  CHECK(read("./msg:5") == made(Kind::fifo, ByPath{.path = "./msg:5", .bare = true}));
}

TEST_CASE("a bare path is taken literally", "[object]")
{
  CHECK(read("/run/50%") == made(Kind::fifo, ByPath{.path = "/run/50%", .bare = true}));
  CHECK(read("/dev/shm/%41") == made(Kind::pshm, ByName{"%41"}));
  CHECK(canonical("/dev/shm/%41") == "pshm:/%2541");
  CHECK(canonical("/run/a b") == "fifo:/run/a%20b");
}

TEST_CASE("a bare path below the directories of POSIX objects is a name or nothing", "[object]")
{
  for (const char* const word :
       {"/dev/shm/", "/dev/shm/.", "/dev/shm/..", "/dev/shm/a/b", "/dev/mqueue/", "/dev/mqueue/a/b", "/dev/shm//"}) {
    CHECK(problem(word) == RefProblem::bad_name);
  }
  CHECK(read("/dev/shm") == made(Kind::fifo, ByPath{.path = "/dev/shm", .bare = true}));
}

// -------------------------------------------------------------------------------------------------------- the rest

TEST_CASE("a word without a kind is no REF", "[object]")
{
  for (const char* const word : {"", "msg", "5", "0x5", "@deploy", "jobs", "all", "-", "%"}) {
    CHECK(problem(word) == RefProblem::no_kind);
  }
  for (const char* const word : {":", ":5", "MSG:5", "msgs:5", " msg:5", "mq:/jobs", "http://x", "a:b/c"}) {
    CHECK(problem(word) == RefProblem::unknown_kind);
  }
  for (const char* const word : {"all:5", "queue:5", "sysv:0x5", "posix:/x", "segment:", "semaphore:@x"}) {
    CHECK(problem(word) == RefProblem::group);
  }
}

TEST_CASE("ns= in front is the inode of an IPC namespace", "[object]")
{
  CHECK(read("ns=4026532180/shm:5") ==
        Ref{.kind = Kind::shm, .target = ById{5}, .ipc_namespace = std::uint64_t{4026532180}});
  CHECK(canonical("ns=0042/msg:key=7") == "ns=42/msg:0x00000007");
  CHECK(canonical("ns=42/pmsg:jobs") == "ns=42/pmsg:/jobs");
  CHECK(canonical("ns=42//dev/mqueue/jobs") == "ns=42/pmsg:/jobs");
  CHECK(canonical("ns=18446744073709551615/sem:1") == "ns=18446744073709551615/sem:1");
  for (const char* const word :
       {"ns=", "ns=/msg:5", "ns=x/msg:5", "ns=5", "ns=5:msg:5", "ns=-5/msg:5", "ns=18446744073709551616/msg:5"}) {
    CHECK(problem(word) == RefProblem::bad_namespace);
  }
  for (const char* const word : {"ns=5/pshm:/x", "ns=5/psem:/x", "ns=5/fifo:/x", "ns=5//run/ctl"}) {
    CHECK(problem(word) == RefProblem::not_sysv);
  }
  CHECK(problem("ns=5/msg:") == RefProblem::empty);
  CHECK(problem("ns=5/") == RefProblem::no_kind);
  CHECK(problem("ns=5/ns=6/msg:5") == RefProblem::unknown_kind);
}

TEST_CASE("an escape is % and two hexadecimal digits, and never a NUL", "[object]")
{
  CHECK(unescape("") == "");
  CHECK(unescape("a%20b") == "a b");
  CHECK(unescape("%41%6a%6A%fF") == "Ajj\xff");
  CHECK(unescape("%25%32%35") == "%25");
  for (const char* const text : {"%", "%4", "a%", "%%41", "%4g", "%g4", "%-1", "% 1", "%00", "a%00b", "%0x"}) {
    INFO("'" << text << "'");
    CHECK(unescape(text) == std::nullopt);
  }
  CHECK(unescape({"a\0b", 3}) == std::nullopt);
  CHECK(problem("pshm:/a%0") == RefProblem::bad_escape);
}

TEST_CASE("what is escaped is one word for a shell, and no more than needed", "[object]")
{
  const std::string plain = "ABCXYZabcxyz0189._/:@+,=-";
  CHECK(escape(plain) == plain);
  CHECK(escape("a b\tc\nd") == "a%20b%09c%0Ad");
  CHECK(escape("100%") == "100%25");
  CHECK(escape("$(rm -rf ~);'\"\\*?[]{}<>|&!#^`") ==
        "%24%28rm%20-rf%20%7E%29%3B%27%22%5C%2A%3F%5B%5D%7B%7D%3C%3E%7C%26%21%23%5E%60");
  CHECK(escape("\x1b[31m\xc3\xa4\x7f\xff") == "%1B%5B31m%C3%A4%7F%FF");
  std::string text = "pshm:/";
  append_escaped(text, "a b");
  CHECK(text == "pshm:/a%20b");
}

TEST_CASE("every byte survives the way through a REF", "[object]")
{
  for (int byte = 1; byte < 256; ++byte) {
    const std::string bytes{static_cast<char>(byte)};
    INFO("byte " << byte);
    CHECK(unescape(escape(bytes)) == bytes);
  }
}

TEST_CASE("a canonical REF reads back as the same object, whatever its name", "[object]")
{
  std::mt19937 random{20260101};  // NOLINT(cert-msc51-cpp): the same words in every run
  const auto below = [&random](unsigned count) { return random() % count; };
  const auto bytes = [&](unsigned longest) {
    std::string text;
    for (auto length = 1 + below(longest); length > 0; --length) text += static_cast<char>(1 + below(255));
    return text;
  };
  for (int turn = 0; turn < 5000; ++turn) {
    std::vector<Ref> refs{made(Kind::msg, ById{static_cast<int>(below(2147483648U))}),
                          made(Kind::shm, ByKey{static_cast<std::int32_t>(random() | 1U)}),
                          made(Kind::sem, ByWord{bytes(40)}),
                          made(Kind::msg, ByFile{.path = bytes(60), .project = static_cast<std::uint8_t>(random())}),
                          made(Kind::fifo, ByPath{.path = bytes(60)})};
    for (const Kind kind : {Kind::pmsg, Kind::pshm, Kind::psem}) {
      std::string name = bytes(60);
      if (!name_problem(kind, name)) refs.push_back(made(kind, ByName{std::move(name)}));
    }
    for (Ref& wanted : refs) {
      if (turn % 2 == 1 && (is_sysv(wanted.kind) || wanted.kind == Kind::pmsg)) wanted.ipc_namespace = random();
      const std::string text = to_text(wanted);
      INFO(text);
      const auto again = parse_ref(text);
      REQUIRE(again.has_value());
      REQUIRE(*again == wanted);
      REQUIRE(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:@+,=-%") ==
              std::string::npos);
    }
  }
}
