// SPDX-License-Identifier: MIT
#include <ipckit/cli/listing.hpp>

#include <version.hpp>

namespace ipckit::cli {

void ObjectStream::begin(std::string& out)
{
  if (begun_ || format_ != Format::json) return;
  begun_ = true;
  out += R"({"ipckit":")";
  out += version;
  out += "\",\"schema\":1,\"objects\":[\n";
}

void ObjectStream::finish(const Report& report)
{
  if (format_ != Format::json) return;
  std::string& out = context_.out.buffer();
  begin(out);
  out += "],\"errors\":" + report.errors_json() + ",\"incomplete\":" + report.incomplete_json() + "}\n";
  context_.out.filled();
}

}  // namespace ipckit::cli
