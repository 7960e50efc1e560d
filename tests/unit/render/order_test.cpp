// SPDX-License-Identifier: MIT
// How cells of a column are ordered.
#include <ipckit/render/order.hpp>

#include <vector>

#include "support/catch.hpp"

using namespace ipckit::render;
using ipckit::Bytes;
using ipckit::Timestamp;
using namespace std::chrono_literals;

namespace {

/// Whether the cells stand in this order and no other.
void check_order(const std::vector<Cell>& cells)
{
  for (std::size_t left = 0; left < cells.size(); ++left) {
    for (std::size_t right = 0; right < cells.size(); ++right) {
      INFO("cells " << left << " and " << right);
      CHECK(comes_before(cells[left], cells[right]) == (left < right));
    }
  }
}

}  // namespace

TEST_CASE("numbers come by size, not by their digits", "[render]")
{
  check_order({Number{2}, Number{10}, Number{18446744073709551615ULL}});
  check_order({Signed{-10}, Signed{-2}, Signed{3}});
  check_order({Bytes{900}, Bytes{1024}, Bytes{1 << 20}});
  check_order({Percent{-1}, Percent{9.5}, Percent{80}});
  check_order({Mode{07}, Mode{0600}, Mode{01777}});
  check_order({Age{-5s}, Age{2s}, Age{1h}});
  check_order({Timestamp{.seconds = -1}, Timestamp{.seconds = 5}, Timestamp{.seconds = 5, .nanoseconds = 1}});
  check_order({Flag{false}, Flag{true}});
}

TEST_CASE("text comes by its bytes", "[render]")
{
  check_order({Foreign{"/A"}, Foreign{"/a"}, Foreign{"/b"}, Foreign{"/ä"}});
  check_order({Words{.text = "doomed"}, Words{.text = "idle"}});
  check_order({RefText{"msg:10"}, RefText{"msg:2"}});
  check_order({Named{.number = 9, .name = "adm"}, Named{.number = 0, .name = "root"}});
}

TEST_CASE("values of sets come like words in a dictionary", "[render]")
{
  const std::vector<std::uint16_t> none{};
  const std::vector<std::uint16_t> one{1};
  const std::vector<std::uint16_t> one_nine{1, 9};
  const std::vector<std::uint16_t> ten{10};
  check_order({Numbers{none}, Numbers{one}, Numbers{one_nine}, Numbers{ten}});
}

TEST_CASE("what has no value comes last, and among itself in no order", "[render]")
{
  for (const Cell& nothing : {Cell{Absent{}}, Cell{Unknown{}}, Cell{Never{}}, Cell{Unlimited{}}}) {
    check_order({Number{5}, nothing});
    CHECK_FALSE(comes_before(nothing, Absent{}));
    CHECK_FALSE(comes_before(Unknown{}, nothing));
  }
}
