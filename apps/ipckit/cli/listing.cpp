// SPDX-License-Identifier: MIT
#include <ipckit/cli/listing.hpp>

#include <version.hpp>

namespace ipckit::cli {

ObjectStream::ObjectStream(Context& context, Format format) : context_{context}, format_{format}
{
  if (format_ != Format::json) return;
  context_.out.write(R"({"ipckit":")");
  context_.out.write(version);
  context_.out.write("\",\"schema\":1,\"objects\":[\n");
}

void ObjectStream::finish(const Report& report)
{
  if (format_ != Format::json) return;
  context_.out.write("],\"errors\":" + report.errors_json() + ",\"incomplete\":" + report.incomplete_json() + "}\n");
}

}  // namespace ipckit::cli
