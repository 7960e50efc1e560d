// SPDX-License-Identifier: MIT
// The columns of a limit, as JSON has them.
#include <ipckit/rows/limits.hpp>

#include <string>

#include <ipckit/cli/listing.hpp>
#include <ipckit/rows/context.hpp>

#include "support/catch.hpp"

using namespace ipckit;
using inventory::Limit;
using inventory::Unit;

namespace {

std::string json_of(const Limit& limit)
{
  const render::CellContext context{.now = {}, .names = {}};
  std::string out;
  render::JsonObject object{out};
  cli::add_members(object, cli::select(rows::limit_columns(), cli::in_json), limit, context);
  object.close();
  return out;
}

}  // namespace

TEST_CASE("a limit on a sum has its use and per cent", "[rows]")
{
  CHECK(json_of({.kind = object::Kind::msg,
                 .name = "msgmni",
                 .meaning = "message queues",
                 .value = 32000,
                 .counted = true,
                 .used = 4000,
                 .set_by = "kernel.msgmni"}) ==
        R"({"kind":"msg","limit":"msgmni","value":32000,"unlimited":false,"used":4000,"percent":12.50,"unit":"count",)"
        R"("meaning":"message queues","set_by":"kernel.msgmni"})");
}

TEST_CASE("a limit on one object has neither", "[rows]")
{
  CHECK(json_of({.kind = object::Kind::pmsg,
                 .name = "msgsize_max",
                 .meaning = "bytes of one message",
                 .unit = Unit::bytes,
                 .value = 8192,
                 .set_by = "fs.mqueue.msgsize_max"}) ==
        R"({"kind":"pmsg","limit":"msgsize_max","value":8192,"unlimited":false,"unit":"bytes",)"
        R"("meaning":"bytes of one message","set_by":"fs.mqueue.msgsize_max"})");
}

TEST_CASE("a limit that there is none of has no value and no per cent", "[rows]")
{
  CHECK(json_of({.kind = object::Kind::shm,
                 .name = "shmall",
                 .meaning = "pages of all segments",
                 .unit = Unit::pages,
                 .value = 18446744073692774399ULL,
                 .unlimited = true,
                 .counted = true,
                 .used = 3,
                 .set_by = "kernel.shmall"}) ==
        R"({"kind":"shm","limit":"shmall","unlimited":true,"used":3,"unit":"pages",)"
        R"("meaning":"pages of all segments","set_by":"kernel.shmall"})");
}

TEST_CASE("a limit that is not known is null, and so is a use", "[rows]")
{
  CHECK(json_of({.kind = object::Kind::pmsg,
                 .name = "queues_max",
                 .meaning = "message queues",
                 .counted = true,
                 .set_by = "fs.mqueue.queues_max"}) ==
        R"({"kind":"pmsg","limit":"queues_max","value":null,"unlimited":false,"used":null,"percent":null,)"
        R"("unit":"count","meaning":"message queues","set_by":"fs.mqueue.queues_max"})");
}
