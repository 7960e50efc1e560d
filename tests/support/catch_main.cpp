// SPDX-License-Identifier: MIT
// The main of Catch2 before its third version, which brings one.
#define CATCH_CONFIG_MAIN
#include "support/catch.hpp"
