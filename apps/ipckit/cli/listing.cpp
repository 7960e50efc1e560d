// SPDX-License-Identifier: MIT
#include <ipckit/cli/listing.hpp>

#include <version.hpp>

namespace ipckit::cli {

ObjectStream::ObjectStream(Context& context, Format format) : context_{context}, format_{format}
{
  if (format_ != Format::json) return;
  context_.out.write(R"({"ipckit":")");
  context_.out.write(version);
  context_.out.write(R"(","schema":1,"objects":[)");
}

std::string& ObjectStream::next()
{
  context_.out.filled();
  std::string& out = context_.out.buffer();
  if (!first_) out += format_ == Format::json ? ",\n" : "\n";
  if (first_ && format_ == Format::json) out += '\n';
  first_ = false;
  return out;
}

void ObjectStream::finish(const Report& report)
{
  std::string& out = context_.out.buffer();
  if (!first_) out += '\n';
  if (format_ == Format::json) {
    out += "],\"errors\":" + report.errors_json() + ",\"incomplete\":" + report.incomplete_json() + "}\n";
  }
  context_.out.filled();
}

}  // namespace ipckit::cli
