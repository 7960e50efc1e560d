// SPDX-License-Identifier: MIT
#pragma once
// Amounts of memory: the unit, the text people write for it, and sums that cannot overflow.

#include <cstdint>
#include <limits>
#include <string_view>

#include <ipckit/base/error.hpp>

namespace ipckit {

/// A number of bytes.
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

/// Bytes written by a person: `4096`, `64K`, `1.5M`, `1GiB` (powers of 1024), `1GB` (powers of 1000). The letter may
/// be lower case; a fraction must come out as whole bytes or is rounded down. Errc::invalid when it does not parse or
/// passes 2^64 - 1.
[[nodiscard]] Result<Bytes> parse_size(std::string_view text);

/// The sum, or the largest number there is: a tmpfs file can claim 7 EiB, and two of them must not wrap round.
[[nodiscard]] constexpr std::uint64_t saturating_add(std::uint64_t left, std::uint64_t right) noexcept
{
  std::uint64_t sum = 0;
  return __builtin_add_overflow(left, right, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

/// The product, or the largest number there is.
[[nodiscard]] constexpr std::uint64_t saturating_multiply(std::uint64_t left, std::uint64_t right) noexcept
{
  std::uint64_t product = 0;
  return __builtin_mul_overflow(left, right, &product) ? std::numeric_limits<std::uint64_t>::max() : product;
}

}  // namespace ipckit
