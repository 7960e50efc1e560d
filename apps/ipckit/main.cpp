// SPDX-License-Identifier: MIT
#include <utility>

#include <ipckit/cli/app.hpp>

int main(int argc, char** argv)
{
  return std::to_underlying(ipckit::cli::run(argc, argv));
}
