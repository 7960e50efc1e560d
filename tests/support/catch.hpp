// SPDX-License-Identifier: MIT
#pragma once
// Catch2, whichever of its two generations is installed. Nothing else includes it.

#define CATCH_CONFIG_ENABLE_ALL_STRINGMAKERS  // optionals, pairs and variants are shown, not "{?}"
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
namespace ipckit::tests {
using Catch::Approx;
}
#else
#include <catch2/catch.hpp>
namespace ipckit::tests {
using Catch::Detail::Approx;
}
#endif

/// Ends the test case and says why it could not be run; ctest knows the words. Catch2 has had a SKIP since 3.3.
#ifdef SKIP
#define IPCKIT_SKIP(reason) SKIP("skipped: " << (reason))
#else
#define IPCKIT_SKIP(reason)        \
  do {                             \
    WARN("skipped: " << (reason)); \
    return;                        \
  } while (false)
#endif
