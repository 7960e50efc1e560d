// SPDX-License-Identifier: MIT
#pragma once
// What the columns share while a listing is made.

#include <ipckit/base/timestamp.hpp>
#include <ipckit/rows/names.hpp>

namespace ipckit::render {

/// What cells may need to know besides their row.
struct CellContext {
  Timestamp now;
  rows::Names names;
};

}  // namespace ipckit::render
